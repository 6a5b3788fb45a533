"""Questions whose answers are known: golden files and folders in BEIR layout."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import BadGolden, BadQuestion
from assistant.questions import checked_question
from corpus import Document, without_surrogates


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: characters ``[start, end)`` of a document."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question with the places that answer it, any of which is right; none if nothing does."""

    question: str
    answers: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class RelevanceSet:
    """A retrieval collection in BEIR layout: queries, and how relevant which document is."""

    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


def load_golden(path: Path) -> list[GoldenQuestion]:
    """Reads a golden file: a JSON object a line, or one JSON list of them.

    Each is ``{"question": str, "answers": [{"document": str, "start": int, "end": int}]}``;
    other keys are passed over.

    Raises:
        BadGolden: If the file cannot be read or an entry is malformed; it says where.
    """
    questions = []
    for place, entry in _entries(path):
        try:
            questions.append(_golden_question(entry))
        except BadQuestion as error:
            raise BadGolden(f"{place}: {error}") from error
        except ValueError as error:
            raise BadGolden(
                f"{place}: not a golden question ({error}); it needs"
                ' {"question": …, "answers": [{"document": …, "start": …, "end": …}]}'
            ) from error
    if not questions:
        raise BadGolden(f"{path}: holds no question")
    return questions


def resolve(
    questions: Iterable[GoldenQuestion], documents: Iterable[Document]
) -> list[GoldenQuestion]:
    """Turns the documents that golden answers name into ids.

    A document may be named by its id, or by its file's path, name, or name without ending.

    Raises:
        BadGolden: If a name fits no document or several, or a span lies outside its document.
    """
    names: dict[str, dict[str, int]] = {}
    ids: dict[str, int] = {}
    for document in documents:
        length = len(document.text)
        ids[document.id] = length
        if document.record is None:
            path = Path(document.source)
            for name in {document.source, path.name, path.stem}:
                names.setdefault(name, {})[document.id] = length

    def find(answer: Place) -> Place:
        name = answer.document
        fits = {name: ids[name]} if name in ids else names.get(name, {})
        if len(fits) != 1:
            fault = "names several documents" if fits else "is no document of the index"
            raise BadGolden(f"golden answer in {name!r}: {fault}; give the document's id")
        [(found, length)] = fits.items()
        if not 0 <= answer.start < answer.end <= length:
            raise BadGolden(
                f"golden answer in {name!r}: {answer.start} to {answer.end} lies outside its"
                f" {length} characters; correct the span"
            )
        return Place(found, answer.start, answer.end)

    return [GoldenQuestion(entry.question, tuple(map(find, entry.answers))) for entry in questions]


def load_beir(folder: Path) -> RelevanceSet:
    """Reads ``queries.jsonl`` and ``qrels/test.tsv`` of a folder in BEIR layout.

    Raises:
        BadGolden: If one is missing or malformed.
    """
    queries = {}
    for place, entry in _entries(folder / "queries.jsonl"):
        match entry:
            case {"_id": str() | int() as identifier, "text": str(text)} if text.strip():
                queries[str(identifier)] = without_surrogates(text)
            case _:
                raise BadGolden(f"{place}: a query needs _id and text")
    qrels = folder / "qrels" / "test.tsv"
    judgements: dict[str, dict[str, int]] = {}
    try:
        with qrels.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                relevance = int(row["score"])
                judgements.setdefault(row["query-id"], {})[row["corpus-id"]] = relevance
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise BadGolden(
            f"{qrels}: needs columns query-id, corpus-id, score, tab-separated ({error})"
        ) from error
    asked = {query: text for query, text in queries.items() if query in judgements}
    if not asked:
        raise BadGolden(f"{folder}: no query of queries.jsonl is judged in qrels/test.tsv")
    return RelevanceSet(asked, judgements)


def _golden_question(entry: object) -> GoldenQuestion:
    """Raises ValueError, with a reason for people, if ``entry`` is not a golden question."""
    match entry:
        case {"question": str(question), "answers": list(answers)}:
            return GoldenQuestion(checked_question(question), tuple(map(_place, answers)))
    raise ValueError("question must be a text, and answers a list")


def _place(answer: object) -> Place:
    """Raises ValueError as `_golden_question` does."""
    match answer:
        case {"document": str() | int() as document, "start": start, "end": end}:
            # type(), not isinstance(): true is no place.
            if type(start) is not int or type(end) is not int:
                raise ValueError("start and end must be whole numbers")
            if start >= end:
                raise ValueError("an empty span")
            return Place(str(document), start, end)
    raise ValueError("an answer needs document, start and end")


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadGolden(f"{path}: cannot be read ({error}); check the path") from error
    try:
        if text.lstrip().startswith("["):
            yield from (
                (f"{path}, entry {at}", entry) for at, entry in enumerate(json.loads(text), 1)
            )
            return
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield f"{path}, line {number}", json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadGolden(f"{path}: not JSON ({error}); put one object on a line") from error
