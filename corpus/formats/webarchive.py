"""Pages that a browser saved with all that they show, in the form of a mail (MHTML)."""

import re
from dataclasses import replace
from email.message import Message

from corpus.document import Fact
from corpus.draft import Extract
from corpus.errors import Unreadable
from corpus.formats.charsets import text_of
from corpus.formats.html import article_of

_SAVED_BY = re.compile(r"\s*[\"<]+saved by\b", re.IGNORECASE)
_OF_MAILS = ("From", "Sender", "To", "Cc", "Received", "Message-ID")
_ADDRESS = re.compile(r"https?://\S+\Z")


def is_page(message: Message) -> bool:
    """Tells whether what looks like a mail is a page that a browser saved."""
    if message.get_content_type() not in {"multipart/related", "text/html"}:
        return False
    if "Snapshot-Content-Location" in message or _SAVED_BY.match(str(message.get("From", ""))):
        return True
    parts = (part for part in message.walk() if part.get_content_type() == "text/html")
    page = next(parts, message)
    return "Content-Location" in page and not any(name in message for name in _OF_MAILS)


def read_page(message: Message) -> Extract:
    """Reads the article of a saved page, and the address that it was saved from.

    The day in the headers is that on which it was saved, so it is not the page's.

    Raises:
        Unreadable: If there is no page in it, or no text, or its elements are nested too deeply.
    """
    page = _page_of(message)
    payload = page.get_payload(decode=True) if page is not None else None
    if page is None or not isinstance(payload, bytes):
        raise Unreadable("a saved page without the page in it; save it again as HTML")
    charset = page.get_content_charset()
    extract = article_of(text_of(payload, charset) if charset else payload)
    said = (
        message.get("Snapshot-Content-Location"),
        page.get("Content-Location"),
        message.get("Content-Location"),
    )
    address = next((found for one in said if _ADDRESS.match(found := str(one or "").strip())), "")
    if not address:
        return extract
    return replace(extract, facts=(*extract.facts, Fact("url", address, "saved page", 0.8)))


def _page_of(message: Message) -> Message | None:
    """Returns the part that the others belong to: the one that is named, or the first."""
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    start = message.get_param("start", "")
    named = (page for page in pages if start and page.get("Content-ID", "") == start)
    return next(named, pages[0] if pages else None)
