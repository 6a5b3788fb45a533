"""Links of the page that open a quote, and that outlive a rebuild: they tell changed words."""

import hashlib
from urllib.parse import urlencode

from assistant import Citation, Quote

#: Shown where a quote's original is not, byte for byte, what was read.
CHANGED = "source changed since it was read"


def place_link(citation: Citation) -> str:
    """Returns the fragment that opens a citation's quote in the source pane."""
    return place_of_quote(citation.document.id, citation.quote)


def place_of_quote(document_id: str, quote: Quote) -> str:
    """Returns the fragment that opens a quote in the source pane."""
    return f"#src?{place_query(document_id, quote)}"


def place_query(document_id: str, quote: Quote) -> str:
    """Returns a quote's place as the query of a link."""
    place = {"document": document_id, "start": quote.start, "end": quote.end}
    return urlencode(place | {"check": fingerprint(quote)})


def fingerprint(quote: Quote) -> str:
    """Returns a short hash of a quote's words: a link that outlives a rebuild can be checked."""
    return hashlib.sha256(quote.text.encode()).hexdigest()[:16]
