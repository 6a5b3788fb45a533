"""Documents by time and by publisher, in few enough groups for bars and for colours."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from index.outlines import Outline

#: Group of a document that has no day, or no publisher.
UNKNOWN = -1
#: Group of a document whose publisher is none of the most frequent.
OTHER = -2

# Months of the periods that time is parted into.
_MONTH, _QUARTER, _YEAR = 1, 3, 12
_SIZES = (_MONTH, _QUARTER, _YEAR, 5 * _YEAR, 10 * _YEAR, 100 * _YEAR, 1000 * _YEAR)


@dataclass(frozen=True, slots=True)
class Periods:
    """Stretches of time of one length that follow each other.

    Attributes:
        months: Length of each, in months; a whole one ends with a year that its length divides.
        first: The first, counted in its own length from the year 0.
        count: How many.
    """

    months: int
    first: int
    count: int

    def of(self, day: date | None) -> int:
        """Returns which period a day lies in, from 0, or `UNKNOWN`."""
        return UNKNOWN if day is None else _month(day) // self.months - self.first

    def label(self, period: int) -> str:
        """Returns what a period is called: *May 2021*, *Apr–Jun 2021*, *2021*, *1990–1999*."""
        return f"{self.name(period)} {self.year(period)}".strip()

    def name(self, period: int) -> str:
        """Returns the name of a period within its year; none if it is as long or longer."""
        month = (self.first + period) * self.months % _YEAR + 1
        if self.months == _MONTH:
            return f"{date(2000, month, 1):%b}"
        if self.months == _QUARTER:
            return f"{date(2000, month, 1):%b}–{date(2000, month + 2, 1):%b}"
        return ""

    def year(self, period: int) -> str:
        """Returns the year of a period, or its first and last."""
        start = (self.first + period) * self.months // _YEAR
        return str(start) if self.months <= _YEAR else f"{start}–{start + self.months // _YEAR - 1}"


def periods(days: Iterable[date | None], most: int) -> Periods | None:
    """Returns the shortest periods of which ``most`` hold all days; None if no day is known.

    Args:
        days: The days; None where one is not known.
        most: How many periods there may be, at least 2. A thousand years are the longest, and
            there may be more of them.
    """
    months = [_month(day) for day in days if day is not None]
    if not months:
        return None
    fitting = (_between(min(months), max(months), size) for size in _SIZES)
    return next(
        (each for each in fitting if each.count <= most),
        _between(min(months), max(months), _SIZES[-1]),
    )


@dataclass(frozen=True, slots=True)
class Groups:
    """Documents in groups.

    Attributes:
        labels: What the groups are called.
        of: The group of each document: its place in ``labels``, `OTHER` or `UNKNOWN`.
    """

    labels: tuple[str, ...]
    of: tuple[int, ...]


def by_time(documents: Sequence[Outline], most: int) -> Groups:
    """Groups documents by day, in at most ``most`` periods, the earliest first."""
    days = [document.day for document in documents]
    found = periods(days, most)
    if found is None:
        return Groups((), (UNKNOWN,) * len(days))
    labels = tuple(map(found.label, range(found.count)))
    return Groups(labels, tuple(map(found.of, days)))


def by_publisher(documents: Sequence[Outline], most: int) -> Groups:
    """Groups documents by publisher: the ``most`` with the most passages, those first."""
    passages: Counter[str] = Counter()
    for document in documents:
        if document.publisher:
            passages[document.publisher] += document.passages
    labels = sorted(passages, key=lambda name: (-passages[name], name))[:most]
    places = {label: place for place, label in enumerate(labels)}
    return Groups(
        tuple(labels),
        tuple(
            places.get(document.publisher, OTHER) if document.publisher else UNKNOWN
            for document in documents
        ),
    )


def _month(day: date) -> int:
    return day.year * _YEAR + day.month - 1


def _between(first: int, last: int, size: int) -> Periods:
    return Periods(size, first // size, last // size - first // size + 1)
