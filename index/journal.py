"""Vectors of a build that is not finished, so that a stopped one need not encode them again."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.encoder import Vectors


class Journal:
    """A file of vectors by the hash of what was embedded; of one encoder only."""

    def __init__(self, path: Path, encoder: str) -> None:
        """Opens the journal, empty if it is new, of another encoder, or unreadable.

        Raises:
            sqlite3.OperationalError: If the disk is full or failing.
        """
        self._connection = sqlite3.connect(path)
        try:
            self._open(encoder)
        except sqlite3.OperationalError:
            self.close()
            raise  # no fault of the file: what it holds is kept for another time
        except sqlite3.DatabaseError:
            self.close()
            path.unlink()
            self._connection = sqlite3.connect(path)
            self._open(encoder)

    def _open(self, encoder: str) -> None:
        [(found,)] = self._connection.execute("PRAGMA quick_check(1)")
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        self._connection.executescript(
            "CREATE TABLE IF NOT EXISTS encoder (identity TEXT PRIMARY KEY);"
            "CREATE TABLE IF NOT EXISTS vectors (embedded BLOB PRIMARY KEY, vector BLOB NOT NULL);"
        )
        if self._connection.execute("SELECT identity FROM encoder").fetchall() != [(encoder,)]:
            with self._connection:
                self._connection.execute("DELETE FROM vectors")
                self._connection.execute("DELETE FROM encoder")
                self._connection.execute("INSERT INTO encoder VALUES (?)", (encoder,))

    def keys(self) -> set[bytes]:
        """Returns the hashes of all that was encoded."""
        return {key for (key,) in self._connection.execute("SELECT embedded FROM vectors")}

    def get(self, key: bytes) -> Vectors:
        """Returns the vector of an embedded text whose hash is among the `keys`."""
        [(vector,)] = self._connection.execute(
            "SELECT vector FROM vectors WHERE embedded = ?", (key,)
        )
        return np.frombuffer(vector, np.float32)

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keeps vectors, safe against the death of this process from then on."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                ((key, row.tobytes()) for key, row in zip(keys, vectors, strict=True)),
            )

    def close(self) -> None:
        """Closes the file and leaves it for the next build."""
        self._connection.close()
