"""Measures, curves, comparisons and files of a run, against slow references and by hand."""

import json
import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant import Assistant, BadGolden
from assistant.collecting import Collection
from assistant.comparison import McNemar, compare
from assistant.errors import RunsDiffer
from assistant.evaluation import evaluate_golden
from assistant.golden import GOLDEN, GoldenQuestion, Place
from assistant.measures import (
    Bin,
    auroc,
    brier_score,
    calibration_error,
    ranking_measures,
    ranking_values,
    reliability,
    risk_coverage,
)
from assistant.outcomes import FirstQuote, Outcome, measures_of, slices_of
from assistant.runs import load_outcomes, outcome_lines, trec_run
from index import Home

HELD = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]) | st.floats(0, 1), st.booleans()
    ),
    min_size=1,
    max_size=60,
)


def outcome(question="Who?", **changes):
    """A question that is answered rightly, surely."""
    values = {
        "question": question,
        "answerable": True,
        "answered": True,
        "confidence": 0.9,
        "passage_rank": 1,
        "quote_rank": 1,
        "milliseconds": 10.0,
        "ranking": {"nDCG@10": 1.0, "MRR@10": 1.0},
    }
    return Outcome(**values | changes)


def nothing(question="What?", **changes):
    """A question that nothing answers, rightly refused."""
    values = {"answerable": False, "answered": False, "confidence": 0.1}
    return outcome(
        question, **values | {"passage_rank": None, "quote_rank": None, "ranking": {}} | changes
    )


# ---- Formulas -------------------------------------------------------------------------------


@given(HELD)
def test_risk_at_each_coverage_is_what_a_threshold_there_would_give(held):
    confidence, right = zip(*held, strict=True)
    curve = risk_coverage(confidence, right)
    thresholds = sorted(set(confidence), reverse=True)
    kept = [[ok for sure, ok in held if sure >= threshold] for threshold in thresholds]
    assert curve.coverage == pytest.approx([len(some) / len(held) for some in kept])
    assert curve.risk == pytest.approx([some.count(False) / len(some) for some in kept])
    assert curve == risk_coverage(confidence[::-1], right[::-1])


def test_the_area_without_ties_is_the_mean_of_the_risks():
    curve = risk_coverage([0.9, 0.2, 0.6, 0.4], [True, False, False, True])
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert risk_coverage([0.5, 0.5], [True, False]).area == 0.5


@given(HELD)
def test_the_reliability_curve_is_that_of_sklearn(held):
    confidence, right = zip(*held, strict=True)
    curve = reliability(confidence, right)
    shares, means = calibration_curve(right, confidence, n_bins=10, strategy="quantile")
    assert sum(each.questions for each in curve) == len(held)
    assert [each.right for each in curve] == pytest.approx(shares)
    assert [each.confidence for each in curve] == pytest.approx(means)


def test_bins_are_of_equal_mass():
    confidence = np.random.default_rng(1).permutation(np.linspace(0, 0.3, 100))
    assert [each.questions for each in reliability(confidence, confidence > 0.1)] == [10] * 10


def test_the_calibration_error_by_hand():
    curve = (Bin(3, 0.2, 1 / 3), Bin(1, 0.8, 0.5))
    assert calibration_error(curve) == pytest.approx((3 * (1 / 3 - 0.2) + 1 * 0.3) / 4)
    sure_and_right = reliability([1.0, 1.0, 0.0], [True, True, False])
    assert calibration_error(sure_and_right) == 0


@given(HELD)
def test_brier_score_and_auroc_are_those_of_sklearn(held):
    confidence, right = zip(*held, strict=True)
    assert brier_score(confidence, right) == pytest.approx(
        brier_score_loss(right, confidence, labels=[False, True])
    )
    positive = [sure for sure, ok in held if ok]
    negative = [sure for sure, ok in held if not ok]
    if positive and negative:
        assert auroc(positive, negative) == pytest.approx(roc_auc_score(right, confidence))


@given(st.lists(st.permutations(range(12)), min_size=1, max_size=5))
def test_rankings_are_measured_as_by_hand(orders):
    relevant = {str(at): {"3": 1, "7": 1} for at in range(len(orders))}
    run = {
        str(at): {str(name): -float(place) for place, name in enumerate(order)}
        for at, order in enumerate(orders)
    }
    gains, reciprocals = [], []
    for order in orders:
        ranks = sorted(order.index(name) + 1 for name in (3, 7))
        ideal = 1 + 1 / math.log2(3)
        gains.append(sum(1 / math.log2(rank + 1) for rank in ranks if rank <= 10) / ideal)
        reciprocals.append(1 / ranks[0] if ranks[0] <= 10 else 0.0)
    found = ranking_measures(relevant, run)
    assert found["nDCG@10"] == pytest.approx(np.mean(gains))
    assert found["MRR@10"] == pytest.approx(np.mean(reciprocals))
    assert [of["MRR@10"] for of in ranking_values(relevant, run).values()] == pytest.approx(
        reciprocals
    )


# ---- Outcomes -------------------------------------------------------------------------------

FOUR = (
    outcome("a", kind="who", confidence=0.8),
    outcome("b", kind="when", confidence=0.6, quote_rank=2, ranking={"MRR@10": 0.5}),
    outcome("c", kind="who", confidence=0.2, answered=False),
    nothing("d", kind="near"),
    nothing("e", kind="off", answered=True, confidence=0.5),
)


def test_refusals_have_a_precision_and_a_recall():
    measures = measures_of(FOUR)
    assert measures["refusal precision"] == 1 / 2  # c and d were refused, and d rightly
    assert measures["refusal recall"] == 1 / 2  # of d and e, d was
    assert measures["MRR@10"] == pytest.approx(2.5 / 3)
    assert measures["AURC"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 2 / 4 + 3 / 5) / 5)
    assert measures["Brier score"] == pytest.approx((0.04 + 0.36 + 0.64 + 0.01 + 0.25) / 5)


def test_an_unanswerable_question_is_never_right_and_an_answer_to_it_a_risk():
    assert measures_of([nothing(confidence=1.0, answered=True)])["AURC"] == 1
    only_refused = measures_of([nothing()])
    assert only_refused["refusal precision"] == 1
    assert only_refused["AUROC"] is only_refused["MRR@10"] is only_refused["quote hit@1"] is None


def test_slices_keep_answerable_and_unanswerable_questions_apart():
    found = slices_of([*FOUR, nothing("f", kind="who"), outcome("g")])
    assert list(found.answerable) == ["who", "when"]
    assert list(found.unanswerable) == ["near", "off", "who"]
    assert found.answerable["who"] == {
        "questions": 2,
        "passage hit@1": None,
        "MRR@10": 1,
        "quote hit@1": 1,
        "quote hit@5": 1,
        "false refusals": 0.5,
        "mean confidence": 0.5,
    }
    assert found.unanswerable["off"]["false answers"] == 1
    assert slices_of([outcome()]).answerable == {}


def test_an_evaluation_tells_what_came_first_by_kind_and_what_was_found(home_of):
    home = home_of({"a b.txt": "Ana Silva chaired the talks. Ben Okoro hosted the dinner."})
    questions = [
        GoldenQuestion("Who chaired the talks?", (Place("a b", 0, 28),), "who", ("Which talks?",)),
        GoldenQuestion("What is the boiling point of ethanol?", ()),
    ]
    with Assistant.open(home) as assistant:
        measured = evaluate_golden(assistant, questions)
    first, second = measured.outcomes
    assert (first.kind, first.turns, second.kind) == ("who", ("Which talks?",), None)
    assert first.first.text == "Ana Silva chaired the talks."
    assert (first.first.document, first.first.start, first.first.end) == ("a b.txt", 0, 28)
    assert first.ranking["MRR@10"] == 1
    assert second.ranking == {}
    assert list(measured.run) == ["1", "2"]
    assert trec_run(measured.run).splitlines()[0] == "1 Q0 a%20b.txt#0 1 -1 readout"


# ---- Files ----------------------------------------------------------------------------------


def test_a_run_file_has_six_fields_by_falling_score():
    run = {"q 1": {"b\u00a0c": 0.5, "a%": 0.5, "d": 2.0}, "2": {}}
    lines = [line.split() for line in trec_run(run).splitlines()]
    assert lines == [
        ["q%201", "Q0", "d", "1", "2", "readout"],
        ["q%201", "Q0", "a%25", "2", "0.5", "readout"],
        ["q%201", "Q0", "b%C2%A0c", "3", "0.5", "readout"],
    ]


def test_results_are_read_back_from_lines_and_from_json(tmp_path):
    first = FirstQuote("a.txt", "A", 0, 5, "“Né”\u2028x")
    outcomes = [*FOUR, outcome("h", first=first, turns=("a", "b"))]
    lines, whole = tmp_path / "a.jsonl", tmp_path / "a.json"
    lines.write_text(outcome_lines(outcomes), encoding="utf-8")
    assert lines.read_text(encoding="utf-8").count("\n") == len(outcomes)
    assert load_outcomes(lines) == outcomes
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").split("\n") if line]
    whole.write_text(json.dumps({"measures": {}, "outcomes": rows}))
    assert load_outcomes(whole) == outcomes


@pytest.mark.parametrize(
    "text", ["7", '{"question": "Who?", "answers": []}', '{"outcomes": 1}', "[[]]", "{"]
)
def test_what_is_no_result_is_told(tmp_path, text):
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    with pytest.raises(BadGolden, match=r"a\.jsonl"):
        load_outcomes(path)


# ---- Comparison -----------------------------------------------------------------------------


def hits(*ranks):
    return [outcome(f"q{at}", quote_rank=rank) for at, rank in enumerate(ranks)]


def test_a_difference_is_tested_as_by_enumerating_all_swaps():
    before = [
        outcome(f"q{at}", ranking={"nDCG@10": value}) for at, value in enumerate([0, 0.5, 1, 0.2])
    ]
    now = [
        outcome(f"q{at}", ranking={"nDCG@10": value})
        for at, value in enumerate([1, 0.75, 0.9, 0.4])
    ]
    found = compare(before, now).differences["nDCG@10"]
    gains = np.array([1, 0.25, -0.1, 0.2])
    swapped = [np.mean(gains * signs) for signs in product((1, -1), repeat=4)]
    at_least = np.mean([value >= gains.mean() - 1e-12 for value in swapped])
    assert found.difference == pytest.approx(gains.mean())
    assert (found.before, found.now, found.questions) == (0.425, 0.7625, 4)
    assert found.p == pytest.approx(2 * at_least)
    assert found.low < gains.mean() < found.high
    assert found.low >= gains.min()
    assert found.high <= gains.max()


def test_mcnemar_counts_what_only_one_run_has_right():
    before, now = hits(*[2] * 8, 1, 1, 1), hits(*[1] * 8, 1, 2, None)
    found = compare(before, now)
    at_most = sum(math.comb(10, k) for k in (0, 1, 2)) / 2**10
    assert found.mcnemar == McNemar(8, 2, pytest.approx(2 * at_most))
    assert found.differences["quote hit@1"].difference == pytest.approx(6 / 11)
    assert "AUROC" not in found.differences  # nothing is unanswerable
    assert compare([nothing()], [nothing()]).mcnemar is None


def test_the_same_run_differs_in_nothing_and_the_comparison_is_the_same_each_time():
    found = compare(FOUR, FOUR[::-1])  # in any order
    assert {each.difference for each in found.differences.values()} == {0}
    assert {each.p for each in found.differences.values()} == {1}
    assert found.mcnemar == McNemar(0, 0, 1)
    assert found.differences["AUROC"].low is None  # many samples have nothing unanswerable
    better = [replace(each, confidence=each.confidence**2, quote_rank=1) for each in FOUR]
    assert compare(FOUR, better) == compare(FOUR, better)


def test_a_clear_gain_in_telling_apart_is_significant_and_bounded():
    random = np.random.default_rng(2).uniform(size=60).tolist()
    before = [
        outcome(f"q{at}", confidence=sure) if at % 2 else nothing(f"q{at}", confidence=sure)
        for at, sure in enumerate(random)
    ]
    now = [replace(each, confidence=0.9 if each.answerable else 0.1) for each in before]
    found = compare(before, now).differences
    auroc_gain = found["AUROC"]
    assert auroc_gain.now == 1
    assert 0 < auroc_gain.low < auroc_gain.difference < auroc_gain.high < 1
    assert auroc_gain.p < 0.01
    assert found["Brier score"].high < 0
    assert found["expected calibration error"].now == pytest.approx(0.1)


@pytest.mark.parametrize(
    "other",
    [
        [],
        [outcome("a")],
        [outcome("a"), outcome("c")],
        [outcome("a"), outcome("b", turns=("a",))],
        [outcome("a"), nothing("b")],
        [outcome("a"), outcome("b"), outcome("b")],
    ],
)
def test_runs_of_different_questions_are_refused_in_one_line(other):
    with pytest.raises(RunsDiffer, match="different questions") as refused:
        compare([outcome("a"), outcome("b")], other)
    assert "\n" not in str(refused.value)


# ---- Collecting -----------------------------------------------------------------------------


def test_other_lines_of_the_golden_file_stay_as_they_are(tmp_path):
    line = '{"question":"Who?",  "answers": [], "note": "mine"}'
    target = tmp_path / "elsewhere.jsonl"
    target.write_text(f"{line}\n\n7", encoding="utf-8")
    target.chmod(0o600)
    home = Home(tmp_path / "home")
    home.path.mkdir()
    (home.path / GOLDEN).symlink_to(target)
    collection = Collection(home)
    assert collection.add("Why?", ["Who?"], None, None)
    assert not collection.add(" Why? ", ["Who?"], None, None)
    assert target.read_text(encoding="utf-8").split("\n")[:2] == [line, "7"]
    assert (home.path / GOLDEN).is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert collection.discard("Why?", ["Who?"], None, None)
    assert not collection.discard("Why?", ["Who?"], None, None)
    assert target.read_text(encoding="utf-8") == f"{line}\n7\n"
    assert collection.discard("Who?", [], None, None)
    assert target.read_text(encoding="utf-8") == "7\n"


@pytest.mark.parametrize("text", ['[{"question": "Who?", "answers": []}]', "{"])
def test_a_golden_file_that_cannot_take_a_line_is_told_and_left(tmp_path, text):
    home = Home(tmp_path)
    (tmp_path / GOLDEN).write_text(text)
    with pytest.raises(BadGolden, match=GOLDEN):
        Collection(home).add("Why?", [], None, None)
    assert (tmp_path / GOLDEN).read_text() == text
