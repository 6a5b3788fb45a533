"""Measures what carrying over is worth to follow-up questions; adds to docs/measurements.json.

Run as ``python -m tests.benchmarks.followups``, with ``READOUT_TEST_DATA`` naming the folder of
public data. The rules were made on one half of the conversations and on the rewritten questions;
the other half of the conversations is the one to report.
"""

import gzip
import hashlib
import json
import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assistant.evaluation import documents_with
from assistant.followups import carry, turns_of
from index import Generation, Home, default_home, rebuild
from index.lexical import key_terms
from tests.benchmarks import record

Figures = dict[str, Any]

#: The day that the questions are asked on; none of them says *last year*.
TODAY = date(2026, 1, 1)

#: Passages searched, of which the first ten documents count.
_DEPTH = 60


@dataclass(frozen=True)
class Task:
    """The last question of a conversation, the user's questions before it, what answers it."""

    id: str
    question: str
    before: tuple[str, ...]
    relevant: Mapping[str, int]

    @property
    def held_out(self) -> bool:
        """Whether its conversation is of the half that no rule was made on."""
        return hashlib.sha256(self.id.split("__")[0].encode()).digest()[0] % 2 == 1


def main() -> None:
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    tasks = tasks_of(data / "conversations")
    figures: Figures = {}
    with Home(default_home()).throw_away([data / "conversations" / "passages.jsonl"]) as home:
        rebuild(home)
        generation = Generation.serving(home)
        for name, held_out in (("made on", False), ("held out", True)):
            half = [task for task in tasks if task.held_out == held_out]
            figures[f"conversations, {name}"] = conversations(generation, half)
    for name in ("canard_dev", "trec_cast"):
        figures[name] = rewrites(data / "train" / f"rewrite_{name}.jsonl.gz")
    record({"follow-ups": figures})
    print(json.dumps(figures, indent=1))


def standalone(question: str, before: Sequence[str]) -> str:
    """The question as it is asked in full."""
    return carry(question, turns_of(before, today=TODAY), today=TODAY).standalone


def tasks_of(folder: Path) -> list[Task]:
    """The last questions that something answers and that others came before."""
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, passage, score = line.split("\t")
        relevant.setdefault(query, {})[passage] = int(score)
    tasks = []
    for line in (folder / "tasks.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        asked = [turn["text"] for turn in row["conversation"] if turn["speaker"] == "user"]
        *before, question = (" ".join(text.split()) for text in asked)
        if before and row["_id"] in relevant:
            tasks.append(Task(row["_id"], question, tuple(before), relevant[row["_id"]]))
    return tasks


def conversations(generation: Generation, tasks: Sequence[Task]) -> Figures:
    """What is found with the question alone, with what is carried, and with other questions.

    There is no rewrite by people; that all former questions, or the one before, are asked as well
    are yardsticks.
    """
    ways: dict[str, Callable[[Task], str]] = {
        "alone": lambda task: task.question,
        "carried": lambda task: standalone(task.question, task.before),
        "with the question before": lambda task: f"{task.before[-1]} {task.question}",
        "with all questions before": lambda task: " ".join([*task.before, task.question]),
    }
    leaning = [task for task in tasks if standalone(task.question, task.before) != task.question]
    return {
        f"{name} ({len(part)})": {way: found(generation, part, ask) for way, ask in ways.items()}
        for name, part in (("all", tasks), ("those that carry", leaning))
    }


def found(generation: Generation, tasks: Sequence[Task], ask: Callable[[Task], str]) -> Figures:
    """Recall and nDCG at 10 of the documents that answer."""
    import ir_measures  # lazy: brings pandas-sized machinery

    run = {}
    for task in tasks:
        hits = generation.search(ask(task)[:2000], _DEPTH)
        documents = dict.fromkeys(
            name for hit in hits for name in documents_with(generation, hit.passage)
        )
        run[task.id] = {name: -float(rank) for rank, name in enumerate(documents)}
    names = {"recall@10": ir_measures.R @ 10, "nDCG@10": ir_measures.nDCG @ 10}
    relevant = {task.id: task.relevant for task in tasks}
    measured = ir_measures.calc_aggregate(list(names.values()), relevant, run)
    return {name: round(float(measured[measure]), 3) for name, measure in names.items()}


def rewrites(path: Path) -> Figures:
    """Compares what is carried with what people wrote into the question.

    Of the words that they added only those count that stand in a former question: no rule could
    carry the others from there.
    """
    alone = wrongly = leaning = carrying = 0
    recalls: list[float] = []
    precisions: list[float] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for line in lines if (row := json.loads(line))["history"]]
    for row in rows:
        # CANARD alternates questions and answers; in CAsT answers are rare, and long.
        before = row["history"][:: 2 if "title" in row else 1]
        asked, rewrite = row["question"], row["rewrite"]
        full = standalone(asked, before)
        if _plain(asked) == _plain(rewrite):
            alone += 1
            wrongly += full != asked
            continue
        leaning += 1
        carrying += full != asked
        said = set(key_terms(asked))
        reachable = set(key_terms(" ".join(before)))
        added = (set(key_terms(rewrite)) - said) & reachable
        put = set(key_terms(full)) - said
        if added:
            recalls.append(len(added & put) / len(added))
        if put:
            precisions.append(len(put & set(key_terms(rewrite))) / len(put))
    return {
        "left alone by people": alone,
        "of these, something carried": round(wrongly / alone, 3),
        "rewritten by people": leaning,
        "of these, something carried ": round(carrying / leaning, 3),
        "words added that could be carried, and were": round(statistics.mean(recalls), 3),
        "words carried that people added": round(statistics.mean(precisions), 3),
    }


def _plain(question: str) -> str:
    return question.lower().strip(" ?.")


if __name__ == "__main__":
    main()
