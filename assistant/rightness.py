"""Golden questions one by one: where their answers stand now, and whether they come first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from assistant.answer import Citation
from assistant.assistant import Assistant
from assistant.errors import BadGolden
from assistant.evaluation import everywhere, holds
from assistant.followups import turns_of
from assistant.golden import GoldenQuestion, Place, resolve
from corpus import Document
from index import Generation

#: What came of a question, in the words of `assistant.outcomes.Outcome.verdict`.
Verdict = Literal[
    "right", "wrong", "refused", "rightly refused", "answered, though nothing answers it"
]


@dataclass(frozen=True, slots=True)
class Expectation:
    """A golden question with its answers where they stand in a generation.

    Attributes:
        entry: The question; its answers name documents by their ids.
        fault: Why an answer's place cannot be told (any more), or None.
    """

    entry: GoldenQuestion
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a golden question.

    Attributes:
        first: The first citation; None if nothing was answered.
        verdict: What that is worth.
    """

    first: Citation | None
    verdict: Verdict


def expectations(questions: Sequence[GoldenQuestion], generation: Generation) -> list[Expectation]:
    """Returns the questions with their places found, as `assistant.golden.resolve` finds them."""
    return [_expectation(entry, generation) for entry in questions]


def _expectation(entry: GoldenQuestion, generation: Generation) -> Expectation:
    named = [generation.store.document(answer.document) for answer in entry.answers]
    # Only a document that is named otherwise than by its id must be looked for among all.
    known = [document for document in named if document is not None]
    among: Iterator[Document] | list[Document] = (
        known if len(known) == len(named) else generation.documents()
    )
    try:
        [found] = resolve([entry], among)
    except BadGolden as error:
        return Expectation(entry, str(error))
    return Expectation(found)


def find(assistant: Assistant, entry: GoldenQuestion) -> Finding:
    """Asks a golden question after those before it, and says whether its answer comes first.

    Args:
        assistant: Who is asked.
        entry: The question; its answers name documents by their ids.
    """
    history = turns_of(entry.turns, today=date.today())
    first = next(iter(assistant.ask(entry.question, history=history).citations), None)
    return Finding(first, _verdict(assistant.generation, entry, first))


def _verdict(generation: Generation, entry: GoldenQuestion, first: Citation | None) -> Verdict:
    if not entry.answers:
        return "answered, though nothing answers it" if first else "rightly refused"
    if first is None:
        return "refused"
    place = Place(first.document.id, first.quote.start, first.quote.end)
    return "right" if holds(place, everywhere(generation, entry.answers)) else "wrong"
