"""Writing so that a power cut leaves the old or the new, never a mixture."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# Seconds after which nobody is still at work with what he meant to move or to delete.
_LEFT_S = 24 * 3600


def sync(path: Path) -> None:
    """Flushes a file or a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def as_os_error(*kinds: type[Exception]) -> Iterator[None]:
    """Tells a library's own errors of writing as what they are: the disk's."""
    try:
        yield
    except kinds as error:
        raise OSError(str(error)) from error


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replaces a file's content in one step that survives a crash.

    One at a time: whoever else may write this file must wait, as for a lock.

    Args:
        path: The file.
        text: Its new content.
        mode: Who may read and write it, before the process's umask.
    """
    # Always of the same name: of all that are killed here, one file at most is left.
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    try:
        with open(
            beside, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)
        ) as out:
            out.write(text)
        sync(beside)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def delete_left(folder: Path, pattern: str) -> None:
    """Deletes what processes that were killed left in a folder, a day later.

    Whoever is at work with such a file or folder needs minutes at most.
    """
    for path in folder.glob(pattern):
        with suppress(OSError):  # another may do the same, or none may
            if time.time() - path.stat().st_mtime < _LEFT_S:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def write_json(path: Path, value: Any, mode: int = 0o644) -> None:  # noqa: ANN401 (as JSON)
    """Replaces a file's content by ``value`` as indented JSON, as `write_atomically` does."""
    write_atomically(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n", mode)


def read_json(path: Path) -> Any:  # noqa: ANN401 (as JSON)
    """Returns what a file of JSON holds.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is no JSON, also if it is nested deeper than Python can follow.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
