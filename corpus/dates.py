"""Days named in a text: in figures, by month names in five languages, by words such as *today*."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

_ENGLISH = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_OTHERS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
)
_SHORT = ("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec")


def _alternatives(names: set[str]) -> str:
    return "|".join(sorted(names, key=lambda name: (-len(name), name)))


# "may" and "march" are words; months in English are written with a capital, elsewhere often not.
_CAPITALISED = {*_ENGLISH, *_SHORT, *(name.upper() for name in _ENGLISH)}
_LOWER = {name.lower() for line in _OTHERS for name in line.split()} - {"april", "august"}
_MONTH_OF = {name.lower(): number for number, name in enumerate(_ENGLISH, start=1)}
_MONTH_OF |= {
    name.lower(): number for line in _OTHERS for number, name in enumerate(line.split(), start=1)
}
_MONTH_OF |= {name.lower(): _MONTH_OF[full.lower()] for name in _SHORT for full in _ENGLISH
              if full.startswith(name[:3])}  # fmt: skip

_EN = _alternatives(_CAPITALISED)
_ANY = _alternatives(
    _CAPITALISED | _LOWER | {name.capitalize() for name in _LOWER} | {n.upper() for n in _LOWER}
)
_TO = r"\s*(?:[-–—&]|\b(?:to|and|through|bis|und|au|et|al|y|ao|e)\b)\s*"
_YEAR = r"(?P<year>\d{4})\b"
_NTH = r"(?:st|nd|rd|th|er|[ºª.])?"
# Of several days ("May 2 to 7, 2022"; "28 February – 11 March 2022"), the first.
_PATTERNS = (
    re.compile(r"\b(?P<year>(?:19|20)\d\d)(?P<by>[-/.])(?P<number>\d\d)(?P=by)(?P<day>\d\d)\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})\.\s?(?P<number>\d{{1,2}})\.\s?{_YEAR}"),
    re.compile(
        rf"\b(?P<month>{_EN})\b\.?\s+(?P<day>\d{{1,2}})(?!\d){_NTH}"
        rf"(?:{_TO}(?:(?:{_EN})\b\.?\s+)?\d{{1,2}}(?!\d){_NTH})?(?:,?\s+{_YEAR})?"
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}}){_NTH}(?:{_TO}\d{{1,2}}{_NTH})?\s+(?:of\s+|de\s+|d[’'])?"
        rf"(?P<month>{_ANY})\b\.?(?:{_TO}\d{{1,2}}{_NTH}\s+(?:de\s+)?(?:{_ANY})\b)?"
        rf"(?:,?\s+(?:del?\s+)?{_YEAR})?"
    ),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)})"
_ENGLISH_RELATIVE = {
    **dict.fromkeys(("today", "tonight", "this morning", "this afternoon", "this evening"), 0),
    "yesterday": -1,
    "tomorrow": 1,
}
_OTHER_RELATIVE = {
    **dict.fromkeys(("aujourd'hui", "heute", "hoy", "hoje"), 0),
    **dict.fromkeys(("gestern", "ayer", "ontem"), -1),
    **dict.fromkeys(("demain", "amanhã"), 1),
}
_RELATIVE = {**_ENGLISH_RELATIVE, **_OTHER_RELATIVE}
_FOREIGN = _alternatives(set(_OTHER_RELATIVE)).replace("'", "[’']")
# With a capital inside a sentence, a foreign word is part of a name ("Ville de Demain").
_RELATIVE_WORD = re.compile(
    rf"\b(?i:{_alternatives(set(_ENGLISH_RELATIVE))})\b"
    rf"|\b(?:{_FOREIGN})\b|^(?i:{_FOREIGN})\b"
)
_ON_WEEKDAY = re.compile(
    rf"\b(?P<how>on|On|last|Last|next|Next|this|This) (?P<name>{WEEKDAY})\b(?!,?\s(?:\d|{_EN}))"
)
_WILL = re.compile(r"\b(?:will|shall|plans? to|is to|are to|scheduled)\b")


class Named(NamedTuple):
    """A day as a text names it.

    Attributes:
        start: Where its words begin.
        end: Where they end.
        day: The day.
        whole: Whether the words give it with its year, and need no other day to count from.
    """

    start: int
    end: int
    day: date
    whole: bool


def days_in(text: str, near: date | None) -> list[Named]:
    """Returns the calendar days that a text names, in order, impossible ones left out.

    Args:
        text: A few thousand characters at most.
        near: What days without a year are put next to; without it, they are left out.
    """
    found = sorted(
        Named(match.start(), match.end(), day, match["year"] is not None)
        for pattern in _PATTERNS
        for match in pattern.finditer(text)
        if (day := _day(match, near))
    )
    end = 0
    apart = []
    for named in found:
        if named.start >= end:
            apart.append(named)
            end = named.end
    return apart


def days_counted_in(text: str, today: date) -> Iterator[Named]:
    """Yields the days that a text tells by *today* and the like, or by the day of the week.

    Args:
        text: A sentence; *will* before a day of the week makes it a coming one.
        today: The day that the words count from.
    """
    with suppress(OverflowError):  # 9999-12-31, as some files say "never"
        for match in _RELATIVE_WORD.finditer(text):
            away = _RELATIVE[match[0].lower().replace("’", "'")]
            yield Named(match.start(), match.end(), today + timedelta(days=away), whole=False)
        for match in _ON_WEEKDAY.finditer(text):
            since = (today.weekday() - _WEEKDAYS.index(match["name"])) % 7
            how = match["how"].lower()
            if how == "next" or (how != "last" and _WILL.search(text, 0, match.start())):
                since = since - 7
            elif how == "last":
                since = since or 7
            yield Named(match.start(), match.end(), today - timedelta(days=since), whole=False)


def _day(match: re.Match[str], near: date | None) -> date | None:
    parts = match.groupdict()
    month = int(parts.get("number") or 0) or _MONTH_OF.get((parts.get("month") or "").lower(), 0)
    if parts["year"]:
        return made(int(parts["year"]), month, int(parts["day"]))
    if not near:
        return None
    years = (near.year - 1, near.year, near.year + 1)
    days = [day for year in years if (day := made(year, month, int(parts["day"])))]
    return min(days, key=lambda day: abs(day - near), default=None)


def made(year: int, month: int, day: int) -> date | None:
    """Returns a day, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
