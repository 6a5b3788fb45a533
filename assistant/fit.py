"""Fits the weights of ranking and confidence, with the reader and without: see `fit`.

Run as ``python -m assistant.fit DATA QUESTIONS``.

``DATA`` is a folder of public question sets (see docs/measurements.md), ``QUESTIONS`` holds golden
questions on its press releases (``tests/questions/written-fit.jsonl``). Each set is indexed in a
throw-away home; its questions are asked; which sentences hold the answer is known. The evidence
model is fitted listwise on the sentences found, then the confidence model on whether the first of
them answers. A part of each set's documents is left out of its index, so that their questions
become unanswerable among documents of the same kind. Because people's first corpus is small, each
article of squad2 is asked on its own as well, and so are handfuls of documents of the other sets.

No question that the reader was trained on is used, or it would be trusted too much; and none that
the project reports its figures on: other questions than those on the press releases, none on the
bundled documents, and of ``squad2`` only the articles of `fitting_half`.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp, softmax
from sklearn.linear_model import LogisticRegression

from assistant.assistant import Assistant
from assistant.evaluation import holds
from assistant.evidence import Judgement, signals
from assistant.features import Signals
from assistant.fit_sets import FittingSet, fitting_sets
from assistant.golden import Place
from assistant.ranking import Ranking, with_reader, without_reader
from assistant.weights import PLAIN_WEIGHTS, READ_WEIGHTS, Logistic, Weights
from index import Generation, Home, rebuild

Array = NDArray[Any]

COMMAND = "python -m assistant.fit DATA QUESTIONS"

# What questions are asked with before anything is fitted: it finds, but prefers nothing.
_NOTHING = Logistic(0.0, {})
_BLANK = Weights(_NOTHING, _NOTHING, _NOTHING, 0.0, {})


@dataclass(frozen=True, slots=True)
class _Case:
    """What came of one question: what was found, and what of it holds an answer."""

    set_name: str
    judgement: Judgement
    sentences: tuple[bool, ...]
    passages: tuple[bool, ...]


def fit(data: Path, questions: Path, ranking: Ranking) -> Weights:
    """Fits all weights on the sets below ``data``; takes some fifteen minutes on two cores.

    Args:
        data: The folder of public question sets.
        questions: A file of golden questions on the press releases.
        ranking: With a reader or without; its weights are not used.
    """
    ranking = replace(ranking, weights=_BLANK)
    with tempfile.TemporaryDirectory() as folder:
        asked = (_ask(each, Path(folder), ranking) for each in fitting_sets(data, questions))
        cases = list(chain.from_iterable(asked))
    return fit_cases([case for case in cases if case.sentences])


def fit_cases(cases: Sequence[_Case]) -> Weights:
    """Fits all weights on questions that were asked."""
    evidence = _fit_ranking(
        [([e.features for e in case.judgement.evidence], case.sentences) for case in cases]
    )
    read = [(case.judgement.read, case.passages) for case in cases if case.judgement.read]
    answers = [_best_answer(case, evidence) for case in cases]
    confidence = fit_confidence(answers, [_family(case.set_name) for case in cases])
    answerable = np.array([any(case.sentences) for case in cases])
    found = np.array([confidence.probability(known) for known, _ in answers])
    families = np.array([_family(case.set_name) for case in cases])
    threshold, false_answers, false_refusals = _threshold(found, answerable, families)
    return Weights(
        evidence=evidence,
        confidence=confidence,
        passages=_fit_ranking(read) if read else _NOTHING,
        threshold=threshold,
        provenance={
            "command": COMMAND,
            "fitted": datetime.now(UTC).date().isoformat(),
            "questions": dict(Counter(case.set_name for case in cases)),
            "first quote right, of answerable": _rounded(
                sum(right for _, right in answers) / answerable.sum()
            ),
            "false answers": _rounded(false_answers),
            "false refusals": _rounded(false_refusals),
        },
    )


def _threshold(confidence: Array, answerable: Array, families: Array) -> tuple[float, float, float]:
    """Returns the confidence that tells answerable from unanswerable questions well.

    Best is where the shares of false answers and of false refusals have the least sum (Youden,
    "Index for rating diagnostic tests", 1950), so that it does not hang on how many of either kind
    the sets hold. Each set counts alike, as in `fit_confidence`.

    Returns:
        The threshold, and the shares of false answers and false refusals at it.
    """
    names = np.unique(families)
    candidates = np.unique(confidence.round(2))

    def shares(is_wrong: Array, of_kind: Array) -> Array:
        each = [is_wrong[:, of_kind & (families == name)].mean(axis=1) for name in names]
        return np.asarray(np.mean(each, axis=0))

    false_answers = shares(confidence >= candidates[:, None], ~answerable)
    false_refusals = shares(confidence < candidates[:, None], answerable)
    at = int(np.argmin(false_answers + false_refusals))
    return float(candidates[at]), float(false_answers[at]), float(false_refusals[at])


def _best_answer(case: _Case, model: Logistic) -> tuple[Signals, bool]:
    """What is known of the answer that the fitted model would give, and whether it is right."""
    judgement = case.judgement
    scored = [
        (replace(entry, score=model.probability(entry.features)), label)
        for entry, label in zip(judgement.evidence, case.sentences, strict=True)
    ]
    best, right = max(scored, key=lambda pair: pair[0].score)
    return signals(judgement.question, best), right


def _fit_ranking(asked: Sequence[tuple[Sequence[Any], Sequence[bool]]]) -> Logistic:
    """Fits a model that ranks what was found for a question, then scales it to probabilities.

    The loss is the cross-entropy of picking what answers from all that was found for a question
    (ListNet's top-one loss: Cao et al., "Learning to Rank", 2007), with a mild penalty. Scale and
    bias come from a logistic regression on its scores (Platt, 1999).

    Args:
        asked: For each question the features of what was found, and whether it answers.
    """
    names = [field.name for field in fields(asked[0][0][0])]
    groups = [
        (np.array([astuple(features) for features in found]), np.array(labels))
        for found, labels in asked
    ]
    answered = [(rows, labels) for rows, labels in groups if labels.any()]

    def loss(weights: Array) -> tuple[float, Array]:
        value, gradient = 1e-3 * len(answered) * weights @ weights, 2e-3 * len(answered) * weights
        for rows, labels in answered:
            scores = rows @ weights
            everything = softmax(scores)
            right = softmax(np.where(labels, scores, -np.inf))
            value += logsumexp(scores) - logsumexp(scores[labels])
            gradient = gradient + (everything - right) @ rows
        return float(value), gradient

    weights = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    scores = np.concatenate([rows @ weights for rows, _ in groups])
    labels = np.concatenate([labels for _, labels in groups])
    scale = LogisticRegression(C=1e6).fit(scores[:, None], labels)
    factor, bias = float(scale.coef_[0][0]), float(scale.intercept_[0])
    return Logistic(_rounded(bias), dict(zip(names, map(_rounded, weights * factor), strict=True)))


def _family(set_name: str) -> str:
    """The set that a corpus of its documents was made from."""
    return set_name.split(",")[0]


def fit_confidence(answers: Sequence[tuple[Signals, bool]], families: Sequence[str]) -> Logistic:
    """Fits the probability that an answer is right; each set counts alike, however large.

    Otherwise the adversarial questions of squad2, which little tells from answerable ones, would
    outweigh the others: what tells those apart would count for less. Better evidence may only
    raise the probability and names that stand nowhere only lower it, whatever a set's habits are.
    """
    names = [field.name for field in fields(answers[0][0])]
    rows = np.array([(1.0, *astuple(known)) for known, _ in answers])
    signs = np.where([right for _, right in answers], 1.0, -1.0)
    sizes = Counter(families)
    shares = np.array([len(families) / len(sizes) / sizes[family] for family in families])

    def loss(weights: Array) -> tuple[float, Array]:
        penalised = np.append(0.0, weights[1:])
        margins = signs * (rows @ weights)
        value = shares @ np.logaddexp(0.0, -margins) + penalised @ penalised / 2
        return float(value), -(shares * signs * expit(-margins)) @ rows + penalised

    bounds = [
        (None, None),
        *((None, 0) if name == "unknown_names" else (0, None) for name in names),
    ]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return Logistic(_rounded(found[0]), dict(zip(names, map(_rounded, found[1:]), strict=True)))


def _rounded(value: float) -> float:
    return round(float(value), 4)


def _ask(each: FittingSet, folder: Path, ranking: Ranking) -> Iterator[_Case]:
    """Indexes a set in a throw-away home and asks its questions."""
    corpus = folder / f"{each.name}.jsonl"
    corpus.write_text("".join(json.dumps(record) + "\n" for record in each.documents))
    with Home(folder).throw_away([corpus]) as home:
        rebuild(home)
        with Assistant(home, Generation.serving(home), ranking) as assistant:
            for asked in each.questions:
                judgement = assistant.judge(asked.question)
                places = [Place(each.document.id, *each.span) for each in judgement.evidence]
                passages = [hit.passage for hit in judgement.hits[: len(judgement.read)]]
                wider = [Place(each.document_id, each.start, each.end) for each in passages]
                yield _Case(
                    each.name,
                    judgement,
                    tuple(holds(place, asked.answers) for place in places),
                    tuple(holds(place, asked.answers) for place in wider),
                )
        print(f"{each.name}: {len(each.questions)} questions asked", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    for file, ranking in ((PLAIN_WEIGHTS, without_reader()), (READ_WEIGHTS, with_reader())):
        fit(Path(sys.argv[1]), Path(sys.argv[2]), ranking).save(file)
