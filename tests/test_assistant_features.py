"""Features are pure functions; each is checked by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.features import (
    Signals,
    asked_kind,
    coverage,
    is_name,
    is_unfinished,
    length_of,
    term_weights,
)
from assistant.weights import PLAIN_WEIGHTS, READ_WEIGHTS, Logistic, Weights, fitted_weights

TERMS = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 50), max_size=6)


@pytest.mark.parametrize(
    ("question", "answers", "misses"),
    [
        ("How much did they pledge?", "They pledged $5 million.", "They pledged support."),
        ("How many people died?", "Twelve people died.", "People died."),
        ("When did it open?", "It opened on October 28.", "It opened at last."),
        ("Who hosted it?", "It was hosted by Erikson.", "It was hosted by nobody."),
        ("Where was it held?", "It was held in Castries.", "It was held online."),
        ("Why did they meet?", "They met to address crime.", "They met again."),
    ],
)
def test_each_kind_of_question_knows_what_an_answer_shows(question, answers, misses):
    kind = asked_kind(question)
    assert kind is not None
    assert kind.search(answers)
    assert not kind.search(misses)


def test_a_question_of_no_particular_kind_asks_for_nothing_special():
    assert asked_kind("What did Joshua Rusk announce?") is None


@given(TERMS)
def test_coverage_is_a_share_that_grows_with_what_is_present(rarity):
    weights = term_weights(rarity, passages=50)
    shares = [
        coverage(weights, frozenset(list(weights)[:count])) for count in range(len(weights) + 1)
    ]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert not weights or shares[-1] == pytest.approx(1)


def test_rare_terms_weigh_more_and_absent_ones_nothing():
    weights = term_weights({"dialogue": 40, "erikson": 1, "zebra": 0}, passages=50)
    assert set(weights) == {"dialogue", "erikson"}
    assert weights["erikson"] == pytest.approx(math.log(1 + 49.5 / 1.5))
    assert weights["erikson"] > weights["dialogue"] > 0


@pytest.mark.parametrize(
    ("word", "name"),
    [("Erikson", True), ("2021", True), ("9th", True), ("dialogue", False), ("Who", False)],
)
def test_names_are_told_by_their_spelling(word, name):
    assert is_name(word, "Who led the 9th dialogue with Erikson in 2021?") is name


@pytest.mark.parametrize("text", ["It ended.", "Did it?", "“It ended.”", "He said (twice)."])
def test_a_finished_sentence(text):
    assert not is_unfinished(text)


@pytest.mark.parametrize("text", ["Treaty Room", "Antony J. Blinken, Secretary of State"])
def test_an_unfinished_line(text):
    assert is_unfinished(text)


def test_length_is_logarithmic_and_bounded():
    assert length_of("word") == 0
    assert length_of(" ".join(["word"] * 60)) == pytest.approx(1)
    assert length_of(" ".join(["word"] * 600)) == 1


def test_a_logistic_model_is_its_formula():
    model = Logistic(bias=-1.0, coefficients={"evidence": 2.0})
    known = Signals(*([0.5] * len(Signals.__dataclass_fields__)))
    assert model.probability(known) == pytest.approx(1 / (1 + math.exp(0)))


@pytest.mark.parametrize("file", [PLAIN_WEIGHTS, READ_WEIGHTS], ids=lambda file: file.name)
def test_fitted_weights_survive_being_saved(file, tmp_path):
    weights = fitted_weights(file)
    weights.save(tmp_path / "weights.json")
    assert Weights.load(tmp_path / "weights.json") == weights
    assert 0 < weights.threshold < 1
    assert weights.provenance["command"]
