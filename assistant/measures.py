"""The formulas of `assistant.evaluation`: rankings, refusals, and what confidence is worth.

Shares are 0 to 1; a measure is None where there is nothing to measure on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: Measures by name, in the order they are shown.
Measures = dict[str, float | int | None]

#: What is measured of a ranking.
RANKING = ("nDCG@10", "MRR@10", "recall@100", "passage hit@1", "passage hit@5")

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What is risked by answering only the surest questions.

    Attributes:
        coverage: Shares of the questions that are answered, rising, the last 1: a point for each
            confidence that occurs, as a threshold.
        risk: The share of wrong first quotes among those answered, at each of them.
    """

    coverage: tuple[float, ...]
    risk: tuple[float, ...]

    @property
    def area(self) -> float:
        """The area under it (AURC): the mean risk over all coverages.

        After Geifman, Uziel and El-Yaniv (ICLR 2019). Without ties it is the mean of the risks at
        1, 2, … n questions; questions of one confidence are answered together or not at all.
        """
        widths = np.diff(self.coverage, prepend=0.0)
        return float(np.dot(widths, self.risk))


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: a point of a reliability curve.

    Attributes:
        questions: How many.
        confidence: Their mean confidence.
        right: The share of them whose first quote answers.
    """

    questions: int
    confidence: float
    right: float


def ranking_measures(
    relevant: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> Measures:
    """Returns nDCG@10, MRR@10, recall@100 and hit@1/5 of a run: means of `ranking_values`."""
    return means(ranking_values(relevant, run).values(), RANKING)


def ranking_values(
    relevant: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Returns the measures named in `RANKING` of each query that is judged, by ir-measures.

    Args:
        relevant: For each query, the relevance of each judged document or passage.
        run: For each query, the score of each one found.
    """
    if not relevant:
        return {}
    import ir_measures  # lazy: brings pandas-sized machinery that asking never needs

    measured = (
        ir_measures.nDCG @ 10,
        ir_measures.RR @ 10,
        ir_measures.R @ 100,
        ir_measures.Success @ 1,
        ir_measures.Success @ 5,
    )
    names = dict(zip(measured, RANKING, strict=True))
    values: dict[str, dict[str, float]] = {}
    for found in ir_measures.iter_calc(measured, relevant, run):
        values.setdefault(found.query_id, {})[names[found.measure]] = float(found.value)
    return {query: {name: of[name] for name in RANKING} for query, of in values.items()}


def means(values: Iterable[Mapping[str, float]], names: Sequence[str]) -> Measures:
    """Returns the mean of each of the named values over those that have it."""
    rows = list(values)
    found = {name: [row[name] for row in rows if name in row] for name in names}
    return {name: sum(of) / len(of) if of else None for name, of in found.items()}


def latency_measures(milliseconds: Sequence[float]) -> Measures:
    """Returns the median and the 95th percentile of how long questions took."""
    p50, p95 = np.percentile(milliseconds, [50, 95]).tolist()
    return {"latency p50 ms": p50, "latency p95 ms": p95}


def auroc(positive: Sequence[float] | Numbers, negative: Sequence[float] | Numbers) -> float | None:
    """Returns how often a positive's score is above a negative's; ties count half.

    The Mann-Whitney statistic over the number of pairs (Hanley and McNeil, Radiology 1982).
    """
    from scipy.stats import rankdata  # lazy: only evaluation needs it

    size, others = len(positive), len(negative)
    if not size or not others:
        return None
    ranks = rankdata(np.concatenate([positive, negative]))
    return float((ranks[:size].sum() - size * (size + 1) / 2) / (size * others))


def risk_coverage(
    confidence: Sequence[float] | Numbers, right: Sequence[bool] | npt.NDArray[np.bool_]
) -> RiskCoverage:
    """Returns the risk-coverage curve (El-Yaniv and Wiener, JMLR 2010).

    Args:
        confidence: How sure each answer is; of at least one question.
        right: Whether its first quote answers; what has no answer is never right.
    """
    scores = np.asarray(confidence, float)
    order = np.argsort(-scores, kind="stable")
    scores, wrong = scores[order], ~np.asarray(right, bool)[order]
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))  # of each confidence
    risk = np.cumsum(wrong)[last] / (last + 1)
    return RiskCoverage(tuple(((last + 1) / len(scores)).tolist()), tuple(risk.tolist()))


def reliability(
    confidence: Sequence[float] | Numbers,
    right: Sequence[bool] | npt.NDArray[np.bool_],
    bins: int = 10,
) -> tuple[Bin, ...]:
    """Returns the reliability curve: how often answers of like confidence are right.

    The bins are of equal mass, cut at quantiles; questions of one confidence share a bin, so that
    fewer bins may be left.

    Args:
        confidence: How sure each answer is; of at least one question.
        right: Whether its first quote answers.
        bins: How many bins.
    """
    scores, hits = np.asarray(confidence, float), np.asarray(right, float)
    inner = np.quantile(scores, np.linspace(0, 1, bins + 1)[1:-1])
    places = np.searchsorted(inner, scores)
    sizes = np.bincount(places)
    kept = sizes > 0
    mean, rate = (np.bincount(places, of)[kept] / sizes[kept] for of in (scores, hits))
    return tuple(map(Bin, sizes[kept].tolist(), mean.tolist(), rate.tolist()))


def calibration_error(curve: Sequence[Bin]) -> float:
    """Returns the expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015).

    It is the distance of the bins' shares of right answers from their mean confidence, averaged
    over the questions.
    """
    questions = sum(each.questions for each in curve)
    return sum(each.questions * abs(each.right - each.confidence) for each in curve) / questions


def brier_score(
    confidence: Sequence[float] | Numbers, right: Sequence[bool] | npt.NDArray[np.bool_]
) -> float:
    """Returns the mean squared distance of confidence from what came (Brier, 1950)."""
    return float(np.mean((np.asarray(confidence, float) - np.asarray(right, float)) ** 2))


def share(found: Iterable[bool]) -> float | None:
    """Returns the share of what is true; None of nothing."""
    values = list(found)
    return sum(values) / len(values) if values else None
