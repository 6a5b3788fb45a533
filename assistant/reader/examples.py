"""Training examples: questions with the passage that answers and others that seem to.

The sets are read into one corpus, beside a collection without questions; Readout's own first
stage finds for each question the passages that it would have to read. Those without the answer
are the hard negatives. The collection gives questions of its own, its headlines and clozes of its
sentences, and others may have been written for it. (Passages of the collection as negatives of
other sets' questions would teach that its style never answers: see docs/reader.md.)
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant.reader.example import DEPTH, NEGATIVES, Example
from assistant.reader.own import cloze_examples, headline_examples
from assistant.reader.pairs import Text, readable
from assistant.reader.sets import COLLECTION, OWN, WRITTEN, Asked, read_collection, read_sets
from corpus import Passage
from index import Generation, Hit, Home, rebuild
from index.lexical import analyze

#: Negatives from the answer's own document that are kept at least, where it has them; so many of a
#: document that only seems to answer, too.
SIBLINGS = 2

#: Share of the words of an answering sentence from which on another sentence says the same:
#: releases repeat one another.
SAME = 0.6


def make_examples(
    home: Home,
    data: Path,
    sets: Mapping[str, int],
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    written: Sequence[Asked] = (),
) -> Iterator[Example]:
    """Yields the examples of all sets.

    Args:
        home: Whose compiled encoder is used.
        data: A folder with ``train/`` and ``press-releases/``.
        sets: The sets and how many questions are taken of each at most.
        on_progress: Called with how many questions are done, and of how many.
        written: Questions asked of the collection beside those of the sets.
    """
    documents, asked = read_sets(data, sets)
    asked += written
    collection, measured_by = read_collection(data)
    with TemporaryDirectory(prefix="readout-") as folder:
        corpus = Path(folder) / "corpus.jsonl"
        corpus.write_text(
            "".join(json.dumps(record) + "\n" for record in [*documents, *collection])
        )
        with home.throw_away([corpus]) as scratch, ThreadPoolExecutor() as workers:
            rebuild(scratch)
            generation = Generation.serving(scratch)
            own = {name: sets.get(name, 0) for name in OWN}
            found = chain(
                workers.map(lambda each: _example(generation, each), asked),
                islice(cloze_examples(generation), own["clozes"]),
                islice(headline_examples(generation, measured_by), own["headlines"]),
            )
            for done, example in enumerate(found, start=1):
                if example:
                    yield example
                on_progress(done, len(asked) + sum(own.values()))


def save_examples(examples: Iterable[Example], path: Path) -> None:
    """Writes examples as compressed JSON lines."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(json.dumps(asdict(example)) + "\n" for example in examples)


def load_examples(path: Path) -> list[Example]:
    """Reads what `save_examples` wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [_from_json(json.loads(line)) for line in file]


def _from_json(values: dict[str, Any]) -> Example:
    def text(part: dict[str, Any]) -> Text:
        return Text(part["above"], tuple(part["sentences"]))

    values["positive"] = text(values["positive"]) if values["positive"] else None
    values["negatives"] = tuple(map(text, values["negatives"]))
    for key in ("answering", "answers"):
        values[key] = tuple(values[key])
    return Example(**values)


def _example(generation: Generation, asked: Asked) -> Example | None:
    positive: Passage | None = None
    answering: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    own: list[Passage] = []
    if asked.document:
        document = generation.document(asked.document)
        own = generation.passages_of(asked.document)
        positive, answering = _positive(own, asked.answers)
        if positive is None:
            return None
        words = tuple(dict.fromkeys(document.text[start:end] for start, end in asked.answers))
    hits = generation.search(asked.question, DEPTH)
    negatives = _negatives(generation, asked, own, hits, positive, words)
    return Example(
        set_name=asked.set_name,
        question=asked.question,
        positive=readable(generation.document(positive.document_id), positive)
        if positive
        else None,
        answering=answering,
        answers=words,
        negatives=tuple(
            readable(generation.document(each.document_id), each) for each in negatives
        ),
    )


def _positive(
    passages: Sequence[Passage], answers: Sequence[tuple[int, int]]
) -> tuple[Passage | None, tuple[int, ...]]:
    """Returns the passage with the first answer, and which of its sentences hold an answer."""
    if not answers:
        # Which part of a longer document answers is not known.
        return (passages[0] if len(passages) == 1 else None), ()
    start = min(answers)[0]
    for passage in passages:
        if passage.start <= start < passage.end:
            return passage, tuple(
                number
                for number, span in enumerate(passage.sentences)
                if any(span.start < last and first < span.end for first, last in answers)
            )
    return None, ()


def _negatives(
    generation: Generation,
    asked: Asked,
    own: Sequence[Passage],
    hits: Sequence[Hit],
    positive: Passage | None,
    words: Sequence[str],
) -> list[Passage]:
    """Returns passages found for the question, or near its answer, that lack the answer."""
    found = [hit.passage for hit in hits]
    rank = {passage.id: place for place, passage in enumerate(found)}

    def tempting(passages: Iterable[Passage]) -> list[Passage]:
        return sorted(passages, key=lambda each: rank.get(each.id, DEPTH))[:SIBLINGS]

    known = [
        each for document in asked.not_in for each in tempting(generation.passages_of(document))
    ]
    siblings = tempting(each for each in own if words and each != positive)
    candidates = {each.id: each for each in [*known, *siblings, *found]}
    answers = [_plain(each) for each in words]
    said = _sentences_with(generation, positive, answers)
    return [
        passage
        for passage in candidates.values()
        if (words or passage.document_id != asked.document)
        and passage != positive
        and passage.document_id.startswith(COLLECTION) == (asked.set_name == WRITTEN)
        and not any(answer in _plain(_words_of(generation, passage)) for answer in answers)
        and not _repeats(generation, passage, said)
    ][:NEGATIVES]


def _sentences_with(
    generation: Generation, passage: Passage | None, answers: Sequence[str]
) -> list[frozenset[str]]:
    """Returns the words of each sentence of a passage that holds an answer."""
    if passage is None:
        return []
    sentences = map(_plain, _sentences(generation, passage))
    return [
        frozenset(analyze(each)) for each in sentences if any(answer in each for answer in answers)
    ]


def _repeats(generation: Generation, passage: Passage, said: Sequence[frozenset[str]]) -> bool:
    """Whether a sentence of a passage says most of what one of some others does."""
    return any(
        len(words.intersection(terms)) > SAME * len(words)
        for terms in map(analyze, _sentences(generation, passage))
        for words in said
    )


def _sentences(generation: Generation, passage: Passage) -> tuple[str, ...]:
    return readable(generation.document(passage.document_id), passage).sentences


def _words_of(generation: Generation, passage: Passage) -> str:
    return generation.document(passage.document_id).text[passage.start : passage.end]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
