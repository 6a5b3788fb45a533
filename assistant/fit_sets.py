"""The questions that weights are fitted on, each with the documents that it is asked of."""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.golden import GoldenQuestion, Place, load_golden

#: Sets of the training folder that were written by people who did not see the passage, or that
#: hold real unanswerable questions; and how many questions are taken of each.
SETS = {"tydiqa_en": 500, "omos_qa_en": 500}

#: Rows of a set that are indexed at most: enough that the right passage has rivals.
ROWS = 1500

#: Share of documents whose questions are asked although they are not in the index.
LEFT_OUT = 0.3

#: Small corpora made of each training set, the documents in one, and the questions asked of it
#: that it does not answer.
SMALL, SMALL_DOCUMENTS, STRANGERS = 8, 5, 4

#: Questions asked of a squad2 article on its own.
ARTICLE_QUESTIONS = 30

SEED = 20231116


@dataclass(frozen=True, slots=True)
class FittingSet:
    """Documents, as records of JSON lines, and the questions asked of them."""

    name: str
    documents: list[dict[str, str]]
    questions: list[GoldenQuestion]


def fitting_half(article: str) -> bool:
    """Returns whether a squad2 article belongs to the half that is fitted on."""
    return hashlib.sha256(article.encode()).digest()[0] % 2 == 0


def fitting_sets(data: Path, questions: Path) -> Iterator[FittingSet]:
    """Yields all sets; see `assistant.fit.fit`."""
    yield from _squad(data / "squad2")
    yield from _releases(data / "press-releases" / "documents.jsonl.gz", questions)
    for name, count in SETS.items():
        yield from _training_sets(data / "train" / f"{name}.jsonl.gz", name, count)


def _squad(folder: Path) -> Iterator[FittingSet]:
    """The fitting half as one corpus, and each article of it as one."""
    paragraphs = [row for row in rows_of(folder / "paragraphs.jsonl") if fitting_half(row["title"])]
    article = {row["_id"]: row["title"] for row in paragraphs}
    documents = [{key: row[key] for key in ("_id", "title", "text")} for row in paragraphs]
    by_article: dict[str, list[GoldenQuestion]] = {}
    for row in rows_of(folder / "questions.jsonl"):
        place = row["paragraph"]
        if place in article:
            spans = [Place(place, span["start"], span["end"]) for span in row["answers"]]
            asked = GoldenQuestion(row["question"], tuple(spans))
            by_article.setdefault(article[place], []).append(asked)
    everything = [asked for questions in by_article.values() for asked in questions]
    yield FittingSet("squad2", documents, everything)
    chance = random.Random(SEED)  # noqa: S311 (a sample, not a secret)
    for title, questions in by_article.items():
        own = [entry for entry in documents if entry["title"] == title]
        foreign = [
            asked for other, group in by_article.items() if other != title for asked in group
        ]
        strangers = [
            GoldenQuestion(asked.question, ()) for asked in chance.sample(foreign, STRANGERS)
        ]
        asked_here = chance.sample(questions, min(ARTICLE_QUESTIONS, len(questions)))
        yield FittingSet("squad2, one article", own, asked_here + strangers)


def _releases(path: Path, questions: Path) -> Iterator[FittingSet]:
    """All press releases, handfuls of them, and questions on them."""
    documents = [
        {key: row[key] for key in ("_id", "title", "text", "date")} for row in rows_of(path)
    ]
    asked = load_golden(questions)
    yield FittingSet("releases", documents, asked)
    origins = [row["of"] for row in rows_of(questions)]
    releases = sorted(set(origins))
    chance = random.Random(SEED)  # noqa: S311
    for _ in range(SMALL):
        few = chance.sample(releases, SMALL_DOCUMENTS)
        own, foreign = [], []
        for question, origin in zip(asked, origins, strict=True):
            places = tuple(place for place in question.answers if place.document in few)
            asked_here = GoldenQuestion(question.question, places)
            if origin in few:
                own.append(asked_here)
            elif not places:
                foreign.append(asked_here)
        here = [entry for entry in documents if entry["_id"] in few]
        strangers = chance.sample(foreign, STRANGERS)
        yield FittingSet("releases, few documents", here, own + strangers)


def _training_sets(path: Path, name: str, count: int) -> Iterator[FittingSet]:
    """A set as one corpus with a part left out, and handfuls of its documents."""
    chance = random.Random(SEED)  # noqa: S311
    rows = [row for row in rows_of(path) if not row.get("history")]
    rows = [row for row in rows if row["answers"] or not row["label"]]
    chance.shuffle(rows)
    del rows[ROWS:]
    titles = {row["passage"]: row["title"].replace("_", " ") for row in rows}
    left_out = {text for text in titles if chance.random() < LEFT_OUT}
    kept = [text for text in titles if text not in left_out]
    yield _corpus(name, rows[:count], kept, titles)
    for _ in range(SMALL):
        few = set(chance.sample(kept, SMALL_DOCUMENTS))
        own = [row for row in rows if row["passage"] in few]
        strangers = chance.sample([row for row in rows if row["passage"] not in few], STRANGERS)
        yield _corpus(f"{name}, few documents", own + strangers, sorted(few), titles)


def _corpus(
    name: str, rows: list[dict[str, Any]], texts: list[str], titles: dict[str, str]
) -> FittingSet:
    """Questions over the given texts; one whose passage is not among them has no answer."""
    ids = {text: str(number) for number, text in enumerate(texts)}
    documents = [{"_id": ids[text], "title": titles[text], "text": text} for text in texts]
    questions = [
        GoldenQuestion(
            row["question"],
            tuple(
                Place(ids[row["passage"]], span["start"], span["end"])
                for span in row["answers"]
                if row["passage"] in ids
            ),
        )
        for row in rows
    ]
    return FittingSet(name, documents, questions)


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the objects of a file of JSON lines, packed by gzip or not."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
