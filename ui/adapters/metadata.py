"""What a citation is to frameworks that know texts with flat metadata only."""

from assistant import Citation
from ui.places import place_of

#: What vector stores and prompts of all kinds take as the value of a key.
Scalar = str | int | float | bool | None


def metadata_of(citation: Citation) -> dict[str, Scalar]:
    """Returns what it takes to cite, and to check: where the quote stands, and whether it does.

    ``document.text[start:end]`` is the passage, ``[quote_start:quote_end]`` the quote; offsets
    count Unicode code points. Of days and names, None means that they are not known.
    """
    document, passage, quote = citation.document, citation.passage, citation.quote
    return {
        "quote": quote.text,
        "quote_start": quote.start,
        "quote_end": quote.end,
        "verified": citation.verified,
        "score": citation.score,
        "title": document.title,
        "source": document.source,
        "document_id": document.id,
        "published": document.published.isoformat() if document.published else None,
        "event_date": document.event_date.isoformat() if document.event_date else None,
        "publisher": document.publisher,
        "author": document.author,
        "url": document.url,
        "sha256": document.sha256,
        "passage_id": passage.id,
        "start": passage.start,
        "end": passage.end,
        "place": place_of(document, quote.start, quote.end),
    }


def id_of(citation: Citation) -> str:
    """Returns an id for what is quoted; the same in every index of the same documents.

    It is the passage's own if all of that is quoted.
    """
    passage, quote = citation.passage, citation.quote
    whole = (passage.start, passage.end) == (quote.start, quote.end)
    return passage.id if whole else f"{passage.id}:{quote.start}-{quote.end}"
