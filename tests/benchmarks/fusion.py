"""Compares the fused ranking with its parts on every development set; adds to the measurements.

Run as ``python -m tests.benchmarks.fusion``. Each set is a corpus of its own: the documents of its
first questions.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assistant.evaluation import everywhere
from assistant.golden import Place, load_golden, resolve
from assistant.reader.sets import Asked, read_sets
from corpus import Passage
from index import Generation, Home, default_home, rebuild
from tests.benchmarks import record
from tests.benchmarks.__main__ import QUESTIONS

#: Questions that are taken of each set.
COUNT = 300

#: The sets, asked of their own documents.
SETS = (
    "squad2 tydiqa_en omos_qa_en doc2dial_val medquad tweetqa nq_open_oracle qed_nq boolq_dev"
    " squadshifts_new_wiki squadshifts_reddit"
).split()

LANGUAGES = ("en", "es", "de")

#: Shares of meaning: all, none, the fixed one of before, and as the scores tell.
SHARES = {"dense": 1.0, "lexical": 0.0, "fixed at 0.6": 0.6, "fused": None}

DEPTH = 10

_Question = tuple[str, Sequence[Place]]


def main() -> None:
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    home = Home(default_home())
    figures: dict[str, dict[str, float]] = {}
    with home.throw_away([data / "press-releases" / "documents.jsonl.gz"]) as releases:
        rebuild(releases)
        generation = Generation.serving(releases)
        golden = load_golden(QUESTIONS / "press-releases.jsonl")
        questions = [
            (entry.question, everywhere(generation, entry.answers))
            for entry in resolve(golden, generation.documents())
            if entry.answers
        ]
        figures["press releases"] = compare(generation, questions)
    for language in LANGUAGES:
        figures[f"xquad/{language}"] = _as_corpus(home, *_xquad(data / "xquad" / language))
    for name in SETS:
        documents, asked = read_sets(data, {name: COUNT})
        figures[name] = _as_corpus(home, documents, [_question(each) for each in asked])
    record({"fusion": figures})


def compare(generation: Generation, questions: Sequence[_Question]) -> dict[str, float]:
    """Returns nDCG@10 of the passages found for answerable questions, by share of meaning."""
    vectors = generation.encoder.embed_queries([question for question, _ in questions])
    gains: dict[str, list[float]] = {name: [] for name in SHARES}
    for number, (question, places) in enumerate(questions):
        for name, share in SHARES.items():
            hits = generation.search_embedded(question, vectors[number : number + 1], DEPTH, share)
            gains[name].append(_ndcg([_holds(hit.passage, places) for hit in hits], len(places)))
    return {name: round(float(np.mean(each)), 4) for name, each in gains.items()}


def _ndcg(right: Sequence[bool], relevant: int) -> float:
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    best = discounts[: min(max(relevant, 1), DEPTH)].sum()
    return float(min(1.0, (discounts[: len(right)] * right).sum() / best))


def _holds(passage: Passage, places: Sequence[Place]) -> bool:
    return any(
        passage.document_id == place.document
        and passage.start < place.end
        and place.start < passage.end
        for place in places
    )


def _question(asked: Asked) -> _Question:
    document = asked.document
    if document is None:
        return asked.question, ()
    spans = asked.answers or ((0, sys.maxsize),)
    return asked.question, [Place(document, *span) for span in spans[:1]]


def _xquad(folder: Path) -> tuple[list[dict[str, str]], list[_Question]]:
    paragraphs, questions = (
        [json.loads(line) for line in (folder / name).open(encoding="utf-8")]
        for name in ("paragraphs.jsonl", "questions.jsonl")
    )
    asked = []
    for row in questions[:COUNT]:
        answer = row["answers"][0]
        place = Place(row["paragraph"], answer["start"], answer["end"])
        asked.append((row["question"], [place]))
    return paragraphs, asked


def _as_corpus(
    home: Home, documents: Sequence[dict[str, str]], questions: Sequence[_Question]
) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        corpus.write_text("".join(json.dumps(each) + "\n" for each in documents))
        with home.throw_away([corpus]) as scratch:
            rebuild(scratch)
            answerable = [(question, places) for question, places in questions if places]
            return compare(Generation.serving(scratch), answerable)


if __name__ == "__main__":
    main()
