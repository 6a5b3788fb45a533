"""How good are the answers? Standard measures over questions whose answers are known."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec

from assistant.assistant import Assistant
from assistant.errors import PackageMissing
from assistant.evidence import Evidence, Judgement
from assistant.followups import carry, turns_of
from assistant.golden import GoldenQuestion, Place, RelevanceSet, resolve
from assistant.measures import Measures, latency_measures, ranking_measures, ranking_values
from assistant.outcomes import FirstQuote, Outcome, measures_of
from corpus import Passage
from index import Generation, Hit


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation measured.

    Attributes:
        measures: The measures.
        outcomes: What came of each question they are from; none for a BEIR folder.
        run: For each query, what was found and a score that falls with its rank: passages for
            golden questions, named by their number from 1; documents for a BEIR folder.
    """

    measures: Measures
    outcomes: tuple[Outcome, ...]
    run: Mapping[str, Mapping[str, float]]


def check_packages() -> None:
    """Tells now, rather than after all is asked, whether the measures can be computed.

    Raises:
        PackageMissing: If what computes them is not installed.
    """
    if not all(map(find_spec, ("ir_measures", "scipy"))):
        raise PackageMissing("evaluation needs more packages; run: pip install 'readout[evaluate]'")


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
    for number, entry in enumerate(golden, start=1):
        answers = everywhere(generation, entry.answers)
        started = time.perf_counter()
        judgement = _judged(assistant, entry, limit)
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
                kind=entry.kind,
                turns=entry.turns,
                first=_first_quote(judgement),
            )
        )
        run[str(number)] = {hit.passage.id: -float(hit.rank) for hit in judgement.hits}
        if entry.answers:
            relevant[str(number)] = _relevant_passages(generation, answers)
        on_progress(number, len(golden))
    values = ranking_values(relevant, run)
    known = tuple(
        replace(outcome, ranking=values.get(str(number), {}))
        for number, outcome in enumerate(outcomes, start=1)
    )
    return Evaluation(measures_of(known), known, run)


def _judged(assistant: Assistant, entry: GoldenQuestion, limit: float) -> Judgement:
    """Asks a golden question with what it takes over from those asked before it."""
    today = date.today()
    history = turns_of(entry.turns, today=today)
    asked = carry(entry.question, history, today=today).standalone
    return assistant.judge_dated(asked, limit, today=today)


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
    return Evaluation(measures, (), run)


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


def _first_quote(judgement: Judgement) -> FirstQuote | None:
    for entry in judgement.evidence[:1]:
        document, span = entry.document, entry.span
        return FirstQuote(document.id, document.title, span.start, span.end, entry.text)
    return None


def _relevant_passages(generation: Generation, answers: Sequence[Place]) -> dict[str, int]:
    """The passages that hold an answer; of those that recur, the one that searches give."""
    return {
        generation.earliest(passage).id: 1
        for answer in answers
        for passage in _passages_at(generation, answer)
    }
