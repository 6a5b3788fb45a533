"""Vectors in a file, read and written a few at a time, so that they fill no memory."""

import os
import weakref
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from index.encoder import Vectors


class Rows:
    """A ``.npy`` file of vectors.

    Not mapped: pages that were looked at would stay in memory, and to write a mapped page where
    the disk is full ends the process.
    """

    def __init__(self, descriptor: int, offset: int, shape: tuple[int, int]) -> None:
        """Takes an open file, where in it the vectors begin, how many they are and how long."""
        # Open until nobody needs it: a reader may outlive its generation's files.
        weakref.finalize(self, os.close, descriptor)
        self._descriptor = descriptor
        self._offset = offset
        self.shape = shape

    @classmethod
    def create(cls, path: Path, count: int, dimension: int) -> "Rows":
        """Makes a file for ``count`` vectors. Raises OSError if that cannot be done."""
        with path.open("wb") as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": (count, dimension)}
            npy.write_array_header_1_0(file, header)
            offset = file.tell()
        return cls(os.open(path, os.O_RDWR), offset, (count, dimension))

    @classmethod
    def resume(cls, path: Path) -> "Rows":
        """Opens a file to go on writing. Raises OSError or ValueError if it is no such file."""
        mapped = np.load(path, mmap_mode="r")
        return cls(os.open(path, os.O_RDWR), mapped.offset, mapped.shape)

    @classmethod
    def open(cls, path: Path) -> "Rows":
        """Opens a file to read. Raises OSError or ValueError if it is no such file."""
        mapped = np.load(path, mmap_mode="r")
        return cls(os.open(path, os.O_RDONLY), mapped.offset, mapped.shape)

    def get(self, numbers: Sequence[int]) -> Vectors:
        """Returns the vectors of the given numbers, one row each."""
        rows = np.empty((len(numbers), self.shape[1]), np.float32)
        for row, number in zip(rows, numbers, strict=True):
            os.preadv(self._descriptor, [row.data], self._place(number))
        return rows

    def put(self, numbers: Sequence[int], vectors: Vectors) -> None:
        """Writes the vectors of the given numbers."""
        for row, number in zip(np.ascontiguousarray(vectors), numbers, strict=True):
            os.pwrite(self._descriptor, row, self._place(number))

    def sync(self) -> None:
        """Flushes what was written to the disk."""
        os.fsync(self._descriptor)

    def between(self, start: int, end: int) -> Vectors:
        """Returns the vectors numbered ``start`` up to, not including, ``end``."""
        rows = np.empty((min(end, self.shape[0]) - start, self.shape[1]), np.float32)
        view = rows.data.cast("B")
        done = 0
        while done < len(view):  # one call reads 2 GiB at most
            read = os.preadv(self._descriptor, [view[done:]], self._place(start) + done)
            if not read:
                raise OSError("the file of vectors ends too early")
            done += read
        return rows

    def _place(self, number: int) -> int:
        return self._offset + number * self.shape[1] * 4
