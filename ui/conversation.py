"""The conversation on the page: its turns, and which of them a question may lean on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import assistant


@dataclass(slots=True)
class Turn:
    """A question on the page, and its answer once there is one.

    Attributes:
        question: The question, escaped for the page.
        answer: The answer as the page shows it.
        asked: What later questions may take over from it; None if it could not be asked.
        any_date: Whether its words about time were left unread.
        without: What it was not to take over.
        fresh: Whether it begins a new topic, so that what was before is over.
        within: What part of the corpus it was asked in, as `ui.narrowing` writes it; empty: all.
    """

    question: str
    answer: str | None = None
    asked: assistant.Turn | None = None
    any_date: bool = False
    without: tuple[str, ...] = ()
    fresh: bool = False
    within: str = ""


class Turns(list[Turn]):
    """The turns of one page.

    Attributes:
        person: Whose page it is, once anything was asked or restored; empty where nobody logs in.
    """

    person: str | None = None

    def is_of(self, person: str) -> bool:
        """Takes the page for a person's, and returns whether it is theirs."""
        if self.person is None:
            self.person = person
        return self.person == person


def begin(
    question: str, turns: Sequence[Turn], again: Mapping[str, Any] | None, within: str = ""
) -> tuple[Turn, tuple[assistant.Turn, ...]]:
    """Returns a question's turn, and the earlier turns that it may lean on, oldest first.

    Args:
        question: The question, escaped for the page.
        turns: The turns so far.
        again: None for a new question. If one is asked again: ``at`` which place among the turns it
            was asked, and what is to be otherwise, ``any_date``, ``without`` an item or ``fresh``.
        within: What part of the corpus it is asked in; one asked again is asked where it was.
    """
    turn, earlier = Turn(question, within=within), list(turns)
    if again:
        at = again.get("at")
        if isinstance(at, int) and 0 <= at < len(turns) and turns[at].question == question:
            turn.any_date, turn.without = turns[at].any_date, turns[at].without
            turn.within = turns[at].within
            earlier = earlier[:at]
            while earlier and earlier[-1].question == question:  # it was asked again before
                earlier.pop()
        turn.any_date |= again.get("any_date") is True
        turn.fresh = again.get("fresh") is True
        if isinstance(item := again.get("without"), str):
            turn.without += (item,)
    start = max((at for at, each in enumerate(earlier) if each.fresh), default=0)
    history = () if turn.fresh else tuple(each.asked for each in earlier[start:] if each.asked)
    return turn, history


def saved(turns: Iterable[Turn]) -> list[list[Any]]:
    """Returns the answered turns as a browser remembers them."""
    return [
        [turn.question, turn.answer, *_asked(turn.asked), turn.fresh, turn.within]
        for turn in turns
        if turn.answer is not None
    ]


def restored(remembered: object) -> list[Turn]:
    """Returns the turns that a browser remembers, also those that an earlier Readout saved."""
    turns = []
    for question, answer, *more in remembered if isinstance(remembered, list) else []:
        turn = Turn(str(question), str(answer))
        match more:
            case [str(asked), str(title), bool(fresh), *_]:
                turn.asked, turn.fresh = assistant.Turn(asked, title), fresh
        match more:
            case [_, _, _, str(within)]:
                turn.within = within
        turns.append(turn)
    return turns


def _asked(turn: assistant.Turn | None) -> tuple[str | None, str | None]:
    return (turn.question, turn.title) if turn else (None, None)
