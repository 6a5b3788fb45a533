"""Questions that a collection asks and answers itself: its headlines, and clozes of its sentences.

They show the reader the style of press releases without anybody's labels.
"""

import random
from collections.abc import Container, Iterable, Iterator
from itertools import islice

from assistant.reader.cloze import cloze
from assistant.reader.example import DEPTH, NEGATIVES, Example
from assistant.reader.pairs import Text, readable
from assistant.reader.sets import COLLECTION, SEED
from corpus import Document, Passage
from index import Generation

# Words of a headline that says something.
_HEADLINE = range(4, 61)

# Passages of the same document that are kept as negatives, and clozes made of it at most.
_SIBLINGS, _CLOZES = 3, 5


def cloze_examples(generation: Generation) -> Iterator[Example]:
    """Yields questions made of sentences, a few of each document, in a mixed order.

    Their negatives are other passages of the document, and those found for the question.
    """
    chance = random.Random(SEED)  # noqa: S311 (reproducible, not secret)
    documents = list(_collection(generation))
    chance.shuffle(documents)
    for document in documents:
        yield from islice(_clozes(generation, document, chance), _CLOZES)


def _clozes(generation: Generation, document: Document, chance: random.Random) -> Iterator[Example]:
    passages = generation.passages_of(document.id)
    chance.shuffle(passages)
    for passage in passages:
        at = chance.randrange(len(passage.sentences))
        start, end = passage.sentences[at]
        made = cloze(document.text[start:end], document.title, chance)
        if made:
            siblings = [each for each in passages if each != passage][:_SIBLINGS]
            found = [*siblings, *_found(generation, made.question)]
            others = dict.fromkeys(_text(generation, each) for each in found if each != passage)
            yield Example(
                set_name="clozes",
                question=made.question,
                positive=_text(generation, passage),
                answering=(at,),
                answers=(made.answer,),
                negatives=tuple(
                    text
                    for text in others
                    if made.answer.casefold() not in " ".join(text.sentences).casefold()
                )[:NEGATIVES],
            )


def headline_examples(generation: Generation, measured_by: Container[str]) -> Iterator[Example]:
    """Yields headlines, which the longer of the first two passages under each answers.

    What stands under a headline is read without it, and so are the negatives.

    Args:
        generation: What holds the collection.
        measured_by: Headlines that something is measured by; they are left out.
    """
    for document in _collection(generation):
        title = document.title
        if title not in measured_by and len(title.split()) in _HEADLINE:
            first = generation.passages_of(document.id)[:2]
            others = [
                passage
                for passage in _found(generation, title)
                if generation.document(passage.document_id).title != title
            ]
            yield Example(
                set_name="headlines",
                question=title,
                positive=_bare(generation, max(first, key=lambda each: each.end - each.start)),
                answering=(),
                answers=(),
                negatives=tuple(_bare(generation, each) for each in others[:NEGATIVES]),
            )


def _found(generation: Generation, question: str) -> Iterable[Passage]:
    passages = (hit.passage for hit in generation.search(question, DEPTH))
    return (each for each in passages if each.document_id.startswith(COLLECTION))


def _text(generation: Generation, passage: Passage) -> Text:
    return readable(generation.document(passage.document_id), passage)


def _bare(generation: Generation, passage: Passage) -> Text:
    return Text("", _text(generation, passage).sentences)


def _collection(generation: Generation) -> Iterator[Document]:
    for document in generation.documents():
        if document.id.startswith(COLLECTION):
            yield document
