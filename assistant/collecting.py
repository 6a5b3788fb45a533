"""Golden questions that people collect while they ask, in the home's ``golden.jsonl``."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock

from assistant.answer import Quote
from assistant.errors import BadGolden
from assistant.golden import GOLDEN, QuotedPlace, json_entries
from assistant.questions import checked_question
from corpus import Document
from index import Home
from index.durable import write_atomically

_Row = dict[str, Any]


class Collection:
    """The golden questions of a home: one entry for each question asked after the same turns.

    Every change replaces the file in one step, under a lock and flushed to the disk. Lines that
    are not changed stay as they are, byte for byte.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.path = home.path / GOLDEN

    def add(
        self, question: str, turns: Sequence[str], document: Document | None, quote: Quote | None
    ) -> bool:
        """Records what answers a question, or that nothing does.

        Args:
            question: The question.
            turns: The questions before it in its conversation, oldest first.
            document: The document that answers; None if nothing does.
            quote: The words of it that do; None if nothing does.

        Returns:
            Whether that was not recorded before.

        Raises:
            BadGolden: If the contrary is recorded, or the file cannot be used.
            BadQuestion: If the question, or one before it, is empty or too long.
            HomeUnusable: If the file cannot be written.
        """
        answer = _answer(document, quote)

        def changed(row: _Row | None) -> _Row:
            if row is None:
                return _row(question, turns, [answer] if answer else [])
            answers = row["answers"]
            if bool(answers) != bool(answer):
                recorded = "a passage answers this" if answers else "nothing here answers this"
                raise BadGolden(f"you said that {recorded}; undo that first ({self.path})")
            if answer is None or _at(answers, answer) is not None:
                return row
            return row | {"answers": [*answers, answer]}

        return self._change(question, turns, changed)

    def discard(
        self, question: str, turns: Sequence[str], document: Document | None, quote: Quote | None
    ) -> bool:
        """Takes back what `add` recorded; returns whether it was there.

        Raises:
            BadGolden: If the file cannot be used.
            BadQuestion: If the question, or one before it, is empty or too long.
            HomeUnusable: If the file cannot be written.
        """
        answer = _answer(document, quote)

        def changed(row: _Row | None) -> _Row | None:
            if row is None:
                return None
            answers = row["answers"]
            if answer is None:
                return row if answers else None
            at = _at(answers, answer)
            if at is None:
                return row
            rest = [*answers[:at], *answers[at + 1 :]]
            return row | {"answers": rest} if rest else None

        return self._change(question, turns, changed)

    def remove(self, question: str, turns: Sequence[str]) -> bool:
        """Takes a question off, with all that is recorded of it; returns whether it was there.

        Raises:
            BadGolden: If the file cannot be used.
            BadQuestion: If the question, or one before it, is empty or too long.
            HomeUnusable: If the file cannot be written.
        """
        return self._change(question, turns, lambda _: None)

    def _change(
        self, question: str, turns: Sequence[str], changed: Callable[[_Row | None], _Row | None]
    ) -> bool:
        """Puts what ``changed`` returns in the place of a question's line; None takes it off."""
        key = (checked_question(question), list(map(checked_question, turns)))
        with self._home.writable(), FileLock(self._home.path / "golden.lock"):
            path = self.path.resolve()  # a link to a file elsewhere stays one
            lines = _lines(path)
            known = [_known(line) for line in lines]
            at = next((at for at, row in enumerate(known) if row and _key(row) == key), None)
            before = None if at is None else known[at]
            after = changed(before)
            if after == before:
                return False
            new = [] if after is None else [json.dumps(after, ensure_ascii=False)]
            start = len(lines) if at is None else at
            lines[start : start + 1] = new
            if not lines:
                path.unlink()  # an empty file is no golden file
                return True
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
            write_atomically(path, "".join(f"{line}\n" for line in lines), mode)
            return True


def _lines(path: Path) -> list[str]:
    """The lines of the file.

    Raises:
        BadGolden: If it cannot be read, or is one JSON list, to which no line can be added.
    """
    if not path.exists():
        return []
    for _ in json_entries(path):  # so that a damaged file is told, and left as it is
        pass
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("["):
        raise BadGolden(f"{path}: is one JSON list; put one object on a line to collect questions")
    return [line for line in text.split("\n") if line.strip()]


def _known(line: str) -> _Row | None:
    row = json.loads(line)
    return row if isinstance(row, dict) and isinstance(row.get("answers"), list) else None


def _key(row: _Row) -> tuple[object, object]:
    return row.get("question"), row.get("turns", [])


def _row(question: str, turns: Sequence[str], answers: list[_Row]) -> _Row:
    row: _Row = {"question": checked_question(question), "answers": answers}
    return row | {"turns": list(map(checked_question, turns))} if turns else row


def _answer(document: Document | None, quote: Quote | None) -> _Row | None:
    if document is None or quote is None:
        return None
    return asdict(QuotedPlace.of(document, quote))


def _at(answers: Sequence[object], answer: _Row) -> int | None:
    """Where among answers one stands, of those that people wrote with other keys too."""
    place = [answer[name] for name in ("document", "start", "end")]
    for at, other in enumerate(answers):
        if isinstance(other, dict) and [*map(other.get, ("document", "start", "end"))] == place:
            return at
    return None
