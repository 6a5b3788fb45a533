"""Puts every fault into every call that writes, of everything that writes to a home.

Run as ``python -m tests.benchmarks.faults [--writer NAME]... [--fault NAME]... [--every N]``; adds
"faults" to docs/measurements.json. All of it takes hours; ``--every 10`` takes each tenth call.
What it does and what must hold stands in ``tests/writers.py`` and ``tests/faults.py``.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import index.generation
import index.models
from index import Home, default_home
from index.models import DEFAULT_MODEL, prepare_encoder
from tests.benchmarks import RESULTS, record
from tests.faults import FAULTS, Fault, why_impossible
from tests.writers import WRITERS, Bench, new_origin

Figures = dict[str, Any]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--writer", action="append", choices=sorted(WRITERS))
    arguments.add_argument("--fault", action="append", choices=FAULTS)
    arguments.add_argument("--every", type=int, default=1, help="take each so many-th call")
    chosen = arguments.parse_args()
    if reason := why_impossible():
        sys.exit(reason)
    models = Home(default_home()).models
    prepare_encoder(models, DEFAULT_MODEL)
    known = json.loads(RESULTS.read_text(encoding="utf-8")).get("faults", {})
    with tempfile.TemporaryDirectory(prefix="readout-faults-") as folder, ExitStack() as stack:
        # A rebuild that follows a fault must not load and hash ninety megabytes each time.
        for module, name in (
            (index.models, "_weights_hash"),
            (index.generation, "load_encoder"),
        ):
            stack.enter_context(patch.object(module, name, cache(getattr(module, name))))
        origin, base = Path(folder) / "origin", Path(folder) / "run"
        new_origin(origin, base, models)
        for name in chosen.writer or WRITERS:
            bench = Bench(name, origin, base)
            for fault in chosen.fault or FAULTS:
                known[name] = joined(known.get(name), swept(bench, name, fault, chosen.every))
                record({"faults": known})
    print(json.dumps(known, indent=1))


def swept(bench: Bench, name: str, fault: Fault, every: int) -> Figures:
    """Puts a fault into the calls of a writer, one after the other."""
    came: Counter[str] = Counter()
    wrong: list[str] = []
    for at in range(0, len(bench.calls), every):
        trial = bench.trial(at, fault)
        came[trial.came] += 1
        if trial.wrong:
            wrong.append(f"{fault} at {at}, {trial.call}: {'; '.join(trial.wrong)}"[:500])
            print(name, wrong[-1], file=sys.stderr, flush=True)
    print(f"{name}, {fault}: {sum(came.values())}", file=sys.stderr, flush=True)
    return {
        "calls": len(bench.calls),
        "every": every,
        "kinds": [fault],
        "faults": came.total(),
        "as before": came["before"],
        "as after": came["after"],
        "wrong": wrong,
    }


def joined(known: Figures | None, figures: Figures) -> Figures:
    """Adds what came of one kind of fault to what came of the others, if it was as thorough."""
    if not known or known["every"] != figures["every"] or figures["kinds"][0] in known["kinds"]:
        return figures
    added = ("kinds", "faults", "as before", "as after", "wrong")
    return figures | {name: known[name] + figures[name] for name in added}


if __name__ == "__main__":
    main()
