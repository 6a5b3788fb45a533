"""Reads all that a home's sources hold now, and keeps what cannot be read any more."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from index.durable import sha256_of
from index.earlier import Earlier
from index.stamps import FileRecord, FileStamp
from index.store import Store


class Gathering:
    """One reading of every source.

    A file deleted from a folder is gone. A root, or a file, that is there no more or cannot be
    read may be an unplugged disk: what was last read of it is kept, and a problem says so.

    Attributes:
        problems: What was skipped so far, and why.
        files: How each file that was read so far looked.
    """

    def __init__(self, roots: Sequence[str], earlier: Earlier | None) -> None:
        """Args: roots as `Home.roots` has them, and the generation that holds the last reading."""
        self.problems: list[Problem] = []
        self.files: dict[Path, FileRecord] = {}
        self._roots = roots
        self._earlier = earlier

    def documents(self) -> Iterator[Document]:
        """Yields every document once, in the order of the sources.

        Where two claim one id, the one that was added first has it.
        """
        origins: set[tuple[str, str | None]] = set()
        taken: set[str] = set()
        for document in self._read():
            origin = (document.source, document.record)
            if origin in origins:  # the same file, added twice over
                continue
            origins.add(origin)
            name = document.id
            tag = hashlib.sha256(f"{document.source}#{document.record}".encode()).hexdigest()
            while name in taken:
                name, tag = f"{document.id}~{tag[:8]}", tag[8:]
            taken.add(name)
            yield document if name == document.id else replace(document, id=name)

    def _read(self) -> Iterator[Document]:
        for root in self._roots:
            for item in self._read_root(root):
                if isinstance(item, Problem):
                    self.problems.append(item)
                else:
                    yield item

    def _read_root(self, root: str) -> Iterator[Document | Problem]:
        try:
            for item in files_of(root):
                match item:
                    case Problem():
                        yield item
                    case Unlisted():
                        yield from self._kept(item.source, item.reason)
                    case SourceFile():
                        yield from self._read_file(item)
        except OSError as error:
            yield from self._kept(root, f"cannot be read ({error.strerror}); check it")

    def _read_file(self, file: SourceFile) -> Iterator[Document | Problem]:
        try:
            store = self._earlier.store if self._earlier else None
            record, unchanged = look(file.path, store)
            if unchanged and self._earlier and self._earlier.reads_as_today:
                yield from self._earlier.read_before(file)
            else:
                # All or nothing: half a file would look like one whose other half was deleted.
                yield from list(read_source(file))
            self.files[file.path] = record
        except UnreadableSource as error:
            yield from self._kept(file.source, str(error).removeprefix(f"{file.source}: "))
        except OSError as error:
            yield from self._kept(file.source, f"cannot be read ({error.strerror}); check it")

    def _kept(self, source: str, reason: str) -> Iterator[Document | Problem]:
        """What was read from a source before it could not be read any more."""
        kept = list(self._earlier.store.documents_from(source)) if self._earlier else []
        note = f"; its {len(kept)} document(s) as last read are kept" if kept else ""
        yield Problem(source, reason + note)
        yield from kept


def look(path: Path, store: Store | None) -> tuple[FileRecord, bool]:
    """Returns what to remember of a file, and whether it holds what ``store`` has of it.

    Raises:
        OSError: If it cannot be read.
    """
    # Before the file is read: what is written to it from now on must show.
    stamp = FileStamp.of(path)
    known = store.file(path) if store else None
    if known and known.stamp == stamp:
        return known, True
    sha256 = sha256_of(path)
    record = FileRecord(stamp if stamp.is_settled() else None, sha256)
    return record, known is not None and known.sha256 == sha256


def nothing_changed(roots: Sequence[str], earlier: Earlier) -> bool:
    """Returns whether a reading would come to what was last read, without any.

    False where that takes more than a look at every file: where something could not be read.
    """
    if roots != earlier.manifest.roots or not earlier.reads_as_today:
        return False
    files = earlier.store.files()
    told = set()
    seen = set()
    try:
        for root in roots:
            for item in files_of(root):
                match item:
                    case Unlisted():
                        return False
                    case Problem():
                        told.add((item.source, item.reason))
                    case SourceFile(path):
                        if path not in files or not look(path, earlier.store)[1]:
                            return False
                        seen.add(path)
    except OSError:
        return False
    recorded = {(problem["source"], problem["reason"]) for problem in earlier.manifest.problems}
    of_records = {(source, reason) for source, reason in recorded if ", line " in source}
    return seen == files and told == recorded - of_records
