"""What the weights of ranking and confidence are fitted on, and how."""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from assistant.features import Signals
from assistant.fit import fit_confidence
from assistant.fit_sets import SMALL_DOCUMENTS, fitting_sets
from assistant.golden import load_golden

QUESTIONS = Path(__file__).parent / "questions"


def answers(names_weigh: float) -> list[tuple[Signals, bool]]:
    """Answers that are right the likelier the better their evidence is."""
    chance = np.random.default_rng(7)
    made = []
    for _ in range(400):
        known = Signals(evidence=chance.normal(0, 2), unknown_names=float(chance.integers(3)))
        odds = known.evidence + names_weigh * known.unknown_names
        made.append((known, bool(chance.random() < 1 / (1 + np.exp(-odds)))))
    return made


def test_confidence_is_a_logistic_regression_in_which_each_set_counts_alike():
    known = answers(names_weigh=-1.0)
    families = ["large"] * 300 + ["small"] * 100
    fitted = fit_confidence(known, families)
    reference = LogisticRegression(max_iter=2000, tol=1e-8).fit(
        [astuple(signals) for signals, _ in known],
        [right for _, right in known],
        sample_weight=[400 / 2 / (300 if family == "large" else 100) for family in families],
    )
    assert fitted.bias == pytest.approx(reference.intercept_[0], abs=1e-3)
    assert list(fitted.coefficients.values()) == pytest.approx(reference.coef_[0], abs=1e-3)


def test_names_that_stand_nowhere_never_make_an_answer_surer():
    fitted = fit_confidence(answers(names_weigh=0.5), ["one"] * 400)
    assert fitted.coefficients["unknown_names"] == 0
    assert fitted.coefficients["evidence"] > 0.5


def test_every_answer_that_is_fitted_on_stands_in_its_set_and_no_reported_question_is(test_data):
    reported = {
        entry.question
        for name in ("press-releases", "bundled", "written-held-out")
        for entry in load_golden(QUESTIONS / f"{name}.jsonl")
    }
    names = set()
    for each in fitting_sets(test_data, QUESTIONS / "written-fit.jsonl"):
        names.add(each.name)
        texts = {record["_id"]: record["text"] for record in each.documents}
        if each.name.endswith("few documents"):
            assert len(texts) == SMALL_DOCUMENTS
        assert not reported & {asked.question for asked in each.questions}
        for asked in each.questions:
            for place in asked.answers:
                assert texts[place.document][place.start : place.end].strip()
        assert any(asked.answers for asked in each.questions)
        assert not all(asked.answers for asked in each.questions)
    assert names >= {"squad2", "squad2, one article", "releases", "releases, few documents"}
