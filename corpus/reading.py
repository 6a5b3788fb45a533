"""Files become documents."""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from corpus.document import Document
from corpus.errors import UnreadableSource
from corpus.metadata import event_date_in, parse_date, published_in, title_in

#: A text, or one line of JSON lines, may hold this many bytes: some thirty times *War and Peace*.
MAX_TEXT_BYTES = 100 * 2**20

MEDIA_TYPES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".jsonl.gz": "application/jsonl",
    ".ndjson.gz": "application/jsonl",
}


_SURROGATE = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the corpus that was skipped.

    Attributes:
        source: What was skipped, as people may find it.
        reason: One line: what is wrong and what to do.
    """

    source: str
    reason: str


def media_type_of(path: Path) -> str | None:
    """Returns the media type Readout would read ``path`` as, or None if it reads no such files."""
    name = path.name.lower()
    return next((kind for suffix, kind in MEDIA_TYPES.items() if name.endswith(suffix)), None)


def read(path: Path, source: str, name: str) -> Iterator[Document | Problem]:
    """Reads the documents of one file.

    Args:
        path: The file.
        source: How its documents tell where they are from.
        name: The id of the document, unless the file holds records with ids of their own.

    Yields:
        Each document; a `Problem` for each record of JSON lines that could not be read.

    Raises:
        UnreadableSource: If the file as a whole cannot be read.
    """
    media_type = media_type_of(path)
    try:
        if media_type == "application/jsonl":
            yield from _read_records(path, source)
        elif media_type is not None:
            yield _read_text(path, source, name, media_type)
        else:
            known = ", ".join(sorted(MEDIA_TYPES))
            raise UnreadableSource(f"{source}: not a format Readout reads; it reads {known}")
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableSource(f"{source}: cannot be read ({reason}); check the file") from error


def fingerprints(path: Path) -> dict[str | None, str]:
    """Returns the SHA-256 (hex) of each document in a file as it is now.

    Keys are record ids; a file that is one document has the single key None.

    Raises:
        OSError: If the file cannot be read.
    """
    if media_type_of(path) != "application/jsonl":
        with path.open("rb") as stream:
            return {None: hashlib.file_digest(stream, "sha256").hexdigest()}
    found: dict[str | None, str] = {}
    try:
        with _open_lines(path) as stream:
            for line in _lines(stream):
                with suppress(ValueError):
                    found.setdefault(_parse(line)["_id"], hashlib.sha256(line).hexdigest())
    except (EOFError, zlib.error) as error:
        raise OSError(f"{path}: damaged ({error})") from error
    return found


def _read_text(path: Path, source: str, name: str, media_type: str) -> Document:
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise UnreadableSource(
            f"{source}: larger than {MAX_TEXT_BYTES >> 20} MiB; split it into smaller files"
        )
    data = path.read_bytes()
    text = _newlines(_decode(data, source))
    if not text.strip():
        raise UnreadableSource(f"{source}: holds no text")
    published = published_in(text)
    return Document(
        id=name,
        source=source,
        media_type=media_type,
        title=title_in(text) or path.stem,
        text=text,
        published=published,
        event_date=event_date_in(text, published),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _decode(data: bytes, source: str) -> str:
    marked = (name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark))
    encoding = next(marked, "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        # The 64 kB around what is not UTF-8 settle the encoding; more costs seconds.
        start = max(0, error.start - (1 << 15))
        guess = None if b"\0" in data else _guess_encoding(data[start : start + (1 << 16)])
        if guess is None:
            raise UnreadableSource(
                f"{source}: not text in any known encoding; save it as UTF-8"
            ) from None
        try:
            text = data.decode(guess)
        except UnicodeDecodeError:
            raise UnreadableSource(
                f"{source}: not sound {guess}, as it seems to be; save it as UTF-8"
            ) from None
    if "\0" in text:
        raise UnreadableSource(f"{source}: binary, whatever its name says; convert it to text")
    return text


def _guess_encoding(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # lazy: only for what is not UTF-8

    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        return None
    # On a text with few accents many encodings look alike, and the wrong one makes "Moïse"
    # "Moďse". Western European is by far the most common, unless another reads better.
    western = any(
        "cp1252" in match.could_be_from_charset
        and match.coherence >= best.coherence
        and match.chaos <= best.chaos + 0.03
        for match in matches
    )
    return "cp1252" if western else best.encoding


def _read_records(path: Path, source: str) -> Iterator[Document | Problem]:
    before = path.stat()
    seen: set[str] = set()
    with _open_lines(path) as stream:
        for number, line in enumerate(_lines(stream), start=1):
            if not line.strip():
                continue
            place = f"{source}, line {number}"
            try:
                document = _record(line, source)
            except ValueError as error:
                yield Problem(place, str(error))
                continue
            if document.id in seen:
                yield Problem(
                    place, f"the _id {document.id!r} stands on an earlier line; rename one"
                )
                continue
            seen.add(document.id)
            yield document
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableSource(f"{source}: changed while it was read; rebuild again")
    if not seen:
        raise UnreadableSource(f"{source}: holds no record with _id and text")


def _open_lines(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _lines(stream: BufferedIOBase) -> Iterator[bytes]:
    while line := stream.readline(MAX_TEXT_BYTES + 1):
        if len(line) > MAX_TEXT_BYTES:
            raise OSError(f"a line is longer than {MAX_TEXT_BYTES >> 20} MiB")
        yield line.rstrip(b"\r\n")


def _record(line: bytes, source: str) -> Document:
    """Raises ValueError, with a reason for people, if ``line`` is not a document."""
    record = _parse(line)
    name, text = record["_id"], _newlines(record["text"])
    published = parse_date(record.get("date"))
    return Document(
        id=name,
        source=source,
        media_type="application/jsonl",
        title=_line(record, "title") or title_in(text) or name,
        text=text,
        published=published,
        event_date=event_date_in(text, published),
        sha256=hashlib.sha256(line).hexdigest(),
        publisher=_line(record, "publisher"),
        author=_line(record, "author"),
        url=_line(record, "url"),
        record=name,
    )


def _parse(line: bytes) -> dict[str, Any]:
    """Returns a record with a sound ``_id`` and ``text``; raises ValueError as `_record` does."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not valid JSON; skipped") from None
    if not isinstance(record, dict):
        raise ValueError("not a JSON object; skipped")  # noqa: TRY004 (one kind of told reason)
    if not isinstance(identifier := record.get("_id"), str | int) or not str(identifier).strip():
        raise ValueError("no _id; skipped")
    if not isinstance(text := record.get("text"), str) or not text.strip():
        raise ValueError(f"record {identifier!r} has no text; skipped")
    return record | {"_id": without_surrogates(str(identifier)), "text": without_surrogates(text)}


def _line(record: dict[str, object], key: str) -> str | None:
    value = record.get(key)
    return " ".join(without_surrogates(value).split()) or None if isinstance(value, str) else None


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def without_surrogates(text: str) -> str:
    """Returns a text with U+FFFD for half characters, which no encoder and no file can take."""
    return _SURROGATE.sub("\ufffd", text)
