"""Questions whose answers are known: golden files and folders in BEIR layout."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.answer import Quote
from assistant.errors import BadGolden, BadQuestion
from assistant.questions import checked_question
from corpus import Document, without_surrogates

#: The user's golden questions, in the home.
GOLDEN = "golden.jsonl"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: characters ``[start, end)`` of a document."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuotedPlace(Place):
    """A place that is found again after its document was edited, moved or renamed.

    Attributes:
        quote: The words that stood there.
        sha256: `corpus.Document.sha256` of the document at that time.
    """

    quote: str
    sha256: str

    @classmethod
    def of(cls, document: Document, quote: Quote) -> "QuotedPlace":
        """Returns where a quote stands in a document now."""
        return cls(document.id, quote.start, quote.end, quote.text, document.sha256)


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question whose answers are known.

    Attributes:
        question: The question.
        answers: The places that answer it, any of which is right; none if nothing does.
        kind: What kind of question it is, to measure by; None if that was not said.
        turns: The questions before it in its conversation, oldest first.
    """

    question: str
    answers: tuple[Place, ...]
    kind: str | None = None
    turns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RelevanceSet:
    """A retrieval collection in BEIR layout: queries, and how relevant which document is."""

    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


def load_golden(path: Path) -> list[GoldenQuestion]:
    """Reads a golden file: a JSON object a line, or one JSON list of them.

    Each is ``{"question": str, "answers": [{"document": str, "start": int, "end": int}]}``. An
    answer may also have its words and its document's hash (``"quote"``, ``"sha256"``: see
    `QuotedPlace`), a question its ``"kind"`` and the questions before it (``"turns": [str]``).
    Other keys are passed over.

    Raises:
        BadGolden: If the file cannot be read or an entry is malformed; it says where.
    """
    questions = []
    for place, entry in json_entries(path):
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
    """Turns the documents that golden answers name into ids, and finds quotes where they stand.

    A document may be named by its id, or by its file's path, name, or name without ending; that of
    a `QuotedPlace` that has none of these any more, by its hash. A quote that has moved in its
    document is taken where it stands nearest to its old place.

    Raises:
        BadGolden: If a name fits no document or several, a span lies outside its document, or a
            quote stands in its document no more.
    """
    questions = list(questions)
    answers = [answer for entry in questions for answer in entry.answers]
    quoted = [answer for answer in answers if isinstance(answer, QuotedPlace)]
    wanted, hashes = ({each.document for each in quoted}, {each.sha256 for each in quoted})
    names: dict[str, dict[str, int]] = {}
    ids: dict[str, int] = {}
    texts: dict[str, str] = {}  # of the documents in which quotes are looked for
    by_hash: dict[str, str] = {}
    for document in documents:
        length = len(document.text)
        ids[document.id] = length
        other: set[str] = set()
        if document.record is None:
            path = Path(document.source)
            other = {document.source, path.name, path.stem}
        for name in other:
            names.setdefault(name, {})[document.id] = length
        if document.sha256 in hashes:
            by_hash.setdefault(document.sha256, document.id)
        if document.sha256 in hashes or wanted & {document.id, *other}:
            texts[document.id] = document.text

    def find(answer: Place) -> Place:
        name = answer.document
        fits = {name: ids[name]} if name in ids else names.get(name, {})
        if not fits and isinstance(answer, QuotedPlace) and answer.sha256 in by_hash:
            twin = by_hash[answer.sha256]
            fits = {twin: ids[twin]}
        if len(fits) != 1:
            fault = "names several documents" if fits else "is no document of the index"
            raise BadGolden(f"golden answer in {name!r}: {fault}; give the document's id")
        [(found, length)] = fits.items()
        if isinstance(answer, QuotedPlace):
            return _found_again(answer, found, texts[found])
        if not 0 <= answer.start < answer.end <= length:
            raise BadGolden(
                f"golden answer in {name!r}: {answer.start} to {answer.end} lies outside its"
                f" {length} characters; correct the span"
            )
        return Place(found, answer.start, answer.end)

    return [replace(entry, answers=tuple(map(find, entry.answers))) for entry in questions]


def _found_again(answer: QuotedPlace, document: str, text: str) -> Place:
    starts = [found.start() for found in re.finditer(re.escape(answer.quote), text)]
    if not starts:
        raise BadGolden(
            f"golden answer in {document!r}: its words stand there no more"
            f" (“{answer.quote[:60]}”); correct it or take it off"
        )
    start = min(starts, key=lambda start: abs(start - answer.start))
    return Place(document, start, start + len(answer.quote))


def load_beir(folder: Path) -> RelevanceSet:
    """Reads ``queries.jsonl`` and ``qrels/test.tsv`` of a folder in BEIR layout.

    Raises:
        BadGolden: If one is missing or malformed.
    """
    queries = {}
    for place, entry in json_entries(folder / "queries.jsonl"):
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
        case {"question": str(question), "answers": list(answers), **others}:
            kind, turns = others.get("kind"), others.get("turns", [])
            if kind is not None and not isinstance(kind, str):
                raise ValueError("kind must be a text")
            if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
                raise ValueError("turns must be a list of texts")
            return GoldenQuestion(
                checked_question(question),
                tuple(map(_place, answers)),
                kind,
                tuple(map(checked_question, turns)),
            )
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
            match answer:
                case {"quote": str(quote), "sha256": str(sha256)} if quote:
                    return QuotedPlace(str(document), start, end, quote, sha256)
            return Place(str(document), start, end)
    raise ValueError("an answer needs document, start and end")


def json_entries(path: Path) -> Iterator[tuple[str, Any]]:
    """Yields what a file of JSON lines, or one JSON list, holds, each with its place for people.

    Raises:
        BadGolden: If the file cannot be read, or is neither.
    """
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
