"""The home folder: all state of one Readout, and who may write to it."""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from corpus import BUNDLED, UnknownSource, resolve_root
from index.durable import write_atomically, write_json
from index.errors import HomeUnusable, NoIndex, RebuildRunning

_GENERATION = re.compile(r"\d{6,}")


def default_home() -> Path:
    """Returns ``READOUT_HOME``, or the platform's folder for application data."""
    return Path(os.environ.get("READOUT_HOME") or user_data_path("readout"))


class Home:
    """Where a Readout keeps its generations, its compiled encoders and its list of sources.

    Nothing is created until something is written.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().absolute()
        self.generations = self.path / "generations"
        self.models = self.path / "models"

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    @contextmanager
    def throw_away(self, sources: Iterable[Path]) -> Iterator["Home"]:
        """Gives a home for ``sources`` alone, deleted afterwards; it shares compiled encoders."""
        with self.writable():
            self.models.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="readout-") as folder:
            home = Home(folder)
            home.models = self.models
            home._save_roots([resolve_root(path) for path in sources])
            yield home

    def roots(self) -> list[str]:
        """Returns what was added, in order; a home that was never written to has the bundled."""
        try:
            listing = json.loads((self.path / "sources.json").read_text(encoding="utf-8"))
            return [str(root) for root in listing["roots"]]
        except (FileNotFoundError, NotADirectoryError):
            return [BUNDLED]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HomeUnusable(
                f"{self.path / 'sources.json'}: cannot be read ({error});"
                " restore it from a backup, or delete it and add your sources again"
            ) from error

    def add(self, path: Path) -> str:
        """Records a file or folder as part of the corpus and returns its root.

        Raises:
            UnreadableSource: If it is not there or of no known format.
            HomeUnusable: If the list cannot be written.
        """
        root = BUNDLED if str(path) == BUNDLED else resolve_root(path)
        roots = self.roots()
        if root not in roots:
            self._save_roots([*roots, root])
        return root

    def remove(self, path: Path) -> str:
        """Takes a file or folder off the list and returns its root.

        Raises:
            UnknownSource: If it was never added.
            HomeUnusable: If the list cannot be written.
        """
        roots = self.roots()
        for root in (str(path), str(Path(os.path.abspath(path)))):  # noqa: PTH100
            if root in roots:
                self._save_roots([kept for kept in roots if kept != root])
                return root
        known = ", ".join(roots) or "nothing"
        raise UnknownSource(f"{path}: was never added; added are: {known}")

    def _save_roots(self, roots: list[str]) -> None:
        with self.writable():
            write_json(self.path / "sources.json", {"schema": 1, "roots": roots})

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
        """Deletes every generation but the named ones."""
        for name in self.names():
            if name not in names:
                shutil.rmtree(self.generations / name, ignore_errors=True)

    @contextmanager
    def writable(self) -> Iterator[None]:
        """Creates the home if need be; tells a home that cannot be written as such.

        Raises:
            HomeUnusable: If writing fails for want of rights or space.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            yield
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise HomeUnusable(
                f"{self.path}: cannot be written ({error.strerror});"
                " change its rights, or choose another with --home"
            ) from error
        except OSError as error:
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
        with self.writable():
            lock = FileLock(self.path / "lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise RebuildRunning(
                    f"{self.path}: another rebuild is at work; wait until it has ended"
                ) from None
            try:
                yield
            finally:
                lock.release()
