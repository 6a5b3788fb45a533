"""How good are the answers? Standard measures over questions whose answers are known."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from assistant.assistant import Assistant
from assistant.errors import PackageMissing
from assistant.evidence import Evidence
from assistant.golden import GoldenQuestion, Place, RelevanceSet, resolve
from corpus import Passage
from index import Generation, Hit

#: Measures by name, in the order they are shown. Shares are 0 to 1; None where there is nothing
#: to measure on.
Measures = dict[str, float | int | None]


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
    """

    question: str
    answerable: bool
    answered: bool
    confidence: float
    passage_rank: int | None
    quote_rank: int | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures, and the outcome of each question they come from (none for a BEIR folder)."""

    measures: Measures
    outcomes: tuple[Outcome, ...]


def check_packages() -> None:
    """Tells now, rather than after all is asked, whether the measures can be computed.

    Raises:
        PackageMissing: If what computes them is not installed.
    """
    if not all(map(find_spec, ("ir_measures", "sklearn"))):
        raise PackageMissing(
            "evaluation needs two more packages; run: pip install 'readout[evaluate]'"
        )


def evaluate_golden(
    assistant: Assistant,
    questions: Sequence[GoldenQuestion],
    threshold: float | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Evaluation:
    """Asks golden questions and measures passages, quotes, refusals and time.

    A passage or quote is right if it holds a golden answer, or lies inside one. Quotes are ranked
    whether or not the question was refused; refusals are counted at ``threshold``.

    Raises:
        BadGolden: If an answer names a document or a span that the index does not have.
        PackageMissing: If what computes the measures is not installed.
    """
    check_packages()
    limit = assistant.ranking.weights.threshold if threshold is None else threshold
    generation = assistant.generation
    outcomes = []
    run: dict[str, dict[str, float]] = {}
    relevant: dict[str, dict[str, int]] = {}
    golden = resolve(questions, generation.documents())
    for number, entry in enumerate(golden):
        answers = everywhere(generation, entry.answers)
        started = time.perf_counter()
        judgement = assistant.judge_dated(entry.question, limit)
        answer = assistant.answer(judgement, limit)
        milliseconds = (time.perf_counter() - started) * 1000
        outcomes.append(
            Outcome(
                question=entry.question,
                answerable=bool(entry.answers),
                answered=not answer.abstained,
                confidence=answer.confidence,
                passage_rank=_first_rank(map(_place_of_hit, judgement.hits), answers),
                quote_rank=_first_rank(map(_place_of_quote, judgement.evidence), answers),
                milliseconds=milliseconds,
            )
        )
        if entry.answers:
            run[str(number)] = {hit.passage.id: -float(hit.rank) for hit in judgement.hits}
            relevant[str(number)] = _relevant_passages(generation, answers)
        on_progress(number + 1, len(golden))
    measures: Measures = {"questions": len(outcomes), "answerable": len(relevant)}
    measures |= ranking_measures(relevant, run) | _quote_measures(outcomes)
    measures |= _refusal_measures(outcomes) | latency_measures(
        [outcome.milliseconds for outcome in outcomes]
    )
    return Evaluation(measures, tuple(outcomes))


def evaluate_beir(
    assistant: Assistant,
    collection: RelevanceSet,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Evaluation:
    """Searches a BEIR collection's queries and measures the ranking of documents.

    A document ranks where its best passage does.

    Raises:
        PackageMissing: If what computes the measures is not installed.
    """
    check_packages()
    run: dict[str, dict[str, float]] = {}
    times = []
    for done, (query, text) in enumerate(collection.queries.items(), start=1):
        started = time.perf_counter()
        # Several passages of one document share a place, so more are fetched than are kept.
        hits = assistant.generation.search(text, 300)
        times.append((time.perf_counter() - started) * 1000)
        documents = dict.fromkeys(
            name for hit in hits for name in documents_with(assistant.generation, hit.passage)
        )
        run[query] = {document: -float(rank) for rank, document in enumerate(documents)}
        on_progress(done, len(collection.queries))
    judged = {query: collection.judgements[query] for query in run}
    measures: Measures = {"queries": len(run)}
    measures |= ranking_measures(judged, run) | latency_measures(times)
    return Evaluation(measures, ())


def ranking_measures(
    relevant: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> Measures:
    """Returns nDCG@10, recall@100 and hit@1/5 of a run, by ir-measures.

    Args:
        relevant: For each query, the relevance of each judged document or passage.
        run: For each query, the score of each one found.
    """
    import ir_measures  # lazy: brings pandas-sized machinery that asking never needs

    names = {
        "nDCG@10": ir_measures.nDCG @ 10,
        "recall@100": ir_measures.R @ 100,
        "passage hit@1": ir_measures.Success @ 1,
        "passage hit@5": ir_measures.Success @ 5,
    }
    if not relevant:
        return dict.fromkeys(names)
    found = ir_measures.calc_aggregate(list(names.values()), relevant, run)
    return {name: float(found[measure]) for name, measure in names.items()}


def latency_measures(milliseconds: Sequence[float]) -> Measures:
    """Returns the median and the 95th percentile of how long questions took."""
    p50, p95 = np.percentile(milliseconds, [50, 95]).tolist()
    return {"latency p50 ms": p50, "latency p95 ms": p95}


def _quote_measures(outcomes: Sequence[Outcome]) -> Measures:
    ranks = [outcome.quote_rank for outcome in outcomes if outcome.answerable]
    return {
        f"quote hit@{k}": _share(rank is not None and rank <= k for rank in ranks) for k in (1, 5)
    }


def _refusal_measures(outcomes: Sequence[Outcome]) -> Measures:
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    return {
        "false answers": _share(outcome.answered for outcome in unanswerable),
        "false refusals": _share(not outcome.answered for outcome in answerable),
        "wrong first quote when answered": _share(
            outcome.quote_rank != 1 for outcome in answerable if outcome.answered
        ),
        "AUROC": auroc(
            [outcome.confidence for outcome in answerable],
            [outcome.confidence for outcome in unanswerable],
        ),
    }


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Returns how often a positive's score is above a negative's; ties count half."""
    from sklearn.metrics import roc_auc_score  # lazy: only evaluation needs it

    if not positive or not negative:
        return None
    labels = [1] * len(positive) + [0] * len(negative)
    return float(roc_auc_score(labels, [*positive, *negative]))


def holds(place: Place, answers: Sequence[Place]) -> bool:
    """Returns whether a place holds one of the answers, or lies inside one."""
    return any(
        place.document == answer.document
        and (
            (place.start <= answer.start and answer.end <= place.end)
            or (answer.start <= place.start and place.end <= answer.end)
        )
        for answer in answers
    )


def documents_with(generation: Generation, passage: Passage) -> list[str]:
    """Returns the ids of the documents in which a passage stands, its own first."""
    text = generation.document(passage.document_id).text[passage.start : passage.end]
    repeats = generation.repeats(passage, text)
    return [passage.document_id, *(repeat.document_id for repeat in repeats)]


def everywhere(generation: Generation, answers: Sequence[Place]) -> list[Place]:
    """Returns the places of an answer, and those where its words stand in a repeated passage."""
    found = dict.fromkeys(answers)
    for answer in answers:
        words = generation.document(answer.document).text[answer.start : answer.end]
        for passage in _passages_at(generation, answer):
            for repeat in generation.repeats(passage, words):
                text = generation.document(repeat.document_id).text
                at = text.find(words)
                if at >= 0:
                    found[Place(repeat.document_id, at, at + len(words))] = None
    return list(found)


def _passages_at(generation: Generation, place: Place) -> list[Passage]:
    return [
        passage
        for passage in generation.passages_of(place.document)
        if passage.start < place.end and place.start < passage.end
    ]


def _first_rank(places: Iterable[Place], answers: Sequence[Place]) -> int | None:
    return next((rank for rank, place in enumerate(places, 1) if holds(place, answers)), None)


def _place_of_hit(hit: Hit) -> Place:
    return Place(hit.passage.document_id, hit.passage.start, hit.passage.end)


def _place_of_quote(evidence: Evidence) -> Place:
    return Place(evidence.document.id, evidence.span.start, evidence.span.end)


def _relevant_passages(generation: Generation, answers: Sequence[Place]) -> dict[str, int]:
    """The passages that hold an answer; of those that recur, the one that searches give."""
    return {
        generation.earliest(passage).id: 1
        for answer in answers
        for passage in _passages_at(generation, answer)
    }


def _share(found: Iterable[bool]) -> float | None:
    values = list(found)
    return sum(values) / len(values) if values else None
