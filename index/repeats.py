"""Passages that recur: word for word, which are one to a search, or nearly, found with MinHash."""

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus import Document, Passage, joined

# Bands of so many rows each: of two passages that share 9 in 10 of their shingles, 99 in 100 pairs
# share a band (1 - (1 - 0.9^8)^8); of those that share half, 3 in 100 (Leskovec, Rajaraman and
# Ullman, Mining of Massive Datasets, 3.4).
_BANDS, _ROWS, _SEED = 8, 8, 1

# Words of a shingle, and the share of shingles that two passages must have in common.
_SHINGLE, _ALIKE = 3, 0.9

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Another document in which a quote stands as well.

    Attributes:
        document_id: The document's id.
        title: Its title.
        published: The day it was published, ISO; None where unknown.
    """

    document_id: str
    title: str
    published: str | None


def squeezed(text: str) -> str:
    """Returns a text with its parted words whole and each run of white space as one space."""
    return " ".join(joined(text).split())


def twin_keys(document: Document, passages: Sequence[Passage]) -> list[bytes | None]:
    """Returns for each passage of a document what it shares with those that are the same.

    The same are passages of the same words under the same headings and context. None for the row
    of a sheet: what it says hangs on its sheet, its file and the rows around it.
    """
    rows = [mark for mark in document.marks.all() if mark.kind == "row"]
    starts = [row.start for row in rows]

    def is_of_row(passage: Passage) -> bool:
        at = bisect_right(starts, passage.start)
        return at > 0 and passage.start < rows[at - 1].end

    return [None if is_of_row(passage) else _twin_key(document, passage) for passage in passages]


def _twin_key(document: Document, passage: Passage) -> bytes:
    text = squeezed(document.text[passage.start : passage.end])
    key = json.dumps([text, passage.heading, passage.context])
    return hashlib.sha256(key.encode()).digest()


def bands_of(text: str) -> bytes:
    """Returns the hashes, 8 bytes each, of which passages that are alike share at least one."""
    from rensa import RMinHash  # lazy: only builds compare passages

    signature = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    signature.update(_shingles(text))
    rows = np.array(signature.digest(), np.uint64).reshape(_BANDS, _ROWS)
    # A polynomial in an odd number, modulo 2^64, keeps bands that differ apart.
    folded = np.zeros(_BANDS, np.uint64)
    for column in rows.T:
        folded = folded * np.uint64(0x9E3779B97F4A7C15) + column
    return folded.astype("<u8").tobytes()


def groups_of(bands: Sequence[bytes], text_of: Callable[[int], str]) -> dict[int, int]:
    """Groups passages that are alike.

    Args:
        bands: `bands_of` each passage, by its number.
        text_of: Returns the text of a passage.

    Returns:
        For each passage that is like another, one number that its whole group has in common.
    """
    table = np.frombuffer(b"".join(bands), "<u8").reshape(-1, _BANDS)
    parents = np.arange(len(table))
    for number, other in sorted(_candidates(table)):
        if _top(parents, number) != _top(parents, other) and alike(text_of(number), text_of(other)):
            parents[_top(parents, number)] = _top(parents, other)
    tops = [_top(parents, number) for number in range(len(parents))]
    sizes = np.bincount(tops, minlength=len(tops))
    return {number: top for number, top in enumerate(tops) if sizes[top] > 1}


def alike(one: str, other: str) -> bool:
    """Returns whether two passages share nearly all of their words, in their order."""
    shared, all_of_them = set(_shingles(one)), set(_shingles(other))
    return one == other or len(shared & all_of_them) >= _ALIKE * len(shared | all_of_them)


def _candidates(table: npt.NDArray[np.uint64]) -> set[tuple[int, int]]:
    """Pairs of neighbours among those that share a band."""
    pairs: set[tuple[int, int]] = set()
    for band in table.T:
        order = np.argsort(band, kind="stable")
        same = np.flatnonzero(band[order[1:]] == band[order[:-1]])
        pairs.update(zip(order[same].tolist(), order[same + 1].tolist(), strict=True))
    return pairs


def _top(parents: npt.NDArray[np.int64], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = int(parents[number])
    return number


def _shingles(text: str) -> list[str]:
    words = _WORD.findall(joined(text).lower())
    if len(words) < _SHINGLE:
        return [" ".join(words)] if words else []
    return list(map(" ".join, zip(*(words[at:] for at in range(_SHINGLE)), strict=False)))
