"""Answers to questions that compare: each side is asked by itself, and shown side by side."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from assistant.dates import read_dates
from assistant.dating import is_of_period
from assistant.evidence import Evidence, Judgement, read_terms
from assistant.kinds import Compare, Side
from assistant.parts import Asked, Citable, Found, Part, Stretch, apart, told
from assistant.periods import Period
from assistant.showing import find_documents, opening
from index import Filter, analyze, content_words

# Sentences cited of each side.
_CITED = 3

# A further sentence is cited only if it is at least this share as likely to answer as the first.
_NEARLY = 0.6


def compared(asked: Asked, question: Compare) -> Found | None:
    """Returns what answers on either side, and of a side that has nothing, that it has not.

    None if one sentence answers that names both sides, which is best shown alone, or if neither
    side has an answer.
    """
    one, other = question.sides
    own = [_terms(one) - _terms(other), _terms(other) - _terms(one)]
    if asked.is_answered and own[0] | own[1] <= _words(asked.judgement.evidence[0]):
        return None
    found = [_side(asked, side, words) for side, words in zip(question.sides, own, strict=True)]
    if not any(part.cited for part, _ in found):
        return None
    confidence = min(chance for part, chance in found if part.cited)
    return Found("compare", [part for part, _ in found], confidence)


def _terms(side: Side) -> frozenset[str]:
    return frozenset(content_words(side.when or side.label).values())


def _side(asked: Asked, side: Side, own: frozenset[str]) -> tuple[Part, float]:
    """Returns one side, and how sure its best sentence is.

    Args:
        asked: What was asked.
        side: The side.
        own: The words that it has and the other has not.
    """
    period = _period(side)
    within = asked.within
    if period and not (within and within.days):
        within = replace(within or Filter(), since=period.first, until=period.last)

    # What is asked of a year is not answered by every sentence that has the words.
    subject = None if side.when else frozenset(content_words(side.about).values())

    def is_of(entry: Evidence) -> bool:
        return is_of_period(entry.document, period) if period else own <= read_terms(entry)

    cited, chance = _cited(asked, asked.judge(f"What about {side.about}?", within), subject, is_of)
    if not cited and (titled := _titled(asked, side, period, within)):
        cited, chance = [titled], titled.score
    if not cited and period:  # what is told of a year in a document of another
        judgement = asked.judge(f"What about {side.about} in {side.when}?", asked.within)
        cited, chance = _cited(asked, judgement, subject, lambda entry: own <= _words(entry))
    reason = None if cited else f"No answer was found for {side.label}."
    return Part(side.label, cited, reason), chance


def _cited(
    asked: Asked,
    judgement: Judgement,
    subject: frozenset[str] | None,
    is_of: Callable[[Evidence], bool],
) -> tuple[Sequence[Citable], float]:
    """Returns the sentences of a side that answer, and how sure the first of them is."""
    fits = apart([entry for entry in told(judgement.evidence) if is_of(entry)])
    chances = [(entry, asked.sure_of(judgement, entry, subject)) for entry in fits]
    good = [(entry, chance) for entry, chance in chances if chance >= asked.limit]
    good.sort(key=lambda pair: -pair[1])
    if not good:
        return (), 0.0
    best = good[0][1]
    return [entry for entry, chance in good[:_CITED] if chance >= _NEARLY * best], best


def _titled(
    asked: Asked, side: Side, period: Period | None, within: Filter | None
) -> Stretch | None:
    """Returns the opening of the document that a side names by its title, if there is one."""
    generation = asked.judgement.generation
    for document, share in find_documents(generation, side.about, "", within)[:1]:
        is_of = period is None or period.holds(document.published)
        if is_of and share >= asked.limit:
            return opening(generation, document, share)
    return None


def _words(entry: Evidence) -> frozenset[str]:
    return frozenset(analyze(entry.text))


def _period(side: Side) -> Period | None:
    reading = read_dates(f"in {side.when}", date.today()) if side.when else None
    return reading.period if reading else None
