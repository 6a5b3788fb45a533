"""The home folder: all state of one Readout, and who may write to it."""

import errno
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from corpus import BUNDLED, UnknownSource, UnreadableSource, resolve_root
from index.durable import write_atomically
from index.engine import ANYWHERE, HERE, Place
from index.errors import HomeUnusable, NoIndex, RebuildRunning
from index.seals import forget_checks
from index.sources import Sources

# No longer than a file's name may be, and in the digits that are written.
_GENERATION = re.compile("[0-9]{6,18}")

# How the name of a generation ends that is being deleted.
_DELETED = ".deleted"

# Errors of a place that is not ours to write to, rather than of a disk that is full or failing.
_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR}


def default_home() -> Path:
    """Returns ``READOUT_HOME``, or the platform's folder for application data."""
    return Path(os.environ.get("READOUT_HOME") or user_data_path("readout"))


class Home:
    """Where a Readout keeps its generations, its compiled encoders and its list of sources.

    Nothing is created until something is written.
    """

    def __init__(self, path: Path | str, engine: Place = ANYWHERE) -> None:
        """Takes the folder, which need not be there.

        Args:
            path: The folder.
            engine: Where passages are to be searched.

        Raises:
            HomeUnusable: If there can be no such folder.
        """
        self.engine = engine
        try:
            self.path = Path(path).expanduser().absolute()
        except RuntimeError as error:
            raise HomeUnusable(f"{path}: no such user; give the folder's whole path") from error
        self.generations = self.path / "generations"
        self.models = self.path / "models"

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    @contextmanager
    def throw_away(self, sources: Iterable[Path | str]) -> Iterator["Home"]:
        """Gives a home for ``sources`` alone, deleted afterwards; it shares compiled encoders."""
        with self.writable():
            self.models.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="readout-") as folder:
            home = Home(folder, HERE)
            home.models = self.models
            Sources([_root_of(path) for path in sources]).save(home.path)
            yield home

    def sources(self) -> Sources:
        """Returns what was added; a home that was never written to has the bundled documents.

        Raises:
            HomeUnusable: If the list of it cannot be read.
        """
        return Sources.load(self.path)

    def roots(self) -> list[str]:
        """Returns the roots of `sources`, in the order of their adding."""
        return list(self.sources().roots)

    def add(
        self,
        *paths: Path | str,
        said: Mapping[str, str] | None = None,
        password: str | None = None,
    ) -> list[str]:
        """Records files and folders as part of the corpus and returns their roots.

        All of them or, if one cannot be added, none. The word "bundled" stands for the documents
        that come with Readout.

        Args:
            *paths: Files and folders.
            said: What is said of the documents of a file, by field (`corpus.FIELDS`); an empty
                text takes back what was said.
            password: To try on what is encrypted; kept in the home, readable by its owner alone;
                an empty one makes it forget all.

        Raises:
            UnreadableSource: If one is not there or of no known format, or if what is said cannot
                be said of a document.
            HomeUnusable: If the list cannot be written.
        """
        added = [_root_of(path) for path in paths]
        with self._changing() as sources:
            sources.add(added, said or {}, password)
        return added

    def remove(self, *paths: Path | str) -> list[str]:
        """Takes files and folders off the list and returns their roots.

        All of them or, if one cannot be removed, none.

        Raises:
            UnknownSource: If one was never added, or if nothing would be left to ask.
            HomeUnusable: If the list cannot be written.
        """
        removed = []
        with self._changing() as sources:
            for path in paths:
                names = (str(path), os.path.abspath(path))  # noqa: PTH100
                root = next((name for name in names if name in sources.roots), None)
                if root is None:
                    known = ", ".join(sources.roots) or "nothing"
                    raise UnknownSource(f"{path}: was never added; added are: {known}")
                sources.remove(root)
                removed.append(root)
            if removed and not sources.roots:
                raise UnknownSource(
                    f"{removed[-1]}: is the last source, and nothing to index would be left;"
                    " first run: readout add PATH"
                )
        return removed

    @contextmanager
    def _changing(self) -> Iterator[Sources]:
        """Gives the sources to change, and saves them unless the change fails; one at a time."""
        with self.writable(), FileLock(self.path / "sources.lock"):
            sources = self.sources()
            before = deepcopy(sources)
            yield sources
            if sources != before:
                sources.save(self.path)

    def current(self) -> str:
        """Returns the name of the generation that serves.

        Raises:
            NoIndex: If there is none.
            HomeUnusable: If ``CURRENT`` is not the name of a generation.
        """
        pointer = self.path / "CURRENT"
        try:
            name = pointer.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise NoIndex(f"{self.path}: no index here yet; run: readout rebuild") from None
        except (OSError, UnicodeDecodeError) as error:
            raise HomeUnusable(f"{pointer}: cannot be read ({error})") from error
        if not _GENERATION.fullmatch(name):
            raise HomeUnusable(f"{pointer}: names no generation; run: readout rebuild")
        return name

    def current_or_none(self) -> str | None:
        """Returns the name of the generation that serves, or None where none can be named."""
        try:
            return self.current()
        except (NoIndex, HomeUnusable):
            return None

    def switch_to(self, name: str) -> None:
        """Makes a finished generation the one that serves, in one atomic step."""
        write_atomically(self.path / "CURRENT", f"{name}\n")

    def names(self) -> list[str]:
        """Returns the names of the finished generations, oldest first."""
        if not self.generations.is_dir():
            return []
        return sorted(
            (
                entry.name
                for entry in self.generations.iterdir()
                if _GENERATION.fullmatch(entry.name)
            ),
            key=int,
        )

    def next_name(self) -> str:
        """Returns the name for a new generation."""
        return f"{max((int(name) for name in self.names()), default=0) + 1:06d}"

    def previous(self) -> str:
        """Returns the name of the generation to roll back to: the newest but the serving one.

        Raises:
            NoIndex: If there is none.
        """
        serving = self.current()
        others = [name for name in self.names() if int(name) < int(serving)]
        if not others:
            raise NoIndex(f"{self.path}: no generation before {serving} to roll back to")
        return others[-1]

    def keep_only(self, names: Collection[str | None]) -> None:
        """Deletes every generation but the named ones.

        Raises:
            OSError: If one cannot be deleted; it is whole, and keeps its name.
        """
        for name in self.names():
            if name not in names:
                folder = self.generations / name
                # Never half of it under a name that could be gone back to.
                folder.rename(folder.with_name(f"{name}{_DELETED}"))
                forget_checks(folder)
        self.finish_deleting()

    def finish_deleting(self) -> None:
        """Deletes what is left of generations whose deletion was broken off."""
        for left in self.generations.glob(f"*{_DELETED}"):
            shutil.rmtree(left, ignore_errors=True)

    @contextmanager
    def writable(self) -> Iterator[None]:
        """Creates the home if need be; tells a home that cannot be written as such.

        Raises:
            HomeUnusable: If writing fails for want of rights or space.
        """
        try:
            # What people ask, and what their documents hold, is for nobody else of this machine.
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            yield
        except (BrokenPipeError, Timeout):
            raise  # whoever read our progress has gone, or another writes: the disk is well
        except OSError as error:
            if error.errno in _NOT_OURS:
                raise HomeUnusable(
                    f"{self.path}: cannot be written ({error.strerror});"
                    " change its rights, or choose another with --home"
                ) from error
            raise HomeUnusable(
                f"{self.path}: writing failed ({error.strerror or error}); free some space and"
                " run it again; nothing was lost"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the right to write; the lock of a process that died is free.

        Raises:
            RebuildRunning: If another process holds it.
            HomeUnusable: If the home cannot be written.
        """
        lock = FileLock(self.path / "lock")
        try:
            with self.writable():
                lock.acquire(timeout=0)
        except Timeout:
            raise RebuildRunning(
                f"{self.path}: another rebuild is at work; when it has ended, run: readout rebuild"
            ) from None
        try:
            yield
        finally:
            lock.release()


def _root_of(path: Path | str) -> str:
    if str(path) != BUNDLED:
        return resolve_root(Path(path))
    if isinstance(path, str) and os.path.lexists(path):
        raise UnreadableSource(
            f"{BUNDLED}: stands for the documents that come with Readout; to add what has that"
            f" name here, write ./{BUNDLED}; to add those, do it from another folder"
        )
    return BUNDLED
