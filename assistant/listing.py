"""Answers to questions for all there is of something: several sentences, by document."""

from assistant.parts import Asked, Found, Part, apart, told

#: Sentences that a list has at most.
LISTED = 10

# A further sentence is listed only if it is at least this share as good as the first.
_NEARLY = 0.6


def listed(asked: Asked) -> Found | None:
    """Returns up to `LISTED` sentences that each answer by itself, grouped by document.

    The first is the one that answers the question as a plain one; None if nothing does.
    """
    judgement = asked.judgement
    if not asked.is_answered:
        return None
    best, *others = judgement.evidence
    good = [
        entry
        for entry in told(others)
        if entry.score >= _NEARLY * best.score and asked.sure(judgement, entry) >= asked.limit
    ]
    different = apart([best, *good])
    chosen = different[:LISTED]
    titles = {entry.document.id: entry.document.title for entry in chosen}
    parts = [
        Part(title, [entry for entry in chosen if entry.document.id == document])
        for document, title in titles.items()
    ]
    left = len(different) - len(chosen)
    more = f"; {left} more were left out" if left else ""
    note = (
        f"{_count(len(chosen), 'sentence')} from {_count(len(parts), 'document')};"
        f" at most {LISTED} are listed{more}."
    )
    return Found("listing", parts, judgement.confidence, note, dates=judgement.dates)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
