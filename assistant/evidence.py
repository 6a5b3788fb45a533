"""Which sentences of the passages found answer the question."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain

import numpy as np

from assistant.answer import Dates
from assistant.features import (
    Features,
    PassageFeatures,
    ReadFeatures,
    ReadSignals,
    Signals,
    asked_kind,
    coverage,
    is_name,
    is_unfinished,
    length_of,
    term_weights,
)
from assistant.ranking import Ranking
from assistant.reader import Reading, readable
from assistant.weights import Logistic
from assistant.words import TypedQuestion, read_typed
from corpus import Document, Passage, Span, joined
from index import TITLE, Filter, Generation, Hit, Vectors, analyze, content_words

#: Passages that a question retrieves.
CANDIDATES = 100

#: Passages whose sentences are read. The right one is among the first 20 nine times in ten;
#: more add noise and milliseconds.
PASSAGES = 20

#: Passages that are read together with the question: more answer no better (docs/reader.md).
READ = 8

#: Sentences that are compared with the question by meaning, chosen by their words and their
#: passage; each costs about two milliseconds on two cores, and 40 answer no better.
SENTENCES = 16


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer.

    Attributes:
        document: Where it stands.
        passage: Where in the document.
        span: Where in the document's text.
        features: What speaks for it.
        score: Estimated probability that it answers, before the question as a whole is judged.
    """

    document: Document
    passage: Passage
    span: Span
    features: Features
    score: float

    @property
    def text(self) -> str:
        """The sentence."""
        return self.document.text[self.span.start : self.span.end]


class Question:
    """A question as the evidence is judged by: its words, how rare each is, its numbers."""

    def __init__(self, text: str, vector: Vectors, generation: Generation) -> None:
        """Takes the question's text and its vector, of shape (1, d)."""
        self.text = text
        self.vector = vector
        self.words = content_words(text)
        rarity = {term: generation.rarity(term) for term in self.words.values()}
        self.weights = term_weights(rarity, generation.manifest.passages)
        self.unknown = tuple(word for word, term in self.words.items() if not rarity[term])
        self.kind = asked_kind(text)


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was found for a question.

    Attributes:
        generation: What was searched.
        typed: The question as it was typed, and how its words were read.
        question: The question as it was read.
        hits: The passages found, best first.
        read: What is known of those of them that were read, in the same order.
        evidence: Their sentences, best first.
        confidence: Estimated probability that the first of them answers.
        dates: How the question's words about time were understood, if they were read.
    """

    generation: Generation
    typed: TypedQuestion
    question: Question
    hits: Sequence[Hit]
    read: Sequence[PassageFeatures]
    evidence: Sequence[Evidence]
    confidence: float
    dates: Dates | None = None


def judge(
    generation: Generation, text: str, ranking: Ranking, within: Filter | None = None
) -> Judgement:
    """Finds passages and sentences for a question and says how sure the best of them is.

    Args:
        generation: What to search.
        text: The question.
        ranking: How what is found is ranked.
        within: What part of the corpus to search; else all of it.
    """
    typed = read_typed(generation, text)
    text = typed.text
    vector = generation.encoder.embed_queries([text])
    question = Question(text, vector, generation)
    hits = generation.search_embedded(text, vector, CANDIDATES, within=within)
    read: list[PassageFeatures] = []
    if ranking.reader is None:
        evidence = find_evidence(generation, question, hits, ranking.weights.evidence)
    else:
        readings = ranking.read(generation, text, hits[:READ])
        evidence = read_evidence(generation, question, hits, readings, ranking.weights.evidence)
        hits, read = _reranked(hits, readings, ranking.weights.passages)
    confidence = confidence_of(question, evidence, ranking)
    return Judgement(generation, typed, question, hits, read, evidence, confidence)


def confidence_of(question: Question, evidence: Sequence[Evidence], ranking: Ranking) -> float:
    """Returns the estimated probability that the first of the sentences answers."""
    # Of words that stand nowhere nothing can be quoted, whatever seems close in meaning.
    heard_of = len(question.unknown) < len(question.words)
    if not evidence or not heard_of:
        return 0.0
    return ranking.weights.confidence.probability(signals(question, evidence[0]))


def find_evidence(
    generation: Generation, question: Question, hits: Sequence[Hit], weights: Logistic
) -> list[Evidence]:
    """Scores the sentences of the best passages as answers.

    A sentence that stands in several passages is listed once, where its passage ranks best.

    Args:
        generation: What was searched.
        question: The question.
        hits: The passages found, best first.
        weights: The model over `Features`.

    Returns:
        The sentences by falling score, then by document and place.
    """
    seen: dict[str, Evidence] = {}
    for hit in hits[:PASSAGES]:
        for entry in _sentences(generation.document(hit.passage.document_id), hit, question):
            seen.setdefault(_plain(entry.text), entry)
    return _scored(generation, question, _best(seen.values(), _promise), weights)


def read_evidence(
    generation: Generation,
    question: Question,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    weights: Logistic,
) -> list[Evidence]:
    """Scores the sentences of passages that were read together with the question.

    A sentence that stands in several passages is listed once, where it reads best.

    Args:
        generation: What was searched.
        question: The question.
        hits: The passages found, best first.
        readings: What was read of the first of them.
        weights: The model over `ReadFeatures`.

    Returns:
        The sentences by falling score, then by document and place.
    """
    seen: dict[str, Evidence] = {}
    # Silence has a logit of 0 (see `assistant.reader.model.loss_of`).
    everything = np.logaddexp.reduce([0.0, *chain(*(each.sentences for each in readings))])
    for hit, reading in zip(hits, readings, strict=False):
        entries = _sentences(generation.document(hit.passage.document_id), hit, question)
        for entry, logit in zip(entries, reading.sentences, strict=True):
            features = ReadFeatures(
                **asdict(entry.features),
                reader=logit,
                answers=reading.answers,
                relevance=reading.relevance,
                share=logit - float(everything),
            )
            read = replace(entry, features=features)
            words = _plain(entry.text)
            known = seen.get(words)
            if known is None or _read_promise(known) < _read_promise(read):
                seen[words] = read
    return _scored(generation, question, _best(seen.values(), _read_promise), weights)


def _best(entries: Iterable[Evidence], promise: Callable[[Evidence], float]) -> list[Evidence]:
    """Returns the sentences that are worth comparing with the question by meaning."""
    return sorted(
        entries, key=lambda entry: (-promise(entry), entry.document.id, entry.span.start)
    )[:SENTENCES]


def _scored(
    generation: Generation, question: Question, promising: Sequence[Evidence], weights: Logistic
) -> list[Evidence]:
    titled = [f"{entry.document.title[:TITLE]}\n{joined(entry.text)}" for entry in promising]
    vectors = generation.encoder.embed_passages(titled)
    cosines = (vectors @ question.vector[0]).tolist()
    found = []
    for entry, cosine in zip(promising, cosines, strict=True):
        features = replace(entry.features, sentence=cosine)
        score = weights.probability(features)
        found.append(replace(entry, features=features, score=score))
    return sorted(found, key=lambda entry: (-entry.score, entry.document.id, entry.span.start))


def _sentences(document: Document, hit: Hit, question: Question) -> Iterator[Evidence]:
    passage = hit.passage
    title = frozenset(analyze(document.title))
    texts = [document.text[start:end] for start, end in passage.sentences]
    terms = [frozenset(analyze(text)) for text in texts]
    everything = title.union(*terms)
    context = coverage(question.weights, everything)
    for span, text, present in zip(passage.sentences, texts, terms, strict=True):
        features = Features(
            sentence=0.0,
            passage=hit.dense_score,
            fused=hit.score,
            coverage=coverage(question.weights, present),
            context=context,
            lacks_kind=float(question.kind is not None and not question.kind.search(text)),
            length=length_of(text),
            unfinished=float(is_unfinished(text)),
            asks=float(text.rstrip("\"'”’)").endswith("?")),
        )
        yield Evidence(document, passage, span, features, 0.0)


def _promise(entry: Evidence) -> float:
    """What can be told of a sentence before its vector is known."""
    known = entry.features
    return known.fused + known.coverage - 0.2 * (known.lacks_kind + known.asks + known.unfinished)


def _read_promise(entry: Evidence) -> float:
    """What can be told of a sentence that was read, before its vector is known.

    By the reader's word alone, one right sentence in eight would be lost here.
    """
    assert isinstance(entry.features, ReadFeatures)  # noqa: S101 (narrows the type)
    return _promise(entry) + 0.2 * entry.features.reader


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _reranked(
    hits: Sequence[Hit], readings: Sequence[Reading], weights: Logistic
) -> tuple[list[Hit], list[PassageFeatures]]:
    """Orders hits as reading them suggests; those that were not read come after.

    Returns:
        The hits, and what is known of those that were read.
    """
    known = [
        (hit, _passage_features(hit, reading)) for hit, reading in zip(hits, readings, strict=False)
    ]
    known.sort(key=lambda pair: (-weights.probability(pair[1]), pair[0].rank))
    ordered = [*(hit for hit, _ in known), *hits[len(known) :]]
    ranked = [replace(hit, rank=rank) for rank, hit in enumerate(ordered, start=1)]
    return ranked, [features for _, features in known]


def _passage_features(hit: Hit, reading: Reading) -> PassageFeatures:
    return PassageFeatures(
        fused=hit.score,
        dense=hit.dense_score,
        reader=max(reading.sentences),
        answers=reading.answers,
        relevance=reading.relevance,
    )


def read_terms(entry: Evidence) -> frozenset[str]:
    """Returns the terms of a sentence's passage and of what is above it."""
    read = readable(entry.document, entry.passage)
    return frozenset(analyze("\n".join([read.above, *read.sentences])))


def signals(question: Question, best: Evidence) -> Signals:
    """Returns what is known of the answer that the best sentence gives."""
    odds = min(1 - 1e-9, max(1e-9, best.score))
    known = Signals(
        evidence=math.log(odds / (1 - odds)),
        unknown_names=float(sum(is_name(word, question.text) for word in question.unknown)),
    )
    if isinstance(best.features, ReadFeatures):
        return ReadSignals(**asdict(known), share=best.features.share)
    return known
