"""Things to test with: documents, folders and files, made in one line."""

import gzip
import json
from collections.abc import Mapping
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
