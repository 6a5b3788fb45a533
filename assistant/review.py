"""Which golden questions get another first citation from an index that is about to serve."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from assistant.answer import Citation
from assistant.assistant import Assistant
from assistant.errors import BadGolden
from assistant.golden import GOLDEN, load_golden
from index import BuildReport, Cancelled, Generation, Home, IndexingError, Progress, rebuild


@dataclass(frozen=True, slots=True)
class NewFirst:
    """A question that a new index answers by another first citation, or no more, or at last.

    Attributes:
        question: The question.
        before: The first citation from the index that serves; None if nothing answered.
        now: The first citation from the new one; None if nothing answers.
    """

    question: str
    before: Citation | None
    now: Citation | None


@dataclass(frozen=True, slots=True)
class Review:
    """What golden questions tell of a new index.

    Attributes:
        asked: How many were asked; 0 if there are none, or no index to compare with.
        changed: Those that get another first citation, in the order of the golden file.
        fault: Why the golden file cannot be used, or None.
    """

    asked: int = 0
    changed: tuple[NewFirst, ...] = ()
    fault: str | None = None


def rebuild_and_review(
    home: Home,
    encoder_name: str | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    decide: Callable[[Review], bool] = lambda _: True,
    ray: str | None = None,
) -> tuple[BuildReport, Review]:
    """Does what `index.rebuild` does, and asks the user's golden questions before the switch.

    Args:
        home: Where.
        encoder_name: A model to change to; else the home's own.
        on_progress: Told of each step.
        is_cancelled: Asked between steps.
        decide: Asked, with what the golden questions told, whether to switch to the new index.
        ray: The address of a Ray cluster that is to read, cut and encode.

    Returns:
        What the build did, and what the golden questions told; nothing if nothing was built.

    Raises:
        ReadoutError: As `index.rebuild`; `Cancelled` also if ``decide`` said no.
    """
    found = Review()

    def approve(built: Generation) -> bool:
        nonlocal found
        found = _review(home, built, on_progress, is_cancelled)
        return decide(found)

    return rebuild(home, encoder_name, on_progress, is_cancelled, approve, ray), found


def _review(
    home: Home,
    built: Generation,
    on_progress: Callable[[Progress], None],
    is_cancelled: Callable[[], bool],
) -> Review:
    """Asks the golden questions of the index that serves and of the one that was built.

    A citation is the same if it quotes the same words of the same document, wherever in it they
    stand by now.
    """
    path = home.path / GOLDEN
    if not path.exists():
        return Review()
    try:
        questions = load_golden(path)
        before = Assistant(home, Generation.serving(home, before=built))
    except BadGolden as error:
        return Review(fault=str(error))
    except IndexingError:  # none yet, or a damaged one: there is nothing to compare with
        return Review()
    now = Assistant(home, built)
    started = time.perf_counter()
    changed = []
    for done, entry in enumerate(questions, start=1):
        if is_cancelled():
            raise Cancelled("stopped; what was encoded is kept; run: readout rebuild")
        old, new = (_first(assistant, entry.question) for assistant in (before, now))
        if _words(old) != _words(new):
            changed.append(NewFirst(entry.question, old, new))
        on_progress(Progress("ask", done, len(questions), time.perf_counter() - started))
    return Review(len(questions), tuple(changed))


def _first(assistant: Assistant, question: str) -> Citation | None:
    return next(iter(assistant.ask(question).citations), None)


def _words(citation: Citation | None) -> tuple[str, str] | None:
    return (citation.document.id, citation.quote.text) if citation else None
