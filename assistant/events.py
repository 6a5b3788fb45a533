"""Days that a question names by an event: *before the Brussels summit*, *at the 11th*.

When an event was, the corpus itself tells: the documents that have its words in their titles, if
they are of nearly the same day. Where they are not (*before the meeting*), it is not read.
"""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from assistant.dates import DateReading, read_dates
from assistant.periods import Period
from corpus import Document, Span
from index import Generation, analyze, content_words

# Passages whose documents are looked at for the words of an event in their titles.
_WIDE = 100

# Days within which documents are of one event: it is announced, held, and told of.
_ONE_EVENT = timedelta(days=10)

_EVENT = re.compile(
    r"\b(?P<how>before|prior to|ahead of|after|following|since|until|till|up to)\s+"
    r"(?P<event>the\s+(?:[^,;:.?!]|\.(?=[\w-]))+)",
    re.IGNORECASE,
)

# What makes it an event whose documents tell its day. Of *the invasion* they tell for years.
_IS_EVENT = re.compile(
    r"\b(?:assembl|ceremon|conferenc|congress|consultation|dialogue|forum|gathering|inauguration"
    r"|meeting|ministerial|roundtable|session|summit|symposium|talks|tour|visit|workshop)",
    re.IGNORECASE,
)

# Where the name of an event may end before its clause does: *the summit in Brussels with …*.
_MAY_END = re.compile(
    r"\s+(?=(?:in|at|on|of|for|with|by|and|or|to|about|who|what|when|where|which|how|did|was|were"
    r"|is|has|had)\b)",
    re.IGNORECASE,
)

# An ordinal with no noun after it. The first and the second are mostly of something just named.
_NTH = re.compile(
    r"\bthe\s+(?P<nth>\w+-?\w*(?:th|rd)|\d+1st|\d+2nd)\b"
    r"(?=\s*(?:$|[,;:.?!)])|\s+(?:and|or|was|were|is|did|has|had|take|took|held|happen\w*)\b)",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\bon\s+the\s+(?P<day>[1-9]|[12]\d|3[01])(?:st|nd|rd|th)\b(?=\s*(?:$|[,;:.?!)]))",
    re.IGNORECASE,
)


def read_time(generation: Generation, question: str, today: date) -> DateReading | None:
    """Returns what a question's words about time mean, events of the corpus among them.

    Args:
        generation: The corpus, which tells when an event was.
        question: The question.
        today: The day of asking, from which words such as *last October* count.

    Returns:
        What was understood; None if the question has no words to go by. Dates that are written
        out go before events.
    """
    reading = read_dates(question, today)
    if reading and reading.period:
        return reading
    found = _day_of_month(question, today) or _around(generation, question)
    if found is None:
        return reading
    span, period = found
    spans = tuple(sorted([span, *(reading.spans if reading else ())]))
    named = DateReading(spans, period.first, period.last)
    return replace(named, order=reading.order) if reading else named


def _day_of_month(question: str, today: date) -> tuple[Span, Period] | None:
    """*On the 11th*: the last one there was."""
    match = _DAY.search(question)
    if match is None:
        return None
    number = int(match["day"])
    year, month = today.year, today.month
    while number > monthrange(year, month)[1] or date(year, month, number) > today:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    day = date(year, month, number)
    return Span(*match.span()), Period(day, day)


def _around(generation: Generation, question: str) -> tuple[Span, Period] | None:
    for match in _EVENT.finditer(question):
        for end in _ends(match):
            name = question[match.start("event") : end]
            if _IS_EVENT.search(name) and (days := _days_of(generation, name)):
                return Span(match.start(), end), _sided(match["how"].lower(), days)
    for match in _NTH.finditer(question):
        is_ordinal = any(term[0].isdigit() for term in content_words(match["nth"]).values())
        if is_ordinal and (days := _days_of(generation, match["nth"])):  # and not *the month*
            return Span(*match.span()), Period(min(days), max(days))
    return None


def _ends(match: re.Match[str]) -> Iterator[int]:
    """Yields where the name of an event may end, farthest first."""
    start, end = match.span("event")
    yield end
    for shorter in reversed(list(_MAY_END.finditer(match.string, start, end))):
        yield shorter.start()


def _sided(how: str, days: Counter[date]) -> Period:
    """The days before an event, or since it: what is told of one comes out the same day."""
    day = min(days, key=lambda day: (-days[day], day))
    match how:
        case "after" | "following" | "since":
            return Period(day, None)
        case "until" | "till" | "up to":
            return Period(None, day)
    return Period(None, day - timedelta(days=1))


def _days_of(generation: Generation, name: str) -> Counter[date] | None:
    """Returns the days of the documents whose titles have the words of a name, if of one event."""
    terms = frozenset(content_words(name).values())
    if not terms or not all(map(generation.rarity, terms)):
        return None
    hits = generation.search(name, _WIDE)
    documents = map(generation.document, {hit.passage.document_id for hit in hits})
    days = Counter(
        day
        for document in documents
        if terms <= frozenset(analyze(document.title)) and (day := _day(document))
    )
    if not days or max(days) - min(days) > _ONE_EVENT:
        return None
    return days


def _day(document: Document) -> date | None:
    return document.event_date or document.published
