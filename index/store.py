"""Texts and metadata of a generation, in SQLite."""

import hashlib
import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np

from corpus import Document, Fact, Marks, Passage, Span
from index.errors import DamagedIndex
from index.filters import Filter, Selection
from index.outlines import QUERY as OUTLINES
from index.outlines import Outline
from index.repeats import Repeat, squeezed
from index.stamps import FileRecord, FileStamp

_DOCUMENT = ", ".join(field.name for field in fields(Document))
# A document is from a source that is its file or a folder above it.
_FROM = "(source = {0} OR substr(source, 1, length({0}) + 1) = {0} || '/')"
# Documents in which a quote is looked for, of those with a passage like the quoted one.
_MOST_REPEATS = 500

# Things that an acronym is taken to stand for.
_MOST_EXPANSIONS = 3

_NO_DAY = "9999"
#: A document's day; those without come last.
DAY = f"coalesce(published, event_date, '{_NO_DAY}')"
BOTH = "passages JOIN documents ON documents.id = document_id"
_PASSAGE = "id, document_id, ordinal, start, end, heading, context, sentences"


class Store:
    """Reads the database of a finished generation; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        # One connection for all threads (SQLite serialises them itself), opened now: a reader may
        # go on with a generation whose files a later rebuild has deleted.
        self._path = path
        uri = f"{path.as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        # A connection and its cache hold each other; unclosed it would stay until Python looks for
        # such rings, and so would the disk space of a file that a later rebuild has deleted.
        weakref.finalize(self, self._connection.close)
        # SQLite's own lower() knows no letters but those of English.
        self._connection.create_function("casefold", 1, str.casefold, deterministic=True)

    def _execute(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def document(self, document_id: str) -> Document | None:
        """Returns the document of that id, or None."""
        query = f"SELECT {_DOCUMENT}, digest FROM documents WHERE id = ?"  # noqa: S608
        rows = self._execute(query, (document_id,))
        return self._document(rows[0]) if rows else None

    def documents(self) -> Iterator[Document]:
        """Yields every document, in the order of the corpus."""
        query = f"SELECT {_DOCUMENT}, digest FROM documents ORDER BY rowid"  # noqa: S608
        return map(self._document, self._connection.execute(query))

    def listed(self, words: str, limit: int, offset: int) -> tuple[list[str], int]:
        """Returns the ids of documents in whose title some characters stand, and their number.

        Args:
            words: The characters, in capitals or not; of all documents if there are none.
            limit: How many ids.
            offset: How many to leave out first, in the order of the corpus.
        """
        found, values = "FROM documents", []
        if words:
            found += " WHERE instr(casefold(title), ?)"
            values.append(words.casefold())
        rows = self._execute(
            f"SELECT id {found} ORDER BY rowid LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        [(total,)] = self._execute(f"SELECT count(*) {found}", values)
        return [name for (name,) in rows], total

    def documents_from(self, source: str) -> Iterator[Document]:
        """Yields the documents that were read from the file or folder ``source``."""
        rows = self._connection.execute(
            f"SELECT {_DOCUMENT}, digest FROM documents"  # noqa: S608
            f" WHERE {_FROM.format('?1')} ORDER BY rowid",
            (source,),
        )
        return map(self._document, rows)

    def _document(self, row: Sequence[Any]) -> Document:
        *row, digest = row
        values = dict(zip((field.name for field in fields(Document)), row, strict=True))
        # What is quoted comes from here, and the file was not always read whole when it was
        # opened: a text that changed by itself must not be shown.
        if text_digest(values["text"]) != digest:
            raise DamagedIndex(
                f"{self._path}: the text of {values['id']} is damaged, so it is not shown;"
                " run: readout rebuild"
            )
        for key in ("published", "event_date"):
            if values[key] is not None:
                values[key] = date.fromisoformat(values[key])
        values["marks"] = Marks(values["marks"])
        values["facts"] = tuple(Fact(*fact) for fact in json.loads(values["facts"]))
        return Document(**values)

    def outlines(self) -> list[Outline]:
        """Returns every document without its text, in the order of the corpus."""
        return [Outline.of(row) for row in self._execute(OUTLINES)]

    def origins(self) -> dict[tuple[str, str | None], str]:
        """Returns the hash of each document's original, by its source and record."""
        rows = self._connection.execute("SELECT source, record, sha256 FROM documents")
        return {(source, record): sha256 for source, record, sha256 in rows}

    def select(self, wanted: Filter) -> Selection:
        """Returns the passages that a filter lets through."""
        among, values = "1", []
        if wanted.documents:
            among += " AND id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(sorted(wanted.documents)))
        if wanted.sources:
            below = _FROM.format("value")
            among += f" AND EXISTS (SELECT 1 FROM json_each(?) WHERE {below})"  # noqa: S608
            values.append(json.dumps(sorted(wanted.sources)))
        for column, chosen in (
            ("publisher", wanted.publishers),
            ("media_type", wanted.media_types),
        ):
            if chosen:
                among += f" AND {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
                values.append(json.dumps(sorted(chosen)))
        spans = _merged(self._spans(among, values)) if values else None
        if wanted.days is not None:
            days = [day.isoformat() for day in wanted.days]
            among += " AND (published BETWEEN ? AND ? OR event_date BETWEEN ? AND ?)"
            values += [*days, *days]
        ranges = [np.arange(start, end) for start, end in self._spans(among, values)]
        numbers = np.concatenate([np.empty(0, np.int64), *ranges])
        return Selection(numbers, spans, wanted)

    def _spans(self, among: str, values: Sequence[str]) -> list[tuple[int, int]]:
        """The passage numbers of the documents that a condition holds for, rising."""
        return self._execute(
            f"SELECT first, first + passages FROM documents WHERE {among} ORDER BY first",  # noqa: S608
            values,
        )

    def facet(self, column: Literal["publisher", "media_type"]) -> dict[str, int]:
        """Returns in how many documents each value of a column stands, the most frequent first."""
        query = (
            f"SELECT {column}, count(*) FROM documents WHERE {column} IS NOT NULL"  # noqa: S608
            " GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        return dict(self._execute(query))

    def titled(self, words: str, most: int) -> list[tuple[str, str, str | None]]:
        """Returns id, title and day of the latest documents whose title has all of some words."""
        parts = words.split()
        holds = " AND ".join(["instr(lower(title), lower(?)) > 0"] * len(parts)) or "1"
        query = (
            "SELECT id, title, coalesce(published, event_date) FROM documents"  # noqa: S608
            f" WHERE {holds} ORDER BY 3 DESC, rowid LIMIT ?"
        )
        return self._execute(query, (*parts, most))

    def ids(self, prefix: str, most: int) -> list[tuple[str, str]]:
        """Returns id and title of the first documents whose ids begin so, in the ids' order."""
        query = (
            "SELECT id, title FROM documents WHERE id >= ?1 AND id < ?1 || char(1114111)"
            " ORDER BY id LIMIT ?2"
        )
        return self._execute(query, (prefix, most))

    def passages(self, numbers: Iterable[int]) -> dict[int, Passage]:
        """Returns the passages of the given numbers."""
        query = (
            f"SELECT number, {_PASSAGE} FROM passages"  # noqa: S608
            " WHERE number IN (SELECT value FROM json_each(?))"
        )
        wanted = json.dumps(list(numbers))
        return {row[0]: _passage(row[1:]) for row in self._execute(query, (wanted,))}

    def passages_of(self, document_id: str) -> list[Passage]:
        """Returns a document's passages in order."""
        query = f"SELECT {_PASSAGE} FROM passages WHERE document_id = ? ORDER BY ordinal"  # noqa: S608
        return [_passage(row) for row in self._execute(query, (document_id,))]

    def embedded_of(self, document_id: str) -> list[bytes]:
        """Returns the hash of what was embedded for each of a document's passages, in order."""
        query = "SELECT embedded FROM passages WHERE document_id = ? ORDER BY ordinal"
        return [row[0] for row in self._execute(query, (document_id,))]

    def repeating_of(self, document_id: str) -> list[tuple[bytes, bytes | None]]:
        """Returns bands and twin key of each of a document's passages, in order."""
        query = "SELECT bands, twin_key FROM passages WHERE document_id = ? ORDER BY ordinal"
        return self._execute(query, (document_id,))

    def twins(self, numbers: Iterable[int]) -> dict[int, int]:
        """Returns, for those of the given passages that recur word for word, the earliest."""
        query = (
            "SELECT number, twin FROM passages"
            " WHERE twin IS NOT NULL AND number IN (SELECT value FROM json_each(?))"
        )
        return dict(self._execute(query, (json.dumps(list(numbers)),)))

    def twins_of(self, twin: int) -> list[int]:
        """Returns the passages that are word for word the one of that number, earliest first."""
        query = f"SELECT number FROM {BOTH} WHERE twin = ? ORDER BY {DAY}, number"  # noqa: S608
        return [number for (number,) in self._execute(query, (twin,))]

    def repeats(self, passage_id: str, quote: str) -> list[Repeat]:
        """Returns the documents with a passage like the given one in which a quote stands.

        Args:
            passage_id: The passage's id.
            quote: The words; white space does not count.

        Returns:
            The documents, earliest first, the passage's own among them.
        """
        this = "(SELECT {} FROM passages WHERE id = ?1)"
        query = (
            f"SELECT documents.id, title, {DAY}, substr(text, start + 1, end - start)"  # noqa: S608
            f" FROM {BOTH} WHERE alike = {this.format('alike')}"
            f" AND context IS {this.format('context')} ORDER BY {DAY}, number LIMIT ?2"
        )
        words = squeezed(quote)
        found = {
            name: Repeat(name, title, None if day == _NO_DAY else day)
            for name, title, day, text in self._execute(query, (passage_id, _MOST_REPEATS))
            if words in squeezed(text)
        }
        return list(found.values())

    def same_texts(self) -> dict[str, str]:
        """Returns, for each document whose text an earlier one has too, the id of the earliest."""
        rows = self._execute(
            "SELECT digest, id FROM documents"  # noqa: S608
            " WHERE digest IN (SELECT digest FROM documents GROUP BY digest HAVING count(*) > 1)"
            f" ORDER BY {DAY}, rowid"
        )
        first: dict[bytes, str] = {}
        return {
            name: first[digest] for digest, name in rows if first.setdefault(digest, name) != name
        }

    def twin_of(self, passage_id: str) -> Passage | None:
        """Returns the earliest of a passage's twins, or None if it does not recur."""
        query = (
            f"SELECT {_PASSAGE} FROM passages"  # noqa: S608
            " WHERE number = (SELECT twin FROM passages WHERE id = ?)"
        )
        rows = self._execute(query, (passage_id,))
        return _passage(rows[0]) if rows else None

    def expansions(self, acronyms: Iterable[str]) -> list[list[str]]:
        """Returns the terms of what acronyms stand for; of each what it most often does."""
        query = (
            "SELECT terms FROM ("
            " SELECT short, terms, row_number()"
            " OVER (PARTITION BY short ORDER BY sum(count) DESC, terms) AS place"
            " FROM acronyms WHERE short IN (SELECT value FROM json_each(?)) GROUP BY short, terms"
            ") WHERE place <= ? ORDER BY short, place"
        )
        rows = self._execute(query, (json.dumps(list(acronyms)), _MOST_EXPANSIONS))
        return [terms.split() for (terms,) in rows]

    def acronyms(self, expansions: Iterable[Sequence[str]]) -> list[str]:
        """Returns the acronyms that stand for one of some expansions, given by their terms."""
        query = (
            "SELECT DISTINCT short FROM acronyms"
            " WHERE terms IN (SELECT value FROM json_each(?)) ORDER BY short"
        )
        wanted = json.dumps([" ".join(terms) for terms in expansions])
        return [short for (short,) in self._execute(query, (wanted,))]

    def embedded(self) -> Iterator[tuple[int, bytes]]:
        """Yields the number of each passage and the hash of what was embedded for it."""
        return self._connection.execute("SELECT number, embedded FROM passages ORDER BY number")

    def counts(self) -> dict[str, int]:
        """Returns how many documents and passages there are."""
        return {
            table: self._execute(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
            for table in ("documents", "passages")
        }

    def file(self, path: Path) -> FileRecord | None:
        """Returns how a file looked when it was read, or None if it was not recorded."""
        rows = self._execute(
            "SELECT sha256, sidecar, size, modified, changed FROM files WHERE path = ?",
            (str(path),),
        )
        if not rows:
            return None
        [(sha256, sidecar, *stamp)] = rows
        return FileRecord(None if stamp[0] is None else FileStamp(*stamp), sha256, sidecar)

    def count_from(self, source: str) -> int:
        """Returns how many documents were read from the file or folder ``source``."""
        query = f"SELECT count(*) FROM documents WHERE {_FROM.format('?1')}"  # noqa: S608
        [(count,)] = self._execute(query, (source,))
        return int(count)

    def files(self) -> set[Path]:
        """Returns the files whose documents were read."""
        return {Path(path) for (path,) in self._execute("SELECT path FROM files")}


def _passage(row: Sequence[Any]) -> Passage:
    identifier, document_id, ordinal, start, end, heading, context, packed = row
    pairs = np.frombuffer(packed, "<u4").reshape(-1, 2).tolist()
    sentences = tuple(Span(first, last) for first, last in pairs)
    return Passage(identifier, document_id, ordinal, start, end, heading, context, sentences)


def text_digest(text: str) -> bytes:
    """Returns the checksum by which a stored text is known to be whole."""
    return hashlib.sha256(text.encode()).digest()


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Joins ranges where one begins at the end of the one before."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)
