"""How English writes a day, a month, a season or the last three weeks, and which days that is."""

import re
from datetime import date
from typing import NamedTuple

from assistant.periods import (
    MONTHS,
    SEASONS,
    WEEKDAYS,
    Period,
    last_named,
    month_of,
    part_of,
    past,
    this_named,
    unit_around,
)

_MONTH_OF = {name: number for number, name in enumerate(MONTHS, start=1)}
_MONTH_OF |= {name[:3]: number for name, number in _MONTH_OF.items()} | {"sept": 9}
_ONES = "one two three four five six seven eight nine ten eleven twelve".split()
_COUNTS = {word: number for number, word in enumerate(_ONES, start=1)} | {"a": 1, "an": 1}
_NTHS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3}
_EDGES = {"beginning": "early", "start": "early", "middle": "mid", "end": "late"}

_YEAR = r"(?P<year>(?:1[6-9]|20)\d\d)"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
_NAME = rf"(?P<name>{'|'.join((*MONTHS, *SEASONS, *WEEKDAYS))})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DAYS = _DAY + r"(?:(?: to | through | and | ?[-–] ?)(?P<to>\d{1,2})(?:st|nd|rd|th)?)?"
_COUNT = rf"(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)})"
_UNIT = r"(?P<unit>day|week|month|quarter|year|decade)"
_PART = (
    r"(?:(?P<part>early|mid|late)[-\s](?:in )?|(?:the )?(?P<edge>beginning|start|middle|end) of )?"
)
_NTH = rf"(?P<nth>{'|'.join(_NTHS)}|last)"

_TEMPLATES = {
    "day": rf"{_YEAR}-(?P<month>\d\d)-{_DAY}",
    "dotted day": rf"{_DAY}\.(?P<month>\d{{1,2}})\.{_YEAR}",
    "slashed day": rf"(?P<month>\d{{1,2}})/{_DAY}/{_YEAR}",
    "month and day": rf"{_MONTH} (?:the )?{_DAYS}(?:,? {_YEAR})?",
    "day and month": rf"(?:the )?{_DAYS} (?:of )?{_MONTH}(?:,? {_YEAR})?",
    "month": rf"{_PART}{_MONTH}(?:,? (?:of )?{_YEAR})?",
    "season": rf"{_PART}(?P<season>{'|'.join(SEASONS)})(?: (?:of )?{_YEAR}(?:[-–/]\d\d)?)?",
    "quarter": rf"(?:q(?P<number>[1-4])|(?:the )?{_NTH} quarter)(?: of)? {_YEAR}",
    "half": rf"(?:h(?P<number>[12])|(?:the )?{_NTH} half)(?: of)? {_YEAR}",
    "decade": rf"{_PART}(?:the )?(?P<year>(?:1[6-9]|20)\d0)[’']?s",
    "year": rf"{_PART}{_YEAR}(?:[-–/](?P<to>\d\d|(?:1[6-9]|20)\d\d))?(?![’']s)",
    "yesterday": r"yesterday",
    "ago": rf"{_COUNT} {_UNIT}s? ago",
    "past": rf"(?:the )?(?:last|past) {_COUNT} {_UNIT}s?(?! of)",
    "past unit": r"the (?:last|past) (?P<unit>week|month|quarter|year|decade)(?! of)",
    "unit": rf"{_PART}(?P<earlier>earlier )?(?P<which>last|this) {_UNIT}(?! of)",
    "name": rf"{_PART}(?P<which>last|this) {_NAME}(?!,? \d)",
}

#: How days are written, by the name of the shape. Spaces are any white space; case is ignored.
POINTS = {
    shape: re.compile(
        r"(?<![\w$€£¥#/.–-])(?:"
        + re.sub(r" (\?)?", lambda space: r"\s*" if space[1] else r"\s+", template)
        + r")(?![\w%]|[-/.,]\d)",
        re.IGNORECASE,
    )
    for shape, template in _TEMPLATES.items()
}

#: After a number, what shows that it counts things and is no year: *2022 documents*.
COUNTED = re.compile(
    r"\s+(?!(?:was|is|has|does|as|its|this|us|plus|versus|thus|always|perhaps)\b)"
    r"(?:[a-z]+s|people|percent|per cent|children|men|women|hundred|million|billion)\b"
)

# "When did they last march?", "may this march go on?": a verb or a noun unless it has a capital.
_WORDS_TOO = re.compile(r"\b(?:may|march)\b")
_VERBS = re.compile(r"\b(?:fall|spring|march)\b", re.IGNORECASE)
_WHEN = re.compile(r"\W*when\b", re.IGNORECASE)


class Words(NamedTuple):
    """Words of a question that have the shape of a day or a stretch of days.

    Attributes:
        start: Where they begin.
        end: Where they end.
        shape: Which of `POINTS` they have.
        match: How that matched.
    """

    start: int
    end: int
    shape: str
    match: re.Match[str]

    @property
    def weak(self) -> bool:
        """Whether they are a bare number, a year only if the words around say so."""
        return self.shape == "year" and not (self.match["part"] or self.match["edge"])

    @property
    def counts(self) -> bool:
        """Whether they may be a number of things: *2022 documents*, *may 2022 people*."""
        return self.weak or _WORDS_TOO.match(self.match[0]) is not None

    @property
    def names_end(self) -> bool:
        """Whether they name the end of something."""
        return self.match.groupdict().get("edge") is not None and "end of" in self.match[0].lower()


def period_of(words: Words, today: date, year: int | None = None) -> Period | None:
    """Returns the days that words name, or None if they name none, or not surely.

    Args:
        words: The words.
        today: The day that such words as *last week* count from.
        year: The year of a day, month or season that is named without one.

    Raises:
        ValueError, OverflowError: If that lies beyond the calendar.
    """
    said = {name: text.lower() for name, text in words.match.groupdict("").items()}
    period = _whole(words, said, today, int(said.get("year") or year or 0))
    part = said.get("part") or _EDGES.get(said.get("edge", ""))
    return part_of(period, part) if period and part else period


def _whole(words: Words, said: dict[str, str], today: date, year: int) -> Period | None:
    match words.shape:
        case "yesterday":
            return unit_around(today, "day", back=1)
        case "ago":
            return unit_around(today, said["unit"], _count(said["count"]))
        case "past":
            return past(today, _count(said["count"]), said["unit"])
        case "past unit":
            return past(today, 1, said["unit"])
        case "unit" if words.match["unit"][0].isupper():
            return None  # *This Week*, a programme
        case "unit":
            period = unit_around(today, said["unit"], back=said["which"] == "last")
            return Period(period.first, today) if said["earlier"] else period
        case "name":
            return _named(words, said, today)
    if not year:
        return None
    match words.shape:
        case "month" | "season":
            month = SEASONS.get(said.get("season", "")) or _MONTH_OF[said["month"].rstrip(".")]
            return month_of(year, month, 3 if words.shape == "season" else 1)
        case "quarter" | "half":
            parts = 4 if words.shape == "quarter" else 2
            nth = int(said["number"]) - 1 if said["number"] else _NTHS.get(said["nth"], parts - 1)
            months = 12 // parts
            return month_of(year, 1 + nth * months, months) if nth < parts else None
        case "decade":
            return month_of(year, 1, 120)
        case "year":
            to = said["to"]
            last = int(str(year)[: 4 - len(to)] + to)
            return month_of(year, 1, 12 * (last - year + 1)) if last >= year else None
    return _days(words.shape, said, year)


def _days(shape: str, said: dict[str, str], year: int) -> Period | None:
    """The day or days of a shape that names a day of a month."""
    day, month = int(said["day"]), said["month"].rstrip(".")
    number = int(month) if month.isdecimal() else _MONTH_OF[month]
    if shape == "slashed day":
        # 6/3 is in June here and in March there.
        if number != day and number <= 12 and day <= 12:
            return None
        if number > 12:
            number, day = day, number
    first, last = (_made(year, number, int(text)) for text in (day, said.get("to") or day))
    return Period(first, last) if first and last and first <= last else None


def _named(words: Words, said: dict[str, str], today: date) -> Period | None:
    text, which, name = words.match[0], said["which"], said["name"]
    is_verb = _VERBS.search(text) and _WHEN.match(words.match.string)
    if is_verb or _WORDS_TOO.search(text) or (which == "this" and name == "fall"):
        return None
    if which == "last":
        return last_named(name, today)
    return None if name in WEEKDAYS else this_named(name, today)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _count(word: str) -> int:
    return _COUNTS.get(word) or int(word)
