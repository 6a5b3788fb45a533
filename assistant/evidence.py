"""Which sentences of the passages found answer the question."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.features import (
    Features,
    Signals,
    asked_kind,
    coverage,
    is_name,
    is_unfinished,
    length_of,
    term_weights,
)
from assistant.weights import Logistic, Weights
from corpus import Document, Passage, Span, joined
from index import TITLE, Filter, Generation, Hit, Vectors, analyze, content_words

#: Passages that a question retrieves.
CANDIDATES = 100

#: Passages whose sentences are read. The right one is among the first 20 nine times in ten;
#: more add noise and milliseconds.
PASSAGES = 20

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
        self.passages = generation.manifest.passages
        self.kind = asked_kind(text)


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was found for a question.

    Attributes:
        generation: What was searched.
        question: The question.
        hits: The passages found, best first.
        evidence: Their sentences, best first.
        confidence: Estimated probability that the first of them answers.
    """

    generation: Generation
    question: Question
    hits: Sequence[Hit]
    evidence: Sequence[Evidence]
    confidence: float


def judge(
    generation: Generation, text: str, weights: Weights, within: Filter | None = None
) -> Judgement:
    """Finds passages and sentences for a question and says how sure the best of them is.

    Args:
        generation: What to search.
        text: The question.
        weights: The models of evidence and confidence.
        within: What part of the corpus to search; else all of it.
    """
    vector = generation.encoder.embed_queries([text])
    question = Question(text, vector, generation)
    hits = generation.search_embedded(text, vector, CANDIDATES, within=within)
    evidence = find_evidence(generation, question, hits, weights.evidence)
    # Of words that stand nowhere nothing can be quoted, whatever seems close in meaning.
    heard_of = len(question.unknown) < len(question.words)
    confidence = 0.0
    if evidence and heard_of:
        confidence = weights.confidence.probability(signals(question, evidence[0]))
    return Judgement(generation, question, hits, evidence, confidence)


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
            seen.setdefault(" ".join(entry.text.split()).casefold(), entry)
    promising = sorted(
        seen.values(), key=lambda entry: (-_promise(entry), entry.document.id, entry.span.start)
    )[:SENTENCES]
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


def signals(question: Question, best: Evidence) -> Signals:
    """Returns what is known of the answer that the best sentence gives."""
    odds = min(1 - 1e-9, max(1e-9, best.score))
    names = [word for word in question.words if is_name(word, question.text)]
    unknown_names = sum(word in question.unknown for word in names)
    others = len(question.words) - len(names)
    return Signals(
        evidence=math.log(odds / (1 - odds)),
        unknown_names=float(unknown_names),
        unknown_words=(len(question.unknown) - unknown_names) / max(1, others),
        size=min(1.0, math.log10(max(1, question.passages)) / 6),
    )
