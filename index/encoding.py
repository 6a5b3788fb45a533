"""Every passage of a build gets its vector; only texts that were never encoded are."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from typing import TypeVar

import numpy as np

from index.crew import Chunk, Crew
from index.cutting import embedded_text, embedding_key
from index.earlier import Earlier
from index.journal import Journal
from index.rows import Rows
from index.store import Store

T = TypeVar("T")

# Texts encoded between two notes of what was done: a fraction of a second's work.
_CHUNK = 64

# Passages that are looked at, or sorted by length, at once.
_WINDOW = 2048


def encode_passages(
    store: Store,
    rows: Rows,
    cut_anew: Mapping[str, int],
    crew: Crew,
    lender: Earlier | None,
    journal: Journal,
    stage: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> int:
    """Fills in the vector of every passage.

    Args:
        store: The passages.
        rows: Where the vectors go.
        cut_anew: The first passage of each document that was cut anew, by the document's id; the
            texts of all others are known to the lender.
        crew: Makes the vectors that are not known.
        lender: A generation whose vectors are by the same encoder.
        journal: Vectors of a build that was stopped; takes those of this one.
        stage: Begins a stage of so many units; gives what to call with the number done.

    Returns:
        How many vectors had to be computed.
    """
    first, again = _carry_over(store, rows, lender, journal)
    with stage("encode", len(first)) as step:
        done = 0
        for chunk, vectors in crew.encode(_chunks(_texts(store, cut_anew, first))):
            journal.add(chunk.keys, vectors)
            rows.put(chunk.numbers, vectors)
            done += len(chunk.texts)
            step(done)
    for number, like in again:
        rows.put([number], rows.get([like]))
    return len(first)


def _carry_over(
    store: Store, rows: Rows, lender: Earlier | None, journal: Journal
) -> tuple[dict[bytes, int], list[tuple[int, int]]]:
    """Fills in the vectors that are known, bit for bit.

    Returns:
        The first passage of each text that must be encoded, by the text's hash; and pairs of a
        passage and an earlier one of the same text.
    """
    lent = {key: number for number, key in lender.store.embedded()} if lender else {}
    noted = journal.keys()
    first: dict[bytes, int] = {}
    again = []
    for batch in _batches(store.embedded(), _WINDOW):
        known = [(number, lent[key]) for number, key in batch if key in lent]
        if known and lender and lender.engine:
            here, there = zip(*known, strict=True)
            rows.put(here, lender.engine.get(there))
        for number, key in batch:
            if key in lent:
                continue
            if key in noted:
                rows.put([number], journal.get(key)[np.newaxis])
            elif first.setdefault(key, number) != number:
                again.append((number, first[key]))
    return first, again


def _texts(
    store: Store, cut_anew: Mapping[str, int], first: Mapping[bytes, int]
) -> Iterator[tuple[int, bytes, str]]:
    """Yields number, hash and text of each passage that must be encoded."""
    for document_id, start in cut_anew.items():
        document = store.document(document_id)
        for number, passage in enumerate(store.passages_of(document_id), start=start):
            if document is not None:
                text = embedded_text(document, passage)
                key = embedding_key(text)
                if first.get(key) == number:
                    yield number, key, text


def _chunks(texts: Iterable[tuple[int, bytes, str]]) -> Iterator[Chunk]:
    for window in _batches(texts, _WINDOW):
        # Texts of one length side by side keep the cores equally busy.
        for part in _batches(sorted(window, key=lambda entry: len(entry[2])), _CHUNK):
            yield Chunk(*zip(*part, strict=True))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
