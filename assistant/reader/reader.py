"""Reads a question together with passages: which answer, and which of their sentences do."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice, pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.reader.pairs import Pairing, Row, Text

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

#: Where the weights lie that come with Readout.
FOLDER = Path(__file__).parent

#: The files of the weights, of their vocabulary, and of what is known of their making.
WEIGHTS, VOCABULARY, RECORD = "reader.onnx", "tokenizer.json", "reader.json"

#: The logit of a sentence without a token.
EMPTY = -20.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one passage. All scores are logits: 0 is even odds.

    Attributes:
        sentences: For each sentence, whether it answers.
        relevance: Ranks the passage among others for the same question.
        answers: Whether the passage answers at all.
    """

    sentences: tuple[float, ...]
    relevance: float
    answers: float


class Reader:
    """The trained reader, run by ONNX Runtime; safe to share between threads.

    Each row is run alone, as `index.encoder.CompiledEncoder` does and for the same reasons: a
    score never depends on what else is read, and rows side by side on the cores are faster than
    padded batches.
    """

    def __init__(self, weights: Path, vocabulary: Path) -> None:
        """Takes the files that `assistant.reader.export` wrote; they are loaded when needed."""
        self._weights, self._vocabulary = weights, vocabulary

    @cached_property
    def _session(self) -> "InferenceSession":
        import onnxruntime  # lazy: 0.1 s that `readout --help` need not pay

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(
            self._weights.read_bytes(), options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def _pairing(self) -> Pairing:
        return Pairing(self._vocabulary)

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="read")

    def read(self, question: str, texts: Sequence[Text]) -> list[Reading]:
        """Reads a question together with each passage.

        All sentences are read: a passage too long for one row is read in several, and counts as
        the best of them. Equal passages are read once.

        Returns:
            What it says of each passage, in the order given.
        """
        distinct = list(dict.fromkeys(texts))
        groups = self._pairing.rows(question, distinct)
        rows = [row for group in groups for row in group]
        # The longest first, so that the cores finish together.
        order = sorted(range(len(rows)), key=lambda number: -len(rows[number].ids))
        scored = self._workers.map(self._run, [rows[number] for number in order])
        by_row = iter(
            [reading for _, reading in sorted(zip(order, scored, strict=True), key=itemgetter(0))]
        )
        readings = {
            text: _merged(len(text.sentences), group, list(islice(by_row, len(group))))
            for text, group in zip(distinct, groups, strict=True)
        }
        return [readings[text] for text in texts]

    def _run(self, row: Row) -> Reading:
        ids = np.array([row.ids], np.int64)
        feed = {
            "ids": ids,
            "mask": np.ones_like(ids),
            "types": np.array([row.types], np.int64),
        }
        tokens, passage = self._session.run(None, feed)
        return Reading(pooled(tokens[0], row.starts), float(passage[0, 0]), float(passage[0, 1]))


def pooled(tokens: NDArray[np.float32], starts: Sequence[int]) -> tuple[float, ...]:
    """Returns the score of each sentence: the logsumexp of those of its tokens.

    So a sentence's odds of answering are the sum of those of its tokens, as in training, and a
    short answer is not lost in a long sentence.

    Args:
        tokens: Logits of shape (t,).
        starts: Where each sentence begins; then where the last one ends.
    """
    return tuple(
        float(np.logaddexp.reduce(tokens[start:end], dtype=np.float64)) if end > start else EMPTY
        for start, end in pairwise(starts)
    )


def _merged(count: int, rows: Sequence[Row], readings: Sequence[Reading]) -> Reading:
    """Makes one reading of those of a passage's rows: the best of each score."""
    sentences = [-np.inf] * count
    for row, reading in zip(rows, readings, strict=True):
        for sentence, score in zip(row.sentences, reading.sentences, strict=True):
            sentences[sentence] = max(sentences[sentence], score)
    return Reading(
        tuple(sentences),
        max(reading.relevance for reading in readings),
        max(reading.answers for reading in readings),
    )


@cache
def default_reader() -> Reader:
    """Returns the reader that comes with Readout, loaded when first asked for."""
    return Reader(FOLDER / WEIGHTS, FOLDER / VOCABULARY)
