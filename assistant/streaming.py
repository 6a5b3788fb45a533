"""Sentences as they are written: each is taken once it is known to have ended."""

import re
import unicodedata

from corpus import sentence_spans, without_surrogates

#: What a writer puts where it cites a passage: [1], or [1, 2].
MARK = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")

# Marks of citations before a sentence, which belong to the one before it.
_LED_BY_MARKS = re.compile(rf"(?:{MARK.pattern})+[.]?")

# What must stand after a sentence before it has ended: a word, and no mark that is half written.
_GOES_ON = re.compile(r"\s*(?!\[[^\]]{0,20}$)\S+\s")


class Sentences:
    """Takes a text piece by piece and gives its sentences, whatever the pieces are."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        """Takes the next piece; returns the sentences that have ended, each with its marks."""
        self._rest += piece
        return self._ended(at_end=False)

    def end(self) -> list[str]:
        """Returns what is left, at the end of the text."""
        return self._ended(at_end=True)

    def _ended(self, *, at_end: bool) -> list[str]:
        ends = _ends(self._rest)
        if not at_end:
            # A mark may still come, and what looks like an end may be an abbreviation's.
            ends = [end for end in ends[:-1] if _GOES_ON.match(self._rest, end)]
        starts = [0, *ends]
        found = [self._rest[start:end] for start, end in zip(starts, ends, strict=False)]
        self._rest = self._rest[starts[-1] :]
        return [text for each in found if (text := " ".join(_plain(each).split()))]


def _ends(text: str) -> list[int]:
    """Returns where each sentence of a text ends, with the marks that follow it."""
    ends: list[int] = []
    for start, end in sentence_spans(text):
        marks = _LED_BY_MARKS.match(text, start) if ends else None
        if marks:
            ends[-1] = min(marks.end(), end)
        if not marks or text[marks.end() : end].strip():
            ends.append(end)
    return ends


def _plain(text: str) -> str:
    """Returns a text without what nobody sees, which might hide what is written."""
    return "".join(
        character
        for character in without_surrogates(text)
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cn"}
    )
