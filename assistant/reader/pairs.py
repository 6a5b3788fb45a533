"""What the reader reads: a question and a passage as one row of tokens, sentence by sentence."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tokenizers import Tokenizer

from corpus import CONTEXTS, Document, Passage
from index import TITLE

#: Tokens of one row, special tokens included. A passage of the index has at most 200 of its own.
WINDOW = 320

#: Tokens of a question that are read, and of what stands above a passage.
QUESTION, ABOVE = 96, 64

Ids = list[int]


@dataclass(frozen=True, slots=True)
class Text:
    """A passage as it is read.

    Attributes:
        above: Its document's title, its headings and its context, each on a line.
        sentences: Its sentences, in order.
    """

    above: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens of a question and of as many of a passage's sentences as fit.

    Attributes:
        ids: Token ids, ``[CLS] question [SEP] above sentences [SEP]``.
        types: 0 up to the first ``[SEP]``, then 1.
        starts: Where each sentence begins among the tokens; then where the last one ends.
        sentences: Which sentence of the passage each of them is, or is a piece of.
    """

    ids: Ids
    types: Ids
    starts: Ids
    sentences: Ids


class Pairing:
    """Makes rows of questions and passages; safe to share between threads."""

    def __init__(self, tokenizer: Path) -> None:
        """Takes the path of a ``tokenizer.json``."""
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        [encoding] = self._tokenizer.encode_batch_fast([""])
        self._first, self._last = encoding.ids  # [CLS] and [SEP]

    def tokens(self, texts: Sequence[str]) -> list[Ids]:
        """Returns the token ids of each text, without special tokens."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def within(self, text: str, words: Sequence[str]) -> Ids:
        """Returns which tokens of a text stand in an occurrence of one of some words."""
        lowered = text.casefold()
        if len(lowered) != len(text):  # a letter that folds to several
            return []
        spans = [
            match.span()
            for each in words
            for match in re.finditer(re.escape(each.casefold().strip()), lowered)
        ]
        [encoding] = self._tokenizer.encode_batch([text], add_special_tokens=False)
        return [
            number
            for number, (start, end) in enumerate(encoding.offsets)
            if any(start < last and first < end for first, last in spans)
        ]

    def rows(self, question: str, texts: Sequence[Text]) -> list[list[Row]]:
        """Returns, for each passage, the rows in which all of its sentences are read.

        Most passages fit in one row. A sentence longer than a row is read in pieces.
        """
        [asked], above = self.tokens([question]), self.tokens([text.above for text in texts])
        distinct = list(dict.fromkeys(each for text in texts for each in text.sentences))
        tokens = dict(zip(distinct, self.tokens(distinct), strict=True))
        head = [self._first, *asked[:QUESTION], self._last]
        return [
            [
                self._row(head, over[:ABOVE], pieces)
                for pieces in _windows(
                    [tokens[sentence] for sentence in text.sentences],
                    WINDOW - len(head) - len(over[:ABOVE]) - 1,
                )
            ]
            for text, over in zip(texts, above, strict=True)
        ]

    def _row(self, head: Ids, above: Ids, pieces: Sequence[tuple[int, Ids]]) -> Row:
        ids = [*head, *above]
        starts = [len(ids)]
        for _, piece in pieces:
            ids += piece
            starts.append(len(ids))
        ids.append(self._last)
        types = [0] * len(head) + [1] * (len(ids) - len(head))
        return Row(ids, types, starts, [number for number, _ in pieces])


def readable(document: Document, passage: Passage) -> Text:
    """Returns a passage as the reader reads it."""
    # A document's id is no words of anyone's.
    title = document.title if document.title != document.id else ""
    context = (passage.context or "").split(CONTEXTS)[0]
    # Of long lines, the part that is nearest to the passage, or that says what it is about.
    above = [title[:TITLE], (passage.heading or "")[-TITLE:], context[:TITLE]]
    sentences = tuple(document.text[start:end] for start, end in passage.sentences)
    return Text("\n".join(filter(None, above)), sentences)


def _windows(sentences: Iterable[Ids], room: int) -> list[list[tuple[int, Ids]]]:
    """Distributes sentences, by number, over as many windows as it takes."""
    windows: list[list[tuple[int, Ids]]] = [[]]
    filled = 0
    for number, tokens in enumerate(sentences):
        for start, end in pairwise([*range(0, len(tokens), room), len(tokens)]):
            piece = tokens[start:end]
            if windows[-1] and filled + len(piece) > room:
                windows.append([])
                filled = 0
            windows[-1].append((number, piece))
            filled += len(piece)
    return windows
