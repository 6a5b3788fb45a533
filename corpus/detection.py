"""What a file is, by what it holds; its name only tells texts of one look apart."""

import json
import re
import zipfile
import zlib
from collections import Counter
from itertools import islice
from typing import BinaryIO

from corpus.errors import Unreadable
from corpus.formats.text import unicode_encoding

#: Bytes that are looked at.
HEAD = 1 << 16

TEXT, MARKDOWN, RECORDS = "text/plain", "text/markdown", "application/jsonl"
CSV, HTML, MAIL = "text/csv", "text/html", "message/rfc822"
PDF, RTF, MSG = "application/pdf", "application/rtf", "application/vnd.ms-outlook"
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
PPTX = f"{_OFFICE}.presentationml.presentation"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
EPUB, ZIP = "application/epub+zip", "application/zip"

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_OFFICE = {
    "WordDocument": "an old Word document (.doc); save it as .docx",
    "Workbook": "an old Excel workbook (.xls); save it as .xlsx",
    "Book": "an old Excel workbook (.xls); save it as .xlsx",
    "PowerPoint Document": "an old PowerPoint presentation (.ppt); save it as .pptx",
    "EncryptedPackage": "encrypted; open it in its program and save it without a password",
}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_GIF = re.compile(rb"GIF8[79]a.*\0", re.DOTALL)
_NOT_READ = "not a format Readout reads; convert it, or see `readout add --help` for those it does"

# Junk may come before it, but on lines of its own.
_PDF = re.compile(rb"(?:\A|[\r\n])%PDF-\d")
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html\b|html[\s>]|(?:head|body|table|div|p|h[1-6])(?:\s*>|\s+[\w:-]+\s*=))",
    re.IGNORECASE,
)
_TAGS = re.compile(rb"<(?:p|div|a|h[1-6]|br|table|ul|span|title)\b[^>]*>", re.I)
_XML = re.compile(rb"\s*<(?:\?xml\s+version\s*=|(?:svg|rss|feed)\s[^>]*xmlns)")
_HEADER = re.compile(rb"(?:From [^\n]*\n)?((?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+)")
_FIELDS = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*):", re.M)
_OF_MAIL = {b"from", b"received", b"return-path", b"mime-version", b"message-id", b"delivered-to"}
_ALSO_OF_MAIL = {b"to", b"subject", b"date", b"content-type", b"cc", b"reply-to"}
_MARKDOWN_HEADING = re.compile(r"^#{1,6} \S", re.M)
_BY_NAME = {".md": MARKDOWN, ".markdown": MARKDOWN, ".csv": CSV, ".tsv": CSV, ".tab": CSV}


def media_type(stream: BinaryIO, name: str) -> str:
    """Returns the media type that a file is to be read as.

    Args:
        stream: The file; it is left at its beginning.
        name: Its name, whose ending tells Markdown and tables from other text.

    Raises:
        Unreadable: If Readout reads no such files; it says what to do.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        found = _archive(stream)
    elif head.startswith(_OLE_MAGIC):
        found = _compound(stream)
    elif head.startswith(b"\x1f\x8b"):
        return _packed(head, name.lower())
    elif head.lstrip().startswith(b"{\\rtf"):
        return RTF
    elif _PDF.search(head, 0, 1024):
        return PDF
    else:
        return _of_text(head, name.lower())
    stream.seek(0)
    return found


def plain_type(stream: BinaryIO, name: str) -> str | None:
    """Returns the media type of text and JSON lines, which need no parser that might fail badly.

    None for all else.

    The stream is left at its beginning.

    Raises:
        Unreadable: As `media_type`, where that takes no parser.
    """
    head = stream.read(4)
    stream.seek(0)
    if head.startswith((b"PK", _OLE_MAGIC[:4])):
        return None
    kind = media_type(stream, name)
    return kind if kind in {TEXT, MARKDOWN, RECORDS} else None


def _archive(stream: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").decode("ascii", "replace").strip()
                kind = kind.removesuffix("-template")
                if kind in {ODT, ODS, ODP, EPUB}:
                    return kind
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise Unreadable(f"a damaged archive ({error}); copy or save it again") from None
    if "META-INF/container.xml" in names and "[Content_Types].xml" not in names:
        return EPUB
    for part, kind in (("word/document", DOCX), ("ppt/presentation", PPTX), ("xl/workbook", XLSX)):
        if any(name.startswith(part) for name in names):
            return kind
    return ZIP


def _packed(head: bytes, name: str) -> str:
    try:
        text = zlib.decompressobj(wbits=31).decompress(head, HEAD)
    except zlib.error:
        text = b""
    if _is_records(text.decode("utf-8", "replace"), name.removesuffix(".gz")):
        return RECORDS
    raise Unreadable("packed with gzip, and no JSON lines; unpack it")


def _compound(stream: BinaryIO) -> str:
    import olefile  # lazy: only for the formats of old

    try:
        with olefile.OleFileIO(stream) as compound:
            streams = {entry[0] for entry in compound.listdir(streams=True, storages=False)}
    except (OSError, ValueError, IndexError) as error:
        raise Unreadable(f"a damaged Office file ({error}); copy or save it again") from None
    for stream_name, reason in _OLD_OFFICE.items():
        if stream_name in streams:
            raise Unreadable(reason)
    if "__properties_version1.0" in streams:
        return MSG
    raise Unreadable(_NOT_READ)


def _of_text(head: bytes, name: str) -> str:
    if head.startswith(_PICTURES) or _GIF.match(head):
        raise Unreadable("a picture; put it into a PDF to have its text read")
    if encoding := unicode_encoding(head):
        head = head.decode(encoding, "replace").encode("utf-8", "replace")
    if b"\0" in head:
        raise Unreadable(_NOT_READ)
    if _MARKUP.match(head, _past_comments(head)):
        return HTML
    if name.endswith((".html", ".htm", ".xhtml")) and _TAGS.search(head):
        return HTML
    if head.startswith(b"%!PS"):
        raise Unreadable("PostScript; convert it to PDF")
    if _XML.match(head):
        raise Unreadable("XML of no kind that Readout reads; convert it to text")
    if _is_mail(head, name):
        return MAIL
    text = head.decode("utf-8", "replace")
    if _is_records(text, name):
        return RECORDS
    by_name = next((kind for ending, kind in _BY_NAME.items() if name.endswith(ending)), None)
    if by_name:
        return by_name
    if len(_MARKDOWN_HEADING.findall(text)) > 1:
        return MARKDOWN
    return CSV if _is_table(text) else TEXT


def _past_comments(head: bytes) -> int:
    """Returns where what is no white space, XML declaration or comment begins."""
    place = 0
    while True:
        place += len(head) - place - len(head[place:].lstrip())
        for opening, closing in ((b"<!--", b"-->"), (b"<?xml", b"?>")):
            if head.startswith(opening, place):
                end = head.find(closing, place)
                if end < 0:
                    return len(head)
                place = end + len(closing)
                break
        else:
            return place


def _is_mail(head: bytes, name: str) -> bool:
    block = _HEADER.match(head.replace(b"\r\n", b"\n"))
    if block is None:
        return False
    fields = {field.lower() for field in _FIELDS.findall(block[1])}
    if name.endswith(".eml"):
        return bool(fields & (_OF_MAIL | _ALSO_OF_MAIL))
    # A press release may well open with "Subject: …" and "Date: …".
    return bool(fields & (_OF_MAIL - {b"from"})) and bool(fields & (_ALSO_OF_MAIL | {b"from"}))


def _is_records(text: str, name: str) -> bool:
    if name.endswith((".jsonl", ".ndjson")):
        return True
    first = text.lstrip().split("\n", 1)[0]
    if not first.startswith("{"):
        return False
    try:
        return "text" in json.loads(first)
    except (ValueError, RecursionError):
        return False


def _is_table(text: str) -> bool:
    """Whether the first lines are parted evenly, as lines of prose never are."""
    whole = text.splitlines()[: -1 if len(text) > HEAD // 2 else None]  # the last may be cut
    lines = [line for line in islice(whole, 40) if line.strip()][:20]
    if len(lines) < 3:
        return False
    for mark in ("\t", ";", "|", ","):
        if f"{mark} " in text and mark in ";,":  # as prose has them
            continue
        [(count, times), *_] = Counter(line.count(mark) for line in lines).most_common(1)
        even = count >= 2 and times == len(lines)
        # Lines of prose may begin with a tab each, but do not hold further cells.
        if even and all(sum(map(bool, map(str.strip, line.split(mark)))) > 1 for line in lines):
            return True
    return False
