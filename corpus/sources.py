"""Where documents come from: the bundled ones, and the files and folders a user added."""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from corpus.document import Document
from corpus.errors import UnreadableSource
from corpus.reading import Problem, media_type_of, read

#: The root that stands for the documents that come with Readout.
BUNDLED = "bundled"

_BUNDLED_FOLDER = Path(__file__).parent / "documents"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the corpus.

    Attributes:
        path: Where it lies.
        source: How its documents tell where they are from: the path, or ``bundled/<name>``.
        name: The document's id: the path below the folder that was added, or the file's name.
    """

    path: Path
    source: str
    name: str


def resolve_root(path: Path) -> str:
    """Returns the root to record for a file or folder that a user adds.

    Raises:
        UnreadableSource: If nothing is there, or it is a file of a kind Readout does not read.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow links)
    if not absolute.exists():
        raise UnreadableSource(f"{path}: no such file or folder; check the path")
    if absolute.is_file() and media_type_of(absolute) is None:
        # The reader says which formats it knows.
        next(read(absolute, str(path), absolute.name))
    return str(absolute)


def files_of(root: str) -> Iterator[SourceFile | Problem]:
    """Yields the files of one root in a fixed order, and a `Problem` for each it passes over.

    Hidden files and files that lie outside the root behind a link are passed over.

    Raises:
        UnreadableSource: If the root is not there (an unmounted disk, a deleted folder).
    """
    if root == BUNDLED:
        for entry in _bundled():
            yield SourceFile(_BUNDLED_FOLDER / entry, f"{BUNDLED}/{entry}", entry)
        return
    top = Path(root)
    if top.is_file():
        yield SourceFile(top, root, top.name)
        return
    if not top.is_dir():
        raise UnreadableSource(
            f"{root}: is not there any more; what was read from it is kept until you run:"
            f" readout remove {root}"
        )
    inside = top.resolve()
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith("."):
                continue
            if not path.resolve().is_relative_to(inside):
                yield Problem(str(path), "a link out of the folder; add its target itself")
            elif media_type_of(path) is None:
                yield Problem(str(path), "not a format Readout reads; skipped")
            else:
                yield SourceFile(path, str(path), path.relative_to(top).as_posix())


def read_source(file: SourceFile) -> Iterator[Document | Problem]:
    """Reads the documents of one file of the corpus, as `corpus.reading.read` does.

    Raises:
        UnreadableSource: If the file as a whole cannot be read.
    """
    known = _bundled() if file.source.startswith(f"{BUNDLED}/") else {}
    for item in read(file.path, file.source, file.name):
        yield replace(item, **known[file.name]) if isinstance(item, Document) and known else item


def original_path(source: str) -> Path:
    """Returns the file that a `Document.source` names."""
    prefix = f"{BUNDLED}/"
    return (
        _BUNDLED_FOLDER / source.removeprefix(prefix) if source.startswith(prefix) else Path(source)
    )


@cache
def _bundled() -> dict[str, dict[str, Any]]:
    """What ``sources.toml`` says of each bundled file, as fields of `Document`."""
    listing = tomllib.loads((_BUNDLED_FOLDER / "sources.toml").read_text(encoding="utf-8"))
    fields = ("title", "publisher", "published", "event_date")
    return {
        entry["file"]: {field: entry[field] for field in fields if field in entry}
        for entry in listing["document"]
    }
