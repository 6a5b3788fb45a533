"""Suggested questions for the page: examples of each generation, and what may follow an answer."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import date

import anyio

from assistant import Assistant
from assistant.followups import Turn, turns_of
from assistant.suggesting import example_questions, further_questions
from corpus import ReadoutError
from index import Filter
from ui.line import Line

_LOG = logging.getLogger(__name__)

# Seconds between two looks whether another generation serves, and whether there are examples.
_PAUSE, _LOOK = 0.5, 0.1


class Suggestions:
    """Finds questions that are really answered, without being in the way of those people ask.

    Examples are found in a thread of its own at the start and after each switch of the index, and
    kept as long as that serves. What follows an answer is looked for when a page asks for it, for
    one page at a time. Both are given up as soon as anybody asks a question.
    """

    def __init__(self, assistant: Assistant, line: Line) -> None:
        """Takes who is asked, and where people's questions wait, which go first."""
        self._assistant = assistant
        self._line = line
        self._examples: dict[str, tuple[str, ...]] = {}  # of the generation that serves
        self._ended = threading.Event()
        self._looking = threading.Lock()  # for one page at a time: it takes a processor
        self._thread = threading.Thread(target=self._find, name="suggest", daemon=True)

    def start(self) -> None:
        """Begins to find examples."""
        self._thread.start()

    def stop(self) -> None:
        """Ends that."""
        self._ended.set()
        self._thread.join()

    async def examples(self, seconds: float) -> tuple[str, ...]:
        """Returns example questions of the generation that serves; none if none are found in time.

        Args:
            seconds: How long to wait for them; no thread waits.
        """
        name = self._assistant.generation.name
        with anyio.move_on_after(seconds):
            while name not in self._examples:
                await anyio.sleep(_LOOK)
        return self._examples.get(name, ())

    def further(
        self, questions: Sequence[str], within: Filter | None, threshold: float | None
    ) -> tuple[str, ...]:
        """Returns what may be asked after the last of a conversation's questions.

        Args:
            questions: The questions so far, oldest first.
            within: What part of the corpus the last was asked in.
            threshold: How sure each must be; else as usual.

        Raises:
            BadQuestion: If a question is empty or too long.
        """
        if not questions or self._line.working or not self._looking.acquire(blocking=False):
            return ()
        try:
            return self._further(questions, within, threshold)
        finally:
            self._looking.release()

    def _further(
        self, questions: Sequence[str], within: Filter | None, threshold: float | None
    ) -> tuple[str, ...]:
        is_cancelled = self._given_up(self._line.taken)
        earlier: tuple[Turn, ...] = turns_of(questions[:-1], today=date.today())
        answer = self._assistant.ask(questions[-1], threshold, within, history=earlier)
        asked = (*earlier, answer.turn)
        return further_questions(
            self._assistant, asked, answer, within, threshold, is_cancelled=is_cancelled
        )

    def _find(self) -> None:
        while not self._ended.is_set():
            name = self._assistant.generation.name
            if name not in self._examples:
                self._find_examples(name)
            self._ended.wait(_PAUSE)

    def _find_examples(self, name: str) -> None:
        before = self._line.taken
        try:
            found = example_questions(self._assistant, is_cancelled=self._given_up(before))
        except ReadoutError as error:  # a page without examples is a page
            _LOG.warning("no example questions: %s", error)
            found = ()
        if self._line.taken != before:
            return  # it is tried again when nobody asks
        self._examples = {name: found}

    def _given_up(self, before: int) -> Callable[[], bool]:
        """Whether to leave the machine to a question that was asked since ``before``."""
        return lambda: self._ended.is_set() or self._line.taken != before
