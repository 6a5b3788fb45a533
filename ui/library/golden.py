"""Golden questions in the library: what is expected, what comes first now, asked on demand."""

import threading
from dataclasses import dataclass
from typing import Any

from assistant import Assistant, Quote
from assistant.golden import GOLDEN, GoldenQuestion, Place, load_golden
from assistant.rightness import Expectation, Finding, expectations, find
from corpus import ReadoutError
from index import FileStamp, Generation
from ui.linking import place_of_quote

_Key = tuple[str, tuple[str, ...]]

# Characters shown of a quote.
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """How far the asking is.

    Attributes:
        generation: Name of the generation that is asked; None if nothing was asked.
        done: Questions asked so far.
        total: All of them.
        running: Whether it goes on.
        trouble: Why it ended before its time, or None.
    """

    generation: str | None = None
    done: int = 0
    total: int = 0
    running: bool = False
    trouble: str | None = None


class Golden:
    """The golden questions of an assistant's home; safe to share between threads."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._path = assistant.home.path / GOLDEN
        self._starting = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._findings: dict[_Key, Finding] = {}
        self._found: list[tuple[GoldenQuestion, Expectation]] = []
        self._found_at: tuple[str, FileStamp | None] | None = None
        self.asked = Asked()

    def ask(self) -> bool:
        """Begins to ask them all, in a thread of its own; False while that goes on.

        Raises:
            BadGolden: If their file cannot be used.
        """
        with self._starting:
            if self.asked.running:
                return False
            questions = self._questions()
            generation = self._assistant.generation
            self._findings = {}
            self._stopped.clear()
            self.asked = Asked(generation.name, total=len(questions), running=True)
            # A daemon: a question that takes long must not keep the server from ending.
            self._thread = threading.Thread(
                target=self._ask, args=(questions,), name="ask-golden", daemon=True
            )
            self._thread.start()
            return True

    def stop(self) -> None:
        """Ends the asking before its next question."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Waits for the asking to end; returns whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.asked.running

    def _questions(self) -> list[GoldenQuestion]:
        return load_golden(self._path) if self._path.exists() else []

    def _ask(self, questions: list[GoldenQuestion]) -> None:
        trouble: str | None = "stopped unexpectedly; see the server's terminal"
        now = self.asked
        try:
            expected = expectations(questions, self._assistant.generation)
            for done, (entry, each) in enumerate(zip(questions, expected, strict=True), start=1):
                if self._stopped.is_set():
                    break
                if each.fault is None:
                    self._findings[_key(entry)] = find(self._assistant, each.entry)
                now = Asked(now.generation, done, now.total, running=True)
                self.asked = now
            trouble = None
        except ReadoutError as error:
            trouble = str(error)
        finally:
            self.asked = Asked(now.generation, now.done, now.total, trouble=trouble)

    def as_json(self) -> dict[str, Any]:
        """Returns the questions, where their answers stand, and what came of them.

        Raises:
            BadGolden: If their file cannot be used.
        """
        generation = self._assistant.generation
        asked = self.asked
        entries = [self._entry(*each, generation) for each in self._expected(generation)]
        return {
            "path": str(self._path),
            "entries": entries,
            "generation": asked.generation,
            "stale": asked.generation not in {None, generation.name},
            "done": asked.done,
            "total": asked.total,
            "running": asked.running,
            "trouble": asked.trouble,
        }

    def _expected(self, generation: Generation) -> list[tuple[GoldenQuestion, Expectation]]:
        """The questions and their places, found anew only where file or generation changed."""
        stamp = FileStamp.of(self._path) if self._path.exists() else None
        at = (generation.name, stamp)
        if at != self._found_at:
            questions = self._questions()
            self._found = [*zip(questions, expectations(questions, generation), strict=True)]
            self._found_at = at
        return self._found

    def _entry(
        self, entry: GoldenQuestion, expected: Expectation, generation: Generation
    ) -> dict[str, Any]:
        finding = self._findings.get(_key(entry))
        places = [] if expected.fault else expected.entry.answers
        return {
            "question": entry.question,
            "turns": entry.turns,
            "fault": expected.fault,
            "expected": [_shown(place, generation) for place in places],
            "asked": finding is not None,
            "verdict": finding and finding.verdict,
            "right": finding and finding.verdict in {"right", "rightly refused"},
            "now": finding
            and finding.first
            and _quoted(
                finding.first.document.title, finding.first.document.id, finding.first.quote
            ),
        }


def _key(entry: GoldenQuestion) -> _Key:
    return entry.question, entry.turns


def _shown(place: Place, generation: Generation) -> dict[str, str]:
    document = generation.document(place.document)
    quote = Quote.of(document, place.start, place.end)
    return _quoted(document.title, document.id, quote)


def _quoted(title: str, document_id: str, quote: Quote) -> dict[str, str]:
    words = " ".join(quote.text.split())
    short = words if len(words) <= _SHOWN else f"{words[:_SHOWN].rstrip()}…"
    return {"title": title, "quote": short, "link": place_of_quote(document_id, quote)}
