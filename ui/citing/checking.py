"""Does a quote still stand where its receipt says?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from assistant import MAX_QUESTION, Assistant, Quote, UnknownPlace
from corpus import Document, original_path
from ui.citing.receipts import Receipt

#: What comes of a check: as it was; another original; the words stand elsewhere; no such document.
State = Literal["verified", "source changed", "words moved", "document gone"]

# Passages searched for words that are gone from their document.
_LOOKED_AT = 20

# Words of fewer characters prove nothing in another place, unless so many around them agree.
_TELLING = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand.

    Attributes:
        document: The id of the document.
        title: Its title.
        start: Their first character.
        end: One past their last.
    """

    document: str
    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Check:
    """What came of checking a receipt.

    Attributes:
        receipt: The receipt.
        state: What came of it.
        detail: The same in one line for people.
        found: Where the words stand now if they moved, else None.
    """

    receipt: Receipt
    state: State
    detail: str
    found: Place | None = None


def check(assistant: Assistant, receipt: Receipt) -> Check:
    """Checks a receipt against the index and the original, now."""
    try:
        document = assistant.document(receipt.document.id)
    except UnknownPlace:
        return _moved(assistant, receipt) or Check(
            receipt, "document gone", "no document of that name is in the index, nor those words"
        )
    start, end = receipt.quote.start, receipt.quote.end
    if document.text[start:end] != receipt.quote.text:
        return _displaced(assistant, document, receipt)
    if document.sha256 != receipt.document.sha256:
        told = "the original is another; the words still stand in the same place of it"
        return Check(receipt, "source changed", told)
    if not assistant.verify(document, Quote.of(document, start, end)):
        return Check(receipt, "source changed", _why(document))
    return Check(
        receipt, "verified", "the words stand in their place, and the original is unchanged"
    )


def checks_json(checks: Sequence[Check]) -> dict[str, Any]:
    """Returns what came of some checks, as programs read it."""
    return {
        "verified": all(each.state == "verified" for each in checks),
        "receipts": [
            {
                "document": each.receipt.document.id,
                "title": each.receipt.document.title,
                "quote": each.receipt.quote.model_dump(),
                "state": each.state,
                "detail": each.detail,
                "found": asdict(each.found) if each.found else None,
            }
            for each in checks
        ],
    }


def _displaced(assistant: Assistant, document: Document, receipt: Receipt) -> Check:
    if place := _best(document, receipt):
        told = f"now at characters {place.start} to {place.end}"
        if document.sha256 != receipt.document.sha256:
            told += "; the original is another"
        return Check(receipt, "words moved", told, place)
    if document.sha256 == receipt.document.sha256:
        told = "the same original is read as another text, in which the words do not stand"
    else:
        told = "the original is another, and the words do not stand in it"
    return _moved(assistant, receipt) or Check(receipt, "source changed", told)


def _moved(assistant: Assistant, receipt: Receipt) -> Check | None:
    """Looks for the words in other documents, those first that a search for them finds first."""
    words = " ".join(receipt.quote.text.split())[:MAX_QUESTION]
    seen = {receipt.document.id}
    for hit in assistant.search(words, _LOOKED_AT) if words else ():
        document = hit.document
        if document.id in seen:
            continue
        seen.add(document.id)
        if place := _best(document, receipt):
            same = document.sha256 == receipt.document.sha256
            told = f"{'the same original is now' if same else 'the words stand in'} {document.id}"
            told += f", characters {place.start} to {place.end}"
            return Check(receipt, "words moved", told, place)
    return None


def _best(document: Document, receipt: Receipt) -> Place | None:
    """Returns where the words stand in a document; of several places where most around agrees."""
    found = [
        (_agreement(document, place, receipt), -place.start, place)
        for place in _places(document, receipt.quote.text)
    ]
    agreement, _, best = max(found, default=(0, 0, None))
    return best if len(receipt.quote.text) >= _TELLING or agreement >= _TELLING else None


def _places(document: Document, text: str) -> Iterator[Place]:
    """Yields where words stand; their white space may be another."""
    if pattern := r"\s+".join(map(re.escape, text.split())):
        for found in re.finditer(pattern, document.text):
            yield Place(document.id, document.title, found.start(), found.end())


def _agreement(document: Document, place: Place, receipt: Receipt) -> int:
    """Returns how many characters on both sides of a place are those around the quote."""
    before = document.text[max(0, place.start - len(receipt.context.before)) : place.start]
    after = document.text[place.end : place.end + len(receipt.context.after)]
    return _common(before[::-1], receipt.context.before[::-1]) + _common(
        after, receipt.context.after
    )


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Returns the length of what two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _why(document: Document) -> str:
    path = original_path(document.source)
    if not path.exists():
        return f"the original is no longer at {document.source}"
    return f"the original at {document.source} has changed since it was read; run: readout rebuild"
