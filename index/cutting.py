"""How documents are cut for an encoder, and what of them is embedded."""

import hashlib

from corpus import Document, Passage, cut_passages
from index.encoder import Encoder

#: Tokens a passage may hold. See docs/measurements.md for how it was chosen.
PASSAGE_TOKENS = 200

#: Characters of a title that are embedded above each of its passages.
TITLE = 160


def embedded_text(document: Document, passage: Passage) -> str:
    """Returns what is encoded for a passage: its text under the document's title and heading."""
    text = document.text[passage.start : passage.end]
    heading = (passage.heading or "")[-TITLE:]
    above = [part for part in (document.title[:TITLE], heading) if part]
    return "\n".join([*above, text])


def embedding_key(text: str) -> bytes:
    """Returns the hash by which the vector of an embedded text is found again."""
    return hashlib.sha256(text.encode()).digest()


def passages_for(document: Document, encoder: Encoder) -> list[Passage]:
    """Cuts a document so that each passage fits the window under its title and heading."""
    above = [document.title[:TITLE]]
    passages = cut_passages(document, _budget(above, encoder), encoder.count_tokens)
    headings = {passage.heading[-TITLE:] for passage in passages if passage.heading}
    if not headings:
        return passages
    above.append(max(headings, key=lambda heading: encoder.count_tokens([heading])))
    return cut_passages(document, _budget(above, encoder), encoder.count_tokens)


def _budget(above: list[str], encoder: Encoder) -> int:
    """Tokens left for a passage under what is embedded ``above`` it, inside the window."""
    special = 2  # [CLS] and [SEP]
    return max(8, min(PASSAGE_TOKENS, encoder.window - sum(encoder.count_tokens(above)) - special))
