"""Two rankings become one, in a total order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import DENSE_WEIGHT, Fused, dense_share, fuse

# Sixty-fourths: their order survives being divided by the greatest.
_NUMBERS = st.integers(0, 30)
_COSINES = st.dictionaries(_NUMBERS, st.integers(-64, 64).map(lambda score: score / 64))
_BM25 = st.dictionaries(_NUMBERS, st.integers(1, 640).map(lambda score: score / 64))
_WEIGHTS = st.integers(0, 64).map(lambda weight: weight / 64)


def reference(dense: dict[int, float], lexical: dict[int, float], weight: float):
    top = max([*dense.values(), 0]) or 1
    best = max([*lexical.values(), 0]) or 1
    score = {n: weight * dense[n] / top + (1 - weight) * lexical.get(n, 0) / best for n in dense}
    return [(n, score[n]) for n in sorted(dense, key=lambda n: (-score[n], n))]


@given(_COSINES, _BM25, _WEIGHTS)
def test_scores_are_those_of_the_reference(dense, lexical, weight):
    expected = dict(reference(dense, lexical, weight))
    found = fuse(dense, lexical, weight)

    assert {entry.number: entry.score for entry in found} == pytest.approx(expected, abs=1e-12)
    for entry in found:
        assert entry.dense == dense[entry.number]
        assert entry.lexical == lexical.get(entry.number, 0)


@given(_COSINES, _BM25, _WEIGHTS)
def test_the_order_is_by_falling_score_then_by_number(dense, lexical, weight):
    keys = [(-entry.score, entry.number) for entry in fuse(dense, lexical, weight)]

    assert keys == sorted(keys)


@given(_COSINES, _BM25, _WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(dense, lexical, weight, random):
    def shuffled(scores: dict[int, float]) -> dict[int, float]:
        items = list(scores.items())
        random.shuffle(items)
        return dict(items)

    assert fuse(shuffled(dense), shuffled(lexical), weight) == fuse(dense, lexical, weight)


@given(_COSINES, _BM25)
def test_with_all_the_weight_on_one_side_its_ranking_is_the_result(dense, lexical):
    by_meaning = sorted(dense, key=lambda number: (-dense[number], number))
    by_words = sorted(dense, key=lambda number: (-lexical.get(number, 0), number))
    alone = {number: score for number, score in lexical.items() if number in dense}

    assert [entry.number for entry in fuse(dense, lexical, 1)] == by_meaning
    assert [entry.number for entry in fuse(dense, alone, 0)] == by_words


def test_a_score_is_the_weighted_sum_of_both_shares():
    fused = fuse({1: 0.8, 2: 0.4}, {2: 5.0, 3: 10.0}, weight=0.75)

    assert fused == [
        Fused(number=1, score=0.75, dense=0.8, lexical=0.0),
        Fused(number=2, score=0.75 * 0.5 + 0.25 * 0.5, dense=0.4, lexical=5.0),
    ]


@given(_COSINES, _BM25, st.randoms(use_true_random=False))
def test_the_share_of_meaning_depends_on_the_scores_alone(dense, lexical, random):
    share = dense_share(dense, lexical)
    shuffled = list(dense.items())
    random.shuffle(shuffled)

    assert 0.1 <= share <= 0.95
    assert dense_share(dict(shuffled), lexical) == share
    assert fuse(dense, lexical) == fuse(dense, lexical, share)


def test_the_clearer_ranking_weighs_more():
    alike = {number: 0.5 - number / 1000 for number in range(20)}
    clear = alike | {0: 0.9}

    assert dense_share(clear, alike) > dense_share(alike, alike) > dense_share(alike, clear)


def test_scores_that_are_all_the_same_tell_nothing():
    same = dict.fromkeys(range(9), 0.5)

    assert dense_share(same, same) == dense_share({1: 0.5}, {}) == DENSE_WEIGHT


def test_no_candidates_no_ranking():
    assert fuse({}, {}) == []
    assert fuse({}, {1: 2.0}) == []


def test_where_no_cosine_is_above_zero_they_still_rank():
    assert [entry.number for entry in fuse({1: -0.5, 2: -0.25, 3: 0.0}, {}, 0.5)] == [3, 2, 1]
