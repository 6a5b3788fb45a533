"""Answers to *Show me the statement on X*: the opening of what has these words in its title."""

import re

from assistant.features import coverage, is_unfinished, term_weights
from assistant.kinds import Showing
from assistant.parts import Asked, Found, Part, Stretch
from corpus import Document, Passage, Span
from index import Filter, Generation, analyze, content_words

# Passages whose documents are looked at.
_WIDE = 50

# Least share of the words, rare ones counting more, that the title must have.
_TITLED = 0.8

# How sure a title is that has all of them: it may be of another matter still.
_SURE = 0.95

# Documents shown that fit equally well.
_SHOWN = 3

# An opening has so many sentences, and about so many characters, at most.
_SENTENCES, _CHARACTERS = 2, 400

# Characters of a text within which it says what it is.
_OPENING = 500

# Sentences that say only that a text follows.
_INTRODUCES = re.compile(r"\bfollowing (?:is|was|joint|statement)|\bbegin text\b", re.IGNORECASE)

# Words that every form of document may be called by, and that say nothing of which it is.
_ANY_FORM = frozenset(
    analyze(
        "statement release press media document report article announcement readout text letter"
        " notice public official latest newest most recent earliest first remarks speech briefing"
    )
)


def shown(asked: Asked, question: Showing) -> Found | None:
    """Returns the opening of the documents that fit a description best; None if none does."""
    generation = asked.judgement.generation
    found = find_documents(generation, question.about, question.form, asked.within)
    if not found or found[0][1] < asked.limit:
        return None
    best = [document for document, share in found if share == found[0][1]][:_SHOWN]
    parts = [
        Part(document.title, [opening(generation, document, found[0][1])]) for document in best
    ]
    return Found("document", parts, found[0][1])


def find_documents(
    generation: Generation, about: str, form: str, within: Filter | None
) -> list[tuple[Document, float]]:
    """Returns the documents whose titles have the words of a description, best first.

    Args:
        generation: What is searched.
        about: The words.
        form: What the document is called, as *joint statement*.
        within: What part of the corpus to search; else all of it.

    Returns:
        Each with how sure that is it: the share of the words that its title has, rare words
        counting more, and never all of 1.
    """
    terms = {term: generation.rarity(term) for term in content_words(about).values()}
    if not terms or not all(terms.values()):
        return []
    weights = term_weights(terms, generation.manifest.passages)
    kind = frozenset(analyze(form))
    hits = generation.search(f"{form} {about}", _WIDE, within=within)
    ids = dict.fromkeys(hit.passage.document_id for hit in hits)
    found = []
    for rank, name in enumerate(ids):
        document = generation.document(name)
        title = frozenset(analyze(document.title))
        start = title | frozenset(analyze(document.text[:_OPENING]))
        share = coverage(weights, title)
        if share >= _TITLED and kind - _ANY_FORM <= start:
            found.append((share, len(kind & title), -rank, document))
    called = max((forms for _, forms, _, _ in found), default=0)
    found = [entry for entry in found if entry[1] == called]
    found.sort(key=lambda entry: entry[:3], reverse=True)
    return [(document, _SURE * share) for share, _, _, document in found]


def opening(generation: Generation, document: Document, score: float) -> Stretch:
    """Returns the first sentences of a document, without the lines above them."""
    passages = generation.passages_of(document.id)
    for passage in passages[:2]:
        spans = [span for span in passage.sentences if _is_sentence(document, span)]
        if spans:
            return Stretch(passage, _run(passage, spans[0]), score)
    return Stretch(passages[0], passages[0].sentences[0], score)


def _run(passage: Passage, first: Span) -> Span:
    """The sentence and those after it, up to the length of an opening."""
    at = passage.sentences.index(first)
    end = first.end
    for span in passage.sentences[at + 1 : at + _SENTENCES]:
        if span.end - first.start <= _CHARACTERS:
            end = span.end
    return Span(first.start, end)


def _is_sentence(document: Document, span: Span) -> bool:
    text = document.text[span.start : span.end]
    return (
        len(text.split()) > 5
        and text[-1] not in ":;"
        and not (is_unfinished(text) or _INTRODUCES.search(text))
    )
