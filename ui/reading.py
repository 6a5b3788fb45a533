"""What the source pane reads: a quote in its document, and more of the text around it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from assistant import Assistant, Quote, UnknownPlace
from corpus import Document, Span
from corpus.rendering import is_paged
from ui.linking import CHANGED, fingerprint
from ui.places import place_of
from ui.told import day

# Characters sent before and after a quote, and each time more is asked for: a browser lays this
# much out at once without a pause.
_AROUND = 10_000

# Another place that an answer cites: its first character, one past its last, its fingerprint.
_ALSO = re.compile(r"(\d{1,12})-(\d{1,12})-([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Opened:
    """A quote in its document, cut into strings: browsers do not count characters as Python does.

    Attributes:
        title: The document's title.
        about: Publisher, dates and place of the quote, one line.
        source: Where the original lies.
        edition: Names the text, so that more of another text is never put around it.
        before: Text up to the quote, from character `start`, by turns plain and cited too.
        quote: The quoted words.
        after: Text from the quote on, to character `end`, cut as `before`.
        start: The first character sent.
        end: One past the last.
        length: Characters of the whole text.
        warning: Why the quote is not to be trusted, or None when it was verified just now.
        paged: Whether its pages can be shown as pictures: see `ui.printed`.
    """

    title: str
    about: str
    source: str
    edition: str
    before: tuple[str, ...]
    quote: str
    after: tuple[str, ...]
    start: int
    end: int
    length: int
    warning: str | None
    paged: bool


def open_quote(
    assistant: Assistant,
    document_id: str,
    start: int,
    end: int,
    check: str,
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """Returns an `Opened` as JSON: the quote with up to 20,000 characters around it.

    Args:
        assistant: Who holds the document.
        document_id: Its id.
        start: First character of the quote.
        end: One past its last.
        check: `ui.linking.fingerprint` of the quote as it was shown.
        also: Other places of the document that are cited with it, each ``start-end-check``;
            those whose words have changed are left out.

    Raises:
        UnknownPlace: If the document, the place or those words in that place are gone.
    """
    document = assistant.document(document_id)
    quote = checked_quote(document, start, end, check)
    first, last = max(0, start - _AROUND), min(len(document.text), end + _AROUND)
    cited = _places(document, also)
    opened = Opened(
        title=document.title,
        about=_about(document, quote),
        source=document.source,
        edition=_edition(document),
        before=_by_turns(document.text, first, start, cited),
        quote=quote.text,
        after=_by_turns(document.text, end, last, cited),
        start=first,
        end=last,
        length=len(document.text),
        warning=None if assistant.verify(document, quote) else CHANGED,
        paged=is_paged(document),
    )
    return asdict(opened)


def checked_quote(document: Document, start: int, end: int, check: str) -> Quote:
    """Returns the words at a place if they are those whose `ui.linking.fingerprint` is ``check``.

    Raises:
        UnknownPlace: If they are not.
    """
    quote = Quote.of(document, start, end)
    if fingerprint(quote) != check:
        raise UnknownPlace(
            f"{document.title}: its text has changed since that answer; ask the question again"
        )
    return quote


def read_more(
    assistant: Assistant,
    document_id: str,
    edition: str,
    start: int,
    forward: bool,
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """Returns the next stretch of a text, on from ``start`` or back from it, cut as by `Opened`.

    Raises:
        UnknownPlace: If the document is gone or its text is another by now.
    """
    document = assistant.document(document_id)
    if _edition(document) != edition:
        raise UnknownPlace(f"{document.title}: its text has changed; ask the question again")
    size = len(document.text)
    place = min(max(0, start), size)
    first, last = (place, place + _AROUND) if forward else (max(0, place - _AROUND), place)
    last = min(last, size)
    text = _by_turns(document.text, first, last, _places(document, also))
    return {"text": text, "start": first, "end": last, "length": size}


def _places(document: Document, also: Iterable[str]) -> list[Span]:
    """Returns the places that are told, in order; each only if its words are still there."""
    found = []
    for start, end, check in (match.groups() for match in map(_ALSO.fullmatch, also) if match):
        span = Span(int(start), int(end))
        words = document.text[span.start : span.end]
        if words and fingerprint(Quote(*span, words)) == check:
            found.append(span)
    return sorted(found)


def _by_turns(text: str, first: int, last: int, cited: Iterable[Span]) -> tuple[str, ...]:
    """Returns the stretch ``[first, last)`` of a text as plain, cited, plain, cited, … plain."""
    parts = []
    at = first
    for span in cited:
        start, end = max(at, span.start), min(last, span.end)
        if start < end:
            parts += [text[at:start], text[start:end]]
            at = end
    return (*parts, text[at:last])


def _about(document: Document, quote: Quote) -> str:
    parts = [document.publisher, document.author]
    if document.published:
        parts.append(f"published {day(document.published)}")
    if document.event_date:
        parts.append(f"event of {day(document.event_date)}")
    parts.append(place_of(document, quote.start, quote.end))
    return " · ".join(part for part in parts if part)


def _edition(document: Document) -> str:
    return sha256(document.text.encode()).hexdigest()[:16]
