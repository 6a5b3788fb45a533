"""BM25 as Tantivy reckons it, for candidates that another engine found.

Milvus reckons BM25 too, but each version in its own way: Lite over one segment at a time and below
zero, a cluster over a shard, none with a title's weight or a form whose words must all be there. So
Milvus only finds candidates by it; from their terms, and from how often each term occurs in the
whole generation, this gives the score that Tantivy would. The formula is Robertson's with Lucene's
constants and rounding of lengths (tantivy's `bm25.rs` and `fieldnorm/code.rs`); a test compares.
"""

import math
import sqlite3
import weakref
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path

from index.lexical import FORM_WEIGHT, TITLE_WEIGHT

FILE = "terms.sqlite"

#: Saturation of a term's count, and share of a text's length.
K1, B = 1.2, 0.75

_FIELDS = {"text": 1.0, "title": TITLE_WEIGHT}

_SCHEMA = """
CREATE TABLE terms (
  term TEXT PRIMARY KEY, text INTEGER NOT NULL, title INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE totals (passages INTEGER NOT NULL, text INTEGER NOT NULL, title INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a passage, and of its document's title; in order, repeated."""

    title: Sequence[str]
    text: Sequence[str]

    def packed(self, most: int) -> str:
        """Returns both on a line each, as `unpacked` reads them, in ``most`` bytes of UTF-8."""
        whole = f"{' '.join(self.title)}\n{' '.join(self.text)}"
        if len(whole.encode()) <= most:
            return whole
        cut = whole.encode()[:most].decode(errors="ignore")
        if whole[len(cut)] in " \n":
            return cut
        return cut[: max(cut.rfind(" "), cut.find("\n") + 1, 0)]

    @classmethod
    def unpacked(cls, packed: str) -> "Terms":
        """Returns what was `packed`."""
        title, _, text = packed.partition("\n")
        return cls(title.split(), text.split())


class TermCounts:
    """Counts the terms of passages as they go by."""

    def __init__(self) -> None:
        self._passages = 0
        self._counts = {name: Counter[str]() for name in _FIELDS}
        self._totals = dict.fromkeys(_FIELDS, 0)

    def add(self, terms: Terms) -> None:
        """Takes the next passage."""
        self._passages += 1
        for name in _FIELDS:
            words = getattr(terms, name)
            self._counts[name].update(set(words))
            self._totals[name] += len(words)

    def write(self, path: Path) -> None:
        """Writes the file that `TermStatistics` opens. Raises sqlite3.Error if it cannot."""
        path.unlink(missing_ok=True)
        every = sorted(set().union(*self._counts.values()))
        rows = ((term, *(self._counts[name][term] for name in _FIELDS)) for term in every)
        totals = (self._passages, *self._totals.values())
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(_SCHEMA)
            connection.execute("INSERT INTO totals VALUES (?, ?, ?)", totals)
            connection.executemany("INSERT INTO terms VALUES (?, ?, ?)", rows)


class TermStatistics:
    """How often terms occur in a generation; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Opens what `TermCounts` wrote. Raises sqlite3.Error if it cannot be read."""
        uri = f"{path.as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        weakref.finalize(self, connection.close)
        totals = connection.execute("SELECT passages, text, title FROM totals").fetchone()
        self._passages, *tokens = totals
        self._average = {
            name: total / self._passages if self._passages else 0.0
            for name, total in zip(_FIELDS, tokens, strict=True)
        }
        # It must not hold this: in a ring, the file would stay open until Python looks for rings.
        self._found = lru_cache(maxsize=4096)(partial(_counts_of, connection))

    def frequency(self, term: str) -> int:
        """Returns in how many passages a term stands, or in how many passages' titles if more."""
        return max(self._found(term))

    def scores(
        self,
        candidates: Mapping[int, Terms],
        terms: Iterable[str],
        forms: Iterable[Sequence[str]] = (),
    ) -> dict[int, float]:
        """Returns the BM25 score of each candidate; those without a term are absent.

        Args:
            candidates: Their terms, by number.
            terms: Terms of the query.
            forms: Other forms of them, as `index.forms.other_forms` gives them.
        """
        wanted, others = list(dict.fromkeys(terms)), list(forms)
        weights = {term: self._weights(term) for term in (*wanted, *chain.from_iterable(others))}
        found = {}
        for number, passage in candidates.items():
            parts = self._parts(passage, weights)
            score = sum(sum(parts[term]) for term in wanted)
            for form in others:
                best = [max(parts[word]) for word in form]
                if all(best):
                    score += FORM_WEIGHT / len(form) * sum(best)
            if score > 0:
                found[number] = score
        return found

    def _weights(self, term: str) -> list[float]:
        """What a term in a field adds to a score at most."""
        return [
            weight * (K1 + 1) * math.log1p((self._passages - found + 0.5) / (found + 0.5))
            for weight, found in zip(_FIELDS.values(), self._found(term), strict=True)
        ]

    def _parts(
        self, passage: Terms, weights: Mapping[str, Sequence[float]]
    ) -> dict[str, list[float]]:
        """What each term adds to the score of a passage, for each field."""
        fields = []
        for name in _FIELDS:
            words = getattr(passage, name)
            length = _rounded(len(words)) / (self._average[name] or 1.0)
            fields.append((words, K1 * (1 - B + B * length)))
        return {
            term: [
                weight * count / (count + norm) if (count := words.count(term)) else 0.0
                for weight, (words, norm) in zip(most, fields, strict=True)
            ]
            for term, most in weights.items()
        }


def _counts_of(connection: sqlite3.Connection, term: str) -> tuple[int, int]:
    """Returns in how many texts and in how many titles a term stands."""
    query = "SELECT text, title FROM terms WHERE term = ?"
    rows = connection.execute(query, (term,)).fetchall()
    return rows[0] if rows else (0, 0)


def _lengths() -> Iterator[int]:
    """The lengths that one byte can say: Lucene's SmallFloat, four bits and an exponent."""
    for byte in range(256):
        rest = byte - 24
        if rest < 8:
            yield byte
        else:
            yield 24 + ((rest & 7 | 8) << (rest // 8 - 1))


_LENGTHS = list(_lengths())


def _rounded(length: int) -> int:
    return _LENGTHS[bisect_right(_LENGTHS, length) - 1]
