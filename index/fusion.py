"""One ranking out of two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

#: Share of the dense score if the best stands out equally in both rankings; the lexical one has
#: the rest. What one standard deviation more in one of them shifts. How both were chosen:
#: docs/measurements.md.
DENSE_WEIGHT, SHIFT = 0.7, 0.06

#: Neither ranking is ever left out.
_LEAST, _MOST = 0.1, 0.95

#: Those that the best one is compared with.
_NEXT = 5


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage's place in the fused ranking; ``number`` is its number in the index."""

    number: int
    score: float
    dense: float
    lexical: float


def dense_share(dense: Mapping[int, float], lexical: Mapping[int, float]) -> float:
    """Returns the share of meaning for one query, 0.1 to 0.95: the clearer ranking counts more.

    A ranking whose best candidate stands well above the next is more often right than one in
    which many are alike. (The distribution of scores as a predictor of how well a query did:
    Shtok et al., "Predicting Query Performance by Query-Drift Estimation", 2012.)

    Args:
        dense: Cosine of every candidate.
        lexical: BM25 score of each candidate that shares a term with the query.
    """
    words = [lexical.get(number, 0.0) for number in dense]
    shift = SHIFT * (_prominence(dense.values()) - _prominence(words))
    return float(np.clip(DENSE_WEIGHT + shift, _LEAST, _MOST))


def _prominence(scores: Iterable[float]) -> float:
    """How far the best stands above the mean of the next, in standard deviations of all."""
    falling = np.sort(np.fromiter(scores, np.float64))[::-1]
    spread = falling.std() if len(falling) > 1 else 0.0
    return float((falling[0] - falling[1 : 1 + _NEXT].mean()) / spread) if spread > 1e-9 else 0.0


def fuse(
    dense: Mapping[int, float], lexical: Mapping[int, float], weight: float | None = None
) -> list[Fused]:
    """Ranks candidates by a convex combination of their scaled scores, best first.

    Cosines and BM25 scores are each divided by the candidates' greatest (the theoretical least
    of BM25 is 0, and a cosine of 0 means unrelated; see Bruch, Gai and Ingber, "An Analysis of
    Fusion Functions for Hybrid Retrieval", 2023).

    Args:
        dense: Cosine of every candidate.
        lexical: BM25 score of each candidate that shares a term with the query.
        weight: Share of the dense score, 0 to 1; else `dense_share`.

    Returns:
        Every candidate of ``dense``, by falling score, then by number.
    """
    if weight is None:
        weight = dense_share(dense, lexical)
    top_dense = max(dense.values(), default=0.0)
    top_lexical = max(lexical.values(), default=0.0)
    fused = [
        Fused(
            number,
            weight * (cosine / top_dense if top_dense > 0 else cosine)
            + (1 - weight) * (lexical.get(number, 0.0) / top_lexical if top_lexical > 0 else 0.0),
            cosine,
            lexical.get(number, 0.0),
        )
        for number, cosine in dense.items()
    ]
    return sorted(fused, key=lambda entry: (-entry.score, entry.number))
