"""Nearest vectors by cosine, with FAISS: all of them compared, or only those in near cells."""

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import faiss
import numpy as np

from index.encoder import Vectors
from index.filters import Numbers
from index.rows import Rows

#: Passages up to which every vector is compared with the query. Exact search takes 9 ms at
#: 50,000 of 384 dimensions on two cores, and grows with the corpus; see docs/measurements.md.
EXACT_UP_TO = 50_000

# Share of the cells that a query visits. With 1/16, and as many cells as the square root of the
# count, 0.9997 of the ten nearest are found in a million; with 1/32, 0.996.
_VISITED = 1 / 16

# Candidates, for each vector asked for, that are compared again at full precision: one byte a
# dimension puts 2 in 100 of the ten nearest a few places too far down.
_AGAIN = 2

# Vectors a cell is trained on (FAISS warns below 39), iterations of k-means, and its seed.
_SAMPLE, _ITERATIONS, _SEED = 64, 10, 1

# Vectors added to an index at once.
_BATCH = 65_536

_INDEX = "vectors.faiss"

#: The file of vectors, while a generation is built and where its index does not hold them.
ROWS = "vectors.npy"


def cells_for(count: int, dimension: int) -> int:
    """Decides how vectors are indexed: the one place that does.

    Returns:
        How many cells to part ``count`` vectors into; 0 to compare all of them, which is exact.
        They are compared up to `EXACT_UP_TO`, and only if they fit an eighth of the memory of
        this machine.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if count <= EXACT_UP_TO and count * dimension * 4 <= memory / 8:
        return 0
    return math.isqrt(count)


def new_rows(folder: Path, count: int, dimension: int) -> Rows:
    """Returns a file for the vectors of a generation that `write_index` takes up."""
    return Rows.create(folder / ROWS, count, dimension)


def write_index(
    folder: Path, rows: Rows, cells: int, on_added: Callable[[int], None] = lambda _: None
) -> None:
    """Writes the index of the unit vectors in ``rows``; a vector's number is its row's.

    Args:
        folder: Where `new_rows` put them.
        rows: The vectors.
        cells: As `cells_for` says.
        on_added: Told how many vectors were added so far.

    Raises:
        OSError: If it cannot be written.
    """
    count, dimension = rows.shape
    index = _trained(rows, cells) if cells else faiss.IndexFlatIP(dimension)
    for start in range(0, count, _BATCH):
        end = min(start + _BATCH, count)
        index.add(rows.between(start, end))
        on_added(end)
    # Written by Python: FAISS's own writer does not tell what fails when it closes the file.
    with (folder / _INDEX).open("wb") as out:
        faiss.write_index(index, faiss.PyCallbackIOWriter(out.write))
    if not cells:
        (folder / ROWS).unlink()  # an exact index holds the rows itself


def _trained(rows: Rows, cells: int) -> faiss.Index:
    count, dimension = rows.shape
    index = faiss.IndexIVFScalarQuantizer(
        *(faiss.IndexFlatIP(dimension), dimension, cells),
        *(faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT),
    )
    index.nprobe = max(1, math.ceil(cells * _VISITED))
    index.cp.niter, index.cp.seed, index.cp.max_points_per_centroid = _ITERATIONS, _SEED, _SAMPLE
    chosen = np.random.default_rng(_SEED).permutation(count)[: cells * _SAMPLE]
    index.train(rows.get(np.sort(chosen).tolist()))
    return index


class VectorIndex:
    """Nearest passages by cosine; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Opens the index of a generation; its vectors stay on disk until they are needed.

        Raises:
            RuntimeError: If it cannot be read.
            OSError: If its vectors cannot be read.
        """
        # Mapped, not read: opening costs nothing, and processes share the memory.
        self._index = faiss.read_index(str(folder / _INDEX), faiss.IO_FLAG_MMAP_IFC)
        self._cells = isinstance(self._index, faiss.IndexIVF)
        self._rows = Rows.open(folder / ROWS) if self._cells else None

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def kind(self) -> str:
        """How it searches, for people."""
        if not self._cells:
            return "exact"
        return f"IVF, {self._index.nprobe} of {self._index.nlist} cells, 8 bits, rescored"

    def search(self, query: Vectors, k: int, among: Numbers | None = None) -> dict[int, float]:
        """Returns the cosine of each of the ``k`` nearest passages, by number.

        Args:
            query: One unit vector, of shape (1, dimension).
            k: How many; all, if there are fewer.
            among: The numbers of the passages to search among; else all.
        """
        allowed = len(self) if among is None else len(among)
        k = min(k, allowed)
        if k == 0:
            return {}
        selector = None if among is None else _selector(among, len(self))
        if not self._cells:
            parameters = faiss.SearchParameters(sel=selector) if selector else None
            scores, numbers = self._index.search(query, k, params=parameters)
            return {
                int(number): float(score)
                for number, score in zip(numbers[0], scores[0], strict=True)
                if number >= 0
            }
        # The fewer may be found, the more cells must be looked into to see as many of them.
        probe = min(self._index.nlist, math.ceil(self._index.nprobe * len(self) / allowed))
        parameters = faiss.SearchParametersIVF(nprobe=probe, sel=selector)
        _, numbers = self._index.search(query, min(_AGAIN * k, allowed), params=parameters)
        found = np.sort(numbers[0][numbers[0] >= 0])
        cosines = self.get(found.tolist()) @ query[0]
        nearest = np.lexsort((found, -cosines))[:k]
        return dict(zip(found[nearest].tolist(), cosines[nearest].tolist(), strict=True))

    def get(self, numbers: Sequence[int]) -> Vectors:
        """Returns the vectors of the given passages, one row each."""
        if not len(numbers):
            return np.empty((0, self.dimension), np.float32)
        if self._rows is not None:
            return self._rows.get(numbers)
        rows: Vectors = self._index.reconstruct_batch(np.array(numbers, np.int64))
        return rows


def _selector(among: Numbers, count: int) -> faiss.IDSelector:
    bits = np.zeros(count, np.bool_)
    bits[among] = True
    return faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))
