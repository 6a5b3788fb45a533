"""Nearest vectors by inner product, with FAISS."""

from pathlib import Path

import faiss
import numpy as np

from index.encoder import Vectors


class VectorIndex:
    """Exact search over unit vectors; a vector's number is its passage's number."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> "VectorIndex":
        """Makes an index of the rows of ``vectors``, numbered from 0."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "VectorIndex":
        """Reads an index that `save` wrote. Raises RuntimeError if it cannot be read."""
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        """Writes the index to a file."""
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(self, query: Vectors, k: int) -> dict[int, float]:
        """Returns the cosine of each of the ``k`` nearest passages, by number.

        Args:
            query: One unit vector, of shape (1, dimension).
            k: How many; all, if there are fewer.
        """
        scores, numbers = self._index.search(query, min(k, len(self)))
        return {
            int(number): float(score)
            for number, score in zip(numbers[0], scores[0], strict=True)
            if number >= 0
        }

    def get(self, numbers: list[int]) -> Vectors:
        """Returns the vectors of the given passages, one row each."""
        if not numbers:
            return np.empty((0, self.dimension), np.float32)
        rows: Vectors = self._index.reconstruct_batch(np.array(numbers, np.int64))
        return rows
