"""What a question's words about time do to its answer.

A year in a question often belongs to what is told, not to the day of the document that tells it.
So the whole corpus is asked first, and the days that were read win only where they lose nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import compress

from assistant.answer import Dates
from assistant.dates import DateReading, Order
from assistant.evidence import Evidence, Judgement, confidence_of
from assistant.periods import Period
from assistant.ranking import Ranking
from corpus import Document
from index import Filter

# Least share of the best sentence's score at which one from the days that were read is taken. With
# tests/questions/dated.jsonl and press-releases.jsonl, where the days are the document's, the right
# sentences have 0.35 and more; where they belong to what is told, wrong ones have 0.24 and less.
_AS_WELL = 0.3

# The same for a sentence from a newer document, or an older one, that is to come first.
_COMPARABLY = 0.5

#: Judges the question in a part of the corpus.
Judge = Callable[[Filter | None], Judgement]


def judge_dated(
    judge: Judge, reading: DateReading, ranking: Ranking, within: Filter | None, limit: float
) -> Judgement:
    """Judges a question by the words about time in it, with at most one more search.

    Args:
        judge: Judges the question in a part of the corpus.
        reading: What its words about time mean.
        ranking: How what is found is ranked.
        within: What part of the corpus to search; else all of it.
        limit: The confidence below which the question is refused; one that all of the corpus
            answers is never refused for its words about time.
    """
    whole = judge(within)
    narrowed, kept = whole, True
    if reading.period:
        narrowed = _within(whole, reading.period) or judge(_narrowed(within, reading))
        kept = _loses_nothing(narrowed, whole, limit)
    found = narrowed if kept else whole
    if reading.order:
        more = None if reading.period else _beyond(whole, reading.order, judge, within)
        found = _ordered(found, more, reading.order, ranking, limit)
    words = reading.words(whole.typed.typed)
    dates = Dates(words, reading.since, reading.until, reading.order, kept)
    return replace(found, dates=dates)


def _within(whole: Judgement, period: Period) -> Judgement | None:
    """What was found from a period, if the best is; to search again would find the same first."""
    if not (whole.evidence and is_of_period(whole.evidence[0].document, period)):
        return None
    document = whole.generation.document
    fits = [is_of_period(document(hit.passage.document_id), period) for hit in whole.hits]
    hits = enumerate(compress(whole.hits, fits), start=1)
    return replace(
        whole,
        hits=[replace(hit, rank=rank) for rank, hit in hits],
        read=list(compress(whole.read, fits)),
        evidence=[entry for entry in whole.evidence if is_of_period(entry.document, period)],
    )


def is_of_period(document: Document, period: Period) -> bool:
    """Returns whether a document is of a period by either of its dates, as `Filter` has it."""
    return period.holds(document.published) or period.holds(document.event_date)


def _narrowed(within: Filter | None, reading: DateReading) -> Filter:
    return replace(within or Filter(), since=reading.since, until=reading.until)


def _loses_nothing(narrowed: Judgement, whole: Judgement, limit: float) -> bool:
    if not narrowed.evidence or not whole.evidence:
        return False
    as_well = narrowed.evidence[0].score >= _AS_WELL * whole.evidence[0].score
    return as_well and not narrowed.confidence < limit <= whole.confidence


def _beyond(
    whole: Judgement, order: Order, judge: Judge, within: Filter | None
) -> Judgement | None:
    """What is found in documents that are newer, or older, than the best one."""
    day = _day(whole.evidence[0]) if whole.evidence else None
    if day is None:
        return None
    if order == "latest":
        return judge(replace(within or Filter(), since=day + timedelta(days=1)))
    return judge(replace(within or Filter(), until=day - timedelta(days=1)))


def _ordered(
    found: Judgement, more: Judgement | None, order: Order, ranking: Ranking, limit: float
) -> Judgement:
    """Puts the newest, or oldest, first of the sentences that answer comparably well."""
    if not found.evidence:
        return found
    entries = {(entry.document.id, entry.span): entry for entry in found.evidence}
    if more:
        entries |= {(entry.document.id, entry.span): entry for entry in more.evidence}
    least, surely = _COMPARABLY * found.evidence[0].score, min(limit, found.confidence)

    def is_good(entry: Evidence) -> bool:
        return (
            _day(entry) is not None
            and entry.score >= least
            and confidence_of(found.question, [entry], ranking) >= surely
        )

    def place(entry: Evidence) -> tuple[int, float]:
        day = (_day(entry) or date.min).toordinal()
        return (-day if order == "latest" else day), -entry.score

    good = sorted(filter(is_good, entries.values()), key=place)
    evidence = [*good, *(entry for entry in found.evidence if entry not in good)]
    return replace(
        found, evidence=evidence, confidence=confidence_of(found.question, evidence, ranking)
    )


def _day(entry: Evidence) -> date | None:
    return entry.document.published or entry.document.event_date
