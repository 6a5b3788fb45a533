"""Questions that a collection asks and answers itself: the turns of its talks, and its headlines.

They show the reader the style of press releases without anybody's labels.
"""

import random
from collections.abc import Container, Iterator
from dataclasses import dataclass

from assistant.reader.example import DEPTH, NEGATIVES, Example
from assistant.reader.pairs import Text, readable
from assistant.reader.sets import COLLECTION, SEED
from corpus import CONTEXTS, Document, Passage
from index import Generation

# Words of a turn that is a question worth asking, and of a headline that says something.
_TURN, _HEADLINE = range(6, 61), range(4, 61)

# Passages of the same talk that are kept as negatives.
_SIBLINGS = 3


@dataclass(frozen=True, slots=True)
class Own:
    """A question and the passage that answers it, without saying by which sentence.

    Attributes:
        set_name: ``transcripts`` or ``headlines``.
        question: The words of the turn, or the headline.
        passage: The reply, or the beginning of what stands under the headline.
    """

    set_name: str
    question: str
    passage: Passage


def turns_of(generation: Generation) -> Iterator[Own]:
    """Yields the questions of talks whose reply is a passage without another question."""
    for document in _collection(generation):
        for passage in generation.passages_of(document.id):
            question = (passage.context or "").split(CONTEXTS)[0].strip()
            reply = document.text[passage.start : passage.end]
            asks = question.endswith("?") and "QUESTION:" not in reply
            if asks and len(question.split()) in _TURN:
                yield Own("transcripts", question, passage)


def headlines_of(generation: Generation, measured_by: Container[str]) -> Iterator[Own]:
    """Yields the headlines with the longer of the first two passages under each.

    Args:
        generation: What holds the collection.
        measured_by: Headlines that something is measured by; they are left out.
    """
    for document in _collection(generation):
        if document.title not in measured_by and len(document.title.split()) in _HEADLINE:
            first = generation.passages_of(document.id)[:2]
            longest = max(first, key=lambda passage: passage.end - passage.start)
            yield Own("headlines", document.title, longest)


def own_example(generation: Generation, own: Own) -> Example:
    """Returns the question with the passages that seem to answer it and do not.

    A reply is read without the turn that it replies to, and a text without its headline.
    """
    document = generation.document(own.passage.document_id)
    # A reply may go on in the next passage, or have begun in the one before.
    siblings = [
        passage
        for passage in generation.passages_of(document.id)
        if abs(passage.ordinal - own.passage.ordinal) > 1
    ]
    random.Random(f"{SEED}/{own.passage.id}").shuffle(siblings)  # noqa: S311
    found = [hit.passage for hit in generation.search(own.question, DEPTH)]
    others = [
        passage
        for passage in found
        if passage.document_id.startswith(COLLECTION)
        and generation.document(passage.document_id).title != document.title
    ]
    if own.set_name == "headlines":
        siblings = []
    negatives = [*siblings[:_SIBLINGS], *others][:NEGATIVES]
    return Example(
        set_name=own.set_name,
        question=own.question,
        positive=_bare(generation, own, own.passage),
        answering=(),
        answers=(),
        negatives=tuple(_bare(generation, own, passage) for passage in negatives),
    )


def _bare(generation: Generation, own: Own, passage: Passage) -> Text:
    document = generation.document(passage.document_id)
    title = document.title if own.set_name == "transcripts" else ""
    return Text(title, readable(document, passage).sentences)


def _collection(generation: Generation) -> Iterator[Document]:
    for document in generation.documents():
        if document.id.startswith(COLLECTION):
            yield document
