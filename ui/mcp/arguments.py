"""What an AI client calls the tools with, in words it reads."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assistant import MAX_QUESTION
from index import Filter

# Passages that one search returns at most; as many as an answer can weigh.
_MOST_PASSAGES = 50

#: Characters that `read_source` returns at most, those it returns unless told, and those around.
LONGEST, USUAL, _AROUND = 20_000, 4_000, 500

# Documents or publishers that a question is kept to at most.
_MOST_NAMES = 1_000


class Arguments(BaseModel):
    """What a tool is called with; other names are refused, for nobody would notice a mistyped one.

    The strings below the fields are what an AI client reads of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


_Names = Annotated[list[str], Field(max_length=_MOST_NAMES)]


class _Within(Arguments):
    """Where to look; without any of these, everywhere."""

    since: date | None = None
    """Only documents published, or telling of an event, on this day or later (YYYY-MM-DD)."""
    until: date | None = None
    """Only documents published, or telling of an event, on this day or earlier (YYYY-MM-DD)."""
    documents: _Names = []
    """Only these documents, by `document.id`."""
    publishers: _Names = []
    """Only documents by these publishers, as `document.publisher` names them."""

    def filter(self) -> Filter | None:
        """Returns the part of the corpus that is meant; None for all of it."""
        found = Filter(
            documents=frozenset(self.documents),
            since=self.since,
            until=self.until,
            publishers=frozenset(self.publishers),
        )
        return None if found == Filter() else found


class Ask(_Within):
    """A question."""

    question: Annotated[str, Field(max_length=MAX_QUESTION)]
    """One question in a whole sentence, with the names and years that it is about; it is read
    without what was said before."""
    any_date: bool = False
    """Whether to look everywhere, whatever words about time the question has."""


class Search(_Within):
    """A search."""

    query: Annotated[str, Field(max_length=MAX_QUESTION)]
    """What to look for: words, a name, or a sentence."""
    k: Annotated[int, Field(ge=1, le=_MOST_PASSAGES)] = 10
    """How many passages."""


class ReadSource(Arguments):
    """A place in a document."""

    document: str
    """The document's `document.id`."""
    start: Annotated[int, Field(ge=0)] = 0
    """First character, counted in Unicode code points from 0."""
    end: Annotated[int, Field(ge=1)] | None = None
    """One past the last character, at most 20,000 after `start`; else 4,000 after it."""
    words: Annotated[str, Field(max_length=LONGEST)] | None = None
    """Instead of `end`: words to find from `start` on, letter for letter but for white space; the
    place returned is theirs."""
    around: Annotated[int, Field(ge=0, le=LONGEST)] = _AROUND
    """How many characters to return before and after it as well."""
