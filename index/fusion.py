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
    """Ranks candidates by a convex combination of their normalised scores, best first.

    Cosines and BM25 scores are each scaled so that the candidates span 0 to 1 (Bruch, Gai and
    Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023). A BM25 score has a true
    zero, "no word in common", which a cosine has not: so BM25 is scaled from 0, cosines from the
    candidates' least.

    Args:
        dense: Cosine of every candidate.
        lexical: BM25 score of each candidate that shares a term with the query.
        weight: Share of the dense score, 0 to 1.

    Returns:
        Every candidate of ``dense``, by falling score, then by number.

    Raises:
        KeyError: If a candidate of ``lexical`` has no cosine.
    """
    low, high = min(dense.values(), default=0.0), max(dense.values(), default=0.0)
    top = max(lexical.values(), default=0.0)
    for number in lexical:
        dense[number]
    fused = [
        Fused(
            number,
            weight * ((cosine - low) / (high - low) if high > low else 1.0)
            + (1 - weight) * (lexical.get(number, 0.0) / top if top > 0 else 0.0),
            cosine,
            lexical.get(number, 0.0),
        )
        for number, cosine in dense.items()
    ]
    return sorted(fused, key=lambda entry: (-entry.score, entry.number))
