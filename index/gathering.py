"""Reads all that a home's sources hold now, and keeps what cannot be read any more."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain
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
from index.crew import Crew, Done, Tools
from index.durable import sha256_of
from index.earlier import Earlier, reading_of
from index.sources import Sources
from index.stamps import FileRecord, FileStamp
from index.store import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """A file that must be read.

    Attributes:
        file: Which.
        looks: How it, and what describes it, looked before it was read.
        said: What was said of its documents.
        passwords: To try on what is encrypted.
        before: Records of it that may be taken over.
    """

    file: SourceFile
    looks: Mapping[Path, FileRecord]
    said: Mapping[str, str] | None
    passwords: Sequence[str]
    before: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file.

    Attributes:
        items: All of it; where it failed, what came before that.
        failure: Why it cannot be read as a whole, or None.
        lasting: Whether that will be so until the file itself changes.
    """

    items: Sequence[Document | Problem]
    failure: str | None = None
    lasting: bool = False


def read_file(tools: Tools, asked: Asked) -> Reading:
    """Reads a file."""
    source = asked.file.source
    read: list[Document | Problem] = []
    try:
        read.extend(
            read_source(asked.file, tools.worker, asked.said, asked.passwords, asked.before)
        )
    except UnreadableSource as error:
        return Reading(read, str(error).removeprefix(f"{source}: "), error.lasting)
    except OSError as error:
        return Reading(read, _unreadable(error))
    return Reading(read)


class Gathering:
    """One reading of every source.

    A file deleted from a folder is gone. A root, or a file, that is there no more or cannot be
    read may be an unplugged disk: what was last read of it is kept, and a problem says so.

    Attributes:
        problems: What was skipped so far, and why.
        files: How each file that was read so far looked.
    """

    def __init__(self, sources: Sources, earlier: Earlier | None, crew: Crew) -> None:
        """Takes what was added, the generation that holds the last reading of it, and readers."""
        self.problems: list[Problem] = []
        self.files: dict[Path, FileRecord] = {}
        self._sources = sources
        self._earlier = earlier
        self._crew = crew

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
        files = chain.from_iterable(map(self._look_at, self._sources.roots))
        for asked, reading in self._crew.map(read_file, files):
            items = self._held_of(asked, reading) if isinstance(asked, Asked) else reading.items
            for item in items:
                if isinstance(item, Problem):
                    self.problems.append(item)
                else:
                    yield item

    def _look_at(self, root: str) -> Iterator[Asked | Done[Reading]]:
        """Yields what a root holds: what must be read, and what is known without."""
        try:
            for item in files_of(root):
                match item:
                    case Problem():
                        yield Done(Reading([item]))
                    case Unlisted():
                        yield Done(Reading([*self._kept(item.source, item.reason)]))
                    case SourceFile():
                        yield self._look_at_file(item)
        except OSError as error:
            yield Done(Reading([*self._kept(root, _unreadable(error))]))

    def _look_at_file(self, file: SourceFile) -> Asked | Done[Reading]:
        earlier = self._earlier
        try:
            looks, unchanged = look(file, earlier.store if earlier else None)
        except OSError as error:
            return Done(Reading([*self._kept(file.source, _unreadable(error))]))
        alike = earlier is not None and earlier.read_alike(file.source, self._sources)
        if unchanged and earlier and alike:
            self.files |= looks
            return Done(Reading([*earlier.read_before(file)]))
        said = self._sources.said.get(file.source)
        before = earlier.records_of(file) if earlier and alike else {}
        return Asked(file, looks, said, self._sources.passwords, before)

    def _held_of(self, asked: Asked, reading: Reading) -> Iterable[Document | Problem]:
        """What is held of a file by now: what was read, or what was last read of it."""
        if reading.failure is None:
            self.files |= asked.looks
            return reading.items
        if reading.lasting:  # to read it again, unchanged, would tell nothing new
            self.files |= asked.looks
        # All or nothing: half a file would look like one whose other half was deleted.
        told = (item for item in reading.items if isinstance(item, Problem))
        return chain(told, self._kept(asked.file.source, reading.failure))

    def _kept(self, source: str, reason: str) -> Iterator[Document | Problem]:
        """What was read from a source before it could not be read any more."""
        kept = list(self._earlier.store.documents_from(source)) if self._earlier else []
        note = f"; its {len(kept)} document(s) as last read are kept" if kept else ""
        yield Problem(source, reason + note)
        yield from kept


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror}); check it"


def look(file: SourceFile, store: Store | None) -> tuple[dict[Path, FileRecord], bool]:
    """Returns what to remember of a file, and whether it is what ``store`` has of it.

    The file beside it that describes it counts as a part of it.

    Raises:
        OSError: If it cannot be read.
    """
    sidecar = str(file.sidecar) if file.sidecar else None
    record, unchanged = _look(file.path, store)
    known = store.file(file.path) if store else None
    unchanged = unchanged and known is not None and known.sidecar == sidecar
    records = {file.path: replace(record, sidecar=sidecar)}
    if file.sidecar:
        records[file.sidecar], still = _look(file.sidecar, store)
        unchanged = unchanged and still
    return records, unchanged


def _look(path: Path, store: Store | None) -> tuple[FileRecord, bool]:
    # Before the file is read: what is written to it from now on must show.
    stamp = FileStamp.of(path)
    known = store.file(path) if store else None
    if known and known.stamp == stamp:
        return known, True
    sha256 = sha256_of(path)
    record = FileRecord(stamp if stamp.is_settled() else None, sha256)
    return record, known is not None and known.sha256 == sha256


def nothing_changed(sources: Sources, earlier: Earlier) -> bool:
    """Returns whether a reading would come to what was last read, without any.

    False where that takes more than a look at every file: where something could not be read.
    """
    manifest = earlier.manifest
    if (sources.roots, sources.said, reading_of(sources)) != (
        manifest.roots,
        manifest.said,
        manifest.reading,
    ):
        return False
    files = earlier.store.files()
    told = set()
    seen: set[Path] = set()
    origins = set()
    try:
        for root in sources.roots:
            for item in files_of(root):
                match item:
                    case Unlisted():
                        return False
                    case Problem():
                        told.add((item.source, item.reason))
                    case SourceFile(path, source):
                        if path not in files:
                            return False
                        looked, unchanged = look(item, earlier.store)
                        if not unchanged:
                            return False
                        seen |= looked.keys()
                        origins.add(source)
                        if item.sidecar:
                            origins.add(str(item.sidecar))
    except OSError:
        return False
    recorded = {(problem["source"], problem["reason"]) for problem in manifest.problems}
    in_files = {entry for entry in recorded if _is_about(entry[0], origins)}
    return seen == files and told == recorded - in_files


def _is_about(place: str, origins: Set[str]) -> bool:
    """Whether a problem's place is one of the files, or a line or a member of one."""
    parts = place.split(", ")
    return any(", ".join(parts[:end]) in origins for end in range(1, len(parts) + 1))
