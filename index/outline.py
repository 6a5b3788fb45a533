"""A document without its text: enough to list it and to find its passages."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Outline:
    """What a generation knows of a document, without the text.

    Attributes:
        id: The document's id.
        title: Its title.
        publisher: Who published it, where known.
        day: The day it was published, else that of the event it reports, where known.
        first: The number of its first passage; the others follow it.
        passages: How many passages it has.
    """

    id: str
    title: str
    publisher: str | None
    day: date | None
    first: int
    passages: int
