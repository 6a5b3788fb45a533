"""A map of a generation: where on a plane its passages stand, and what else is put among them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from index.encoder import Vectors
from index.filters import Numbers
from index.generation import Generation
from index.layout import Coordinates
from index.outlines import Outline
from index.projection import place, project

#: Passages on a map at most: more would hide each other, and take longer than one likes to wait.
MOST_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Atlas:
    """Passages of a generation on a plane.

    Attributes:
        generation: Whose.
        documents: All its documents, in the order of their passages.
        numbers: The passages on the map, rising; spread evenly if they are not all.
        vectors: Their vectors, one a row.
        points: Where they stand, one a row, from 0 to 1.
        places: Of each its document's place in ``documents``.
    """

    generation: Generation
    documents: tuple[Outline, ...]
    numbers: Numbers
    vectors: Vectors
    points: Coordinates
    places: Numbers

    @classmethod
    def of(
        cls,
        generation: Generation,
        documents: tuple[Outline, ...],
        most: int = MOST_POINTS,
        on_done: Callable[[float], None] = lambda _: None,
    ) -> Self:
        """Draws the map of a generation.

        Args:
            generation: Whose.
            documents: All its documents, as `Store.outlines` has them.
            most: How many passages to show at most.
            on_done: Told what share is done, 0 to 1.
        """
        total = generation.manifest.passages
        numbers = evenly(total, most)
        vectors = generation.vectors_of(numbers.tolist())
        firsts = [document.first for document in documents]
        # Of documents without passages, which begin where the next one does, the last is found.
        places = np.searchsorted(firsts, numbers, side="right") - 1
        return cls(generation, documents, numbers, vectors, project(vectors, on_done), places)

    def locate(self, numbers: Sequence[int]) -> Coordinates:
        """Returns where passages stand; one that is not on the map stands by those like it."""
        points = place(self.generation.vectors_of(numbers), self.vectors, self.points)
        rows = np.searchsorted(self.numbers, numbers)
        for index, (row, number) in enumerate(zip(rows.tolist(), numbers, strict=True)):
            if row < len(self.numbers) and self.numbers[row] == number:
                points[index] = self.points[row]
        return points

    def locate_vector(self, vector: Vectors) -> Coordinates:
        """Returns where a text stands whose vector, of shape (1, d), is known."""
        return place(vector, self.vectors, self.points)


def evenly(total: int, most: int) -> Numbers:
    """Returns at most ``most`` of the numbers below ``total``, rising and spread evenly."""
    return np.arange(total) if total <= most else np.arange(most) * total // most
