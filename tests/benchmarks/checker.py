"""Checks answers against the originals, without a line of the code that made them.

Imports nothing of Readout but the readers of `corpus`, which say what an original holds now; the
stored texts come straight from the database, hashes from `hashlib`. Used by
``python -m tests.benchmarks.honesty``, which starts it as a process of its own::

    python -m tests.benchmarks.checker snapshot HOME SNAPSHOT
    python -m tests.benchmarks.checker check HOME SNAPSHOT ANSWERS

An *original* is what a document was read from: a file, or one line of a file of JSON lines. It is
*affected* when it is not, byte for byte, what it was in the snapshot: edited anywhere, within the
quote or far from it, cut short, replaced, or gone. A file that was only touched, or written anew
with the same bytes, is not affected; nor is a line whose file changed elsewhere, as long as the
file can be read to its end. A citation is affected when its original is.
"""

import gzip
import hashlib
import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from corpus import Document, ReadoutError, SourceFile, Worker, read_source

_LINES = (".jsonl", ".jsonl.gz")

# Faults of a kind that are told one by one.
_MOST_TOLD = 5


def main() -> None:
    what, home, snapshot, *rest = sys.argv[1:]
    with closing(_database(Path(home))) as database:
        if what == "snapshot":
            Path(snapshot).write_text(json.dumps(hashes(database)), encoding="utf-8")
            return
        was = json.loads(Path(snapshot).read_text(encoding="utf-8"))
        with Path(rest[0]).open(encoding="utf-8") as lines, Worker() as worker:
            checking = Checking(database, was, worker)
            for line in lines:
                checking.look_at(json.loads(line))
    json.dump(checking.found(), sys.stdout, indent=1)


def _database(home: Path) -> sqlite3.Connection:
    name = (home / "CURRENT").read_text().strip()
    return sqlite3.connect(f"file:{home}/generations/{name}/documents.sqlite?mode=ro", uri=True)


def hashes(database: sqlite3.Connection) -> dict[str, str | None]:
    """Returns the SHA-256 of each document's original as it is now; None if it is gone."""
    origins = database.execute("SELECT id, source, record FROM documents").fetchall()
    lines = cache(_lines_of)
    found = {}
    for name, source, record in origins:
        path = Path(source)
        if source.endswith(_LINES):
            data = lines(path).get(record)
        else:
            data = path.read_bytes() if path.is_file() else None
        found[name] = None if data is None else hashlib.sha256(data).hexdigest()
    return found


def _lines_of(path: Path) -> dict[str, bytes]:
    """The lines of a file by their ``_id``; none if it cannot be read to its end."""
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError):
        return {}
    found: dict[str, bytes] = {}
    for line in data.split(b"\n"):
        try:
            found.setdefault(json.loads(line)["_id"], line)
        except (ValueError, KeyError, TypeError):
            continue
    return found


class Checking:
    """Looks at one answer after the other and counts what holds."""

    def __init__(
        self, database: sqlite3.Connection, was: dict[str, str | None], worker: Worker
    ) -> None:
        self._database, self._was, self._worker = database, was, worker
        self._now = hashes(database)
        self._counts: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._told: list[str] = []
        self._stored = cache(self._read_stored)
        self._extracted = cache(self._extract)
        self._documents: set[str] = set()

    def look_at(self, answer: dict[str, Any]) -> None:
        self._counts["answers"] += 1
        self._counts["answered"] += answer["answered"]
        before = sum(self._faults.values())
        for entry in (*answer["citations"], *answer.get("nearest", [])):
            self._cited(entry)
        self._counts["answers without fault"] += sum(self._faults.values()) == before

    def _cited(self, entry: dict[str, Any]) -> None:
        document, quote, passage = entry["document"], entry["quote"], entry["passage"]
        name = document["id"]
        self._documents.add(name)
        text, source, record, sha256 = self._stored(name)
        affected = self._now[name] is None or self._now[name] != self._was[name]
        self._counts["citations"] += 1
        self._counts["affected"] += affected
        self._counts["flagged"] += not entry["verified"]
        where = f"{name} {quote['start']}-{quote['end']}"
        self._must(quote["text"] != "", "quote is empty", where)
        self._must(text[quote["start"] : quote["end"]] == quote["text"], "quote elsewhere", where)
        self._must(
            text[passage["start"] : passage["end"]] == passage["text"], "passage elsewhere", where
        )
        inside = passage["start"] <= quote["start"] < quote["end"] <= passage["end"]
        self._must(inside, "quote outside its passage", where)
        same = (document["source"], document["sha256"]) == (source, sha256)
        self._must(same, "cites another original than is stored", where)
        self._must(sha256 == self._was[name], "stored hash is not the original's", where)
        if affected:
            self._must(not entry["verified"], "affected but not flagged", where)
        else:
            self._must(entry["verified"], "flagged but not affected", where)
            self._must(self._extracted(source).get(record) == text, "read otherwise now", where)

    def _must(self, holds: bool, fault: str, where: str) -> None:
        if holds:
            return
        self._faults[fault] += 1
        if self._faults[fault] <= _MOST_TOLD:
            self._told.append(f"{where}: {fault}")

    def _read_stored(self, name: str) -> tuple[str, str, str | None, str]:
        [row] = self._database.execute(
            "SELECT text, source, record, sha256 FROM documents WHERE id = ?", (name,)
        )
        return tuple(row)

    def _extract(self, source: str) -> dict[str | None, str]:
        """What the readers make of a file now: the text of each of its documents."""
        return {item.record: item.text for item in self._documents_in(source)}

    def _documents_in(self, source: str) -> Iterator[Document]:
        path = Path(source)
        try:
            for item in read_source(SourceFile(path, source, path.name), self._worker):
                if isinstance(item, Document):
                    yield item
        except ReadoutError:
            return

    def found(self) -> dict[str, Any]:
        """Returns the counts, and the first faults of each kind."""
        return {
            **self._counts,
            "documents cited": len(self._documents),
            "documents affected": sum(
                now is None or now != self._was[name] for name, now in self._now.items()
            ),
            "faults": dict(self._faults),
            "told": self._told,
        }


if __name__ == "__main__":
    main()
