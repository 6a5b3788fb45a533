"""The engine of one machine: FAISS for meaning and Tantivy for words, in the generation itself."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from index.encoder import Vectors
from index.engine import Candidates, Query
from index.filters import Selection
from index.lexical import Entry, LexicalIndex
from index.rows import Rows
from index.vectors import VectorIndex, cells_for, write_index

LEXICAL = "lexical"


def write_local(
    folder: Path, rows: Rows, passages: Iterable[Entry], step: Callable[[int], None]
) -> None:
    """Writes both indexes of a generation.

    Args:
        folder: The generation's, where `index.vectors.new_rows` put ``rows``.
        rows: The vectors.
        passages: The passages, in the order of their numbers.
        step: Told how many passages are written, of as many as there are.
    """
    count, dimension = rows.shape
    shutil.rmtree(folder / LEXICAL, ignore_errors=True)  # of an earlier run that was stopped
    (folder / LEXICAL).mkdir()
    LexicalIndex.build(folder / LEXICAL, passages, lambda done: step(done // 2))
    cells = cells_for(count, dimension)
    write_index(folder, rows, cells, lambda done: step((count + done) // 2))


class LocalEngine:
    """FAISS and Tantivy; see `index.engine.Engine`."""

    def __init__(self, folder: Path) -> None:
        """Opens both indexes of a generation.

        Raises:
            RuntimeError: If one cannot be read.
            OSError: Likewise.
            ValueError: Likewise, or if they do not hold the same number of passages.
        """
        self._vectors = VectorIndex(folder)
        self._lexical = LexicalIndex.load(folder / LEXICAL)
        if len(self._vectors) != len(self._lexical):
            raise ValueError("vectors and words are not of the same passages")

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._vectors.dimension

    @property
    def kind(self) -> str:
        """How it searches, for people."""
        return self._vectors.kind

    def candidates(self, query: Query, pool: int, among: Selection | None) -> Candidates:
        """Returns the best passages by meaning and by words, up to ``pool`` by each."""
        dense = self._vectors.search(query.vector, pool, among.numbers if among else None)
        lexical = self._lexical.search(query.terms, pool, among, query.forms)
        # Each candidate gets both scores, whichever search it came from.
        missing = [number for number in lexical if number not in dense]
        cosines = (self._vectors.get(missing) @ query.vector[0]).tolist()
        dense.update(zip(missing, cosines, strict=True))
        unmatched = [number for number in dense if number not in lexical]
        lexical.update(self._lexical.score(query.terms, unmatched, query.forms))
        return Candidates(dense, lexical)

    def nearest(self, vector: Vectors) -> float:
        """Returns the cosine of the passage nearest to a vector."""
        [cosine] = self._vectors.search(vector, 1).values()
        return cosine

    def get(self, numbers: Sequence[int]) -> Vectors:
        """Returns the vectors of the given passages, one row each."""
        return self._vectors.get(numbers)

    def frequency(self, term: str) -> int:
        """Returns in how many passages a term stands, or in how many passages' titles if more."""
        return self._lexical.frequency(term)

    def announce(self) -> None:
        """Does nothing: ``CURRENT`` tells it."""

    def check_every_row(self) -> None:
        """Does nothing: both indexes are files, which have checksums."""
