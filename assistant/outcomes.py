"""What came of golden questions, one by one, and the measures that follow from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.measures import (
    RANKING,
    Measures,
    auroc,
    brier_score,
    calibration_error,
    latency_measures,
    means,
    reliability,
    risk_coverage,
    share,
)


@dataclass(frozen=True, slots=True)
class FirstQuote:
    """The sentence that is quoted first, or would be if the question were not refused.

    Attributes:
        document: The id of its document.
        title: The document's title.
        start: Its first character.
        end: One past its last.
        text: Its words.
    """

    document: str
    title: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one golden question.

    Attributes:
        question: The question.
        answerable: Whether something answers it.
        answered: Whether Readout answered.
        confidence: How sure it was.
        passage_rank: Rank, from 1, of the first passage that holds an answer; None if none did.
        quote_rank: The same of the first sentence; the first is what is quoted first.
        milliseconds: How long the answer took.
        kind: What kind of question it is, by the golden file; None if that does not say.
        turns: The questions before it in its conversation, oldest first.
        first: What is quoted first; None if nothing was found.
        ranking: Of an answerable one, the measures of the passages found (`measures.RANKING`).
    """

    question: str
    answerable: bool
    answered: bool
    confidence: float
    passage_rank: int | None
    quote_rank: int | None
    milliseconds: float
    kind: str | None = None
    turns: tuple[str, ...] = ()
    first: FirstQuote | None = None
    ranking: Mapping[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether the first quote answers, be it refused or not."""
        return self.quote_rank == 1

    @property
    def verdict(self) -> str:
        """What came of it, in words for people."""
        if not self.answerable:
            return "answered, though nothing answers it" if self.answered else "rightly refused"
        if self.answered:
            return "right" if self.right else "wrong"
        return "refused, with the right quote at hand" if self.right else "refused"


@dataclass(frozen=True, slots=True)
class Slices:
    """Measures by kind of question, where golden questions say of which kind they are.

    Attributes:
        answerable: Of those that something answers.
        unanswerable: Of those that nothing answers.
    """

    answerable: dict[str, Measures]
    unanswerable: dict[str, Measures]


def measures_of(outcomes: Sequence[Outcome]) -> Measures:
    """Returns all measures of questions that were asked; of at least one."""
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    confidence = [outcome.confidence for outcome in outcomes]
    right = [outcome.right for outcome in outcomes]
    measures: Measures = {"questions": len(outcomes), "answerable": len(answerable)}
    measures |= means((outcome.ranking for outcome in answerable), RANKING)
    measures |= _quote_measures(answerable) | _refusal_measures(outcomes)
    measures |= {
        "AURC": risk_coverage(confidence, right).area,
        "expected calibration error": calibration_error(reliability(confidence, right)),
        "Brier score": brier_score(confidence, right),
    }
    return measures | latency_measures([outcome.milliseconds for outcome in outcomes])


def slices_of(outcomes: Iterable[Outcome]) -> Slices:
    """Returns measures by kind of question, the kinds in the order of their first question."""
    found = Slices({}, {})
    by_kind: dict[tuple[str, bool], list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.kind is not None:
            by_kind.setdefault((outcome.kind, outcome.answerable), []).append(outcome)
    for (kind, answerable), group in by_kind.items():
        surely: Measures = {
            "mean confidence": sum(outcome.confidence for outcome in group) / len(group)
        }
        if answerable:
            found.answerable[kind] = (
                {"questions": len(group)}
                | means((outcome.ranking for outcome in group), ("passage hit@1", "MRR@10"))
                | _quote_measures(group)
                | {"false refusals": share(not outcome.answered for outcome in group)}
                | surely
            )
        else:
            false = share(outcome.answered for outcome in group)
            found.unanswerable[kind] = {"questions": len(group), "false answers": false} | surely
    return found


def _quote_measures(answerable: Sequence[Outcome]) -> Measures:
    ranks = [outcome.quote_rank for outcome in answerable]
    return {
        f"quote hit@{k}": share(rank is not None and rank <= k for rank in ranks) for k in (1, 5)
    }


def _refusal_measures(outcomes: Sequence[Outcome]) -> Measures:
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    return {
        "false answers": share(outcome.answered for outcome in unanswerable),
        "false refusals": share(not outcome.answered for outcome in answerable),
        "refusal precision": share(not each.answerable for each in outcomes if not each.answered),
        "refusal recall": share(not outcome.answered for outcome in unanswerable),
        "wrong first quote when answered": share(
            not outcome.right for outcome in answerable if outcome.answered
        ),
        "AUROC": auroc(
            [outcome.confidence for outcome in answerable],
            [outcome.confidence for outcome in unanswerable],
        ),
    }
