"""One click in the page that says what an answer, or a passage of it, is worth."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant import Assistant, BadQuestion
from assistant.feedback import Feedback, Verdict
from assistant.golden import QuotedPlace
from ui.golden import Found, Place
from ui.narrowing import filter_of, query_of
from ui.reading import checked_quote


class Said(BaseModel):
    """What somebody says.

    Attributes:
        verdict: Of an answer *up* or *down*, of a passage *wrong*.
        question: The question.
        turns: The questions before it in its conversation, oldest first.
        within: What part of the corpus was searched, as `ui.narrowing` writes it.
        place: The citation it is about; of an answer its first, None of a refusal.
        undo: Whether to take that back.
    """

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["up", "down", "wrong"]
    question: str
    turns: tuple[str, ...] = ()
    within: str = ""
    place: Place | None = None
    undo: bool = False


def say(assistant: Assistant, feedback: Feedback, said: Said, person: str) -> bool:
    """Records what a person says, or takes it back; returns whether that changed anything.

    Raises:
        UnknownPlace: If the words do not stand there (any more).
        ReadoutError: As `assistant.feedback.Feedback`.
    """
    if said.verdict != "down" and said.place is None:
        raise BadQuestion("a good answer or a wrong passage needs its place")
    return _kept(assistant, feedback, said.verdict, said, person)


def note_golden(assistant: Assistant, feedback: Feedback, found: Found, person: str) -> None:
    """Records a golden question of the page also as what somebody said of a passage.

    Raises:
        ReadoutError: As `say`.
    """
    verdict: Verdict = "nothing" if found.place is None else "right"
    _kept(assistant, feedback, verdict, found, person)


def _kept(
    assistant: Assistant, feedback: Feedback, verdict: Verdict, said: Said | Found, person: str
) -> bool:
    place = _place(assistant, said.place) if said.place else None
    within = query_of(filter_of(said.within)) if isinstance(said, Said) else ""
    about = (verdict, said.question, said.turns, within, place)
    if said.undo:
        return feedback.take_back(*about, person)
    return feedback.add(*about, assistant.generation.name, person)


def _place(assistant: Assistant, place: Place) -> QuotedPlace:
    document = assistant.document(place.document)
    quote = checked_quote(document, place.start, place.end, place.check)
    return QuotedPlace.of(document, quote)
