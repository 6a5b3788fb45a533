"""Questions worth asking next, of which each was asked before it is offered.

A suggestion that nothing answers would cost more trust than ten good ones earn. So the questions
that templates make of the corpus (`assistant.templates`) are asked, within a number and a time,
and only those stay whose first quote stands where the question came from.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice, zip_longest
from operator import itemgetter

from assistant.answer import Answer, Citation
from assistant.assistant import Assistant
from assistant.dates import read_dates
from assistant.followups import Turn
from assistant.templates import Candidate, candidates_of
from corpus import Document, Passage, ReadoutError, Span
from index import Filter, Generation, content_words

#: Example questions offered at most, and further questions after an answer.
EXAMPLES, FURTHER = 4, 3

# Passages, spread over the corpus, of which examples are made.
_SAMPLED = 240

# Passages of a document of which questions are made.
_READ = 12

# Passages in which other documents on a matter are looked for.
_NEAR = 12

# Where a question's answer may stand anywhere in a document, it must be at least so sure.
_SURE = 0.45


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be asked to find suggestions.

    Attributes:
        questions: How many questions.
        seconds: How long no new one is begun after the first.
    """

    questions: int
    seconds: float


#: What is spent on the examples of a generation, and on what follows one answer.
ON_EXAMPLES, ON_FURTHER = Budget(24, 8.0), Budget(8, 1.5)


def example_questions(
    assistant: Assistant,
    budget: Budget = ON_EXAMPLES,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """Returns a few questions that the corpus answers, of different kinds and documents.

    Args:
        assistant: Who is asked.
        budget: How much may be asked.
        is_cancelled: Asked before each question; once true, what was found so far is returned.
    """
    generation = assistant.generation

    def told(candidate: Candidate) -> bool:
        return is_answered(candidate, assistant.ask(candidate.question))

    mixed = varied(_sampled(generation))
    checks = ((each.question, partial(told, each)) for each in mixed)
    return tuple(_kept(checks, EXAMPLES, budget, is_cancelled))


def varied(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Orders questions so that the first are of as many documents and origins as can be."""
    seen: Counter[str] = Counter()
    ranked = []
    for candidate in candidates:
        ranked.append((max(seen[candidate.origin], seen[candidate.document]), candidate))
        seen.update((candidate.origin, candidate.document))
    return [candidate for _, candidate in sorted(ranked, key=itemgetter(0))]


def _sampled(generation: Generation) -> Iterator[Candidate]:
    total = generation.manifest.passages
    numbers = range(0, total, max(1, total // _SAMPLED))
    for passage in generation.store.passages(numbers).values():
        yield from candidates_of(generation.document(passage.document_id), [passage])


def further_questions(
    assistant: Assistant,
    asked: Sequence[Turn],
    answer: Answer,
    within: Filter | None = None,
    threshold: float | None = None,
    budget: Budget = ON_FURTHER,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """Returns questions that may come after an answer, each of which is answered by another quote.

    Args:
        assistant: Who answered.
        asked: The turns so far, the answer's own the last.
        answer: The answer.
        within: What part of the corpus is searched.
        threshold: How sure each must be; else as usual.
        budget: How much may be asked.
        is_cancelled: As in `example_questions`.
    """
    if answer.abstained:
        return ()
    generation = assistant.generation
    first = answer.citations[0]
    shown = [_place(citation) for citation in answer.citations]
    said = frozenset(content_words(answer.question).values())

    def told(candidate: Candidate) -> bool:
        if said.issuperset(content_words(candidate.question).values()):
            return False  # it was just asked
        found = assistant.ask(candidate.question, threshold, within)
        return is_answered(candidate, found) and not _repeats(found, shown)

    def told_of_year(question: str) -> bool:
        found = assistant.ask(question, threshold, within, history=asked)
        return (
            found.carried is not None
            and found.dates is not None
            and found.dates.kept
            and not found.abstained
            and not _repeats(found, shown)
        )

    around = ((year, partial(told_of_year, year)) for year in _other_years(answer.turn.question))
    years = _kept(around, 1, budget, is_cancelled)
    own = candidates_of(first.document, generation.passages_of(first.document.id)[:_READ])
    others = _of_others(generation, first.document, within)
    mixed = (each for pair in zip_longest(own, others) for each in pair if each)
    checks = ((each.question, partial(told, each)) for each in mixed)
    return (*years, *_kept(checks, FURTHER - len(years), budget, is_cancelled))


def is_answered(candidate: Candidate, answer: Answer) -> bool:
    """Returns whether an answer's first quote stands where the question was made of."""
    if answer.abstained or answer.citations[0].document.id != candidate.document:
        return False
    quote = answer.citations[0].quote
    if candidate.question.startswith("When") and not any(map(str.isdigit, quote.text)):
        return False
    if not candidate.spans:
        return answer.confidence >= _SURE
    return any(quote.start < end and start < quote.end for start, end in candidate.spans)


def _kept(
    questions: Iterable[tuple[str, Callable[[], bool]]],
    most: int,
    budget: Budget,
    is_cancelled: Callable[[], bool],
) -> list[str]:
    """The questions whose checks hold, once each, as far as the budget goes."""
    ended = time.monotonic() + budget.seconds
    kept: list[str] = []
    tried: set[str] = set()
    for question, holds in questions:
        spent = len(tried) >= budget.questions or time.monotonic() > ended
        if len(kept) >= most or spent or is_cancelled():
            break
        if question in tried:
            continue
        tried.add(question)
        try:
            if holds():
                kept.append(question)
        except ReadoutError:
            continue  # a text may make a question that cannot be asked; it is no suggestion
    return kept


def _repeats(answer: Answer, shown: Sequence[tuple[str, Span]]) -> bool:
    """Whether the first quote of an answer was shown already."""
    first, span = _place(answer.citations[0])
    return any(
        first == document and span.start < other.end and other.start < span.end
        for document, other in shown
    )


def _place(citation: Citation) -> tuple[str, Span]:
    return citation.document.id, Span(citation.quote.start, citation.quote.end)


def _other_years(question: str) -> Iterator[str]:
    """The question's year before and after, asked as a person goes on."""
    reading = read_dates(question, date.today())
    if reading is None or reading.since is None or reading.until is None:
        return
    if reading.since.year == reading.until.year:
        for year in (reading.since.year + 1, reading.since.year - 1):
            yield f"And in {year}?"


def _of_others(
    generation: Generation, document: Document, within: Filter | None
) -> Iterator[Candidate]:
    """Questions that other documents on the same event, or of a like title, answer."""
    passages: dict[str, list[Passage]] = {}
    for hit in generation.search(document.title, _NEAR, within=within):
        if hit.passage.document_id != document.id:
            passages.setdefault(hit.passage.document_id, []).append(hit.passage)
    for name, found in passages.items():
        yield from islice(candidates_of(generation.document(name), found), 2)
