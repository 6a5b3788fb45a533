"""One ranking out of two."""

from collections.abc import Mapping
from dataclasses import dataclass

#: Share of the dense score; the lexical one has the rest.
DENSE_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage's place in the fused ranking; ``number`` is its number in the index."""

    number: int
    score: float
    dense: float
    lexical: float


def fuse(
    dense: Mapping[int, float], lexical: Mapping[int, float], weight: float = DENSE_WEIGHT
) -> list[Fused]:
    """Ranks candidates by a convex combination of their scaled scores, best first.

    Cosines and BM25 scores are each divided by the candidates' greatest (the theoretical least
    of BM25 is 0, and a cosine of 0 means unrelated; see Bruch, Gai and Ingber, "An Analysis of
    Fusion Functions for Hybrid Retrieval", 2023).

    Args:
        dense: Cosine of every candidate.
        lexical: BM25 score of each candidate that shares a term with the query.
        weight: Share of the dense score, 0 to 1.

    Returns:
        Every candidate of ``dense``, by falling score, then by number.
    """
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
