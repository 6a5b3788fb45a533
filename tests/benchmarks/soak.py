"""Very many questions and rebuilds in one server; adds "soak" to docs/measurements.json.

Run as ``python -m tests.benchmarks.soak HOME [--questions N] [--rebuilds N] [--until SECONDS]``. It
starts `readout serve` on a copy of the home and asks it, half over HTTP and half as the page does;
after each so many questions the index is rebuilt, with a note more or less, and then what the
process takes is added to the file of samples. A run that ends before all is done goes on when it is
started again with the same file, maybe with another home (other settings, say), and with a server
of its own, so that each run is judged alone.
"""

import argparse
import asyncio
import json
import signal
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx

from assistant.golden import load_golden
from tests.benchmarks import ROOT, record
from tests.benchmarks.askers import Asker, PageAsker
from tests.benchmarks.served import serving

QUESTIONS, REBUILDS = 50_000, 200
SAMPLES = Path("soak.jsonl")

Sample = dict[str, Any]

# Flat is: in the second half of a run memory grows, by the Theil-Sen slope, by at most so great a
# share of what it was; the disk by at most this share; and open files and threads by none.
_MEMORY, _DISK = 0.03, 0.02

# Questions by which all is loaded that is loaded when it is first needed.
_WARM = 30

# Samples that a run must have to be judged; of a few one can say nothing.
_ENOUGH = 8


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--questions", type=int, default=QUESTIONS)
    arguments.add_argument("--rebuilds", type=int, default=REBUILDS)
    arguments.add_argument("--until", type=float, default=float("inf"), metavar="SECONDS")
    arguments.add_argument("--samples", type=Path, default=SAMPLES)
    given = arguments.parse_args()
    # Ended from outside, it ends the server too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    each = given.questions // given.rebuilds
    known = samples_of(given.samples)
    run = max((sample["run"] for sample in known), default=0) + 1
    left = given.rebuilds - sum(sample["rebuilds"] > 0 for sample in known)
    if left > 0:
        asyncio.run(soaked(given, run, each, left))
    figures = told(samples_of(given.samples))
    record({"soak": figures})
    print(json.dumps(figures, indent=1))
    if any(entry["not flat"] for entry in figures["runs"]):
        sys.exit("something grows")


def samples_of(path: Path) -> list[Sample]:
    """Returns the samples of a file, of all its runs."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def soaked(given: argparse.Namespace, run: int, each: int, left: int) -> None:
    """Asks and rebuilds in one server, until all is done or the time is over."""
    questions = [
        entry.question for entry in load_golden(ROOT / "tests/questions/press-releases.jsonl")
    ]
    ends = time.monotonic() + given.until
    with serving(given.home) as served:
        people = [Asker(served.address), PageAsker(served.address)]
        async with httpx.AsyncClient(base_url=served.address, timeout=120) as client:
            asked = wrong = 0
            started = time.monotonic()
            for number in range(left + 1):
                if number:
                    wrong += sum(
                        await asyncio.gather(
                            *(
                                failures(asker, questions, each // 2, asked + 7 * place)
                                for place, asker in enumerate(people)
                            )
                        )
                    )
                    asked += each // 2 * len(people)
                    await served.rebuild(client, number % 2)
                else:  # what is loaded when first needed is no growth
                    await asyncio.gather(
                        *(failures(asker, questions, _WARM, 0) for asker in people)
                    )
                sample = {"run": run, "home": given.home.name, "rebuilds": number}
                sample |= {"questions": asked, "failed": wrong}
                sample |= {"seconds": time.monotonic() - started} | asdict(served.taken())
                with given.samples.open("a", encoding="utf-8") as file:
                    file.write(f"{json.dumps(sample)}\n")
                if time.monotonic() > ends:
                    break
        for asker in people:
            await asker.client.aclose()


async def failures(asker: Asker, questions: list[str], count: int, start: int) -> int:
    """Asks so many questions one after the other; returns how many were not answered."""
    failed = 0
    for number in range(start, start + count):
        outcome = await asker.ask(questions[number % len(questions)])
        if outcome.came != "answer":
            failed += 1
            print(outcome.came[:300], file=sys.stderr)
    return failed


def told(samples: list[Sample]) -> dict[str, Any]:
    """Returns what the samples of all runs come to."""
    runs: defaultdict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        runs[sample["run"]].append(sample)
    return {
        "questions": sum(found[-1]["questions"] for found in runs.values()),
        "rebuilds": sum(found[-1]["rebuilds"] for found in runs.values()),
        "failed": sum(found[-1]["failed"] for found in runs.values()),
        "runs": [
            {
                "home": found[-1]["home"],
                "questions": found[-1]["questions"],
                "rebuilds": found[-1]["rebuilds"],
                "seconds": found[-1]["seconds"],
                "at start": found[0],
                "half-way": found[len(found) // 2],
                "at end": found[-1],
                "MB a thousand questions, second half": 1000 * slope(second_half(found), "own_mb"),
                "not flat": verdict(found) if len(found) >= _ENOUGH else [],
                "judged": len(found) >= _ENOUGH,
            }
            for found in runs.values()
        ],
    }


def verdict(samples: Sequence[Sample]) -> list[str]:
    """Returns what grows in one run, each with by how much; nothing if all is flat."""
    half, first = second_half(samples), samples[: len(samples) // 2]
    grows = []
    growth = slope(half, "own_mb") * (half[-1]["questions"] - half[0]["questions"])
    if growth > _MEMORY * half[0]["own_mb"]:
        grows.append(f"own_mb: {growth:+.1f} in the second half")
    for name in ("fds", "threads"):
        before, after = (statistics.median(s[name] for s in part) for part in (first, half))
        if after > before:
            grows.append(f"{name}: {before:g} in the first half, {after:g} in the second")
    for name in ("home_mb", "temporary_mb"):
        before, after = (max(s[name] for s in part) for part in (first, half))
        if after > before * (1 + _DISK) + 0.1:
            grows.append(f"{name}: at most {before:.1f}, then {after:.1f}")
    return grows


def second_half(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Returns the samples after the middle."""
    return samples[len(samples) // 2 :]


def slope(samples: Sequence[Sample], name: str) -> float:
    """Returns the median of the slopes between any two samples, for each question (Theil, Sen).

    A few samples that a rebuild's memory stands out in do not move it.
    """
    slopes = [
        (after[name] - before[name]) / (after["questions"] - before["questions"])
        for before, after in combinations(samples, 2)
        if after["questions"] > before["questions"]
    ]
    return statistics.median(slopes) if slopes else 0.0


if __name__ == "__main__":
    main()
