"""JSON lines: a document on each line, with an ``_id`` (or ``id``) and a ``text``."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Any, cast

from corpus.document import Fact
from corpus.formats.text import MAX_TEXT_BYTES
from corpus.text import without_surrogates

# Blank lines that a file may hold: packed, a few bytes are millions of them.
_BLANK_LINES = 1_000_000

# Keys of a record that say something of it, and the fields they are.
_FIELDS = {
    "title": "title",
    "publisher": "publisher",
    "author": "author",
    "url": "url",
    "date": "published",
    "event_date": "event_date",
}


@dataclass(frozen=True, slots=True)
class Record:
    """A line that is a document.

    Attributes:
        number: Its line, from 1.
        id: Its ``_id``.
        text: Its ``text``, with line feeds for line ends.
        sha256: SHA-256 (hex) of the line.
        facts: What its other keys say of it.
    """

    number: int
    id: str
    text: str
    sha256: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is none: its number, from 1, and why."""

    number: int
    reason: str


def records(path: Path) -> Iterator[Record | BadLine]:
    """Yields the records of a file, which may be gzipped; those of blank lines are left out.

    Raises:
        OSError, EOFError, zlib.error: If it cannot be read to its end.
    """
    seen: set[str] = set()
    with _opened(path) as stream:
        for number, line in enumerate(_lines(stream), start=1):
            if not line.strip():
                continue
            try:
                values = _parsed(line)
            except ValueError as error:
                yield BadLine(number, str(error))
                continue
            name = values["_id"]
            if name in seen:
                yield BadLine(number, f"the _id {name!r} stands on an earlier line; rename one")
                continue
            seen.add(name)
            text = values["text"].replace("\r\n", "\n").replace("\r", "\n")
            yield Record(number, name, text, hashlib.sha256(line).hexdigest(), _facts(values))


def record_hashes(path: Path) -> dict[str | None, str]:
    """Returns the SHA-256 (hex) of each record's line, by its ``_id``.

    Raises:
        OSError, EOFError, zlib.error: As `records`.
    """
    found: dict[str | None, str] = {}
    with _opened(path) as stream:
        for line in _lines(stream):
            with suppress(ValueError):
                found.setdefault(_parsed(line)["_id"], hashlib.sha256(line).hexdigest())
    return found


def _opened(path: Path) -> BufferedIOBase:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast(BufferedIOBase, gzip.open(path) if packed else path.open("rb"))


def _lines(stream: BufferedIOBase) -> Iterator[bytes]:
    blank = 0
    while line := stream.readline(MAX_TEXT_BYTES + 1):
        if len(line) > MAX_TEXT_BYTES:
            raise OSError(f"a line is longer than {MAX_TEXT_BYTES >> 20} MiB")
        line = line.rstrip(b"\r\n")
        blank += not line
        if blank > _BLANK_LINES:
            raise OSError(f"more than {_BLANK_LINES:,} blank lines")
        yield line


def _parsed(line: bytes) -> dict[str, Any]:
    """Returns a record with a sound ``_id`` and ``text``.

    Raises:
        ValueError: If it is none; its text is a reason for people.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not valid JSON; skipped") from None
    if not isinstance(record, dict):
        raise ValueError("not a JSON object; skipped")  # noqa: TRY004 (one kind of told reason)
    identifier = record.get("_id", record.get("id"))
    if not isinstance(identifier, str | int) or not str(identifier).strip():
        raise ValueError("no _id; skipped")
    if not isinstance(text := record.get("text"), str) or not text.strip():
        raise ValueError(f"record {identifier!r} has no text; skipped")
    return record | {"_id": without_surrogates(str(identifier)), "text": without_surrogates(text)}


def _facts(record: dict[str, Any]) -> tuple[Fact, ...]:
    return tuple(
        Fact(field, words, f"the record's {key}", 0.95)
        for key, field in _FIELDS.items()
        if isinstance(value := record.get(key), str)
        and (words := " ".join(without_surrogates(value).split()))
    )
