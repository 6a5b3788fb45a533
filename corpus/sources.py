"""Where documents come from: the bundled ones, and the files and folders a user added."""

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from corpus.detection import plain_type
from corpus.document import Document
from corpus.errors import Unreadable, UnreadableSource
from corpus.isolation import Worker
from corpus.reading import Problem, read
from corpus.sidecar import ENDING, FIELDS, describes_any, facts_beside, facts_said, sidecar_of
from corpus.text import CONTROL

#: The root that stands for the documents that come with Readout.
BUNDLED = "bundled"

_BUNDLED_FOLDER = Path(__file__).parent / "documents"

_NOT_UNICODE = "its name is not in UTF-8, so nothing could cite it; rename it"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the corpus.

    Attributes:
        path: Where it lies.
        source: How its documents tell where they are from: the path, or ``bundled/<name>``.
        name: The document's id: the path below the folder that was added, or the file's name.
        sidecar: The file beside it that describes it, if there is one.
    """

    path: Path
    source: str
    name: str
    sidecar: Path | None = None


def resolve_root(path: Path) -> str:
    """Returns the root to record for a file or folder that a user adds.

    Raises:
        UnreadableSource: If nothing is there, or it is evidently of a kind Readout does not read.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow links)
    if not os.path.exists(absolute):  # noqa: PTH110 (Path.exists raises where rights are missing)
        raise UnreadableSource(f"{_shown(path)}: no such file or folder; check the path")
    if not _is_unicode(str(absolute)):
        raise UnreadableSource(f"{_shown(path)}: {_NOT_UNICODE}")
    if absolute.is_file():
        try:
            with absolute.open("rb") as stream:
                plain_type(stream, absolute.name)
        except Unreadable as error:
            raise UnreadableSource(f"{_shown(path)}: {error}") from error
        except OSError:
            pass  # told, like all that cannot be read now, when it is read
    return str(absolute)


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A folder of which it cannot be told what files it holds now.

    Attributes:
        source: The folder.
        reason: One line: what is wrong and what to do.
    """

    source: str
    reason: str


def files_of(root: str) -> Iterator[SourceFile | Problem | Unlisted]:
    """Yields the files of one root in a fixed order, and a `Problem` for each it passes over.

    Hidden files are passed over in silence; all else that is not read is told. A root that is not
    there (an unmounted disk, a deleted folder), one that holds no file at all (the empty folder
    that an unmounted disk leaves behind), and a folder in it without the right to look inside are
    `Unlisted`.
    """
    if root == BUNDLED:
        for entry in _bundled():
            yield SourceFile(_BUNDLED_FOLDER / entry, f"{BUNDLED}/{entry}", entry)
        return
    top = Path(root)
    if top.is_file():
        yield SourceFile(top, root, top.name, sidecar_of(top))
        return
    if not top.is_dir():
        yield Unlisted(root, f"is not there; if it is gone for good, run: readout remove {root}")
        return
    empty = True
    inside = os.path.realpath(top)
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(top, onerror=unlisted.append):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted([*links, *names]):
            if name.startswith("."):
                continue
            empty = False
            path = Path(folder, name)
            if reason := _passed_over(path, inside):
                yield Problem(_shown(path), reason)
            elif name not in links and not name.endswith(ENDING):
                below = path.relative_to(top).as_posix()
                sidecar = sidecar_of(path)
                if sidecar and _passed_over(sidecar, inside):  # which is told where it is met
                    sidecar = None
                yield SourceFile(path, str(path), below, sidecar)
    for error in unlisted:
        reason = f"cannot be listed ({error.strerror}); check its rights"
        yield Unlisted(_shown(error.filename), reason)
    if empty and not unlisted:
        yield Unlisted(root, f"holds no file; if that is meant, run: readout remove {root}")


def _passed_over(path: Path, inside: str) -> str | None:
    """Returns why a file or link below the folder ``inside`` is not read, or None if it is."""
    target = Path(os.path.realpath(path))  # resolve() would raise where links go in a circle
    if not target.is_relative_to(inside):
        return "a link out of the folder; add its target itself"
    if not _is_unicode(str(path)):
        return _NOT_UNICODE
    if CONTROL.search(str(path)):
        return "its name holds control characters; rename it"
    if target.is_dir():
        return None  # a link to a folder that is read where it lies
    if path.name.endswith(ENDING) and not describes_any(path):
        return "describes no file beside it; rename it, or delete it"
    # A pipe would keep the reader waiting for ever.
    if target.exists() and not target.is_file():
        return "not a file, whatever its name says; skipped"
    return None


def _is_unicode(name: str) -> bool:
    return name.encode(errors="replace").decode() == name


def _shown(path: Path | str) -> str:
    return CONTROL.sub("\ufffd", os.fsencode(path).decode(errors="replace"))


def read_source(
    file: SourceFile,
    worker: Worker,
    said: Mapping[str, str] | None = None,
    passwords: Sequence[str] = (),
    before: Mapping[str, Document] = MappingProxyType({}),
) -> Iterator[Document | Problem]:
    """Reads the documents of one file of the corpus, as `corpus.reading.read` does.

    Args:
        file: The file.
        worker: Parses what only a parser can read.
        said: What the user said of its documents when they added it, by field.
        passwords: To try on what is encrypted.
        before: Records that may be taken over.

    Raises:
        UnreadableSource: If the file as a whole cannot be read.
    """
    known = facts_said(said or {}, "you, when it was added")
    if file.source.startswith(f"{BUNDLED}/"):
        known += facts_said(_bundled()[file.name], "the list of bundled documents")
    if file.sidecar:
        try:
            known += facts_beside(file.sidecar)
        except (Unreadable, OSError) as error:
            yield Problem(str(file.sidecar), f"{error}; what it says is not used")
    yield from read(file.path, file.source, file.name, worker, known, passwords, before)


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
    return {
        entry["file"]: {field: entry[field] for field in FIELDS if field in entry}
        for entry in listing["document"]
    }
