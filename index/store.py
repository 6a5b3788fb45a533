"""Texts and metadata of a generation, in SQLite."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from corpus import Document, Passage, Span

_SCHEMA = """
CREATE TABLE documents (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, media_type TEXT NOT NULL, title TEXT NOT NULL,
  text TEXT NOT NULL, published TEXT, event_date TEXT, sha256 TEXT NOT NULL,
  publisher TEXT, author TEXT, url TEXT, record TEXT
);
CREATE TABLE passages (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT,
  sentences BLOB NOT NULL, embedded BLOB NOT NULL
);
CREATE TABLE files (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL
);
CREATE INDEX passages_by_document ON passages (document_id, ordinal);
CREATE INDEX documents_by_source ON documents (source);
"""

_DOCUMENT = ", ".join(field.name for field in fields(Document))
_PASSAGE = "id, document_id, ordinal, start, end, heading, sentences"


@dataclass(frozen=True, slots=True)
class FileStamp:
    """How a file looked when its documents were read; while it looks so, it need not be hashed.

    Attributes:
        size: In bytes.
        modified: ``st_mtime_ns``.
        changed: ``st_ctime_ns``, which no program can set.
    """

    size: int
    modified: int
    changed: int

    def is_settled(self) -> bool:
        """Returns whether a later change must show in the times: file systems' clocks tick.

        A file that changed moments ago may change again within one tick, unseen (git's "racy"
        entries; two seconds is the coarsest tick of file systems in use, FAT's).
        """
        return time.time_ns() - max(self.modified, self.changed) > 2_000_000_000

    @classmethod
    def of(cls, path: Path) -> "FileStamp":
        """Raises OSError if the file is not there."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns)


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
        self, document: Document, passages: Sequence[Passage], embedded: Sequence[bytes]
    ) -> None:
        """Adds a document with its passages; numbers follow the order of adding, from 0.

        Args:
            document: The document.
            passages: Its passages, in order.
            embedded: For each passage, the hash of the text that was embedded for it.
        """
        row = [str(value) if isinstance(value, date) else value for value in astuple(document)]
        marks = ", ".join("?" * len(row))
        self._connection.execute(f"INSERT INTO documents VALUES ({marks})", row)  # noqa: S608
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (number, *_passage_row(passage), key)
                for number, (passage, key) in enumerate(
                    zip(passages, embedded, strict=True), start=self._next
                )
            ),
        )
        self._next += len(passages)

    def add_file(self, path: Path, stamp: FileStamp) -> None:
        """Records how a file of the corpus looked when it was read."""
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (str(path), *astuple(stamp))
        )

    def close(self) -> None:
        """Completes the file."""
        self._connection.commit()
        self._connection.close()


class Store:
    """Reads the database of a finished generation; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        # One connection for all threads (SQLite serialises them itself), opened now: a reader may
        # go on with a generation whose files a later rebuild has deleted.
        uri = f"{path.as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def _execute(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def document(self, document_id: str) -> Document | None:
        """Returns the document of that id, or None."""
        query = f"SELECT {_DOCUMENT} FROM documents WHERE id = ?"  # noqa: S608
        rows = self._execute(query, (document_id,))
        return _document(rows[0]) if rows else None

    def documents(self) -> Iterator[Document]:
        """Yields every document, in the order of the corpus."""
        query = f"SELECT {_DOCUMENT} FROM documents ORDER BY rowid"  # noqa: S608
        return map(_document, self._connection.execute(query))

    def documents_from(self, source: str) -> Iterator[Document]:
        """Yields the documents that were read from the file or folder ``source``."""
        rows = self._execute(
            f"SELECT {_DOCUMENT} FROM documents"  # noqa: S608
            " WHERE source = ?1 OR substr(source, 1, length(?1) + 1) = ?1 || '/'"
            " ORDER BY rowid",
            (source,),
        )
        return map(_document, rows)

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

    def embedded(self) -> dict[bytes, int]:
        """Returns, for each hash of an embedded text, the number of a passage that has it."""
        return dict(self._execute("SELECT embedded, number FROM passages"))

    def counts(self) -> dict[str, int]:
        """Returns how many documents and passages there are."""
        return {
            table: self._execute(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
            for table in ("documents", "passages")
        }

    def stamp(self, path: Path) -> FileStamp | None:
        """Returns how a file looked when it was read, or None if it was not recorded."""
        rows = self._execute(
            "SELECT size, modified, changed FROM files WHERE path = ?", (str(path),)
        )
        return FileStamp(*rows[0]) if rows else None


def _passage_row(passage: Passage) -> tuple[Any, ...]:
    packed = np.array(passage.sentences, "<u4").tobytes()
    return (
        *(passage.id, passage.document_id, passage.ordinal, passage.start, passage.end),
        *(passage.heading, packed),
    )


def _passage(row: Sequence[Any]) -> Passage:
    identifier, document_id, ordinal, start, end, heading, packed = row
    pairs = np.frombuffer(packed, "<u4").reshape(-1, 2).tolist()
    sentences = tuple(Span(first, last) for first, last in pairs)
    return Passage(identifier, document_id, ordinal, start, end, heading, sentences)


def _document(row: Sequence[Any]) -> Document:
    values = dict(zip((field.name for field in fields(Document)), row, strict=True))
    for key in ("published", "event_date"):
        if values[key] is not None:
            values[key] = date.fromisoformat(values[key])
    return Document(**values)
