"""How documents are cut for an encoder, and what of them is embedded."""

import hashlib

from corpus import Document, Passage, cut_passages, joined
from index.encoder import Encoder

#: Tokens a passage may hold. See docs/measurements.md for how it was chosen.
PASSAGE_TOKENS = 200

#: Characters of a title, of headings, and of a context that are embedded above a passage.
TITLE = 160


def embedded_text(document: Document, passage: Passage) -> str:
    """Returns what is encoded for a passage: its text under title, heading and context."""
    text = joined(document.text[passage.start : passage.end])
    return "\n".join([*filter(None, [document.title[:TITLE], *_above(passage)]), text])


def embedding_key(text: str) -> bytes:
    """Returns the hash by which the vector of an embedded text is found again."""
    return hashlib.sha256(text.encode()).digest()


def passages_for(document: Document, encoder: Encoder) -> list[Passage]:
    """Cuts a document so that each passage fits the window under all that is embedded above it."""
    title = document.title[:TITLE]
    passages = cut_passages(document, _budget([title], encoder), encoder.count_tokens)
    above = [*zip(*map(_above, passages), strict=True)]
    longest = [
        max(set(parts), key=lambda part: encoder.count_tokens([part])[0])
        for parts in above
        if any(parts)
    ]
    if not longest:
        return passages
    return cut_passages(document, _budget([title, *longest], encoder), encoder.count_tokens)


def _above(passage: Passage) -> tuple[str, str]:
    """The end of its headings, which is nearest to it, and the beginning of its context."""
    return (passage.heading or "")[-TITLE:], (passage.context or "")[:TITLE]


def _budget(above: list[str], encoder: Encoder) -> int:
    """Tokens left for a passage under what is embedded ``above`` it, inside the window."""
    special = 2  # [CLS] and [SEP]
    return max(8, min(PASSAGE_TOKENS, encoder.window - sum(encoder.count_tokens(above)) - special))
