"""Things to test with: documents, folders and files, made in one line."""

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus import Document, Problem


def document_of(text: str, name: str = "a.txt", **others: object) -> Document:
    """A document of ``text`` of which nothing else is known."""
    values = {
        "id": name,
        "source": f"/{name}",
        "media_type": "text/plain",
        "title": name,
        "text": text,
        "published": None,
        "event_date": None,
        "sha256": "0" * 64,
    }
    return Document(**values | others)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files below ``folder``, by their path in it, and returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def json_lines(*records: object) -> bytes:
    """The records, or raw bytes, one a line."""
    lines = (item if isinstance(item, bytes) else json.dumps(item).encode() for item in records)
    return b"".join(line + b"\n" for line in lines)


def gzipped(data: bytes) -> bytes:
    """The bytes as gzip holds them, the same each time."""
    return gzip.compress(data, mtime=0)


def parted(items: list[Document | Problem]) -> tuple[list[Document], list[Problem]]:
    """The documents and the problems among what a reader gave."""
    return (
        [item for item in items if isinstance(item, Document)],
        [item for item in items if isinstance(item, Problem)],
    )


def flip_a_byte(path: Path, position: int | None = None) -> None:
    """Changes one bit of a file, in the middle unless told."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if position is None else position] ^= 1
    path.write_bytes(data)


def pdf_of(
    pages: Sequence[str],
    page: str = "",
    info: str = "",
    outline: Sequence[tuple[str, int]] = (),
    missing: int | None = None,
) -> bytes:
    """A PDF.

    Args:
        pages: What each page draws.
        page: More entries of each page's dictionary.
        info: Entries of the document information.
        outline: Title and page, from 0, of each bookmark.
        missing: Which page is left out, although the list of pages has it.
    """
    first = 10
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R{' /Outlines 5 0 R' if outline else ''} >>",
        2: f"<< /Type /Pages /Count {len(pages)} /MediaBox [0 0 400 600] /Kids ["
        + " ".join(f"{first + 2 * at} 0 R" for at in range(len(pages)))
        + "] /Resources << /Font << /F 3 0 R /B 6 0 R >> >> >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: f"<< {info} >>",
        6: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    }
    for at, content in enumerate(pages):
        if at != missing:
            objects[first + 2 * at] = (
                f"<< /Type /Page /Parent 2 0 R /Contents {first + 2 * at + 1} 0 R {page} >>"
            )
            objects[first + 2 * at + 1] = (
                f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"
            )
    entries = first + 2 * len(pages)
    for at, (title, number) in enumerate(outline):
        after = f"/Next {entries + at + 1} 0 R" if at + 1 < len(outline) else ""
        objects[entries + at] = (
            f"<< /Title ({title}) /Parent 5 0 R /Dest [{first + 2 * number} 0 R /Fit] {after} >>"
        )
    if outline:
        last = entries + len(outline) - 1
        objects[5] = f"<< /First {entries} 0 R /Last {last} 0 R /Count {len(outline)} >>"
    body = "%PDF-1.7\n"
    offsets = {}
    for number, content in sorted(objects.items()):
        offsets[number] = len(body)
        body += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(body)
    body += f"xref\n0 {max(objects) + 1}\n"
    for number in range(max(objects) + 1):
        offset = offsets.get(number)
        body += f"{offset:010} 00000 n \n" if offset else "0000000000 65535 f \n"
    body += f"trailer << /Size {max(objects) + 1} /Root 1 0 R /Info 4 0 R >>\n"
    return (body + f"startxref\n{start}\n%%EOF\n").encode("latin-1")


def drawn(
    x: float, y: float, *lines: str, size: float = 10, font: str = "F", lead: float = 12
) -> str:
    """Lines set below each other, the first at a place that counts from the lower left corner."""
    shown = " T* ".join("(" + re.sub(r"([()\\])", r"\\\1", line) + ") Tj" for line in lines)
    return f"BT /{font} {size} Tf {lead} TL {x} {y} Td {shown} ET\n"


def words_of(text: str) -> list[str]:
    """Words as one reads them: words that a hyphen cuts are whole, signs of no meaning are gone."""
    text = re.sub(r"[\ufffe\x02\0\ufffd]", "-", text.replace("\r", ""))
    text = re.sub(r"[\x01-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]", "", re.sub(r"-\s*\n", "", text))
    return [word for word in re.sub(r"[-\u00ad\u2010]", "", text).split() if word]


def in_order(wanted: list[str], got: list[str]) -> float:
    """The share of words that arrive in their order: the longest common subsequence."""
    places: dict[str, int] = {}
    for place, word in enumerate(wanted):
        places[word] = places.get(word, 0) | 1 << place
    rest = full = (1 << len(wanted)) - 1
    for word in got:
        hits = rest & places.get(word, 0)
        rest = ((rest + hits) | (rest - hits)) & full
    return 1 - rest.bit_count() / len(wanted)
