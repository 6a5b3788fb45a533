"""What any file holds: one text, or, in an archive or a mail, several."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO

from corpus import detection
from corpus.draft import Extract
from corpus.errors import Unreadable
from corpus.formats.text import whole_text
from corpus.text import CONTROL

# Where the reader of each format is; imported when it is needed.
_READERS = {
    detection.TEXT: "text",
    detection.CSV: "delimited",
    detection.HTML: "html",
    detection.RTF: "rtf",
    detection.DOCX: "word",
    detection.PPTX: "slides",
    detection.XLSX: "sheets",
    detection.ODT: "opendocument",
    detection.ODS: "opendocument",
    detection.ODP: "opendocument",
    detection.EPUB: "epub",
}

# Archives in archives that are opened.
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text of a file.

    Attributes:
        member: Which of the file's members it is; None if it is the file itself.
        media_type: What the file, or its member, is.
        extract: The text and what is known of it.
    """

    member: str | None
    media_type: str
    extract: Extract


@dataclass(frozen=True, slots=True)
class Refused:
    """A member of a file that could not be read, although others may be."""

    member: str
    reason: str


def parse(stream: BinaryIO, name: str, passwords: Sequence[str] = ()) -> Iterator[Parsed | Refused]:
    """Reads all texts that a file holds.

    Args:
        stream: The file, seekable.
        name: Its name.
        passwords: To try on what is encrypted.

    Raises:
        Unreadable: If nothing of it can be read; it says why.
    """
    yield from _parse(stream, name, None, passwords, _DEPTH)


def _parse(
    stream: BinaryIO, name: str, member: str | None, passwords: Sequence[str], depth: int
) -> Iterator[Parsed | Refused]:
    kind = detection.media_type(stream, name)
    if kind == detection.PDF:
        from corpus.formats import pdf  # lazy: pdfium is a library of its own

        yield Parsed(member, kind, pdf.read(stream, passwords))
    elif kind == detection.MARKDOWN:
        from corpus.formats import markdown  # lazy: as all readers

        text = whole_text(stream)
        marks, facts = markdown.text_marks(text), markdown.facts(text)
        yield Parsed(member, kind, Extract(text, tuple(marks), tuple(facts)))
    elif kind in {detection.MAIL, detection.MSG}:
        mail = import_module(
            f"corpus.formats.{'mail' if kind == detection.MAIL else 'outlook'}"
        ).read(stream)
        if mail.extract.text:
            yield Parsed(member, kind, mail.extract)
        else:  # it has but attachments
            yield from (Refused(member or name, note) for note in mail.extract.notes)
        for attachment in mail.attachments:
            yield from _member(
                partial(BytesIO, attachment.data),
                _below(member, attachment.name),
                passwords,
                depth,
            )
    elif kind == detection.ZIP:
        yield from _archive(stream, member, passwords, depth)
    elif kind in _READERS:
        yield Parsed(member, kind, import_module(f"corpus.formats.{_READERS[kind]}").read(stream))
    else:
        raise Unreadable("JSON lines inside another file; unpack it")


def _archive(
    stream: BinaryIO, member: str | None, passwords: Sequence[str], depth: int
) -> Iterator[Parsed | Refused]:
    from corpus.formats.archive import check_archive  # lazy: few files are archives

    with zipfile.ZipFile(stream) as archive:
        check_archive(archive)
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        newest = {entry.filename: entry for entry in entries}
        for entry in sorted(entries, key=lambda entry: entry.filename):
            parts = PurePosixPath(entry.filename).parts
            if not parts or parts[0] == "__MACOSX" or any(part[0] == "." for part in parts):
                continue
            if entry is not newest[entry.filename]:
                name = _below(member, entry.filename)
                yield Refused(name, "an older member of the same name as another; unpack it")
                continue
            yield from _member(
                partial(_unpacked, archive, entry, passwords),
                _below(member, entry.filename),
                passwords,
                depth,
            )


def _member(
    opened: Callable[[], BinaryIO], member: str, passwords: Sequence[str], depth: int
) -> Iterator[Parsed | Refused]:
    """Reads one member; that it cannot be read does not lose the others."""
    if depth == 0:
        yield Refused(member, "archives in archives in archives; unpack it")
        return
    try:
        name = PurePosixPath(member).name
        yield from _parse(opened(), name, member, passwords, depth - 1)
    except Unreadable as error:
        yield Refused(member, str(error))
    except (MemoryError, RecursionError):
        yield Refused(member, "needs too much memory to be read; split it into smaller files")
    except Exception as error:  # whatever its parser's library raises: the others are to be read
        yield Refused(member, f"its parser failed ({type(error).__name__}); save it again")


def _unpacked(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, passwords: Sequence[str]
) -> BytesIO:
    if not entry.flag_bits & 1:
        return _tried(archive, entry, None)
    for password in passwords:
        try:
            return _tried(archive, entry, password.encode())
        except Unreadable:
            continue
    raise Unreadable("encrypted; give its password with --password")


def _tried(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, password: bytes | None) -> BytesIO:
    try:
        return BytesIO(archive.read(entry, password))
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError) as error:
        # RuntimeError is a wrong password, and NotImplementedError a method of packing.
        raise Unreadable(f"cannot be unpacked ({error}); unpack the archive yourself") from None


def _below(member: str | None, name: str) -> str:
    name = CONTROL.sub("\ufffd", name)
    return f"{member}/{name}" if member else name
