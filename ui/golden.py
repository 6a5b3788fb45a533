"""One click in the page that stores a golden question, or takes it back."""

from pydantic import BaseModel, ConfigDict

from assistant import Assistant
from assistant.collecting import Collection
from ui.reading import checked_quote


class Place(BaseModel):
    """Words of a document, as the page shows them.

    Attributes:
        document: The document's id.
        start: First character.
        end: One past the last.
        check: `ui.markup.fingerprint` of the words as they were shown.
    """

    model_config = ConfigDict(extra="forbid")

    document: str
    start: int
    end: int
    check: str


class Found(BaseModel):
    """What somebody says of a question.

    Attributes:
        question: The question.
        turns: The questions before it in its conversation, oldest first.
        place: What answers it; None if nothing here does.
        undo: Whether to take that back.
    """

    model_config = ConfigDict(extra="forbid")

    question: str
    turns: tuple[str, ...] = ()
    place: Place | None = None
    undo: bool = False


def record(assistant: Assistant, collection: Collection, found: Found) -> dict[str, bool]:
    """Records what somebody found, or takes it back; returns whether that changed anything.

    Raises:
        UnknownPlace: If the words do not stand there (any more).
        ReadoutError: As `assistant.collecting.Collection`.
    """
    document, quote = None, None
    if found.place is not None:
        place = found.place
        document = assistant.document(place.document)
        quote = checked_quote(document, place.start, place.end, place.check)
    change = collection.discard if found.undo else collection.add
    return {"changed": change(found.question, found.turns, document, quote)}
