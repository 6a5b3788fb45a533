"""What programs send: a question and how it is to be asked, a search, and where to look.

Keys that are not known are refused: of a mistyped ``since`` nobody would notice that it was left
out.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from assistant import MAX_QUESTION
from index import Filter
from index.generation import POOL

# Earlier questions that are looked at; the page remembers as many.
_MOST_TURNS = 40

# Documents or sources named at once, and characters of each name.
_MOST_NAMES, _LONGEST_NAME = 1000, 4096

#: One of the bundled documents, to try things with.
EXAMPLE = "003_e53a6ec5a1052dec.txt"

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: object) -> date:
    """Reads an ISO day and nothing else: pydantic alone would take 0 as the first of 1970."""
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        raise ValueError("must be a day as YYYY-MM-DD")
    return date.fromisoformat(value)


Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"}, "validation")
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_NAME)]
Names = Annotated[list[Name], Field(max_length=_MOST_NAMES)]
Threshold = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Request(BaseModel):
    """What a request may hold; anything else is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Within(Request):
    """Where to look; without any of these, everywhere."""

    since: Day | None = None
    """Only what was published, or happened, from this day."""
    until: Day | None = None
    """Only what was published, or happened, to this day."""
    document: Names = []
    """Only in these documents, by id."""
    source: Names = []
    """Only in these files or folders, as documents name them: whole paths, or `bundled`."""

    def filter(self) -> Filter | None:
        """Returns the part of the corpus that is meant; None for all of it."""
        found = Filter(frozenset(self.document), frozenset(self.source), self.since, self.until)
        return None if found == Filter() else found


class Manner(Within):
    """How a question is to be asked."""

    threshold: Threshold | None = None
    """Confidence below which to say that nothing answers; else the fitted one."""
    any_date: bool = False
    """Whether to look everywhere, whatever the question's words about time."""
    history: Annotated[list[str], Field(max_length=_MOST_TURNS)] = []
    """Earlier questions of the conversation as they were typed, oldest first, from which this one
    takes over what it leaves out."""
    without: Annotated[list[str], Field(max_length=_MOST_TURNS)] = []
    """Texts of `carried.items` that it is not to take over."""


class AskBody(Manner):
    """A question."""

    # In JSON a number is a number; in an address all is text.
    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [{"question": "Who co-chaired the 11th dialogue?", "since": "2023-01-01"}]
        },
    )

    question: str
    """The question, at most 2,000 characters."""


class AskQuery(Manner):
    """A question, in an address."""

    q: Annotated[str, Field(examples=["Who co-chaired the 11th dialogue?"])]
    """The question, at most 2,000 characters."""


class SearchQuery(Within):
    """A search, in an address."""

    q: Annotated[str, Field(examples=["firearms trafficking"])]
    """What to look for, at most 2,000 characters."""
    k: Annotated[int, Field(ge=1, le=POOL)] = 10
    """How many passages."""
    offset: Annotated[int, Field(ge=0, lt=POOL)] = 0
    """How many of the best 100 passages to leave out, for the next page."""


class DocumentsQuery(Request):
    """Which documents to list, in an address."""

    title: Annotated[str, Field(max_length=MAX_QUESTION)] = ""
    """Only documents with these characters in their title, in capitals or not."""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    """How many documents."""
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    """How many to leave out, for the next page."""


class SourceQuery(Request):
    """Which place to read, in an address."""

    document: Annotated[Name, Field(examples=[EXAMPLE])]
    """The document's id."""
    start: Annotated[int, Field(ge=0, examples=[374])]
    """First character of the place."""
    end: Annotated[int, Field(ge=1, examples=[448])]
    """One past its last character."""
    around: Annotated[int, Field(ge=0, le=20_000)] = 1000
    """How many characters to send before and after it."""
