"""What a question becomes: quotes that can be checked, or an honest no."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from assistant.dates import Order
from assistant.errors import UnknownPlace
from assistant.followups import Carried, Turn
from assistant.kinds import Kind
from corpus import Document, Passage
from index import Repeat


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand in a document: ``document.text[start:end] == text``."""

    start: int
    end: int
    text: str

    @classmethod
    def of(cls, document: Document, start: int, end: int) -> Self:
        """Takes the words at a place of a document.

        Raises:
            UnknownPlace: If there is no such place in it.
        """
        size = len(document.text)
        if not 0 <= start < end <= size:
            raise UnknownPlace(f"{document.id}: no characters {start} to {end}; it has {size}")
        return cls(start, end, document.text[start:end])


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote with all that a reader needs to check it.

    Attributes:
        number: Its number in the answer, from 1.
        document: The document that is quoted.
        passage: The passage the quote stands in.
        quote: The quoted words.
        score: In an answer, how strongly this sentence answers, 0 to 1; in a search, the
            passage's fused score.
        verified: Whether, just now, the stored text held the quote at its place and the
            original was, byte for byte, what had been read.
        also_in: Other documents in which the quote stands, in a passage like this; earliest first.
    """

    number: int
    document: Document
    passage: Passage
    quote: Quote
    score: float
    verified: bool
    also_in: tuple[Repeat, ...] = ()

    @property
    def passage_text(self) -> str:
        """The text of the passage."""
        return self.document.text[self.passage.start : self.passage.end]


@dataclass(frozen=True, slots=True)
class Group:
    """One part of an answer that has several: a side, a document, a way of speaking.

    Attributes:
        label: What it is about.
        citations: Those of the answer that belong to it; none if nothing answers for this part.
        reason: Why nothing does, one line for people; None if something does.
    """

    label: str
    citations: tuple[Citation, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """How a question's words about time were understood; see `assistant.dates.read_dates`.

    Attributes:
        words: The words.
        since: The first day meant; None if that is open.
        until: The last day meant; None if that is open.
        order: Which documents were to come first by their day, or None.
        kept: Whether the answer keeps to these days; if not, nothing in them answers well enough
            and all of the corpus was asked.
    """

    words: str
    since: date | None
    until: date | None
    order: Order | None
    kept: bool


@dataclass(frozen=True, slots=True)
class WordReading:
    """A word of a question that stands nowhere, read as one of the corpus that is close to it.

    Attributes:
        word: As it was typed.
        read_as: As the corpus spells the other.
    """

    word: str
    read_as: str

    @property
    def told(self) -> str:
        """One line for people."""
        return f"Read “{self.word}” as “{self.read_as}”."


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or the reason why there is none.

    Attributes:
        question: What was asked, with each run of white space as one space and U+FFFD for half
            characters.
        citations: The quotes that answer, best first; none exactly when `abstained`.
        nearest: When abstained, the closest passages; they are not an answer.
        unknown_terms: Words of the question that stand nowhere in the corpus; none that would
            tell nobody anything, as "much" or "please".
        confidence: Estimated probability that the best quote answers.
        reason: When abstained, one line for people; else None.
        generation: The name of the generation that was asked.
        milliseconds: How long it took.
        readings: The mistyped words of the question, and what they were read as.
        dates: How its words about time were understood; None if it has none, or they were not to
            be read.
        carried: What it took over from the questions before it; None if it stands alone.
        kind: Which kind of answer the question was taken to ask for.
        groups: The parts of an answer that has several, in order; their citations are, together,
            those of the answer. None in a plain one.
        note: How an answer of several parts was made, one line for people, or None.
        meant: When abstained, words that stand nowhere and words of the corpus that may be meant;
            unlike `readings` they were not read so.
    """

    question: str
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...]
    unknown_terms: tuple[str, ...]
    confidence: float
    reason: str | None
    generation: str
    milliseconds: float
    readings: tuple[WordReading, ...] = ()
    dates: Dates | None = None
    carried: Carried | None = None
    kind: Kind = "plain"
    groups: tuple[Group, ...] = ()
    note: str | None = None
    meant: tuple[WordReading, ...] = ()

    @property
    def turn(self) -> Turn:
        """What the next question of the conversation may take over from this one."""
        asked = self.carried.standalone if self.carried else self.question
        return Turn(asked, self.citations[0].document.title if self.citations else "")

    @property
    def abstained(self) -> bool:
        """Whether nothing in the corpus was found to answer."""
        return not self.citations
