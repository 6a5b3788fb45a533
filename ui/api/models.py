"""What answers over HTTP are made of, field by field, for the OpenAPI schema.

The routes send what `ui.contract` makes, as it is; these models say what that is, and tests hold
both together.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A JSON object with these keys and no others; the strings below the fields describe them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Origin(Model):
    """Where something known of a document is from."""

    source: str = Field(alias="from")
    """Where it is from, in a few words for people."""
    sure: float
    """How sure it is, 0 to 1."""


class Document(Model):
    """What is known of a document."""

    id: str
    """Names the document."""
    title: str
    """Its own title, or the file's name where it has none."""
    source: str
    """The file it was read from: its path, or `bundled/…`."""
    published: date | None
    """The day it was published, where known."""
    event_date: date | None
    """The day of the event it reports, where known."""
    sha256: str
    """SHA-256, in hex, of the original's bytes."""
    publisher: str | None
    """Who published it, where known."""
    author: str | None
    """Who signed it, where known."""
    url: str | None
    """Where the original stands on the web, where known."""
    media_type: str
    """The media type of the original, such as `text/plain`."""
    facts: dict[str, Origin]
    """Where title, publisher, author, days and url are from, by the field's name."""


class Passage(Model):
    """A stretch of a document's text."""

    id: str
    """Names the passage."""
    start: int
    """Its first character in the document's text."""
    end: int
    """One past its last character."""
    text: str
    """Its text."""
    context: str | None
    """Words without which it makes little sense, such as the columns of its table."""


class Quote(Model):
    """Words that stand in a document's text, verbatim."""

    start: int
    """Its first character in the document's text, counted in Unicode code points from 0."""
    end: int
    """One past its last character."""
    text: str
    """The words."""


class Locator(Model):
    """Where in the original a quote begins; only what is known of it is there."""

    page: int | None = None
    """The page, from 1."""
    slide: int | None = None
    """The slide, from 1."""
    sheet: str | None = None
    """The sheet of a workbook."""
    row: int | None = None
    """The row of a table, from 1."""
    paragraph: int | None = None
    """The paragraph, from 1."""
    part: str | None = None
    """The part of a mail, or the chapter of a book."""
    quoted: int | None = None
    """How deep the words are quoted from earlier mails."""
    boxes: list[tuple[int, float, float, float, float]] | None = None
    """For each line of a PDF: the page, and left, top, right, bottom in points from the upper left
    corner of the page."""
    line: int | None = None
    """The line of a text file, from 1."""
    heading: str | None = None
    """The headings it stands under, outermost first."""
    record: str | None = None
    """Which record of a file that holds many documents."""


class Repeat(Model):
    """Another document in which a quote stands."""

    id: str
    """Names the document."""
    title: str
    """Its title."""
    published: str | None
    """Its day, where known."""


class Citation(Model):
    """A quote with all that it takes to check it."""

    number: int
    """Its number in the answer, or its rank in a search, from 1."""
    score: float
    """In an answer, how strongly it answers, 0 to 1; in a search, the passage's score."""
    verified: bool
    """Whether, just now, the words stood in their place and the original was unchanged."""
    document: Document
    """The document that is quoted."""
    passage: Passage
    """The passage that the quote stands in."""
    quote: Quote
    """The quoted words."""
    locator: Locator
    """Where in the original the quote begins."""
    also_in: list[Repeat]
    """Other documents in which the quote stands, earliest first."""


class Reading(Model):
    """A mistyped word of a question."""

    word: str
    """As it was typed."""
    read_as: str = Field(alias="as")
    """As it was read."""


class Dates(Model):
    """How a question's words about time were understood."""

    words: str
    """The words."""
    since: date | None
    """The first day meant, or null if that is open."""
    until: date | None
    """The last day meant, or null if that is open."""
    order: Literal["latest", "earliest"] | None
    """Which documents were to come first by their day, or null."""
    kept: bool
    """Whether the answer keeps to these days; if not, all of the corpus was asked."""


class CarriedItem(Model):
    """Words that a question took over from an earlier one."""

    text: str
    """The words; give them as `without` to ask again without them."""
    kind: Literal["topic", "name", "date"]
    """What they are."""


class Carried(Model):
    """What a question took over from earlier ones."""

    items: list[CarriedItem]
    """The words that were carried."""
    standalone: str
    """The question as it was asked in full."""


class Group(Model):
    """One part of an answer that has several."""

    label: str
    """What it is about."""
    citations: list[int]
    """The numbers of the citations that belong to it."""
    reason: str | None
    """Why nothing answers for this part, or null."""


class Answer(Model):
    """What answers and refusals have in common."""

    question: str
    """What was asked, with each run of white space as one space."""
    confidence: float
    """Estimated probability that the first quote answers, 0 to 1."""
    readings: list[Reading]
    """The mistyped words of the question, and what they were read as."""
    dates: Dates | None
    """How its words about time were understood, or null."""
    carried: Carried | None
    """What it took over from `history`, or null if it stands alone."""
    kind: Literal["plain", "compare", "said", "listing", "document"]
    """Which kind of answer the question was taken to ask for."""
    note: str | None
    """How an answer of several parts was made, or null."""
    groups: list[Group]
    """The parts of an answer that has several; none in a plain one."""
    generation: str
    """The index that was asked."""
    milliseconds: float
    """How long it took."""


class Answered(Answer):
    """An answer: quotes, best first."""

    answered: Literal[True]
    """That there is an answer."""
    reason: None
    """Always null."""
    citations: list[Citation] = Field(min_length=1)
    """The quotes that answer, best first."""


class Refused(Answer):
    """An honest no, with the closest passages."""

    answered: Literal[False]
    """That nothing answers."""
    reason: str
    """Why not, in one line for people."""
    citations: list[Citation] = Field(max_length=0)
    """Always empty."""
    nearest: list[Citation]
    """The closest passages; they are not an answer."""
    unknown_terms: list[str]
    """Words of the question that stand nowhere in the corpus."""


class Source(Model):
    """A place in a document's text, and the text around it."""

    document: Document
    """The document."""
    before: str
    """The text from character `start` to the quote."""
    quote: Quote
    """The place that was asked for."""
    after: str
    """The text from the quote to character `end`."""
    start: int
    """The first character that was sent."""
    end: int
    """One past the last character that was sent."""
    characters: int
    """How long the whole text is."""
    locator: Locator
    """Where in the original the quote begins."""
    verified: bool
    """Whether, just now, the words stood in their place and the original was unchanged."""
    generation: str
    """The index that was asked."""
