"""Files become documents."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from corpus import detection
from corpus.document import Document, Fact
from corpus.errors import Unreadable, UnreadableNow, UnreadableSource
from corpus.formats.records import BadLine, Record, record_hashes, records
from corpus.isolation import Worker
from corpus.marks import Mark, Marks
from corpus.metadata import opening_facts, parse_date, settle
from corpus.parsing import Parsed, Refused, parse
from corpus.structure import text_marks

#: Bytes of the largest file that is parsed as a whole.
MAX_BYTES = 512 * 2**20

# Bad lines of a file that are told one by one.
_MOST_TOLD = 100

# Bytes up to which text is read here; to start a process for each small file would take longer.
_QUICK = 1 << 20


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the corpus that was skipped, or read only in part.

    Attributes:
        source: What it is, as people may find it.
        reason: One line: what is wrong and what to do.
    """

    source: str
    reason: str


def read(
    path: Path,
    source: str,
    name: str,
    worker: Worker,
    known: Sequence[Fact] = (),
    passwords: Sequence[str] = (),
    before: Mapping[str, Document] = MappingProxyType({}),
) -> Iterator[Document | Problem]:
    """Reads the documents of one file.

    Args:
        path: The file.
        source: How its documents tell where they are from.
        name: The id of the document, unless the file holds records with ids of their own.
        worker: Parses what only a parser can read.
        known: What is known of its documents from elsewhere.
        passwords: To try on what is encrypted.
        before: Records of the file as they were read before, by their ids, with all that is
            known from elsewhere being the same; those whose line is the same are taken over.

    Yields:
        Each document; a `Problem` for each record or member that could not be read, and for what
        is missing of a document.

    Raises:
        UnreadableSource: If the file as a whole cannot be read.
    """
    try:
        status = path.stat()
        with path.open("rb") as stream:
            kind = detection.plain_type(stream, path.name)
        if kind == detection.RECORDS:
            yield from _read_records(path, source, known, before)
        else:
            plain = kind is not None and status.st_size <= _QUICK
            yield from _read_parsed(path, source, name, worker, known, passwords, plain=plain)
        after = path.stat()
        if (status.st_size, status.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise UnreadableNow("changed while it was read; rebuild again")
    except Unreadable as error:
        lasting = not isinstance(error, UnreadableNow)
        raise UnreadableSource(f"{source}: {error}", lasting=lasting) from error
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableSource(f"{source}: cannot be read ({reason}); check the file") from error


def holds_records(path: Path) -> bool:
    """Returns whether a file holds records, each of whose lines is a document of its own.

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as stream:
        try:
            return detection.plain_type(stream, path.name) == detection.RECORDS
        except Unreadable:
            return False


def fingerprints(path: Path) -> dict[str | None, str]:
    """Returns the SHA-256 (hex) of each document in a file as it is now.

    Keys are the ids of records; any other file, however many documents it holds, has the single
    key None.

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as stream:
        try:
            kind = detection.plain_type(stream, path.name)
        except Unreadable:
            kind = None
        if kind != detection.RECORDS:
            return {None: hashlib.file_digest(stream, "sha256").hexdigest()}
    try:
        return record_hashes(path)
    except (EOFError, zlib.error) as error:
        raise OSError(f"{path}: damaged ({error})") from error


def document_id(name: str, media_type: str, record: str | None) -> str:
    """Returns the id of a document of the file ``name``, before any gives way to another's."""
    if record is None:
        return name
    return record if media_type == detection.RECORDS else f"{name}/{record}"


def _read_records(
    path: Path, source: str, known: Sequence[Fact], before: Mapping[str, Document]
) -> Iterator[Document | Problem]:
    found = False
    bad = 0
    for item in records(path):
        match item:
            case BadLine(number, reason):
                bad += 1
                if bad <= _MOST_TOLD:
                    yield Problem(f"{source}, line {number}", reason)
            case Record(_, name, text, sha256, facts):
                found = True
                unchanged = before.get(name)
                if unchanged and unchanged.sha256 == sha256:
                    yield unchanged
                    continue
                yield _document(
                    name,
                    source,
                    detection.RECORDS,
                    text,
                    sha256,
                    [*_of_each(known), *facts],
                    record=name,
                    marks=text_marks(text),
                )
    if bad > _MOST_TOLD:
        yield Problem(source, f"{bad - _MOST_TOLD:,} more lines are no records; correct them")
    if not found:
        raise Unreadable("holds no record with _id and text; give each line both")


def _read_parsed(
    path: Path,
    source: str,
    name: str,
    worker: Worker,
    known: Sequence[Fact],
    passwords: Sequence[str],
    *,
    plain: bool,
) -> Iterator[Document | Problem]:
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES >> 20} MiB; split it into smaller files")
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        # Text needs no parser that could fail badly, and thousands of files are faster here.
        items: Iterable[Parsed | Refused] = (
            parse(stream, path.name) if plain else worker.parse(path, path.name, passwords)
        )
        found = False
        for item in items:
            match item:
                case Refused(member, reason):
                    yield Problem(f"{source}, {member}", reason)
                case Parsed(member, media_type, extract):
                    found = True
                    yield _document(
                        document_id(name, media_type, member),
                        source,
                        media_type,
                        extract.text,
                        sha256,
                        [*(_of_each(known) if member else known), *extract.facts],
                        record=member,
                        marks=extract.marks,
                    )
                    place = f"{source}, {member}" if member else source
                    yield from (Problem(place, note) for note in extract.notes)
    if not found:
        raise Unreadable("holds nothing that Readout reads")


def _document(
    name: str,
    source: str,
    media_type: str,
    text: str,
    sha256: str,
    known: Sequence[Fact],
    *,
    record: str | None,
    marks: Sequence[Mark],
) -> Document:
    """Settles what is known of a document."""
    is_record = media_type == detection.RECORDS
    file_name = "" if is_record else PurePosixPath(name).name
    opening = text[: _first_quoted(marks)]
    facts = settle([*known, *opening_facts(opening, file_name, known)])
    told = {field: fact.value for field, fact in facts.items()}
    return Document(
        id=name,
        source=source,
        media_type=media_type,
        title=told.get("title") or (name if is_record else PurePosixPath(name).stem),
        text=text,
        published=parse_date(told.get("published")),
        event_date=parse_date(told.get("event_date")),
        sha256=sha256,
        publisher=told.get("publisher"),
        author=told.get("author"),
        url=told.get("url"),
        record=record,
        marks=Marks.of(marks),
        facts=tuple(facts.values()),
    )


def _of_each(known: Sequence[Fact]) -> list[Fact]:
    """What is said of a file, as far as it can hold for each of many documents in it."""
    return [fact for fact in known if fact.field != "title"]


def _first_quoted(marks: Sequence[Mark]) -> int | None:
    """Where a mail begins to quote an earlier one, whose dates are not its own."""
    return min((mark.start for mark in marks if mark.kind == "quoted"), default=None)
