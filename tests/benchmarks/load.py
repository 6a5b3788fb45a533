"""Many ask at once while the index is rebuilt; adds "load" to docs/measurements.json.

Run as ``python -m tests.benchmarks.load HOME``, with an index of the press releases. It starts
`readout serve` on a copy of the home, asks each question alone, with and without a note among the
documents, then lets people ask without a pause, half of them over HTTP and half as the page in a
browser does, while the note is put in and taken out by rebuild after rebuild. Every answer must be
the one that was given alone. Then it raises the number of people from 1 to 64, and to so many that
some are sent away.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from assistant.golden import load_golden
from tests.benchmarks import ROOT, record
from tests.benchmarks.askers import Asker, Outcome, PageAsker, ask_until
from tests.benchmarks.served import STATES, Served, serving

Figures = dict[str, Any]

# What was answered alone: digests by state, by way and question.
Alone = dict[tuple[str, str], dict[int, str]]

SECONDS, ASKERS, QUESTIONS, LEVEL_SECONDS = 300.0, 32, 40, 15.0
LEVELS = (1, 2, 4, 8, 16, 32, 64)

# People who are more than the line holds.
TOO_MANY = 128

# Seconds until a server has noticed that connections were closed.
_REST = 2


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--seconds", type=float, default=SECONDS)
    arguments.add_argument("--askers", type=int, default=ASKERS)
    arguments.add_argument("--questions", type=int, default=QUESTIONS)
    arguments.add_argument("--level-seconds", type=float, default=LEVEL_SECONDS)
    given = arguments.parse_args()
    # Ended from outside, it ends the server too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = [entry.question for entry in load_golden(ROOT / "tests/questions/press-releases.jsonl")]
    load_before = os.getloadavg()[0]
    with serving(given.home) as served:
        figures = asyncio.run(measured(served, asked[: given.questions], given))
    figures["load before"] = load_before
    record({"load": figures})
    print(json.dumps(figures, indent=1))
    if figures["errors"] or figures["wrong"]:
        sys.exit("there were errors or wrong answers")


async def measured(served: Served, questions: list[str], given: argparse.Namespace) -> Figures:
    """Does all of it."""
    async with httpx.AsyncClient(base_url=served.address, timeout=120) as client:
        of_generation = {await served.rebuild(client, 1): 1}
        alone = await asked_alone(served, questions, STATES[1])
        of_generation[await served.rebuild(client, 0)] = 0
        for key, digests in (await asked_alone(served, questions, STATES[0])).items():
            alone[key] |= digests
        before = served.taken()
        askers = [(PageAsker if n % 2 else Asker)(served.address) for n in range(given.askers)]
        end = time.monotonic() + given.seconds
        outcomes, rebuilds = await crowd(served, askers, questions, end, client)
        await asyncio.sleep(_REST)
        after = served.taken()
        of_generation |= rebuilds
        return {
            "askers": given.askers,
            "seconds": given.seconds,
            "rebuilds": len(rebuilds),
            **judged(askers, outcomes, alone, of_generation, given.seconds),
            "before": asdict(before),
            "after": asdict(after),
            "levels": [
                await level(served, n, questions, given.level_seconds, alone, of_generation)
                for n in (*LEVELS, TOO_MANY)
                if given.level_seconds
            ],
        }


async def asked_alone(served: Served, questions: list[str], state: int) -> Alone:
    """Asks each question alone, each way; nothing else goes on meanwhile."""
    alone: Alone = {}
    for asker in (Asker(served.address), PageAsker(served.address)):
        for question in questions:
            outcome = await asker.ask(question)
            if outcome.came != "answer":
                raise RuntimeError(f"{question}: {outcome.came}")
            alone[asker.way, question] = {state: outcome.digest}
        await asker.client.aclose()
    return alone


async def crowd(
    served: Served,
    askers: list[Asker],
    questions: list[str],
    end: float,
    client: httpx.AsyncClient | None,
) -> tuple[list[list[Outcome]], dict[str, int]]:
    """Lets people ask until a time, while the index is rebuilt if a client for that is given.

    Returns:
        What came of each one's questions, and the state of each generation that was made.
    """
    outcomes: list[list[Outcome]] = [[] for _ in askers]
    made: dict[str, int] = {}

    async def rebuilds() -> None:
        state = 1
        while client and time.monotonic() < end:
            made[await served.rebuild(client, state)] = state
            state = 1 - state

    building = asyncio.create_task(rebuilds())
    try:
        await asyncio.gather(
            *(
                ask_until(asker, questions, 7 * n, end, outcomes[n])
                for n, asker in enumerate(askers)
            )
        )
        await building
    finally:
        building.cancel()
        await asyncio.gather(*(asker.client.aclose() for asker in askers))
    return outcomes, made


def judged(
    askers: list[Asker],
    outcomes: list[list[Outcome]],
    alone: Alone,
    of_generation: dict[str, int],
    seconds: float,
) -> Figures:
    """What came of a crowd: times of what was answered, and all that was not as it should be."""
    came = Counter(each.came.split(":")[0] for found in outcomes for each in found)
    wrong = sum(
        not is_right(asker.way, each, alone, of_generation)
        for asker, found in zip(askers, outcomes, strict=True)
        for each in found
        if each.came == "answer"
    )
    for told in {e.came for found in outcomes for e in found if e.came.startswith("error")}:
        print(told[:300], file=sys.stderr)
    ways: defaultdict[str, list[float]] = defaultdict(list)
    medians = []
    for asker, found in zip(askers, outcomes, strict=True):
        times = [each.ms for each in found if each.came == "answer"]
        ways[asker.way] += times
        ways["all"] += times
        if times:
            medians.append(statistics.median(times))
    return {
        "answers": came["answer"],
        "errors": came["error"],
        "wrong": wrong,
        "told to come back": came["busy"],
        "a second": came["answer"] / seconds,
        **{way: quantiles(times) for way, times in sorted(ways.items())},
        "slowest median / quickest": max(medians) / min(medians),
    }


def is_right(way: str, outcome: Outcome, alone: Alone, of_generation: dict[str, int]) -> bool:
    """Whether an answer is the one given alone, by the index that it is of.

    A page does not say from which index it answers: there it must be of one of the two.
    """
    expected = alone[way, outcome.question]
    if outcome.generation is None:
        return outcome.digest in expected.values()
    return outcome.digest == expected[of_generation[outcome.generation]]


def quantiles(times: list[float]) -> Figures:
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return {f"p{share} ms": cuts[share - 1] for share in (50, 95, 99)}


async def level(
    served: Served,
    count: int,
    questions: list[str],
    seconds: float,
    alone: Alone,
    of_generation: dict[str, int],
) -> Figures:
    """So many people over HTTP, and no rebuild."""
    askers = [Asker(served.address) for _ in range(count)]
    started = time.monotonic()
    outcomes, _ = await crowd(served, askers, questions, started + seconds, None)
    found = judged(askers, outcomes, alone, of_generation, time.monotonic() - started)
    return {"askers": count} | found


if __name__ == "__main__":
    main()
