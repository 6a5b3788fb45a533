"""How many questions to answer at once, with which threads, and whether to encode them together.

Run as ``python -m tests.benchmarks.concurrency HOME [--rounds N]``, with an index of the press
releases. Every way answers the same questions in turn, a round at a time, so that what else the
machine does meets all of them alike. It adds "concurrency" to docs/measurements.json.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from assistant import Assistant
from assistant.golden import load_golden
from index import Home
from index.encoder import CompiledEncoder
from tests.benchmarks import ROOT, record
from ui.line import Line

ROUNDS, ASKERS, AT_ONCE = 6, 32, (1, 2, 3, 4)

# Questions that are encoded together, and how often each is.
_TOGETHER, _TIMES = (1, 2, 4, 8), 20


class Inline:
    """Rows of a question one after the other, in the question's own thread."""

    map = staticmethod(map)


class Own:
    """A pool for each call, of two threads."""

    def map(self, work: Callable[..., Any], rows: Sequence[Any]) -> Iterable[Any]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(work, rows))


#: Who runs the rows of a question: the threads that all share (as it is), its own, or pools.
THREADS: dict[str, Callable[[], Any]] = {
    "shared": lambda: None,
    "inline": Inline,
    "own": Own,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("home")
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    given = arguments.parse_args()
    questions = [
        entry.question for entry in load_golden(ROOT / "tests/questions/press-releases.jsonl")
    ]
    with Assistant.open(Home(given.home)) as assistant:
        figures = {
            "rounds": given.rounds,
            "load before": os.getloadavg()[0],
            "at once": measured(assistant, questions, given.rounds),
            "encoded together": together(assistant, questions),
        }
    record({"concurrency": figures})
    print(json.dumps(figures, indent=1))


def measured(assistant: Assistant, questions: list[str], rounds: int) -> list[dict[str, Any]]:
    """Times of answers by each way, for one asker and for many."""
    ways = [(threads, at_once) for threads in THREADS for at_once in AT_ONCE]
    for question in questions[:10]:
        assistant.ask(question)
    times: defaultdict[Any, list[float]] = defaultdict(list)
    rates: defaultdict[Any, list[float]] = defaultdict(list)
    used: defaultdict[Any, list[float]] = defaultdict(list)
    for number in range(rounds):
        for threads, at_once in ways if number % 2 else reversed(ways):
            for askers in (1, ASKERS):
                if askers == 1 and at_once > 1:
                    continue  # one question is never two at once
                # As many questions a round as there are askers, and at least twelve.
                start = number * 17
                asked = [questions[(start + n) % len(questions)] for n in range(max(12, askers))]
                way = (threads, at_once, askers)
                started, busy = time.perf_counter(), time.process_time()
                with rows_by(assistant, threads):
                    times[way] += asyncio.run(answered(assistant, asked, at_once, askers))
                rates[way].append(len(asked) / (time.perf_counter() - started))
                used[way].append((time.process_time() - busy) * 1000 / len(asked))
    return [
        {
            "threads": threads,
            "at once": at_once,
            "askers": askers,
            "a second": statistics.median(rates[threads, at_once, askers]),
            "p50 ms": statistics.median(found),
            "p95 ms": statistics.quantiles(found, n=20)[-1],
            "cpu ms": statistics.median(used[threads, at_once, askers]),
        }
        for (threads, at_once, askers), found in times.items()
    ]


async def answered(
    assistant: Assistant, questions: list[str], at_once: int, askers: int
) -> list[float]:
    """Milliseconds of each question from asking to answer, waiting included."""
    line, left, times = Line(at_once, patience=3600), iter(questions), []

    async def ask() -> None:
        for question in left:
            started = time.perf_counter()
            await line.run(lambda q=question: assistant.ask(q))
            times.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(ask() for _ in range(askers)))
    return times


@contextmanager
def rows_by(assistant: Assistant, threads: str) -> Iterator[None]:
    """Lets the reader and the encoder run their rows in other threads, for a while."""
    engines = [assistant.ranking.reader, assistant.generation.encoder]
    before = [engine._workers for engine in engines]
    other = THREADS[threads]()
    for engine in engines if other else ():
        engine.__dict__["_workers"] = other
    try:
        yield
    finally:
        for engine, workers in zip(engines, before, strict=True):
            engine.__dict__["_workers"] = workers


def together(assistant: Assistant, questions: list[str]) -> list[dict[str, Any]]:
    """What encoding several questions in one run of the model would save, and what it changes."""
    encoder = assistant.generation.encoder
    assert isinstance(encoder, CompiledEncoder)
    alone = encoder.embed_queries(questions)
    rows = []
    for count in _TOGETHER:
        groups = [questions[at : at + count] for at in range(0, len(questions) - count + 1, count)]
        expected = alone[: len(groups) * count]
        started = time.perf_counter()
        for _ in range(_TIMES):
            found = [batched(encoder, group) for group in groups]
        seconds = (time.perf_counter() - started) / _TIMES
        vectors = np.concatenate(found)
        cosines = np.sum(vectors * expected, axis=1)
        rows.append(
            {
                "together": count,
                "ms each": seconds * 1000 / len(vectors),
                "least cosine to the one encoded alone": float(cosines.min()),
                "bit for bit the same": float(np.mean(np.all(vectors == expected, axis=1))),
            }
        )
    return rows


def batched(encoder: CompiledEncoder, texts: list[str]) -> Any:
    """Vectors of texts in one run of the model, padded to the longest."""
    encodings = encoder._tokenizer.encode_batch_fast([encoder._prompts[0] + t for t in texts])
    longest = max(len(each.ids) for each in encodings)

    def padded(rows: list[list[int]]) -> Any:
        return np.array([row + [0] * (longest - len(row)) for row in rows], np.int64)

    known = {
        "input_ids": padded([each.ids for each in encodings]),
        "attention_mask": padded([each.attention_mask for each in encodings]),
        "token_type_ids": padded([each.type_ids for each in encodings]),
    }
    return encoder._session.run(None, {name: known[name] for name in encoder._inputs})[0]


if __name__ == "__main__":
    main()
