"""The façade: open a home, ask, get an answer that can be checked."""

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant.answer import Answer, Citation, Quote
from assistant.asking import by_kind
from assistant.dating import judge_dated
from assistant.errors import BadQuestion, UnknownPlace
from assistant.events import read_time
from assistant.evidence import Evidence, Judgement, judge
from assistant.followups import Turn, carry
from assistant.parts import Asked, Citable, Found
from assistant.questions import checked_question
from assistant.ranking import Ranking, with_reader
from assistant.verification import Verifier
from assistant.words import did_you_mean, may_be_meant, never_mentioned
from corpus import Document, Passage, Span, without_surrogates
from index import Filter, Generation, Home, IndexingError, open_sound

# A further sentence is cited only if it is nearly as good as the first: at least this share of its
# score. Documents that contradict each other differ by as much in what a reader makes of a name;
# at 0.5 one of them was left out.
_NEARLY = 0.4

# Passages shown when nothing answers.
_NEAREST = 3


class Assistant:
    """Answers questions from the generation that a home serves; safe to share between threads.

    A question that has begun ends on the generation it began with; `refresh` lets later ones see
    a rebuild.
    """

    def __init__(self, home: Home, generation: Generation, ranking: Ranking | None = None) -> None:
        """Answers from ``generation`` until `refresh` finds another; see `open`."""
        self.home = home
        self.ranking = ranking or with_reader()
        self._generation = generation
        self._verifier = Verifier()
        self._refreshing = threading.Lock()

    @classmethod
    def open(cls, home: Home | Path | str, ranking: Ranking | None = None) -> Self:
        """Opens the assistant of a home folder.

        Args:
            home: The folder.
            ranking: How what is found is ranked; else `with_reader`.

        Raises:
            NoIndex: If the home has no index.
            DamagedIndex: If a file of the serving generation is damaged.
            EncoderError: If its encoder cannot be loaded.
        """
        home = home if isinstance(home, Home) else Home(home)
        return cls(home, Generation.serving(home), ranking)

    @classmethod
    def open_sound(cls, home: Home, ranking: Ranking | None = None) -> Self:
        """Opens a home as `open` does, or on its newest sound generation if that fails.

        `refresh` tells what is wrong with the one that should serve, until it is mended.

        Raises:
            IndexingError: If the home has no sound generation.
        """
        return cls(home, open_sound(home), ranking)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is held that the end of the object would not free."""

    @property
    def generation(self) -> Generation:
        """The generation that answers."""
        return self._generation

    def refresh(self) -> bool:
        """Changes to the generation that the home serves now; returns whether it was another.

        Raises:
            IndexingError: If the new one cannot be opened; the old one goes on answering.
        """
        with self._refreshing:
            if self.home.current() == self._generation.name:
                return False
            self._generation = Generation.serving(self.home, before=self._generation)
            return True

    def ask(
        self,
        question: str,
        threshold: float | None = None,
        within: Filter | None = None,
        *,
        any_date: bool = False,
        today: date | None = None,
        history: Sequence[Turn] = (),
        without: Collection[str] = (),
    ) -> Answer:
        """Answers a question with quotes, or says that nothing answers it.

        Args:
            question: What a person typed.
            threshold: Confidence, 0 to 1, below which to abstain; else the fitted one.
            within: What part of the corpus to search; else all of it.
            any_date: Whether to look everywhere, whatever the question's words about time; they
                are not read either if ``within`` says from or to which day to search.
            today: The day from which such words as *last October* count; else the clock's.
            history: The earlier turns of the conversation, oldest first (`Answer.turn`), from which
                a question that does not stand alone takes over what it leaves out.
            without: Texts of items that it is not to take over.

        Raises:
            BadQuestion: If the question is empty or too long, or the threshold out of range.
        """
        started = time.perf_counter()
        limit = self.ranking.weights.threshold if threshold is None else threshold
        if not 0 <= limit <= 1:
            raise BadQuestion(f"threshold {limit}: must be from 0 to 1")
        generation = self._generation
        text, today = checked_question(question), today or date.today()
        carried = carry(text, history, without, today=today)

        def judged(text: str, part: Filter | None) -> Judgement:
            if any_date:
                return judge(generation, checked_question(text), self.ranking, part)
            return self._judge_dated(generation, text, limit, part, today)

        judgement = judged(carried.standalone, within)
        found = by_kind(Asked(judgement, limit, self.ranking, within, judged))
        answer = self._in_parts(judgement, found) if found else self.answer(judgement, limit)
        return replace(
            answer,
            question=text,
            carried=carried if carried.items else None,
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def judge(self, question: str, within: Filter | None = None) -> Judgement:
        """Returns what was found for a question and how sure it is, before any is answered.

        Raises:
            BadQuestion: If the question is empty or too long.
        """
        return judge(self._generation, checked_question(question), self.ranking, within)

    def judge_dated(
        self,
        question: str,
        limit: float,
        within: Filter | None = None,
        today: date | None = None,
    ) -> Judgement:
        """Does what `judge` does, by the words about time in the question if it has any.

        Args:
            question: The question.
            limit: The confidence below which it will be refused.
            within: What part of the corpus to search; else all of it.
            today: The day from which such words as *last October* count; else the clock's.

        Raises:
            BadQuestion: If the question is empty or too long.
        """
        return self._judge_dated(self._generation, question, limit, within, today)

    def _judge_dated(
        self,
        generation: Generation,
        question: str,
        limit: float,
        within: Filter | None,
        today: date | None,
    ) -> Judgement:
        text = checked_question(question)
        chosen = within is not None and within.days is not None
        reading = None if chosen else read_time(generation, text, today or date.today())

        def judged(part: Filter | None) -> Judgement:
            return judge(generation, text, self.ranking, part)

        if reading is None:
            return judged(within)
        return judge_dated(judged, reading, self.ranking, within, limit)

    def answer(self, judgement: Judgement, limit: float) -> Answer:
        """Returns the answer that a judgement gives if confidence must be at least ``limit``."""
        generation, typed = judgement.generation, judgement.typed
        answered = bool(judgement.evidence) and judgement.confidence >= limit
        answering = _answering(judgement.evidence, self.ranking.citations) if answered else []
        return Answer(
            question=typed.typed,
            citations=self._cite(generation, answering),
            nearest=() if answered else self._nearest(judgement),
            unknown_terms=typed.unknown,
            confidence=judgement.confidence,
            reason=None if answered else _why_not(judgement, limit),
            generation=generation.name,
            milliseconds=0.0,
            readings=typed.readings,
            dates=judgement.dates,
            meant=() if answered else may_be_meant(typed),
        )

    def _in_parts(self, judgement: Judgement, found: Found) -> Answer:
        """Returns the answer of several parts to a question that is not plain."""
        citations = self._cite(judgement.generation, found.cited)
        typed = judgement.typed
        return Answer(
            question=typed.typed,
            citations=citations,
            nearest=() if citations else self._nearest(judgement),
            unknown_terms=typed.unknown,
            confidence=found.confidence,
            reason=found.reason,
            generation=judgement.generation.name,
            milliseconds=0.0,
            readings=typed.readings,
            dates=found.dates,
            kind=found.kind,
            groups=tuple(found.groups(citations)),
            note=found.note,
        )

    def search(self, query: str, k: int = 10, within: Filter | None = None) -> tuple[Citation, ...]:
        """Returns the ``k`` best passages, best first; the quote is the whole passage.

        Args:
            query: What is looked for.
            k: How many passages.
            within: What part of the corpus to search; else all of it.

        Raises:
            BadQuestion: If the query is empty or too long, or ``k`` is less than 1.
        """
        text = checked_question(query)
        if k < 1:
            raise BadQuestion(f"{k} passages: ask for at least 1")
        generation = self._generation
        return tuple(
            self._citation(generation, hit.rank, hit.passage, _span(hit.passage), hit.score)
            for hit in generation.search(text, k, within=within)
        )

    def documents(self) -> Iterator[Document]:
        """Yields every document, in the order of the corpus."""
        return self._generation.documents()

    def document(self, document_id: str) -> Document:
        """Returns a document.

        Raises:
            UnknownPlace: If there is none of that id.
        """
        try:
            return self._generation.document(document_id)
        except IndexingError as error:
            raise UnknownPlace(str(error)) from error
        except UnicodeEncodeError as error:  # half characters, which no id of a document has
            shown = without_surrogates(document_id)
            raise UnknownPlace(
                f"{shown}: no such document; run: readout status --documents"
            ) from error

    def quote(self, document_id: str, start: int, end: int) -> Quote:
        """Returns the words at a place of a document.

        Raises:
            UnknownPlace: If there is no such document, or no such place in it.
        """
        return Quote.of(self.document(document_id), start, end)

    def verify(self, document: Document, quote: Quote) -> bool:
        """Returns whether a quote stands where it says and its original is unchanged."""
        return self._verifier.verify(self._generation, document, quote)

    def _cite(self, generation: Generation, evidence: Sequence[Citable]) -> tuple[Citation, ...]:
        return tuple(
            self._citation(generation, number, entry.passage, entry.span, entry.score)
            for number, entry in enumerate(evidence, start=1)
        )

    def _nearest(self, judgement: Judgement) -> tuple[Citation, ...]:
        """The closest passages, each with the sentence of it that comes closest."""
        best: dict[str, Span] = {}
        for entry in judgement.evidence:
            best.setdefault(entry.passage.id, entry.span)
        return tuple(
            self._citation(
                judgement.generation,
                hit.rank,
                hit.passage,
                best.get(hit.passage.id, _span(hit.passage)),
                hit.score,
            )
            for hit in judgement.hits[:_NEAREST]
        )

    def _citation(
        self, generation: Generation, number: int, passage: Passage, span: Span, score: float
    ) -> Citation:
        document = generation.document(passage.document_id)
        quote = Quote(span.start, span.end, document.text[span.start : span.end])
        verified = self._verifier.verify(generation, document, quote)
        also_in = tuple(generation.repeats(passage, quote.text))
        return Citation(number, document, passage, quote, score, verified, also_in)


def _answering(evidence: Sequence[Evidence], most: int) -> list[Evidence]:
    best = evidence[0]
    return [entry for entry in evidence[:most] if entry.score >= _NEARLY * best.score]


def _span(passage: Passage) -> Span:
    return Span(passage.start, passage.end)


def _why_not(judgement: Judgement, limit: float) -> str:
    if not judgement.hits:
        return "There is no document where you chose to search; widen the choice."
    question = judgement.question
    meant = did_you_mean(judgement.typed)
    if question.unknown and len(question.unknown) == len(question.words):
        return f"None of the question’s words stands in the documents.{meant}"
    if words := never_mentioned(judgement.typed):
        return f"Nothing here answers that; the documents never mention {words}.{meant}"
    return (
        "Nothing here answers that: the closest sentence is"
        f" {judgement.confidence:.0%} likely to, and {limit:.0%} is required."
    )
