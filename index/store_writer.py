"""The database of a new generation is filled."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from corpus import Document, Marks, Passage
from index.repeats import leaders
from index.stamps import FileRecord
from index.store import text_digest

_SCHEMA = """
CREATE TABLE documents (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, media_type TEXT NOT NULL, title TEXT NOT NULL,
  text TEXT NOT NULL, published TEXT, event_date TEXT, sha256 TEXT NOT NULL,
  publisher TEXT, author TEXT, url TEXT, record TEXT, marks BLOB NOT NULL, facts TEXT NOT NULL,
  digest BLOB NOT NULL, first INTEGER NOT NULL, passages INTEGER NOT NULL
);
CREATE TABLE passages (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT,
  context TEXT, sentences BLOB NOT NULL, embedded BLOB NOT NULL, bands BLOB NOT NULL,
  leader INTEGER
);
CREATE TABLE files (
  path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER, modified INTEGER, changed INTEGER
);
CREATE INDEX passages_by_document ON passages (document_id, ordinal);
CREATE INDEX passages_by_leader ON passages (leader, document_id) WHERE leader IS NOT NULL;
CREATE INDEX documents_by_filter ON documents
  (source, id, published, event_date, first, passages, record, sha256);
"""


class StoreWriter:
    """Fills the database of a new generation."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        # The file counts only once it is complete and flushed as a whole.
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)
        self._next = 0

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        embedded: Sequence[bytes],
        bands: Sequence[bytes],
    ) -> int:
        """Adds a document with its passages; numbers follow the order of adding, from 0.

        Args:
            document: The document.
            passages: Its passages, in order.
            embedded: For each passage, the hash of the text that was embedded for it.
            bands: `index.repeats.bands_of` each passage.

        Returns:
            The number of its first passage.
        """
        first = self._next
        row = [_packed(getattr(document, field.name)) for field in fields(Document)]
        row += [text_digest(document.text), first, len(passages)]
        marks = ", ".join("?" * len(row))
        self._connection.execute(f"INSERT INTO documents VALUES ({marks})", row)  # noqa: S608
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                (number, *_passage_row(passage), key, hashes)
                for number, (passage, key, hashes) in enumerate(
                    zip(passages, embedded, bands, strict=True), start=self._next
                )
            ),
        )
        self._next += len(passages)
        return first

    def add_file(self, path: Path, record: FileRecord) -> None:
        """Records how a file of the corpus looked when it was read."""
        stamp = astuple(record.stamp) if record.stamp else (None, None, None)
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
            (str(path), record.sha256, *stamp),
        )

    def group_repeats(self) -> None:
        """Finds the passages that recur, and notes the first of each group."""
        rows = self._connection.execute(
            "SELECT bands, coalesce(published, event_date) FROM passages"
            " JOIN documents ON documents.id = document_id ORDER BY number"
        )
        bands, days = zip(*rows, strict=True) if self._next else ((), ())
        found = leaders(bands, days, self._text_of)
        self._connection.executemany(
            "UPDATE passages SET leader = ? WHERE number = ?",
            ((leader, number) for number, leader in found.items()),
        )

    def _text_of(self, number: int) -> str:
        [(text,)] = self._connection.execute(
            "SELECT substr(text, start + 1, end - start) FROM passages"
            " JOIN documents ON documents.id = document_id WHERE number = ?",
            (number,),
        )
        return str(text)

    def close(self) -> None:
        """Completes the file."""
        self._connection.commit()
        self._connection.close()


def _passage_row(passage: Passage) -> tuple[Any, ...]:
    packed = np.array(passage.sentences, "<u4").tobytes()
    return (
        *(passage.id, passage.document_id, passage.ordinal, passage.start, passage.end),
        *(passage.heading, passage.context, packed),
    )


def _packed(value: Any) -> Any:  # noqa: ANN401 (whatever a document holds, as SQLite does)
    match value:
        case date():
            return value.isoformat()
        case Marks(packed):
            return packed
        case tuple():
            return json.dumps([astuple(fact) for fact in value], ensure_ascii=False)
    return value
