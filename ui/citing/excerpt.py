"""What every form of citing needs: the quoted words and what is known of their source."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant import Quote
from ui.citing.links import text_fragment, web_address
from ui.citing.receipts import Receipt
from ui.citing.wording import shown
from ui.linking import place_of_quote

# What a style can say of a place: the kind as Citation Style Language names it.
_LOCATORS = ("page", "paragraph", "line")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote and its source, each text on one line and fit to be pasted anywhere.

    Attributes:
        text: The quoted words.
        document: The id of their document.
        title: Its title.
        publisher: Who published it, where known.
        author: Who signed it, as it says so, where known.
        published: The day it was published, where known.
        event: The day of the event it reports, where known.
        url: Where it stands on the web, where known; only ever of http or https.
        original: The same, opened at the quote, or None.
        place: Where in the original the quote stands, in words; empty where that is unknown.
        locator: The same for a style: kind and number, or None.
        link: The page of this assistant, opened at the quote.
    """

    text: str
    document: str
    title: str
    publisher: str | None
    author: str | None
    published: date | None
    event: date | None
    url: str | None
    original: str | None
    place: str
    locator: tuple[str, str] | None
    link: str


def excerpt_of(receipt: Receipt, address: str) -> Excerpt:
    """Returns a quote as it is cited, by its receipt.

    Args:
        receipt: The receipt; what has become of the document since makes no difference.
        address: Where the page is served, as ``http://127.0.0.1:7860``.
    """
    source, quoted = receipt.document, receipt.quote
    quote = Quote(quoted.start, quoted.end, quoted.text)
    url = web_address(source.url)
    return Excerpt(
        text=shown(quote.text),
        document=source.id,
        title=shown(source.title) or shown(source.id),
        publisher=_known(source.publisher),
        author=_known(source.author),
        published=source.published,
        event=source.event_date,
        url=url,
        original=url and text_fragment(url, quote.text),
        # Of what stands on the web, the record of a list it was taken from tells a reader nothing.
        place="" if url and set(receipt.locator) <= {"record", "line"} else shown(receipt.place),
        locator=_locator(receipt.locator),
        link=f"{address.rstrip('/')}/{place_of_quote(source.id, quote)}",
    )


def _known(text: str | None) -> str | None:
    return shown(text or "") or None


def _locator(found: dict[str, Any]) -> tuple[str, str] | None:
    if "record" in found:  # a line of the file that holds the record says nothing of the text
        found = {kind: value for kind, value in found.items() if kind != "line"}
    return next(((kind, str(found[kind])) for kind in _LOCATORS if kind in found), None)
