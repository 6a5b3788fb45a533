"""What a corpus is made of: documents, and passages that are exact slices of them."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from corpus.marks import Marks


class Span(NamedTuple):
    """A half-open range ``[start, end)`` of Python characters of ``Document.text``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of a document.

    Attributes:
        field: ``title``, ``publisher``, ``author``, ``published``, ``event_date`` or ``url``.
        value: What; days as ISO dates.
        origin: Where it is from, in a few words for people.
        sure: How sure, 0 to 1; of several facts of one field the surest counts.
    """

    field: str
    value: str
    origin: str
    sure: float


@dataclass(frozen=True, slots=True)
class Document:
    """One text with what is known of it.

    Attributes:
        id: Names the document in citations, links and golden files; unique in a corpus.
        source: The file it was read from: its path, or ``bundled/<name>``.
        media_type: The type of the original, such as ``text/plain``.
        title: The document's own title, or the file's name where it has none.
        text: The canonical text that every offset refers to, with line feeds for line ends.
        published: The day it was published, where known.
        event_date: The day of the event it reports, where known.
        sha256: SHA-256 (hex) of the bytes of `source`; of the record's line for JSON lines.
        publisher: Who published it, where known.
        author: Who signed it, where known.
        url: Where the original stands on the web, where known.
        record: Which record of `source` it is, if that file holds many documents: the ``_id`` of
            a line, the path of an archive's member, the name of a mail's attachment.
        marks: Where in the original the pieces of the text stand, and under what.
        facts: Where title, publisher, author, days and url are from, and how sure each is.
    """

    id: str
    source: str
    media_type: str
    title: str
    text: str
    published: date | None
    event_date: date | None
    sha256: str
    publisher: str | None = None
    author: str | None = None
    url: str | None = None
    record: str | None = None
    marks: Marks = Marks()  # noqa: RUF009 (immutable)
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document; ``document.text[start:end]`` is its text, always.

    Attributes:
        id: ``<document id>#<ordinal>``.
        document_id: The document it is a slice of.
        ordinal: Its place among the document's passages, from 0.
        start: First character.
        end: One past the last character.
        heading: The headings it stands under, outermost first, joined by `` › ``; or none.
        context: Words without which it makes little sense (the question that it answers, the
            columns of its table, the line above its list), or none.
        sentences: Spans of the sentences inside, in order; they cover all but white space.
    """

    id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    heading: str | None
    context: str | None
    sentences: tuple[Span, ...]
