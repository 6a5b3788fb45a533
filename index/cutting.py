"""How documents are cut for an encoder, and what of them is embedded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from corpus import CONTEXTS, Document, Passage, cut_passages, joined
from index.crew import Tools
from index.encoder import Encoder
from index.repeats import bands_of, twin_keys

#: Tokens a passage may hold. See docs/measurements.md for how it was chosen.
PASSAGE_TOKENS = 200

#: Characters of a title, of headings, and of a context that are embedded above a passage.
TITLE = 160


@dataclass(frozen=True, slots=True)
class Cut:
    """The passages of a document, with what is stored of each.

    Attributes:
        passages: In their order.
        embedded: For each, the hash of the text that is encoded for it.
        repeating: For each, its `index.repeats.bands_of` and key of `twin_keys`.
    """

    passages: Sequence[Passage]
    embedded: Sequence[bytes]
    repeating: Sequence[tuple[bytes, bytes | None]]


def cut_document(tools: Tools, document: Document) -> Cut:
    """Cuts a document for the encoder."""
    passages = passages_for(document, tools.encoder)
    bands = [bands_of(document.text[part.start : part.end]) for part in passages]
    return Cut(
        passages,
        [embedding_key(embedded_text(document, part)) for part in passages],
        [*zip(bands, twin_keys(document, passages), strict=True)],
    )


def embedded_text(document: Document, passage: Passage) -> str:
    """Returns what is encoded for a passage: its text under title, heading and context."""
    text = joined(document.text[passage.start : passage.end])
    return "\n".join([*filter(None, [document.title[:TITLE], *_above(passage)]), text])


def embedding_key(text: str) -> bytes:
    """Returns the hash by which the vector of an embedded text is found again."""
    return hashlib.sha256(text.encode()).digest()


def passages_for(document: Document, encoder: Encoder) -> list[Passage]:
    """Cuts a document so that each passage fits the window under all that is embedded above it."""
    marks = document.marks.all()
    headings = {str(mark.value)[-TITLE:] for mark in marks if mark.kind == "heading"}
    said = [str(mark.value) for mark in marks if mark.kind == "context"]
    # A passage may have several contexts, of which the beginning is embedded.
    contexts = {CONTEXTS.join(said[at : at + 4])[:TITLE] for at in range(len(said))}
    above = [
        max(zip(encoder.count_tokens(parts), parts, strict=True))[1]
        for parts in (sorted(headings), sorted(contexts))
        if parts
    ]
    budget = _budget([document.title[:TITLE], *above], encoder)
    return cut_passages(document, budget, encoder.count_tokens)


def _above(passage: Passage) -> tuple[str, str]:
    """The end of its headings, which is nearest to it, and the beginning of its context."""
    return (passage.heading or "")[-TITLE:], (passage.context or "")[:TITLE]


def _budget(above: list[str], encoder: Encoder) -> int:
    """Tokens left for a passage under what is embedded ``above`` it, inside the window."""
    special = 2  # [CLS] and [SEP]
    return max(8, min(PASSAGE_TOKENS, encoder.window - sum(encoder.count_tokens(above)) - special))
