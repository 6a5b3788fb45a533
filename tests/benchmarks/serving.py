"""Opens a home in a fresh process and asks it; prints what that took, as JSON.

Run by `tests.benchmarks.scale` as ``python -m tests.benchmarks.serving HOME QUERIES``.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import faiss
import numpy as np

from index import Filter, Generation, Home, Vectors
from index.filters import Numbers

K = 10

# Days, of ten years, that a filter lets through: a tenth, a hundredth, a thousandth of them.
_FILTERS = {
    "10 %": Filter(since=date(2017, 1, 1), until=date(2017, 12, 31)),
    "1 %": Filter(since=date(2017, 1, 1), until=date(2017, 2, 5)),
    "0.1 %": Filter(since=date(2017, 1, 1), until=date(2017, 1, 4)),
}


def main() -> None:
    home, queries = Home(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    Generation.serving(home)  # the first opening reads every file, once
    started = time.perf_counter()
    generation = Generation.serving(home)
    opening = time.perf_counter() - started
    vectors = [generation.encoder.embed_queries([query]) for query in queries]
    for query in queries[:20]:
        generation.search(query, K)
    whole = timed([lambda q=query: generation.search(q, K) for query in queries])
    given = list(zip(queries, vectors, strict=True))
    hybrid = timed([lambda q=q, v=v: generation.search_embedded(q, v, K) for q, v in given])
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
    figures = {
        "open s": opening,
        "search p50 ms": quantile(whole, 0.5),
        "search p95 ms": quantile(whole, 0.95),
        "search without encoding p50 ms": quantile(hybrid, 0.5),
        "search without encoding p95 ms": quantile(hybrid, 0.95),
        "resident MB": resident,
        "kind": generation.manifest.vectors,
        "recall@10": recall(generation, vectors, None),
    }
    for name, within in _FILTERS.items():
        found = timed(
            [
                lambda q=q, v=v, w=within: generation.search_embedded(q, v, K, within=w)
                for q, v in given
            ]
        )
        numbers = generation.store.select(within).numbers
        figures[f"within {name}"] = {
            "passages": len(numbers),
            "p50 ms": quantile(found, 0.5),
            "p95 ms": quantile(found, 0.95),
            "recall@10": recall(generation, vectors, numbers),
        }
    print(json.dumps(figures))


def timed(calls: list[Callable[[], object]]) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for call in calls:
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return times


def quantile(times: list[float], share: float) -> float:
    return statistics.quantiles(times, n=100)[round(share * 100) - 1]


def recall(generation: Generation, queries: list[Vectors], among: Numbers | None) -> float:
    """The share of the exact ten nearest that the index finds."""
    numbers = np.arange(generation.manifest.passages) if among is None else among
    index = generation._vectors
    exact = faiss.IndexFlatIP(index.dimension)
    for start in range(0, len(numbers), 65_536):
        exact.add(index.get(numbers[start : start + 65_536].tolist()))
    found = 0
    _, nearest = exact.search(np.concatenate(queries), K)
    for query, row in zip(queries, nearest, strict=True):
        expected = {int(numbers[place]) for place in row if place >= 0}
        found += len(expected & index.search(query, K, among).keys()) / len(expected)
    return found / len(queries)


if __name__ == "__main__":
    main()
