"""What an answer of several parts is made from, and of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.answer import Citation, Dates, Group
from assistant.evidence import Evidence, Judgement, confidence_of
from assistant.kinds import Kind
from assistant.ranking import Ranking
from assistant.speakers import Voices
from corpus import Passage, Span
from index import Filter, analyze

# Least share of words that two sentences have in common of which one is cited.
_ALIKE = 0.8

# The confidence is fitted to questions that one sentence answers. One about a subject at large is
# answered by each that names it, which is read off the text: that multiplies the odds by this.
# With 3, of 68 quotes for 27 questions of what somebody said, none was another's, and four were
# beside the point, and 4 questions were refused; without, 19.
_ODDS = 3


class Citable(Protocol):
    """What can be cited: a span of a passage, and how well it answers."""

    @property
    def passage(self) -> Passage:
        """Where it stands."""

    @property
    def span(self) -> Span:
        """Where in the document's text."""

    @property
    def score(self) -> float:
        """How strongly it answers, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of a passage that is cited for its place, not as evidence."""

    passage: Passage
    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer, before it is cited.

    Attributes:
        label: What it is about.
        cited: What answers, best first.
        reason: Why nothing does, one line for people; None if something does.
    """

    label: str
    cited: Sequence[Citable]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question that is not plain.

    Attributes:
        kind: Its kind.
        parts: The parts of its answer; nothing is cited in any exactly when it is refused.
        confidence: Estimated probability that the least sure of the parts that answer does.
        note: How the answer was made, one line for people, or None.
        reason: Why it is refused, one line for people; None if it is not.
        dates: How its words about time were understood, if they were read.
    """

    kind: Kind
    parts: Sequence[Part]
    confidence: float
    note: str | None = None
    reason: str | None = None
    dates: Dates | None = None

    @property
    def cited(self) -> list[Citable]:
        """What all parts cite, in their order."""
        return [entry for part in self.parts for entry in part.cited]

    def groups(self, citations: Sequence[Citation]) -> Iterator[Group]:
        """Yields the parts with the citations that were made of `cited`."""
        left = iter(citations)
        for part in self.parts:
            yield Group(part.label, tuple(next(left) for _ in part.cited), part.reason)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was judged as a plain one, and the means to ask further.

    Attributes:
        judgement: What was found for it.
        limit: The confidence below which to abstain.
        ranking: How what is found is ranked.
        within: What part of the corpus to search; None for all of it.
        judge: Judges another question, in the same generation, in a part of the corpus.
    """

    judgement: Judgement
    limit: float
    ranking: Ranking
    within: Filter | None
    judge: Callable[[str, Filter | None], Judgement]

    @property
    def is_answered(self) -> bool:
        """Whether its best sentence answers it as a plain question."""
        return bool(self.judgement.evidence) and self.judgement.confidence >= self.limit

    def sure(self, judgement: Judgement, entry: Evidence) -> float:
        """Returns the estimated probability that a sentence answers by itself."""
        return confidence_of(judgement.question, [entry], self.ranking)

    def sure_of(
        self, judgement: Judgement, entry: Evidence, subject: frozenset[str] | None
    ) -> float:
        """Returns the same for a question that any sentence about its subject answers.

        Args:
            judgement: What was found for the question.
            entry: The sentence.
            subject: Terms of the subject; None if it asks for more than that.
        """
        chance = self.sure(judgement, entry)
        if subject is None or not subject <= frozenset(analyze(entry.text)):
            return chance
        return _ODDS * chance / (1 - chance + _ODDS * chance)


def told(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Leaves out what is asked: questions, and all that those say who ask them in a transcript."""
    documents = {entry.document.id: entry.document for entry in evidence}
    voices = {name: Voices(document) for name, document in documents.items()}
    return [
        entry
        for entry in evidence
        if not entry.features.asks and not voices[entry.document.id].is_asked(entry.span)
    ]


def apart(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Leaves out each sentence that says nearly the same as one before it."""
    kept: list[Evidence] = []
    seen: list[frozenset[str]] = []
    for entry in evidence:
        words = frozenset(analyze(entry.text))
        if all(len(words & other) < _ALIKE * len(words | other) for other in seen):
            kept.append(entry)
            seen.append(words)
    return kept
