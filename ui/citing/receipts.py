"""Receipts: what a quote was, where it stood and in what, so that it can be checked years later.

A receipt is one JSON object::

    {
      "receipt": 1,                              the form of what follows
      "document": {
        "id", "title", "source",                 as `corpus.Document` has them
        "sha256": "…",                           of the original, see there
        "text_sha256": "…",                      of the text that the offsets count, in UTF-8
        "publisher", "author", "url",            each a text or null
        "published", "event_date"                each an ISO date or null
      },
      "quote": {"start": 120, "end": 183, "text": "…"},   Python characters, half-open
      "context": {"before": "…", "after": "…"},  up to 200 characters on each side
      "locator": {"page": 3},                    as in an answer, without boxes
      "place": "page 3",                         the same in words; empty if there are none
      "generation": "000007",                    the index that was asked
      "verified": true,                          whether it was when the receipt was written
      "time": "2026-11-24T17:30:00+00:00"        when that was, UTC
    }
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from assistant import Assistant, Quote
from corpus import Document
from ui.errors import BadReceipt
from ui.places import locator_of, place_of

# The form of the receipts written here.
_FORM = 1

# Characters of context on each side.
_AROUND = 200

#: Receipts looked at in one go, in a file or a request; more is no basket of anybody's.
MOST = 10_000


class _Record(BaseModel):
    """A part of a receipt; what it does not know it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Source(_Record):
    """The document of a receipt; see the module for each field."""

    id: str
    title: str
    source: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    text_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    publisher: str | None
    author: str | None
    url: str | None
    published: date | None
    event_date: date | None


class Quoted(_Record):
    """The quote of a receipt."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    text: str = Field(min_length=1)


class Context(_Record):
    """The text on both sides of it."""

    before: str
    after: str


class Receipt(_Record):
    """A receipt; see the module for each field."""

    receipt: int = Field(ge=_FORM, le=_FORM)
    document: Source
    quote: Quoted
    context: Context
    locator: dict[str, Any]
    place: str
    generation: str
    verified: bool
    time: AwareDatetime


def receipt_of(assistant: Assistant, document: Document, quote: Quote) -> Receipt:
    """Returns the receipt of a quote, checked and dated now.

    Args:
        assistant: Who holds the document.
        document: Where the quote stands.
        quote: The quote.
    """
    text = document.text
    locator = locator_of(document, quote.start, quote.end)
    locator.pop("boxes", None)
    return Receipt(
        receipt=_FORM,
        document=Source(
            id=document.id,
            title=document.title,
            source=document.source,
            sha256=document.sha256,
            text_sha256=text_hash(document),
            publisher=document.publisher,
            author=document.author,
            url=document.url,
            published=document.published,
            event_date=document.event_date,
        ),
        quote=Quoted(start=quote.start, end=quote.end, text=quote.text),
        context=Context(
            before=text[max(0, quote.start - _AROUND) : quote.start],
            after=text[quote.end : quote.end + _AROUND],
        ),
        locator=locator,
        place=place_of(document, quote.start, quote.end),
        generation=assistant.generation.name,
        verified=assistant.verify(document, quote),
        time=datetime.now(UTC).replace(microsecond=0),
    )


def text_hash(document: Document) -> str:
    """Returns the SHA-256 of a document's text."""
    return sha256(document.text.encode()).hexdigest()


def receipts_from(content: object, name: str) -> list[Receipt]:
    """Reads one receipt, or a list of them.

    Args:
        content: What JSON held.
        name: What it is called if something is wrong with it.

    Raises:
        BadReceipt: If it is anything else.
    """
    if isinstance(content, bytes):  # a request that does not say it is JSON
        raise BadReceipt(f"{name}: not a receipt of Readout: no JSON")
    found = content if isinstance(content, list) else [content]
    if not 1 <= len(found) <= MOST:
        raise BadReceipt(f"{name}: {len(found):,} receipts; give 1 to {MOST:,}")
    try:
        # From JSON once more: only so are its dates read, and nothing else is bent into shape.
        return _RECEIPTS.validate_json(json.dumps(found))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        what = f"{place}: {first['msg']}" if place else first["msg"]
        raise BadReceipt(f"{name}: not a receipt of Readout: {what}") from error


def receipts_of_files(paths: Iterable[Path]) -> list[Receipt]:
    """Reads the receipts of some files, in their order.

    Raises:
        BadReceipt: If a file cannot be read, or is no receipt.
    """
    return list(chain.from_iterable(receipts_from(_content(path), str(path)) for path in paths))


def _content(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise BadReceipt(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not JSON, not even text, or nested for ever
        raise BadReceipt(f"{path}: not a receipt of Readout: no JSON") from error


_RECEIPTS = TypeAdapter(list[Receipt])
