"""Is one run better than another on the same questions, or was that luck?"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.errors import RunsDiffer
from assistant.measures import (
    RANKING,
    auroc,
    calibration_error,
    reliability,
    risk_coverage,
)
from assistant.outcomes import Outcome

# Samples drawn for each interval and test; of measures that take a loop, fewer.
_SAMPLES, _LOOPED = 4999, 999

# Fixed, so that the same two runs compare the same each time.
_SEED = 20070611

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a measure differs between two runs.

    Attributes:
        before: Its value in the run compared with.
        now: Its value in the new run.
        low: The lower end of the 95 % bootstrap interval of ``now - before``; None if the measure
            cannot be had of every sample.
        high: The upper end.
        p: How often chance alone would make a difference as large: the p-value of a two-sided
            paired randomisation test.
        questions: How many questions it is measured on.
    """

    before: float
    now: float
    low: float | None
    high: float | None
    p: float
    questions: int

    @property
    def difference(self) -> float:
        """How much more it is now."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class McNemar:
    """How many questions have the right first quote in one run only, and what chance says of that.

    Attributes:
        gained: Those that have it now only.
        lost: Those that had it before only.
        p: The p-value of McNemar's exact test: a fair coin's to fall so unevenly.
    """

    gained: int
    lost: int
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the same questions.

    Attributes:
        differences: By measure; those that cannot be measured are left out.
        mcnemar: The test of quote hit@1; None without answerable questions.
    """

    differences: dict[str, Difference]
    mcnemar: McNemar | None


def compare(before: Sequence[Outcome], now: Sequence[Outcome]) -> Comparison:
    """Compares two runs question by question.

    Intervals are percentiles of the paired bootstrap (Efron and Tibshirani, 1993); tests are
    paired randomisation tests, which compare rankings best (Smucker, Allan and Carterette, CIKM
    2007); quote hit@1 also gets McNemar's (1947). No correction is made for many measures.

    Args:
        before: What came of each question in the run compared with.
        now: The same in the new run, in any order.

    Raises:
        RunsDiffer: If they are not of the same questions.
    """
    before, now = (sorted(run, key=_identity) for run in (before, now))
    _check_same(before, now)
    pairs = list(zip(before, now, strict=True))
    differences: dict[str, Difference] = {}
    for name, value in _VALUES.items():
        both = [(value(old), value(new)) for old, new in pairs]
        known = [(old, new) for old, new in both if old is not None and new is not None]
        if known:
            differences[name] = _of_means(*np.array(known, float).T)
    for name, measure in _WHOLES.items():
        if found := _of_wholes(measure, before, now):
            differences[name] = found
    return Comparison(differences, _mcnemar(pairs))


def _identity(outcome: Outcome) -> tuple[str, tuple[str, ...], bool]:
    return outcome.question, outcome.turns, outcome.answerable


def _check_same(before: Sequence[Outcome], now: Sequence[Outcome]) -> None:
    old, new = ([*map(_identity, run)] for run in (before, now))
    if not old or old != new:
        gone, added = len(set(old) - set(new)), len(set(new) - set(old))
        raise RunsDiffer(
            f"the runs are of different questions ({len(old):,} and {len(new):,}; {gone:,} only in"
            f" the baseline, {added:,} only in the new one); compare runs of one golden file"
        )


def _ranking(name: str) -> Callable[[Outcome], float | None]:
    return lambda outcome: outcome.ranking.get(name)


def _quote_hit(k: int) -> Callable[[Outcome], float | None]:
    def hit(outcome: Outcome) -> float | None:
        found = outcome.quote_rank is not None and outcome.quote_rank <= k
        return float(found) if outcome.answerable else None

    return hit


# Measures that are means over the questions that have a value.
_VALUES: dict[str, Callable[[Outcome], float | None]] = {
    **{name: _ranking(name) for name in RANKING},
    "quote hit@1": _quote_hit(1),
    "quote hit@5": _quote_hit(5),
    "false answers": lambda each: None if each.answerable else float(each.answered),
    "false refusals": lambda each: float(not each.answered) if each.answerable else None,
    "Brier score": lambda each: (each.confidence - each.right) ** 2,
}


@dataclass(frozen=True, slots=True)
class _Columns:
    """Outcomes as arrays."""

    confidence: Numbers
    right: npt.NDArray[np.bool_]
    answerable: npt.NDArray[np.bool_]


def _auroc(of: _Columns) -> float | None:
    return auroc(of.confidence[of.answerable], of.confidence[~of.answerable])


# Measures of all questions together.
_WHOLES: dict[str, Callable[[_Columns], float | None]] = {
    "AUROC": _auroc,
    "AURC": lambda of: risk_coverage(of.confidence, of.right).area,
    "expected calibration error": lambda of: calibration_error(
        reliability(of.confidence, of.right)
    ),
}


def _of_means(before: Numbers, now: Numbers) -> Difference:
    from scipy.stats import bootstrap, permutation_test  # lazy: only evaluation needs it

    def gain(old: Numbers, new: Numbers, axis: int) -> Numbers:
        found: Numbers = new.mean(axis) - old.mean(axis)
        return found

    values, size = (float(before.mean()), float(now.mean())), len(before)
    if size == 1:  # of which there is but one sample, and it may as well be luck
        return Difference(*values, None, None, 1.0, size)
    interval = bootstrap(
        (before, now),
        gain,
        paired=True,
        method="percentile",
        n_resamples=_SAMPLES,
        batch=500,
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    tested = permutation_test(
        (before, now),
        gain,
        permutation_type="samples",
        vectorized=True,
        n_resamples=_SAMPLES,
        batch=500,
        rng=np.random.default_rng(_SEED),
    )
    return Difference(
        *values, float(interval.low), float(interval.high), float(tested.pvalue), size
    )


def _of_wholes(
    measure: Callable[[_Columns], float | None], before: Sequence[Outcome], now: Sequence[Outcome]
) -> Difference | None:
    """Compares a measure of all questions: what is drawn, or swapped, are whole questions."""
    from scipy.stats import DegenerateDataWarning, bootstrap, permutation_test

    size = len(before)
    both = [*before, *now]
    columns = _Columns(
        np.array([outcome.confidence for outcome in both]),
        np.array([outcome.right for outcome in both]),
        np.array([outcome.answerable for outcome in both]),
    )

    def measured(places: Places) -> float:
        drawn = _Columns(
            columns.confidence[places], columns.right[places], columns.answerable[places]
        )
        found = measure(drawn)
        return np.nan if found is None else found

    def gain(old: Places, new: Places) -> float:
        return measured(new) - measured(old)

    old, new = np.arange(size), np.arange(size, 2 * size)
    values = measured(old), measured(new)
    if np.isnan(values).any():
        return None
    if size == 1:
        return Difference(*values, None, None, 1.0, size)
    with warnings.catch_warnings():
        # Samples without an unanswerable question, say, have no AUROC; then there is no interval.
        warnings.simplefilter("ignore", DegenerateDataWarning)
        interval = bootstrap(
            (old, new),
            gain,
            paired=True,
            vectorized=False,
            method="percentile",
            n_resamples=_LOOPED,
            rng=np.random.default_rng(_SEED),
        ).confidence_interval
    bounded = not np.isnan([interval.low, interval.high]).any()
    low, high = (float(interval.low), float(interval.high)) if bounded else (None, None)
    tested = permutation_test(
        (old, new),
        gain,
        permutation_type="samples",
        n_resamples=_LOOPED,
        rng=np.random.default_rng(_SEED),
    )
    return Difference(*values, low, high, float(tested.pvalue), size)


def _mcnemar(pairs: Sequence[tuple[Outcome, Outcome]]) -> McNemar | None:
    from scipy.stats import binomtest

    known = [(old.right, new.right) for old, new in pairs if old.answerable]
    if not known:
        return None
    gained, lost = known.count((False, True)), known.count((True, False))
    p = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    return McNemar(gained, lost, p)
