"""How a file looked, so that it need not be read again while it looks so."""

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Size and times of a file.

    Attributes:
        size: In bytes.
        modified: ``st_mtime_ns``.
        changed: ``st_ctime_ns``, which no program can set.
    """

    size: int
    modified: int
    changed: int

    def is_settled(self) -> bool:
        """Returns whether a later change must show in the times: file systems' clocks tick.

        A file that changed moments ago may change again within one tick, unseen (git's "racy"
        entries; two seconds is the coarsest tick of file systems in use, FAT's).
        """
        return time.time_ns() - max(self.modified, self.changed) > 2_000_000_000

    @classmethod
    def of(cls, path: Path) -> "FileStamp":
        """Raises OSError if the file is not there."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is remembered of a file that was read.

    Attributes:
        stamp: How it looked; None if it had changed too recently for that to tell anything.
        sha256: SHA-256 (hex) of its bytes.
        sidecar: The file beside it that described it, or None.
    """

    stamp: FileStamp | None
    sha256: str
    sidecar: str | None = None
