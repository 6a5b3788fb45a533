"""What the source pane reads: a quote in its document, and more of the text around it."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from assistant import Assistant, Quote, UnknownPlace
from corpus import Document
from ui.markup import CHANGED, fingerprint
from ui.places import place_of
from ui.told import day

# Characters sent before and after a quote, and each time more is asked for: a browser lays this
# much out at once without a pause.
_AROUND = 10_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A quote in its document, as three strings: browsers do not count characters as Python does.

    Attributes:
        title: The document's title.
        about: Publisher, dates and place of the quote, one line.
        source: Where the original lies.
        edition: Names the text, so that more of another text is never put around it.
        before: Text up to the quote, from character `start`.
        quote: The quoted words.
        after: Text from the quote on, to character `end`.
        start: The first character sent.
        end: One past the last.
        length: Characters of the whole text.
        warning: Why the quote is not to be trusted, or None when it was verified just now.
    """

    title: str
    about: str
    source: str
    edition: str
    before: str
    quote: str
    after: str
    start: int
    end: int
    length: int
    warning: str | None


def open_quote(
    assistant: Assistant, document_id: str, start: int, end: int, check: str
) -> dict[str, Any]:
    """Returns an `Opened` as JSON: the quote with up to 20,000 characters around it.

    Args:
        assistant: Who holds the document.
        document_id: Its id.
        start: First character of the quote.
        end: One past its last.
        check: `ui.markup.fingerprint` of the quote as it was shown.

    Raises:
        UnknownPlace: If the document, the place or those words in that place are gone.
    """
    document = assistant.document(document_id)
    quote = checked_quote(document, start, end, check)
    first, last = max(0, start - _AROUND), min(len(document.text), end + _AROUND)
    opened = Opened(
        title=document.title,
        about=_about(document, quote),
        source=document.source,
        edition=_edition(document),
        before=document.text[first:start],
        quote=quote.text,
        after=document.text[end:last],
        start=first,
        end=last,
        length=len(document.text),
        warning=None if assistant.verify(document, quote) else CHANGED,
    )
    return asdict(opened)


def checked_quote(document: Document, start: int, end: int, check: str) -> Quote:
    """Returns the words at a place if they are those whose `ui.markup.fingerprint` is ``check``.

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
    assistant: Assistant, document_id: str, edition: str, start: int, forward: bool
) -> dict[str, Any]:
    """Returns the next stretch of a text, on from ``start`` or back from it.

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
    return {"text": document.text[first:last], "start": first, "end": last, "length": size}


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
