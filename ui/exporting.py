"""A conversation as a file: questions, quotes with their references and links, and refusals."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant import Assistant, UnknownPlace
from ui.citing.excerpt import Excerpt, excerpt_of
from ui.citing.formats import as_markdown
from ui.citing.receipts import receipt_of
from ui.citing.wording import markdown, shown
from ui.contract import document_json
from ui.golden import Place
from ui.narrowing import filter_of, link_of, title_in, told_filter
from ui.reading import checked_quote


class Exchange(BaseModel):
    """A question and what came of it.

    Attributes:
        question: The question.
        within: What part of the corpus was searched, as `ui.narrowing` writes it.
        quotes: The places that were cited, in order.
        said: What the page said instead, where nothing was.
    """

    model_config = ConfigDict(extra="forbid")

    question: str
    within: str = ""
    quotes: tuple[Place, ...] = ()
    said: str = ""


class Conversation(BaseModel):
    """The exchanges of a page, oldest first."""

    model_config = ConfigDict(extra="forbid")

    exchanges: tuple[Exchange, ...] = Field(max_length=500)


def to_markdown(assistant: Assistant, conversation: Conversation, address: str) -> bytes:
    """Returns a conversation as Markdown, in UTF-8.

    Args:
        assistant: Whose documents are quoted; what changed since is told in place of the quote.
        conversation: The conversation.
        address: Where the page is served, as ``http://127.0.0.1:7860``.

    Raises:
        BadQuestion: If a filter cannot be read.
    """
    parts = ["# Conversation"]
    for each in conversation.exchanges:
        within = filter_of(each.within)
        link = f"{address.rstrip('/')}{link_of(each.question, within)}"
        parts.append(f"## {markdown(shown(each.question))}\n\n<{link}>")
        if told := told_filter(within, title_in(assistant)):
            parts.append(markdown(shown(f"Searched only {', '.join(told)}.")))
        for place in each.quotes:
            try:
                parts.append(as_markdown(_excerpt(assistant, place, address)))
            except UnknownPlace as error:
                parts.append(f"> {markdown(shown(str(error)))}")
        if each.said:
            parts.append(markdown(shown(each.said)))
    return ("\n\n".join(parts) + "\n").encode()


def to_json(assistant: Assistant, conversation: Conversation, address: str) -> bytes:
    """Returns a conversation as JSON; the arguments and errors are those of `to_markdown`."""
    found = {
        "exported": datetime.now(UTC).isoformat(timespec="seconds"),
        "generation": assistant.generation.name,
        "exchanges": [
            {
                "question": each.question,
                "link": f"{address.rstrip('/')}{link_of(each.question, filter_of(each.within))}",
                "within": each.within,
                "quotes": [_quote_json(assistant, place, address) for place in each.quotes],
                "said": each.said or None,
            }
            for each in conversation.exchanges
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=2).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of file.

    Attributes:
        write: Makes the file.
        media_type: Its type.
    """

    write: Callable[[Assistant, Conversation, str], bytes]
    media_type: str


#: The kinds of file, by the ending of their name.
EXPORTS: Mapping[Literal["md", "json"], Export] = {
    "md": Export(to_markdown, "text/markdown; charset=utf-8"),
    "json": Export(to_json, "application/json"),
}


def _excerpt(assistant: Assistant, place: Place, address: str) -> Excerpt:
    document = assistant.document(place.document)
    quote = checked_quote(document, place.start, place.end, place.check)
    return excerpt_of(receipt_of(assistant, document, quote), address)


def _quote_json(assistant: Assistant, place: Place, address: str) -> dict[str, Any]:
    where = place.model_dump()
    try:
        excerpt = _excerpt(assistant, place, address)
    except UnknownPlace as error:
        return {"place": where, "error": str(error)}
    document = assistant.document(place.document)
    return {
        "place": where,
        "text": document.text[place.start : place.end],
        "document": document_json(document),
        "in": excerpt.place,
        "link": excerpt.link,
        "original": excerpt.original,
    }
