"""What a question's words about time mean, by rules that can be read.

A stretch of time is read where its words can hardly mean anything else. A year alone needs a word
of time before it (*in 2022*, *since 2022*): before a noun it is mostly part of a name (the 2030
Agenda, the 2022 budget), whose documents may be of any year. A month needs its year, or *last*. Not
read are *today*, which mostly means *nowadays*, and what is still to come.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from assistant.datewords import COUNTED, POINTS, Words, period_of
from assistant.periods import Period
from corpus import Span

Order = Literal["latest", "earliest"]

_DAY = timedelta(days=1)

# What stands before a stretch of time and says how it is meant. *from* and *between* open a range.
_BEFORE = re.compile(
    r"\b(?P<how>since|after|before|prior to|until|till|up to|by|in|during|throughout|from|between)"
    r"\s+(?P<the>the\s+)?(?P<year>year\s+)?$",
    re.IGNORECASE,
)
_ONWARDS = re.compile(r"\s+on(?:wards?)?\b(?!\s+\w)", re.IGNORECASE)
_TO = re.compile(r"\s+(?:to|through|until|till)\s+|\s*[-–—]\s*", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_BESIDE = re.compile(r",?\s+(?:and|or)\s+|,\s+", re.IGNORECASE)

_ABOUT_DOCUMENTS = (
    r"(?:statements?|releases?|readouts?|reports?|briefings?|documents?|articles?|messages?"
    r"|announcements?|letters?|speech(?:es)?|remarks|mentions?|notices?|posts?|interviews?)"
)
# *First* is about the documents only where it stands before a word for one.
_ORDERS: tuple[tuple[Order, re.Pattern[str]], ...] = (
    ("latest", re.compile(r"\b(?<!at the )(?:latest|newest|most recent(?:ly)?)\b", re.IGNORECASE)),
    (
        "earliest",
        re.compile(
            r"\b(?:[Ee]arliest|[Oo]ldest|[Ff]irst(?:[- ]ever)?)"
            rf"(?=\s+(?:[a-z][\w’'-]*\s+)?{_ABOUT_DOCUMENTS}\b)"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class DateReading:
    """What the words about time in a question were understood as.

    Attributes:
        spans: Where in the question these words stand, in their order; no two overlap.
        since: The first day meant; None if that is open.
        until: The last day meant; None if that is open.
        order: Which documents are to come first by their day, or None.
    """

    spans: tuple[Span, ...]
    since: date | None = None
    until: date | None = None
    order: Order | None = None

    @property
    def period(self) -> Period | None:
        """The days meant, or None if any."""
        return Period(self.since, self.until) if self.since or self.until else None

    def words(self, question: str) -> str:
        """Returns the words that were understood."""
        return " … ".join(question[start:end] for start, end in self.spans)


class _Stretch(NamedTuple):
    """Days that a question names, and where.

    Attributes:
        start: Where its words begin.
        end: Where they end.
        period: The days.
    """

    start: int
    end: int
    period: Period


def read_dates(question: str, today: date) -> DateReading | None:
    """Returns what a question's words about time mean, or None if it has none to go by.

    Of several stretches the days are taken that they have in common (*since 2015 … in June 2022*);
    where they have none, none of them is read.

    Args:
        question: The question.
        today: The day of asking, from which words such as *last October* count.
    """
    found: list[_Stretch] = []
    with suppress(ValueError, OverflowError):  # beyond the calendar
        found = [
            known
            for stretch in _stretches(question, today)
            if (known := _by_now(stretch, today)) is not None
        ]
    period: Period | None = Period(None, None)
    for stretch in found:
        period = period and period.common(stretch.period)
    if period is None:
        found, period = [], Period(None, None)
    order, place = _order(question)
    spans = [Span(stretch.start, stretch.end) for stretch in found]
    if place and not any(place.start < end and start < place.end for start, end in spans):
        spans.append(place)
    else:
        order = None
    if not spans:
        return None
    return DateReading(tuple(sorted(spans)), period.first, period.last, order)


def _by_now(stretch: _Stretch, today: date) -> _Stretch | None:
    """Leaves out what has not begun, and what is open to both sides up to now."""
    first, last = stretch.period.first, stretch.period.last
    if (first and first > today) or (first is None and last and last >= today):
        return None
    return stretch


def _order(question: str) -> tuple[Order | None, Span | None]:
    for order, words in _ORDERS:
        if match := words.search(question):
            return order, Span(*match.span())
    return None, None


def _stretches(question: str, today: date) -> Iterator[_Stretch]:
    """Yields the stretches of time that a question names, in order."""
    points = _points(question)
    while points:
        first = points.pop(0)
        before = _BEFORE.search(question, 0, first.start)
        how = before["how"].lower() if before else ""
        period, end, joined = _joined(question, first, points, how, today)
        if period is None:
            continue
        onwards = _ONWARDS.match(question, end)
        if first.weak and not _is_year(before, is_range=bool(joined or onwards)):
            continue
        if first.counts and not onwards and COUNTED.match(question, end):
            continue
        if how == "from" and onwards and not joined:
            period, end = Period(period.first, None), onwards.end()
        elif not joined:
            period = _bounded(period, how, ends=first.names_end)
        yield _Stretch(before.start("how") if before else first.start, end, period)


def _is_year(before: re.Match[str] | None, *, is_range: bool) -> bool:
    """Whether the words before a bare number make it a year; *in the 2022* opens a name."""
    if before is None or (before["the"] and not before["year"]):
        return False
    return is_range or before["how"].lower() not in ("from", "between")


def _joined(
    question: str, first: Words, rest: list[Words], how: str, today: date
) -> tuple[Period | None, int, bool]:
    """Joins a stretch with those after it that belong to it, which are taken off ``rest``.

    Returns:
        The days, where the words end, and whether there were several.
    """
    period, end, joined = period_of(first, today), first.end, False
    while rest:
        between, following = question[end : rest[0].start], period_of(rest[0], today)
        if following is None:
            break
        is_range = _TO.fullmatch(between) or (how == "between" and _AND.fullmatch(between))
        beside = _BESIDE.fullmatch(between)
        if not (is_range or beside):
            break
        if period is None and following.first:  # "from May to July 2021"
            period = period_of(first, today, following.first.year)
            if period and period.first and period.first > following.first:
                period = period_of(first, today, following.first.year - 1)
        if period is None:
            break
        touching = period.last and following.first and period.last + _DAY == following.first
        if not (touching or is_range) or (period.first or date.min) > (following.last or date.max):
            break
        period, end, joined = Period(period.first, following.last), rest.pop(0).end, True
    return period, end, joined


def _bounded(period: Period, how: str, *, ends: bool) -> Period:
    """Opens a stretch as the word before it says."""
    match how:
        case "since":
            return Period(period.first, None)
        case "after":
            return Period(period.last and period.last + _DAY, None)
        case "before" | "prior to" if not ends:
            return Period(None, period.first and period.first - _DAY)
        case "until" | "till" | "up to" | "by" | "before" | "prior to":
            return Period(None, period.last)
    return period


def _points(question: str) -> list[Words]:
    """The words that name days, in order; of those that overlap, the first and longest."""
    found = sorted(
        (Words(match.start(), match.end(), shape, match) for shape, pattern in POINTS.items()
         for match in pattern.finditer(question)),
        key=lambda words: (words.start, -words.end),
    )  # fmt: skip
    apart: list[Words] = []
    for words in found:
        if not apart or words.start >= apart[-1].end:
            apart.append(words)
    return apart
