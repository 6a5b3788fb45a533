"""How what is found for a question is ranked: by which models, with which weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev

from assistant.reader import Reader, Reading, Reranker, default_reader, readable
from assistant.weights import PLAIN_WEIGHTS, READ_WEIGHTS, Weights, fitted_weights
from index import Generation, Hit

#: Citations that a plain answer has at most, unless told otherwise.
MAX_CITATIONS = 3

# Logits of relevance: of eight passages read for a question of the fitting sets they deviate by
# 1.7 in the median. Of two passages that say the same they differ by a few tenths, which are not
# to count as the whole difference between a passage that answers and one that does not.
_LEAST_DEVIATION = 1.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """The models by which passages and sentences are ranked, and how many are cited.

    Attributes:
        weights: How all that is known is weighed.
        reader: Reads passages together with the question; None to do without.
        reranker: Says in the reader's place how relevant a passage is; None to leave that to it.
        citations: Citations that a plain answer has at most.
    """

    weights: Weights
    reader: Reader | None = None
    reranker: Reranker | None = None
    citations: int = MAX_CITATIONS

    def read(self, generation: Generation, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """Reads the passages of hits together with a question.

        Returns:
            What was read of each, in the same order; relevance in standard deviations from
            their mean, so that any reranker's scale will do, but of the reader's in no less than
            `_LEAST_DEVIATION`.
        """
        if self.reader is None:
            return []
        texts = [
            readable(generation.document(hit.passage.document_id), hit.passage) for hit in hits
        ]
        readings = self.reader.read(question, texts)
        if self.reranker:
            relevance = standardised(self.reranker.relevance(question, texts))
        else:
            relevance = standardised([each.relevance for each in readings], _LEAST_DEVIATION)
        return [
            replace(reading, relevance=score)
            for reading, score in zip(readings, relevance, strict=True)
        ]


def with_reader() -> Ranking:
    """Returns the ranking that Readout uses unless told otherwise."""
    return Ranking(fitted_weights(READ_WEIGHTS), default_reader())


def without_reader() -> Ranking:
    """Returns the ranking by the first stage and plain features alone."""
    return Ranking(fitted_weights(PLAIN_WEIGHTS))


def with_reranker(name: str) -> Ranking:
    """Returns the usual ranking with another model's word on how relevant a passage is.

    Args:
        name: A cross-encoder for sentence-transformers, by folder or name.

    Raises:
        RerankerError: If it cannot be found or loaded.
    """
    return replace(with_reader(), reranker=Reranker(name))


def standardised(values: Sequence[float], least: float = 0.0) -> list[float]:
    """Returns values as distances from their mean, in standard deviations.

    Args:
        values: The values.
        least: What a smaller deviation is taken for, so that little is not made much of.

    Returns:
        The distances; all 0 if the values are equal.
    """
    if not values:
        return []
    mean, deviation = fmean(values), max(pstdev(values), least)
    return [(value - mean) / deviation if deviation else 0.0 for value in values]
