"""What a text's opening says of it: title, who published it, when, and the day it tells of."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from corpus.dates import WEEKDAY, Named, days_counted_in, days_in, made
from corpus.document import Fact
from corpus.opening import dateline_of, facts_of, title_in, without_header

__all__ = ["event_date_in", "opening_facts", "parse_date", "published_in", "settle", "title_in"]

# An event stands near the top.
_OPENING = 1500
# A date of which only one sentence's noun speaks ("the May 27 seizure") counts this far.
_FIRST_SENTENCES = 3
# A day that is this many days past at the publication may be what led to the news of today.
_RECENT = 14

_IN_NAME = re.compile(
    r"(?<![0-9A-Za-z])((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?![0-9A-Za-z])"
)
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)”’\"]{2}[.!?:])\s+(?=[A-Z“\"(*])|\n\s*\n")
_SPEAKER = re.compile(r"^(?:[A-Z][A-Z.’' -]{2,50}[A-Z]|Q|QUESTION):\s", re.MULTILINE)
# Before a date, these make it history, a limit, or another event's day.
_OTHER_DAY = re.compile(
    r"\b(?:since|seit|depuis|desde|anniversary|anniversaire|aniversario|aniversário|Jahrestag"
    r"|commemorat\w+|born|birthday)\b[^;]*$"
    r"|\b(?:after|following|ahead of|deadline|pursuant to|in addition to|building on|including"
    r"|such as|in response to|despite|compared (?:to|with))\b[^,;]*$"
    rf"|\b(?:by|until|till|before|through|as of|no later than|dated|from)\s+(?:{WEEKDAY},?\s+)?$"
    # A quotation's source: "– The Secretary, May 24, 2021".
    r"|^\s*[–—]\s.{0,60}$",
    re.IGNORECASE,
)
_FROM = re.compile(rf"\bfrom\s+(?:{WEEKDAY},?\s+)?$", re.IGNORECASE)
_NOT_THIS_DAY = re.compile(r"\b(?:as of|until|till|since|than)\s*$", re.IGNORECASE)
_NOWADAYS = re.compile(
    r"[’']s (?:\w+ )?(?:world|challenges?|threats?|realit\w+|generations?|youth|society|economy"
    r"|environment)\b|,? more than ever",
    re.IGNORECASE,
)
_HERE_AND_NOW = re.compile(r"today|tonight|this", re.IGNORECASE)
_ARTICLE = re.compile(r"(?<!\bon )(?<!\bOn )\b(?:the|an?|its|our|their|this|\w+[’']s|\w+s[’'])\s+$")
_NOUN = re.compile(r"\s+[A-Za-z]")
_WEEKDAY_WORDS = re.compile(rf"\w+ {WEEKDAY}\b")
_THAT = re.compile(r"\s+that\b")


class Event(NamedTuple):
    """The day that a text tells of.

    Attributes:
        day: The day.
        origin: As in `Fact`.
        sure: As in `Fact`.
        whole: Whether it is told without counting from the day of publication.
    """

    day: date
    origin: str
    sure: float
    whole: bool


def opening_facts(text: str, name: str, known: Sequence[Fact]) -> list[Fact]:
    """Returns what a text's opening lines and its file's name say of it.

    Args:
        text: The text.
        name: The file's name, for a date in it.
        known: What the format's own fields say; a title among it may name the event's day, and
            the day of publication is what *today* and days without a year count from.
    """
    facts = facts_of(text)
    if match := _IN_NAME.search(name):
        day = made(int(match[1]), int(match[3]), int(match[4]))
        facts += (
            [Fact("published", day.isoformat(), "a date in the file's name", 0.4)] if day else []
        )
    settled = settle([*known, *facts])
    anchor = settled.get("published")
    title = settled.get("title")
    event = _event(text, parse_date(anchor.value) if anchor else None, title.value if title else "")
    if event:
        sure = event.sure if event.whole or not anchor else min(event.sure, anchor.sure)
        facts.append(Fact("event_date", event.day.isoformat(), event.origin, sure))
    return facts


def settle(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Returns the surest fact of each field; of equally sure ones, the first."""
    settled: dict[str, Fact] = {}
    for fact in facts:
        if fact.field not in settled or fact.sure > settled[fact.field].sure:
            settled[fact.field] = fact
    return settled


def published_in(text: str) -> date | None:
    """Returns the date of a dateline such as ``date 2023-11-20`` near the top, or None."""
    return dateline_of(text)


def event_date_in(text: str, published: date | None) -> date | None:
    """Returns the day that a text's opening tells of, or None where it names none.

    The first day told as the event's counts: a date, or, where ``published`` is known, *today*,
    *yesterday* or a day of the week. A day without a year is put next to ``published``. Dates
    of history, limits ("by May 3") and days of other events named in passing do not count.
    """
    event = _event(text, published, "")
    return event.day if event else None


def parse_date(value: object) -> date | None:
    """Returns the day that an ISO date or date-time names, or None if ``value`` is not one."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _event(text: str, published: date | None, title: str) -> Event | None:
    for named in days_in(title[:300], published):
        if _may_be_event(title, named, published) and not _is_attribute(title, named):
            return Event(named.day, "the title", 0.9, named.whole)
    opening = without_header(text)[:_OPENING]
    if _SPEAKER.search(opening):
        # What is said of yesterday and of other dates is what people talk of, not when.
        spoken = days_counted_in(opening, published) if published else ()
        here = (named for named in spoken if _HERE_AND_NOW.match(opening, named.start))
        if first := next((named for named in here if _is_this_day(opening, named)), None):
            return Event(first.day, _counted(opening, first), 0.5, whole=False)
        return None
    sentences = enumerate(_SENTENCE_END.split(opening))
    told = (_event_of_sentence(words, published, at < _FIRST_SENTENCES) for at, words in sentences)
    background = None
    for event in filter(None, told):
        old = published is not None and (published - event.day).days > _RECENT
        if not old:
            return event
        background = background or event._replace(sure=0.6)
    return background


def _event_of_sentence(sentence: str, published: date | None, early: bool) -> Event | None:
    dated = [
        named for named in days_in(sentence, published) if _may_be_event(sentence, named, published)
    ]
    told = [named for named in dated if not _is_attribute(sentence, named)]
    counted = sorted(days_counted_in(sentence, published)) if published else []
    counted = [named for named in counted if _is_this_day(sentence, named)]
    if told and counted and _THAT.match(sentence, counted[0].end):  # "said today that on May 3"
        counted = []
    if counted and (not told or counted[0].start < told[0].start):
        weekday = (
            "day" in sentence[counted[0].start : counted[0].end]
            and " " in (sentence[counted[0].start : counted[0].end])
        )
        return Event(
            counted[0].day, _counted(sentence, counted[0]), 0.6 if weekday else 0.8, whole=False
        )
    if told:
        return Event(told[0].day, "a date in the opening", 0.8, told[0].whole)
    recent = not published or (dated and abs((published - dated[0].day).days) <= _RECENT)
    if dated and early and recent:
        return Event(dated[0].day, "a date in the opening", 0.5, dated[0].whole)
    return None


def _may_be_event(sentence: str, named: Named, published: date | None) -> bool:
    if named.day.year < 1900 or (published and (published - named.day).days > 366):
        return False
    before = sentence[: named.start]
    return bool(_FROM.search(before)) or not _OTHER_DAY.search(before)


def _is_attribute(sentence: str, named: Named) -> bool:
    """Tells whether a date only says which: "the May 27 seizure"."""
    before = sentence[: named.start]
    return bool(_ARTICLE.search(before) and _NOUN.match(sentence, named.end))


def _is_this_day(sentence: str, named: Named) -> bool:
    return not (
        _NOT_THIS_DAY.search(sentence[: named.start]) or _NOWADAYS.match(sentence, named.end)
    )


def _counted(text: str, named: Named) -> str:
    return f"“{text[named.start : named.end]}” in the opening, from the publication date"
