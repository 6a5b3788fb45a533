"""Passages that recur, word for word or nearly: found with MinHash, then compared."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus import joined

# Bands of so many rows each: of two passages that share 9 in 10 of their shingles, 99 in 100 pairs
# share a band (1 - (1 - 0.9^8)^8); of those that share half, 3 in 100 (Leskovec, Rajaraman and
# Ullman, Mining of Massive Datasets, 3.4).
_BANDS, _ROWS, _SEED = 8, 8, 1

# Words of a shingle, and the share of shingles that two passages must have in common.
_SHINGLE, _ALIKE = 3, 0.9

# Passages of fewer words must be the same: one word is much of them.
_SHORT = 20

_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d[\d.,]*\d|\d")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Another document in which a passage stands as well.

    Attributes:
        document_id: The document's id.
        title: Its title.
        published: The day it was published, ISO; None where unknown.
    """

    document_id: str
    title: str
    published: str | None


def bands_of(text: str) -> bytes:
    """Returns the hashes, 8 bytes each, of which recurring passages share at least one."""
    from rensa import RMinHash  # lazy: only builds compare passages

    signature = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    signature.update(_shingles(_words(text)))
    rows = np.array(signature.digest(), np.uint64).reshape(_BANDS, _ROWS)
    # A polynomial in an odd number, modulo 2^64, keeps bands that differ apart.
    folded = np.zeros(_BANDS, np.uint64)
    for column in rows.T:
        folded = folded * np.uint64(0x9E3779B97F4A7C15) + column
    return folded.astype("<u8").tobytes()


def leaders(
    bands: Sequence[bytes], days: Sequence[str | None], text_of: Callable[[int], str]
) -> dict[int, int]:
    """Groups passages that recur.

    Args:
        bands: `bands_of` each passage, by its number.
        days: The day of each passage's document, ISO; None where unknown.
        text_of: Returns the text of a passage.

    Returns:
        For each passage that recurs, the first of its group: that of the earliest day, or else
        the lowest number. Those without a day come last.
    """
    table = np.frombuffer(b"".join(bands), "<u8").reshape(-1, _BANDS)
    parents = np.arange(len(table))
    for number, other in _candidates(table):
        if _top(parents, number) != _top(parents, other) and alike(text_of(number), text_of(other)):
            parents[_top(parents, number)] = _top(parents, other)
    groups: dict[int, list[int]] = {}
    for number in range(len(parents)):
        groups.setdefault(_top(parents, number), []).append(number)
    return {
        number: first
        for group in groups.values()
        if len(group) > 1
        for first in [min(group, key=lambda number: (days[number] or "9999", number))]
        for number in group
    }


def alike(one: str, other: str) -> bool:
    """Returns whether two passages say the same, but for a few words.

    Figures, and words with a capital, must all be the same: two arms deliveries that differ in
    the sum, or two greetings that differ in the nation, are not one.
    """
    if one == other:
        return True
    words, others = _words(one), _words(other)
    if words == others:
        return True
    if min(len(words), len(others)) < _SHORT or _particulars(one) != _particulars(other):
        return False
    shared, all_of_them = set(_shingles(words)), set(_shingles(others))
    return len(shared & all_of_them) >= _ALIKE * len(shared | all_of_them)


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


def _words(text: str) -> list[str]:
    return _WORD.findall(joined(text).lower())


def _shingles(words: Sequence[str]) -> list[str]:
    size = min(_SHINGLE, len(words))
    return [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]


def _particulars(text: str) -> Counter[str]:
    names = (word for word in _WORD.findall(text) if word[0].isupper())
    return Counter([*_FIGURE.findall(text), *names])
