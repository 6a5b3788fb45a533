"""Which part of the corpus a search may find."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a passage's document must be for a search to find it.

    Attributes:
        documents: Ids; it must be one of them. Empty: any.
        sources: Files or folders, as `Document.source` names them; it must be from one of them.
            Empty: any.
        since: First day; it must be published, or report an event, on that day or later.
        until: Last day, likewise; with ``since``, one of its two dates must lie between.
        publishers: As `Document.publisher` names them; it must be by one of them. Empty: any.
        media_types: As `Document.media_type`; it must be of one of them. Empty: any.
    """

    documents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    publishers: frozenset[str] = frozenset()
    media_types: frozenset[str] = frozenset()

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day, or None if any day will do."""
        if self.since is None and self.until is None:
            return None
        return self.since or date.min, self.until or date.max


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages of one generation that a `Filter` lets through.

    Attributes:
        numbers: Their numbers, rising.
        spans: Half-open ranges of passage numbers that hold what a `Filter` lets through,
            whatever the days; None if all but the days let all through.
        wanted: The filter itself.
    """

    numbers: Numbers
    spans: tuple[tuple[int, int], ...] | None
    wanted: Filter

    @property
    def days(self) -> tuple[date, date] | None:
        """As `Filter.days`."""
        return self.wanted.days

    def lets_through(self, number: int) -> bool:
        """Returns whether a passage may be found."""
        place = int(np.searchsorted(self.numbers, number))
        return place < len(self.numbers) and int(self.numbers[place]) == number
