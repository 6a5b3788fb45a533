"""The files of a generation: sealed when it is built, checked when it is opened."""

from dataclasses import astuple
from pathlib import Path

from index.durable import read_json, sha256_of, sync, write_json
from index.errors import DamagedIndex, HomeUnusable, IndexingError
from index.stamps import FileStamp


def seal(folder: Path) -> dict[str, str]:
    """Flushes every file and folder of a generation; returns the files' SHA-256 (hex)."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(".lock"):
            path.unlink()  # Tantivy's; a generation is never written again
            continue
        sync(path)
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = sha256_of(path)
    sync(folder)
    return files


def check_every_byte(folder: Path, files: dict[str, str]) -> None:
    """Raises DamagedIndex, naming the file, unless every file has its checksum.

    How the files looked is noted beside the folder, for `check_unchanged`. Raises HomeUnusable if
    a file is there and cannot be read.
    """
    stamps = {}
    for name, expected in files.items():
        path = folder / name
        try:
            stamps[name] = FileStamp.of(path)  # before it is read: what comes after must show
            found = sha256_of(path)
        except OSError as error:
            raise unreadable(path, error) from error
        if found != expected:
            raise damaged(path)
    if all(stamp.is_settled() for stamp in stamps.values()):
        _note(folder, stamps)


def check_unchanged(folder: Path, files: dict[str, str]) -> None:
    """Does what `check_every_byte` does, but reads nothing if no file looks changed since then.

    To read a million passages takes seconds. Whoever writes to a file changes its times, and
    cannot set the one of them that counts. What rots on the disk by itself does not show so:
    `check_every_byte` finds it, and a text is compared with its checksum whenever it is read.
    """
    try:
        if _noted(folder) == {name: FileStamp.of(folder / name) for name in files}:
            return
    except (OSError, ValueError, TypeError, AttributeError):
        pass  # nothing was noted, or a file is gone
    check_every_byte(folder, files)


def forget_checks(folder: Path) -> None:
    """Deletes what was noted of a generation's files."""
    _notes(folder).unlink(missing_ok=True)


def damaged(path: Path) -> DamagedIndex:
    """Returns the error that tells of a damaged file or folder."""
    return DamagedIndex(f"{path}: damaged or missing, so it is not served; run: readout rebuild")


def unreadable(path: Path, error: Exception) -> IndexingError:
    """Returns the error that tells of a file or folder that could not be read.

    One that is there but cannot be read just now, for want of rights or of open files, or because
    a disk is away, may be whole: it must not be taken for lost.
    """
    gone = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
    if not isinstance(error, OSError) or error.errno is None or gone:
        return damaged(path)
    return HomeUnusable(
        f"{path}: cannot be read ({error.strerror}); mend that and run it again; if it cannot be"
        " mended, move that generation's folder away and run: readout rebuild"
    )


def _notes(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.checked.json")


def _note(folder: Path, stamps: dict[str, FileStamp]) -> None:
    try:
        write_json(_notes(folder), {name: astuple(stamp) for name, stamp in stamps.items()})
    except OSError:
        return  # a home that cannot be written is read whole each time


def _noted(folder: Path) -> dict[str, FileStamp]:
    noted = read_json(_notes(folder))
    return {name: FileStamp(*stamp) for name, stamp in noted.items()}
