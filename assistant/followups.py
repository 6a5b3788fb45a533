"""What a follow-up question takes over from the questions before it, by rules that can be read.

A question that leans on others is asked in full in one of two ways. *What about 2022?* is the
question before with its date replaced, and *and Jamaica?* with its name of the same kind replaced.
Anything else is followed by what the question before was about: *how much did they pledge? (Haiti,
in 2021)*. What is carried are its words, names and dates, each of which can be taken away again.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from assistant.dates import read_dates
from assistant.datewords import POINTS
from assistant.leaning import SAYS_LITTLE, WORD, leans, names_in, swapped, without_courtesy
from assistant.questions import MAX_QUESTION
from corpus import Span
from index import analyze
from index.forms import names_country
from index.lexical import is_stopword

Kind = Literal["topic", "name", "date"]

_PREPOSITION = re.compile(
    r"(?P<word>in|on|at|for|to|from|with|by|of|since|after|before|during|until)\s+", re.IGNORECASE
)

_AT = re.compile(r"\b(?:in|at|on|from|to)\s+(?:the\s+)?$", re.IGNORECASE)

# Between words of one name: "Department of Defense".
_JOINS = re.compile(r"\s*[–-]\s*|\.?\s+(?:(?:of|for)\s+(?:the\s+)?|de\s+)?")
_TOUCHES = re.compile(r"\s+")

#: Items that are carried at most; of more, names and dates first and then the latest words.
MOST = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of a conversation.

    Attributes:
        question: The question as it was asked in full, with what it took over.
        title: The title of the document that its answer cites first; empty if there is none.
    """

    question: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class CarriedItem:
    """Words that a question took over from one before it, and what they are."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Carried:
    """A question with what it took over.

    Attributes:
        items: What was carried, in the order of the question it comes from; none exactly when
            the question is asked as typed.
        standalone: The question as it is asked in full; as typed if nothing was carried.
    """

    items: tuple[CarriedItem, ...]
    standalone: str


class _Place(NamedTuple):
    """An item and where in the earlier question it stands."""

    start: int
    end: int
    item: CarriedItem


def carry(
    question: str, history: Sequence[Turn], without: Collection[str] = (), *, today: date
) -> Carried:
    """Returns a question with what it takes over from the turns before it.

    Args:
        question: The question as typed.
        history: The earlier turns, oldest first.
        without: Texts of items that are not to be carried.
        today: The day from which such words as *last October* count.
    """
    found = Carried((), question)
    if leans(question):
        found = _carried(question, history, without, today)
    return found if len(found.standalone) <= MAX_QUESTION else Carried((), question)


def _carried(
    question: str, history: Sequence[Turn], without: Collection[str], today: date
) -> Carried:
    for turn in reversed(history):
        before = without_courtesy(turn.question).strip()
        if places := _items(before, today):
            return _taken_over(question, before, places, without, today)
        if turn.title and turn.title not in without:
            return _with(question, [CarriedItem(turn.title, "name")])
    return Carried((), question)


def turns_of(questions: Iterable[str], *, today: date) -> tuple[Turn, ...]:
    """Returns the turns of a conversation of which only the questions are known, as typed."""
    turns: list[Turn] = []
    for question in questions:
        turns.append(Turn(carry(question, turns, today=today).standalone))
    return tuple(turns)


def _taken_over(
    question: str,
    before: str,
    places: Sequence[_Place],
    without: Collection[str],
    today: date,
) -> Carried:
    swap = _swap(swapped(question), before, places)
    if swap is None:
        kept = [place.item for place in _chosen(question, places, today)]
        return _with(question, [item for item in kept if item.text not in without])
    others = [place for place in places if not (place.start < swap.end and swap.start < place.end)]
    kept = [place.item for place in others if place.item.text not in without]
    if not kept:
        return Carried((), question)
    parts = [swap, *(_Swap(*place[:2], "") for place in others if place.item.text in without)]
    for start, end, text in sorted(parts, reverse=True):
        before = before[:start] + text + before[end:]
    return Carried(tuple(kept), " ".join(before.split()))


def _with(question: str, items: Sequence[CarriedItem]) -> Carried:
    """The question with what it is about behind it."""
    about = ", ".join(item.text for item in items)
    return Carried(tuple(items), f"{question} ({about})" if items else question)


def _chosen(question: str, places: Sequence[_Place], today: date) -> list[_Place]:
    """Leaves out what the question says itself, and of much what matters least."""
    said = set(analyze(question))
    dated = read_dates(question, today) is not None
    new = [
        place
        for place in places
        if not said.issuperset(analyze(place.item.text))
        and not (dated and place.item.kind == "date")
    ]
    by_worth = sorted(new, key=lambda place: (place.item.kind == "topic", -place.start))
    return sorted(by_worth[:MOST])


class _Swap(NamedTuple):
    """Words in the place of some of the earlier question."""

    start: int
    end: int
    text: str


def _swap(replacement: str | None, before: str, places: Sequence[_Place]) -> _Swap | None:
    """What *2022* of *what about 2022?* takes the place of; None if it cannot be told."""
    if not replacement:
        return None
    match = _PREPOSITION.match(replacement)
    preposition, core = (match["word"], replacement[match.end() :]) if match else ("", replacement)
    end = len(before.rstrip(" ?.!"))
    if any(pattern.fullmatch(core) for pattern in POINTS.values()):
        dates = [place for place in places if place.item.kind == "date"]
        if not dates:
            return _Swap(end, end, f" {preposition or 'in'} {core}")
        old = _PREPOSITION.match(dates[-1].item.text)
        return _Swap(
            *dates[-1][:2], f"{preposition or (old['word'] if old else '')} {core}".strip()
        )
    is_country = names_country(core)
    if not (is_country or next(names_in(f"of {core}"), None)):
        return None
    names = [
        place
        for place in places
        if (place.item.kind == "name" or is_country)
        and names_country(place.item.text) == is_country
    ]
    alike = [
        place
        for place in names
        if preposition and before[: place.start].lower().split()[-1:] == [preposition.lower()]
    ]
    if not (preposition or is_country):  # a person or a body, rather than where it was
        alike = [place for place in names if not _AT.search(before[: place.start])]
    if alike or (names and not preposition):
        return _Swap(*(alike or names)[-1][:2], core)
    return _Swap(end, end, f" {replacement}") if preposition else None


def _items(question: str, today: date) -> list[_Place]:
    """The dates, names and other words that tell what a question is about, in order."""
    reading = read_dates(question, today)
    dates = reading.spans if reading else ()
    found = [_place(question, span, "date") for span in dates]
    names = {match.start() for match in names_in(question)}
    run: Span | None = None
    kind: Kind = "topic"
    for word in WORD.finditer(question):
        start, end = word.span()
        of: Kind = "name" if start in names or names_country(word[0]) else "topic"
        dull = is_stopword(word[0]) or word[0].lower() in SAYS_LITTLE
        if any(start < last and first < end for first, last in dates) or (dull and of == "topic"):
            continue
        between = question[run.end : start] if run else ""
        if run and of == kind and (_JOINS if of == "name" else _TOUCHES).fullmatch(between):
            run = Span(run.start, end)
            continue
        if run:
            found.append(_place(question, run, kind))
        run, kind = Span(start, end), of
    if run:
        found.append(_place(question, run, kind))
    unique = {place.item.text.casefold(): place for place in sorted(found)}
    return sorted(unique.values())


def _place(question: str, span: Span, kind: Kind) -> _Place:
    return _Place(*span, CarriedItem(question[span.start : span.end], kind))
