"""Which kind of answer the words of a question ask for, by rules that can be read.

Most questions are plain: they are answered by the sentence that answers best. The other kinds are
read only from words that can hardly mean anything else; in doubt a question is plain.
"""

import re
from dataclasses import dataclass
from typing import Literal

from assistant.datewords import POINTS

Kind = Literal["plain", "compare", "said", "listing", "document"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things that a question compares.

    Attributes:
        label: Its name for people: *2022*, *the ninth dialogue*.
        about: What is asked about it, without the other side; without `when` too.
        when: Words for the days that set it apart, as *2022* or *May 2021*; None if its name does.
    """

    label: str
    about: str
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """Asks what two things have in common, or not."""

    sides: tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Said:
    """Asks for the words of one speaker.

    Attributes:
        speaker: The name as it stands in the question, with titles: *Secretary Blinken*.
        topic: What the words are to be about.
    """

    speaker: str
    topic: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Asks for all there is of something."""


@dataclass(frozen=True, slots=True)
class Showing:
    """Asks for a document.

    Attributes:
        form: What it is called: *joint statement*.
        about: The words by which it is to be found.
    """

    form: str
    about: str


_POLITE = (
    r"^\W*(?:please\s+|(?:can|could|would|will) you (?:please\s+)?|and\s+|so\s+|i want to\s+)?"
)

# ---- What somebody said ----

_SPEECH = r"(?:say|said|says|saying|state|stated|remark|comment|tell (?:reporters|the press))"
_ABOUT = r"(?:about|on|of|regarding|concerning|with regard to|as to)"
# Names and titles: up to six words, none of which opens a clause.
_WHO = r"(?P<who>(?:(?!(?:and|or|that|who|which|about)\b)[^\W\d_][\w.’'-]*\s+){1,6}?)"
_SAYING = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_POLITE}what\s+(?:else\s+)?(?:did|does|has|had)\s+{_WHO}{_SPEECH}\s+{_ABOUT}\s+(?P<topic>.+)$",
        rf"{_POLITE}how\s+did\s+{_WHO}comment\s+{_ABOUT}\s+(?P<topic>.+)$",
        rf"{_POLITE}what\s+(?:were|was|are|is)\s+{_WHO}(?<=[’']s )(?:words?|comments?|remarks?)"
        rf"\s+{_ABOUT}\s+(?P<topic>.+)$",
    )
)
# What opens the name of no single speaker, or ends one that is no person's.
_NOT_A_SPEAKER = re.compile(
    r"^(?:the|a|an|any|all|some|many|most|few|each|every|other|another|no|this|that|these|those"
    r"|my|your|his|her|its|our|their|i|you|he|she|it|we|they|one|people|someone|somebody|anyone"
    r"|anybody|everyone|everybody|who|what|both|two|three|several)\b"
    r"|\b(?:documents?|reports?|releases?|statements?|articles?|papers?|authors?|officials?"
    r"|experts?|critics?|scholars?|scientists?|researchers?|analysts?|sources?|studies|study"
    r"|law|bible|media|press|text|countries|nations|governments?|leaders|ministers|reporters)$",
    re.IGNORECASE,
)

# ---- All there is of something ----

_MANY = (
    r"(?:countries|nations|states|governments|members|partners|signatories|participants|attendees"
    r"|cities|towns|places|locations|regions|islands|companies|firms|banks|businesses|vessels"
    r"|organi[sz]ations|institutions|agencies|bodies|embassies|people|persons|individuals"
    r"|officials|leaders|ministers|ambassadors|delegates|speakers|entities|groups|parties"
    r"|topics|issues|themes|subjects|areas|priorities|programs|programmes|projects|initiatives"
    r"|measures|steps|sanctions|agreements|treaties|accords|languages|universities|schools)"
)
# One word may stand before, as in *which other countries*; none that opens another question, as in
# *what type of sanctions*.
_WHICH = (
    r"(?:what|which)\s+(?:(?!(?:type|kind|sort|group|two|one|of|the|is|are|was|were|can|may|do|does"
    r"|did|has|have|will|includes?|if|when|happens?)\b)[\w-]+\s+)?"
)
_LISTS = re.compile(
    rf"{_POLITE}(?:"
    r"(?:list|name|enumerate)\s+(?:all|every|each)\b"
    rf"|(?:list|name|enumerate)\s+(?:the\s+)?(?:[\w-]+\s+)?{_MANY}\b"
    r"|(?:give|show|make|send|get)\s+(?:me\s+)?(?:a|the)\s+(?:\w+\s+)?list\s+of\b"
    rf"|(?:give|show|tell)\s+me\s+(?:all|every)\s+(?:of\s+)?(?:the\s+)?(?:[\w-]+\s+)?{_MANY}\b"
    r"|(?:what|which|who)\s+(?:are|were)\s+all\s+(?:of\s+)?the\b"
    rf"|{_WHICH}{_MANY}\b(?!\s+that\b)"
    rf"|(?:what|which)\s+(?:are|were)\s+the\s+(?!(?:two|three)\b)(?:[\w-]+\s+){{0,2}}{_MANY}\b"
    r")",
    re.IGNORECASE,
)

# ---- A document ----

_FORM = (
    r"(?P<form>(?:joint|press|media|public|official|latest|newest|most recent|earliest|first)?\s*"
    r"(?:(?:joint|press|media)\s+)?"
    r"(?:statement|release|readout|communiqu[ée]|declaration|fact sheet|factsheet|transcript"
    r"|briefing|travel advisory|advisory|announcement|document|report|article|letter|notice"
    r"|speech|remarks))"
)
_SHOWS = re.compile(
    rf"{_POLITE}(?:show(?:\s+me)?|open|display|bring up|pull up|find(?:\s+me)?|give\s+me"
    rf"|get\s+me|let me (?:see|read)|read(?:\s+me)?)\s+(?:the\s+|a\s+|an\s+)?"
    rf"(?P<before>(?:[\w.’'–-]+\s+){{0,4}}?){_FORM}\s+"
    r"(?P<link>about|on|of|from|for|regarding|concerning|by|with|to)\s+(?P<about>.+)$",
    re.IGNORECASE,
)
# "Show me the report of who paid" asks for no document.
_CLAUSE = re.compile(r"^(?:what|who|whom|whose|which|when|where|why|how|whether|if)\b", re.I)

# ---- Two sides ----

_COMPARING = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_POLITE}compare\s+(?P<one>.+?)\s+(?:with|versus|vs\.?|against)\s+(?P<other>.+)$",
        rf"{_POLITE}compare\s+(?P<one>.+?)\s+and\s+(?P<other>.+)$",
        rf"{_POLITE}compare\s+(?P<one>.+?)\s+to\s+(?P<other>.+)$",
        r"^\W*(?:what\s+(?:is|are|was|were)\s+)?(?:the\s+)?differences?\s+between\s+"
        r"(?P<one>.+?)\s+and\s+(?P<other>.+)$",
        r"^\W*how\s+(?:do|does|did)\s+(?P<one>.+?)\s+and\s+(?P<other>.+?)\s+(?:differ|compare)\b.*$",
        r"^\W*how\s+(?:do|does|did|is|are|was|were)\s+(?P<one>.+?)\s+"
        r"(?:differ(?:ent)?\s+from|compare(?:d)?\s+(?:to|with))\s+(?P<other>.+)$",
    )
)
_CHANGED = re.compile(
    r"^\W*how\s+(?:did|has|have|had)\s+(?P<about>.+?)\s+(?:change|develop|evolve|differ)d?\s+"
    r"(?:between|from)\s+(?P<one>.+?)\s+(?:and|to)\s+(?P<other>.+)$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"(?:the\s+)?(?:\d{1,3}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth"
    r"|ninth|tenth|eleventh|twelfth|thirteenth|last|previous|current|old|new)",
    re.IGNORECASE,
)
_BEFORE_NAME = re.compile(r"^(?P<head>.+\s(?:for|of|to|in|with|on|about|by|from))\s+\S.*$")
_NAME = re.compile(r"(?:the\s+)?[A-ZÀ-Þ][\w.’'-]*(?:\s+(?:of|and|the|[A-ZÀ-Þ][\w.’'-]*)){0,3}")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")

# A side that leans on the other, or is everything else.
_LEANS = re.compile(r"(?:other|others|those|that|both|it|its|their|them|these|each)\b", re.I)

_LONGEST_SIDE = 12  # words


def read_kind(question: str) -> Compare | Said | Listing | Showing | None:
    """Returns what kind of answer a question asks for; None if it is plain.

    Args:
        question: The question, on one line.
    """
    text = question.strip().rstrip("?!. ").strip()
    return _compare(text) or _said(text) or _showing(text) or _listing(text)


def _said(text: str) -> Said | None:
    for pattern in _SAYING:
        if match := pattern.search(text):
            speaker = re.sub(r"[’']s$", "", match["who"].strip())
            if not _NOT_A_SPEAKER.search(speaker):
                return Said(speaker, match["topic"].strip())
    return None


def _listing(text: str) -> Listing | None:
    return Listing() if _LISTS.search(text) else None


def _showing(text: str) -> Showing | None:
    match = _SHOWS.search(text)
    if not match or _CLAUSE.search(match["about"]) or not match["about"].strip():
        return None
    about = f"{match['before'].strip()} {match['about'].strip()}".strip()
    return Showing(" ".join(match["form"].lower().split()), about)


def _compare(text: str) -> Compare | None:
    if match := _CHANGED.search(text):
        one, other = match["one"].strip(), match["other"].strip()
        about = match["about"].strip()
        if _is_date(one) and _is_date(other):
            return Compare((Side(one, about, one), Side(other, about, other)))
        return None
    for pattern in _COMPARING:
        if match := pattern.search(text):
            return _sides(match["one"].strip(" ,"), match["other"].strip(" ,"))
    return None


def _sides(one: str, other: str) -> Compare | None:
    """Gives each side the words that both share: *the ninth and eleventh dialogues*."""
    if len(one.split()) > _LONGEST_SIDE or len(other.split()) > _LONGEST_SIDE:
        return None
    if dated := _dated_sides(one, other):
        return dated
    first, *rest = other.split(" ", 1)
    if _ORDINAL.fullmatch(one) and rest:
        if first.lower() == "the":
            first, *rest = rest[0].split(" ", 1)
        one = f"{one} {rest[0]}" if rest else one
    elif (head := _BEFORE_NAME.match(one)) and _NAME.fullmatch(other):
        other = f"{head['head']} {other}"
    if one.casefold() == other.casefold() or _LEANS.match(one) or _LEANS.match(other):
        return None
    return Compare((Side(one, one), Side(other, other)))


def _dated_sides(one: str, other: str) -> Compare | None:
    """Reads sides that are told apart by a year: *the 2022 and 2023 dialogues*."""
    years = [year for side in (one, other) for year in _YEAR.findall(side)]
    abouts = [_without_year(side) for side in (one, other)]
    if len(years) != 2 or years[0] == years[1] or not any(abouts):
        return None
    if not all(map(_YEAR.search, (one, other))):
        return None
    if all(abouts) and abouts[0] != abouts[1]:
        return Compare((Side(one, abouts[0], years[0]), Side(other, abouts[1], years[1])))
    about = abouts[0] or abouts[1]
    return Compare((Side(years[0], about, years[0]), Side(years[1], about, years[1])))


def _without_year(side: str) -> str:
    left = re.sub(rf"(?:\b(?:in|of|from|for)\s+)?{_YEAR.pattern}", " ", side)
    left = " ".join(left.split()).strip(" ,")
    return "" if left.lower() in ("the", "those", "that", "that of", "those of") else left


def _is_date(words: str) -> bool:
    bare = re.sub(r"^(?:in\s+)?(?:the\s+year\s+)?", "", words)
    return any(pattern.fullmatch(bare) for pattern in POINTS.values())
