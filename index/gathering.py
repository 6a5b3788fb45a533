"""Reads all that a home's sources hold now, and keeps what cannot be read any more."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus import (
    Document,
    Problem,
    SourceFile,
    Unlisted,
    UnreadableSource,
    files_of,
    read_source,
)
from index.earlier import Earlier
from index.store import FileStamp

# Documents between two notes of how many were read.
_NOTE = 100


@dataclass(slots=True)
class Gathered:
    """What was found.

    Attributes:
        documents: Every document once, in the order of the sources.
        problems: What was skipped, and why.
        stamps: How each file looked when it was read.
    """

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stamps: dict[Path, FileStamp] = field(default_factory=dict)


def gather(roots: list[str], earlier: Earlier | None, on_read: Callable[[int], None]) -> Gathered:
    """Reads every document of the given roots.

    A file deleted from a folder is gone. A root, or a file, that is there no more or cannot be
    read may be an unplugged disk: what was last read of it is kept, and a problem says so.

    Args:
        roots: As `Home.roots` has them.
        earlier: The generation that holds what was last read.
        on_read: Told how many documents were read so far.
    """
    gathered = Gathered()
    for root in roots:
        for item in _read_root(root, earlier, gathered.stamps):
            if isinstance(item, Problem):
                gathered.problems.append(item)
                continue
            gathered.documents.append(item)
            if len(gathered.documents) % _NOTE == 0:
                on_read(len(gathered.documents))
    on_read(len(gathered.documents))
    gathered.documents = _with_unique_ids(gathered.documents)
    return gathered


def _read_root(
    root: str, earlier: Earlier | None, stamps: dict[Path, FileStamp]
) -> Iterator[Document | Problem]:
    try:
        for item in files_of(root):
            match item:
                case Problem():
                    yield item
                case Unlisted():
                    yield from _kept(item.source, earlier, item.reason)
                case SourceFile():
                    yield from _read_file(item, earlier, stamps)
    except OSError as error:
        yield from _kept(root, earlier, f"cannot be read ({error.strerror}); check it")


def _read_file(
    file: SourceFile, earlier: Earlier | None, stamps: dict[Path, FileStamp]
) -> Iterator[Document | Problem]:
    try:
        stamp = FileStamp.of(file.path)
        known = earlier.read_before(file, stamp) if earlier else None
        # All or nothing: half a file would look like a file whose other half was deleted.
        yield from list(read_source(file)) if known is None else known
        if stamp.is_settled():
            stamps[file.path] = stamp
    except UnreadableSource as error:
        yield from _kept(file.source, earlier, str(error).removeprefix(f"{file.source}: "))
    except OSError as error:
        yield from _kept(file.source, earlier, f"cannot be read ({error.strerror}); check it")


def _kept(source: str, earlier: Earlier | None, reason: str) -> Iterator[Document | Problem]:
    """What was read from a source before it could not be read any more."""
    kept = list(earlier.store.documents_from(source)) if earlier else []
    note = f"; its {len(kept)} document(s) as last read are kept" if kept else ""
    yield Problem(source, reason + note)
    yield from kept


def _with_unique_ids(documents: list[Document]) -> list[Document]:
    """Keeps each document once; where two claim one id, the one that was added first has it."""
    origins: set[tuple[str, str | None]] = set()
    taken: set[str] = set()
    unique = []
    for document in documents:
        origin = (document.source, document.record)
        if origin in origins:  # the same file, added twice over
            continue
        origins.add(origin)
        name = document.id
        tag = hashlib.sha256(f"{document.source}#{document.record}".encode()).hexdigest()
        while name in taken:
            name, tag = f"{document.id}~{tag[:8]}", tag[8:]
        taken.add(name)
        unique.append(replace(document, id=name))
    return unique
