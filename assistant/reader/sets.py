"""The public question sets that the reader learns from, each brought to one shape."""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.fit_sets import fitting_half, rows_of

#: The sets that are trained on and the questions taken of each at most.
SETS = {
    "qed_nq": 9000,
    "squadshifts_new_wiki": 8000,
    "qamr": 8000,
    "boolq_dev": 3500,
    "squadshifts_reddit": 4000,
    "nq_open_oracle": 3000,
    "selqa": 2500,
    "doc2dial_val": 3000,
    "tweetqa": 2500,
    "medquad": 1500,
    "ares_silver_nq": 1500,
    "ares_silver_hotpotqa": 1200,
    "ares_silver_record": 1200,
    "orsharc": 500,
    "qmsum_committee": 300,
    "clozes": 8000,
    "headlines": 600,
}

#: Those that the collection asks itself (see `assistant.reader.own`).
OWN = ("clozes", "headlines")

#: What the ids of the press releases begin with, and the set of the questions written for them.
COLLECTION, WRITTEN = "press-releases/", "written"

#: Whole sets that are held out, to choose by.
HELD_OUT = {"squad2": 1000, "omos_qa_en": 1000, "tydiqa_en": 400}

#: A longer document is left out: its answer hides among too many passages.
LONGEST = 6000

SEED = 20231116


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answers stand.

    Attributes:
        set_name: The set it is from.
        question: As it was asked.
        document: Id of the document that answers; None if none does.
        answers: Start and end of each answer, in characters of that document; empty if it is
            known only that the document answers.
        not_in: Ids of documents that are known not to answer.
    """

    set_name: str
    question: str
    document: str | None
    answers: tuple[tuple[int, int], ...] = ()
    not_in: tuple[str, ...] = ()


def read_sets(data: Path, sets: Mapping[str, int]) -> tuple[list[dict[str, str]], list[Asked]]:
    """Returns the documents of all sets, as records, and the questions asked of them."""
    documents: dict[str, dict[str, str]] = {}
    asked: list[Asked] = []
    for name, count in sets.items():
        if name in OWN:
            continue
        if name == "squad2":
            texts, questions = _squad2(data / "squad2")
        else:
            rows = list(rows_of(data / "train" / f"{name}.jsonl.gz"))
            reader = {"selqa": _selqa, "qamr": _qamr}.get(name, _plain_set)
            texts, questions = reader(name, rows)
        random.Random(SEED).shuffle(questions)  # noqa: S311 (a sample, not a secret)
        for each in questions[:count]:
            asked.append(each)
            for document in filter(None, [each.document, *each.not_in]):
                documents.setdefault(document, texts[document])
    return list(documents.values()), asked


def read_collection(data: Path) -> tuple[list[dict[str, str]], frozenset[str]]:
    """Returns the press releases, as records, and the titles that they are measured by."""
    folder = data / "press-releases"
    records = [
        {"_id": f"{COLLECTION}{row['_id']}", "title": row["title"], "text": row["text"]}
        for row in rows_of(folder / "documents.jsonl.gz")
    ]
    return records, frozenset(row["text"] for row in rows_of(folder / "known-item.jsonl"))


def read_written(path: Path) -> list[Asked]:
    """Returns questions written for the press releases.

    They are golden questions with the release that each was written for (``"of"``), which seems to
    answer even if nothing does.
    """
    asked = []
    for row in rows_of(path):
        own = f"{COLLECTION}{row['of']}"
        spans = [
            (each["start"], each["end"]) for each in row["answers"] if each["document"] == row["of"]
        ]
        asked.append(
            Asked(WRITTEN, row["question"], own, tuple(spans))
            if spans
            else Asked(WRITTEN, row["question"], None, not_in=(own,))
        )
    return asked


_Set = tuple[dict[str, dict[str, str]], list[Asked]]


def _plain_set(name: str, rows: Sequence[dict[str, Any]]) -> _Set:
    """A set whose rows hold a passage each; rows of one question belong together."""
    texts: dict[str, dict[str, str]] = {}
    by_question: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in rows:
        # Later turns of a conversation do not stand alone.
        if row.get("history") or len(row["passage"]) > LONGEST:
            continue
        record = _record(name, row.get("title", ""), row["passage"])
        texts[record["_id"]] = record
        by_question.setdefault(row["question"], []).append((record["_id"], row))
    spans_known = any(row["answers"] for row in rows)
    questions = []
    for question, group in by_question.items():
        not_in = tuple(document for document, row in group if not row["label"])
        right = [(document, row) for document, row in group if row["label"]]
        if not right:
            questions.append(Asked(name, question, None, (), not_in))
            continue
        document, row = right[0]
        answers = tuple((span["start"], span["end"]) for span in row["answers"])
        if answers or not spans_known:
            questions.append(Asked(name, question, document, answers, not_in))
    return texts, questions


def _selqa(name: str, rows: Sequence[dict[str, Any]]) -> _Set:
    """Rows are the sentences of a section, in order, each with whether it answers."""
    return _joined(name, rows, lambda row: row["qid"], lambda row: row["question"])


def _qamr(name: str, rows: Sequence[dict[str, Any]]) -> _Set:
    """Rows are sentences of an article; a question is answered inside its own."""
    return _joined(name, rows, lambda row: row["group"], lambda row: row["id"])


def _squad2(folder: Path) -> _Set:
    """The half of squad2's articles that things are fitted on."""
    paragraphs = [row for row in rows_of(folder / "paragraphs.jsonl") if fitting_half(row["title"])]
    records = {row["_id"]: _record("squad2", row["title"], row["text"]) for row in paragraphs}
    questions = []
    for row in rows_of(folder / "questions.jsonl"):
        if row["paragraph"] in records:
            name = records[row["paragraph"]]["_id"]
            spans = tuple((span["start"], span["end"]) for span in row["answers"])
            questions.append(
                Asked("squad2", row["question"], name, spans)
                if spans
                else Asked("squad2", row["question"], None, not_in=(name,))
            )
    return {record["_id"]: record for record in records.values()}, questions


def _joined(
    name: str,
    rows: Sequence[dict[str, Any]],
    document_key: Callable[[dict[str, Any]], str],
    question_key: Callable[[dict[str, Any]], str],
) -> _Set:
    """A set whose rows hold one sentence each: those of a document are put together."""
    texts: dict[str, dict[str, str]] = {}
    questions = []
    together: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        together.setdefault(document_key(row), []).append(row)
    for group in together.values():
        places: dict[str, int] = {}
        length = 0
        for row in group:
            if row["passage"] not in places:
                places[row["passage"]] = length
                length += len(row["passage"]) + 1
        document = _record(name, group[0].get("title", ""), " ".join(places))
        if length > LONGEST:
            continue
        texts[document["_id"]] = document
        answers: dict[str, list[tuple[int, int]]] = {}
        words: dict[str, str] = {}
        for row in filter(lambda row: row["label"], group):
            base = places[row["passage"]]
            spans = row["answers"] or [{"start": 0, "end": len(row["passage"])}]
            found = [(base + span["start"], base + span["end"]) for span in spans]
            answers.setdefault(question_key(row), []).extend(found)
            words[question_key(row)] = row["question"]
        questions += [
            Asked(name, words[key], document["_id"], tuple(spans)) for key, spans in answers.items()
        ]
    return texts, questions


def _record(name: str, title: str, text: str) -> dict[str, str]:
    title = title.replace("_", " ")
    if name == "squadshifts_reddit":
        title = ""  # one for all, which tells nothing
    return {
        "_id": f"{name}/{hashlib.sha256(text.encode()).hexdigest()[:16]}",
        "title": title,
        "text": text,
    }
