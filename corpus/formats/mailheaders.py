"""What the headers of a mail say of it."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime

from corpus.document import Fact
from corpus.draft import tidied
from corpus.formats.charsets import text_of

# Characters of a header that are looked at: the time to decode it grows with their square.
_LONGEST = 10_000


def header_facts(headers: dict[str, str]) -> list[Fact]:
    """Returns what a mail's headers say of it.

    Args:
        headers: By their names in lower case; raw, as they stand in the mail.
    """
    headers = {name: value[:_LONGEST] for name, value in headers.items()}
    facts = []
    if subject := decoded(headers.get("subject", "")):
        facts.append(Fact("title", subject, "mail header Subject", 0.9))
    for name in ("from", "sender"):
        if people := _people(headers.get(name, "")):
            facts.append(Fact("author", people, f"mail header {name.title()}", 0.9))
            break
    if day := _day(headers.get("date", "")):
        facts.append(Fact("published", day, "mail header Date", 0.9))
    elif day := _day(headers.get("received", "").rpartition(";")[2]):
        facts.append(Fact("published", day, "mail header Received", 0.7))
    return facts


def decoded(raw: str) -> str:
    """Returns a header's text (RFC 2047)."""
    unfolded = re.sub(r"\r?\n[ \t]*", " ", raw[:_LONGEST])
    if "=?" not in unfolded:
        return tidied(unfolded)
    try:
        pieces = decode_header(unfolded)
    except (HeaderParseError, ValueError):
        return tidied(unfolded)
    text = "".join(
        piece
        if isinstance(piece, str)
        else piece.decode("raw-unicode-escape", "replace")
        if charset is None
        else text_of(piece, charset)
        for piece, charset in pieces
    )
    return tidied(text) or tidied(unfolded)


def _people(raw: str) -> str:
    """Returns names, or addresses where there are none."""
    people = [decoded(name) or address for name, address in getaddresses([raw])]
    return ", ".join(person for person in people if person) or decoded(raw)


def _day(raw: str) -> str:
    """Returns the day of a date, as it was where the mail was sent."""
    try:
        return parsedate_to_datetime(raw.strip()).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
