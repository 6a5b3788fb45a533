"""Fits the weights of evidence and confidence: ``python -m assistant.fit DATA``.

``DATA`` is a folder of public question sets (see docs/measurements.md). Each set is indexed in a
throw-away home; its questions are asked; which sentences hold the answer is known. The evidence
model is fitted on the sentences found, then the confidence model on whether the first of them
answers. A part of each set's documents is left out of its index, so that their questions become
unanswerable among documents of the same kind.

Nothing that the project reports its figures on is used: not the press releases, not the bundled
documents, and of ``squad2`` only the articles of `fitting_half`.
"""

import gzip
import hashlib
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.assistant import Assistant
from assistant.evaluation import holds
from assistant.evidence import Judgement, signals
from assistant.features import Features, Signals
from assistant.golden import Place
from assistant.weights import WEIGHTS_FILE, Logistic, Weights
from index import Home, rebuild

#: Sets of the training folder that were written by people who did not see the passage, or that
#: hold real unanswerable questions; and how many questions are taken of each.
SETS = {
    "tydiqa_en": 700,
    "qed_nq": 700,
    "omos_qa_en": 900,
    "doc2dial_val": 500,
    "squadshifts_new_wiki": 500,
}

#: Questions taken of squad2's fitting half.
SQUAD_QUESTIONS = 1300

#: Share of documents whose questions are asked although they are not in the index.
LEFT_OUT = 0.3

#: Confidence below which Readout abstains: a calibrated probability, so that at one half a quote
#: is shown when it is likelier right than wrong.
THRESHOLD = 0.5

SEED = 20231116


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question and where its answers stand; none if nothing answers it."""

    question: str
    answers: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Set:
    """Documents, as records of JSON lines, and the questions asked of them."""

    name: str
    documents: list[dict[str, str]]
    questions: list[_Asked]


@dataclass(frozen=True, slots=True)
class _Case:
    """What came of one question: what was found, and which sentences hold an answer."""

    set_name: str
    judgement: Judgement
    labels: tuple[bool, ...]


def fitting_half(article: str) -> bool:
    """Returns whether a squad2 article belongs to the half that is fitted on."""
    return hashlib.sha256(article.encode()).digest()[0] % 2 == 0


def fit(data: Path) -> Weights:
    """Fits all weights on the sets below ``data``; takes some ten minutes on two cores."""
    with tempfile.TemporaryDirectory() as folder:
        cases = [case for each in _sets(data) for case in _ask(each, Path(folder))]
    evidence = _fit_logistic(
        [entry.features for case in cases for entry in case.judgement.evidence],
        [label for case in cases for label in case.labels],
    )
    answers = [_best_answer(case, evidence) for case in cases if case.labels]
    confidence = _fit_logistic([known for known, _ in answers], [right for _, right in answers])
    return Weights(
        evidence=evidence,
        confidence=confidence,
        threshold=THRESHOLD,
        provenance={
            "command": "python -m assistant.fit DATA",
            "fitted": datetime.now(UTC).date().isoformat(),
            "sets": dict(Counter(case.set_name for case in cases)),
            "questions": len(cases),
            "first quote right": round(sum(right for _, right in answers) / len(cases), 3),
        },
    )


def _best_answer(case: _Case, model: Logistic) -> tuple[Signals, bool]:
    """What is known of the answer that the fitted model would give, and whether it is right."""
    judgement = case.judgement
    scored = [
        (replace(entry, score=model.probability(entry.features)), label)
        for entry, label in zip(judgement.evidence, case.labels, strict=True)
    ]
    scored.sort(key=lambda pair: -pair[0].score)
    evidence = [entry for entry, _ in scored]
    return signals(judgement.question, evidence, judgement.hits), scored[0][1]


def _fit_logistic(records: Sequence[Features] | Sequence[Signals], labels: list[bool]) -> Logistic:
    names = [field.name for field in fields(records[0])]
    rows = np.array([astuple(record) for record in records])
    # Features are of one scale, so that one mild penalty suits all.
    model = LogisticRegression(C=1.0, max_iter=2000).fit(rows, labels)
    weights = dict(zip(names, (round(float(w), 4) for w in model.coef_[0]), strict=True))
    return Logistic(bias=round(float(model.intercept_[0]), 4), coefficients=weights)


def _ask(each: _Set, folder: Path) -> Iterator[_Case]:
    """Indexes a set in a throw-away home and asks its questions."""
    corpus = folder / f"{each.name}.jsonl"
    corpus.write_text("".join(json.dumps(record) + "\n" for record in each.documents))
    with Home(folder).throw_away([corpus]) as home:
        rebuild(home)
        with Assistant.open(home) as assistant:
            for asked in each.questions:
                judgement = assistant.judge(asked.question)
                yield _Case(
                    each.name,
                    judgement,
                    tuple(
                        holds(Place(entry.document.id, *entry.span), asked.answers)
                        for entry in judgement.evidence
                    ),
                )
        print(f"{each.name}: {len(each.questions)} questions asked", file=sys.stderr)  # noqa: T201


def _sets(data: Path) -> Iterator[_Set]:
    yield _squad(data / "squad2")
    for name, count in SETS.items():
        yield _training_set(data / "train" / f"{name}.jsonl.gz", name, count)


def _squad(folder: Path) -> _Set:
    paragraphs = [row for row in _rows(folder / "paragraphs.jsonl") if fitting_half(row["title"])]
    kept = {row["_id"] for row in paragraphs}
    questions = [
        _Asked(
            row["question"],
            tuple(
                Place(row["paragraph"], answer["start"], answer["end"]) for answer in row["answers"]
            ),
        )
        for row in _rows(folder / "questions.jsonl")
        if row["paragraph"] in kept
    ]
    random.Random(SEED).shuffle(questions)  # noqa: S311 (a sample, not a secret)
    documents = [{key: row[key] for key in ("_id", "title", "text")} for row in paragraphs]
    return _Set("squad2", documents, questions[:SQUAD_QUESTIONS])


def _training_set(path: Path, name: str, count: int) -> _Set:
    rows = [row for row in _rows(path) if not row.get("history")]
    passages = {row["passage"]: row["title"] for row in rows}
    ids = {text: f"{name}-{number}" for number, text in enumerate(passages)}
    chance = random.Random(SEED)  # noqa: S311
    left_out = {text for text in passages if chance.random() < LEFT_OUT}
    usable = [row for row in rows if row["answers"] or not row["label"]]
    chance.shuffle(usable)
    questions = [
        _Asked(
            row["question"],
            tuple(
                Place(ids[row["passage"]], answer["start"], answer["end"])
                for answer in row["answers"]
                if row["passage"] not in left_out
            ),
        )
        for row in usable[:count]
    ]
    documents = [
        {"_id": ids[text], "title": title.replace("_", " "), "text": text}
        for text, title in passages.items()
        if text not in left_out
    ]
    return _Set(name, documents, questions)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    yield from map(json.loads, filter(None, text.split("\n")))


if __name__ == "__main__":
    fit(Path(sys.argv[1])).save(WEIGHTS_FILE)
