"""The database of a new generation is filled."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from corpus import Document, Marks, Passage
from index.acronyms import acronyms_in
from index.lexical import key_terms
from index.repeats import groups_of
from index.stamps import FileRecord
from index.store import BOTH, DAY, text_digest

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
  twin_key BLOB, twin INTEGER, alike INTEGER
);
CREATE TABLE files (
  path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER, modified INTEGER, changed INTEGER,
  sidecar TEXT
);
CREATE TABLE acronyms (
  short TEXT NOT NULL, long TEXT NOT NULL, terms TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (short, long)
) WITHOUT ROWID;
CREATE INDEX acronyms_by_terms ON acronyms (terms);
CREATE INDEX passages_by_document ON passages (document_id, ordinal);
CREATE INDEX passages_by_twin ON passages (twin) WHERE twin IS NOT NULL;
CREATE INDEX passages_by_likeness ON passages (alike) WHERE alike IS NOT NULL;
CREATE INDEX documents_by_filter ON documents
  (source, id, published, event_date, first, passages, record, sha256, publisher, media_type,
  title);
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
        self._document_text = lru_cache(maxsize=8)(partial(_text_of, self._connection))

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        embedded: Sequence[bytes],
        repeating: Sequence[tuple[bytes, bytes | None]],
    ) -> int:
        """Adds a document with its passages; numbers follow the order of adding, from 0.

        Args:
            document: The document.
            passages: Its passages, in order.
            embedded: For each passage, the hash of the text that was embedded for it.
            repeating: For each passage, its `index.repeats.bands_of` and key of `twin_keys`.

        Returns:
            The number of its first passage.
        """
        first = self._next
        row = [_packed(getattr(document, field.name)) for field in fields(Document)]
        row += [text_digest(document.text), first, len(passages)]
        marks = ", ".join("?" * len(row))
        self._connection.execute(f"INSERT INTO documents VALUES ({marks})", row)  # noqa: S608
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            (
                (number, *_passage_row(passage), key, *keys)
                for number, (passage, key, keys) in enumerate(
                    zip(passages, embedded, repeating, strict=True), start=self._next
                )
            ),
        )
        self._next += len(passages)
        self._connection.executemany(
            "INSERT INTO acronyms VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
            (
                (acronym.short, acronym.long, " ".join(key_terms(acronym.long)))
                for acronym in sorted(set(acronyms_in(document.text)))
            ),
        )
        return first

    def add_file(self, path: Path, record: FileRecord) -> None:
        """Records how a file of the corpus looked when it was read."""
        stamp = astuple(record.stamp) if record.stamp else (None, None, None)
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
            (str(path), record.sha256, *stamp, record.sidecar),
        )

    def group_repeats(self) -> None:
        """Notes of passages that recur which the earliest is, and which are alike."""
        self._connection.execute("CREATE INDEX passages_by_twin_key ON passages (twin_key)")
        self._connection.execute(
            "UPDATE passages SET twin = first FROM ("  # noqa: S608
            " SELECT first_value(number)"
            f" OVER (PARTITION BY twin_key ORDER BY {DAY}, number) AS first, number AS this"
            f" FROM {BOTH} WHERE twin_key IN ("
            "  SELECT twin_key FROM passages GROUP BY twin_key HAVING count(*) > 1)"
            ") WHERE number = this"
        )
        self._connection.execute("DROP INDEX passages_by_twin_key")
        rows = self._connection.execute(
            "SELECT number, bands FROM passages WHERE twin_key IS NOT NULL ORDER BY number"
        ).fetchall()
        numbers = [number for number, _ in rows]
        groups = groups_of([bands for _, bands in rows], lambda at: self._text_of(numbers[at]))
        self._connection.executemany(
            "UPDATE passages SET alike = ? WHERE number = ?",
            ((group, numbers[at]) for at, group in groups.items()),
        )

    def _text_of(self, number: int) -> str:
        [(document_id, start, end)] = self._connection.execute(
            "SELECT document_id, start, end FROM passages WHERE number = ?", (number,)
        )
        return self._document_text(document_id)[start:end]

    def complete(self) -> None:
        """Writes what was added since the file was opened."""
        self._connection.commit()

    def close(self) -> None:
        """Closes the file; without `complete` it counts for nothing."""
        self._connection.close()


def _text_of(connection: sqlite3.Connection, document_id: str) -> str:
    [(text,)] = connection.execute("SELECT text FROM documents WHERE id = ?", (document_id,))
    return str(text)


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
