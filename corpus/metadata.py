"""What a text's opening says of it: title, publication date, and the day it tells of."""

import re
from contextlib import suppress
from datetime import date, timedelta

from corpus.sentences import paragraph_spans

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ISO = r"(?P<iso>(?:19|20)\d\d-\d\d-\d\d)"
_DATES = (
    re.compile(_ISO),
    re.compile(rf"{_MONTH}\s+{_DAY}(?:,?\s+{_YEAR})?\b"),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?\b"),
)
# The white space is never given back (``*+``): else a text of blank lines takes seconds.
_DATE_LINE = re.compile(rf"\s*+(?:date|published|posted|released)?:?\s*+{_ISO}\b", re.IGNORECASE)
_RELATIVE = {"yesterday": -1, "today": 0, "tomorrow": 1}
_RELATIVE_WORD = re.compile(r"\b(today|yesterday|tomorrow)\b", re.IGNORECASE)

# A title is a line, not a sentence; a dateline or an event stands near the top.
_LONGEST_TITLE = 200
_OPENING = 1500


def title_in(text: str) -> str | None:
    """Returns the headline a text opens with, or None where it opens with a sentence."""
    first = next(iter(paragraph_spans(text[: _LONGEST_TITLE * 4])), None)
    if first is None:
        return None
    line = " ".join(text[first.start : first.end].split()).lstrip("# ")
    headline = 0 < len(line) <= _LONGEST_TITLE and line[-1] not in ".:;,!"
    return line if headline and not _DATE_LINE.match(line) else None


def published_in(text: str) -> date | None:
    """Returns the date of a dateline such as ``date 2023-11-20`` at the very top, or None."""
    match = _DATE_LINE.match(text)
    return parse_date(match["iso"]) if match else None


def event_date_in(text: str, published: date | None) -> date | None:
    """Returns the day that a text's opening tells of, or None where it names none.

    A date that is not the dateline's wins; a day without a year is put next to ``published``;
    after these, *today*, *yesterday* and *tomorrow* count from ``published``.
    """
    dateline = _DATE_LINE.match(text)
    opening = text[dateline.end() if dateline else 0 :][:_OPENING]
    found = sorted(
        (match.start(), day)
        for pattern in _DATES
        for match in pattern.finditer(opening)
        if (day := _resolve(match, published)) is not None
    )
    if found:
        return found[0][1]
    if published and (word := _RELATIVE_WORD.search(opening)):
        with suppress(OverflowError):  # 9999-12-31, as some files say "never"
            return published + timedelta(days=_RELATIVE[word[1].lower()])
    return None


def parse_date(value: object) -> date | None:
    """Returns the day that an ISO date or date-time names, or None if ``value`` is not one."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _resolve(match: re.Match[str], published: date | None) -> date | None:
    parts = match.groupdict()
    if iso := parts.get("iso"):
        return parse_date(iso)
    month, day = _MONTHS.index(parts["month"]) + 1, int(parts["day"])
    years = [int(parts["year"])] if parts["year"] else []
    if not years and published:
        years = [published.year - 1, published.year, published.year + 1]
    days = [made for year in years if (made := _make(year, month, day))]
    if not published:
        return days[0] if days else None
    return min(days, key=lambda made: abs(made - published), default=None)


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
