"""May a home be written to, by whom just now, and is there room for another generation?"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from filelock import FileLock, Timeout

from index.home import Home
from index.state import generation_states

# What a build may take beside the generation: above all an encoder while it is compiled.
_BESIDE = 300_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """Space on the disk of a home.

    Attributes:
        free: Bytes that are free.
        needed: Bytes that a rebuild takes until the generation before the last is deleted.
    """

    free: int
    needed: int


def room(home: Home) -> Room:
    """Returns what is free on the disk of a home, and what a rebuild needs of it.

    Raises:
        OSError: If the disk does not tell.
    """
    serving = sum(state.bytes for state in generation_states(home) if state.serves)
    return Room(shutil.disk_usage(_nearest(home.path)).free, serving + _BESIDE)


def why_not_writable(home: Home) -> str | None:
    """Returns why nothing can be written to a home, or None if it can; nothing is left there."""
    try:
        with TemporaryFile(dir=_nearest(home.path)):
            return None
    except OSError as error:
        return error.strerror or str(error)


def is_rebuilding(home: Home) -> bool:
    """Returns whether a process holds the right to write to a home."""
    place = home.path / "lock"
    if not place.exists():
        return False
    try:
        # Held for no time: a rebuild that begins in this very moment would be told to wait.
        with FileLock(place).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # no lock can be taken where nothing can be written
        return False


def _nearest(path: Path) -> Path:
    """Returns the folder, or where there is none yet, the one above it that is there."""
    return next(place for place in (path, *path.parents) if place.exists())
