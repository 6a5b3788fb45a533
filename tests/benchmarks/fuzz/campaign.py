"""One process that gives a target one input after another, and notes what came of each.

A hang and a crash end the process: the input is in the file ``current``, and whoever started it
begins it anew. An error that a target lets through is a finding, made as short as it can be.
"""

import faulthandler
import hashlib
import json
import mmap
import os
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from index.durable import write_atomically
from tests.benchmarks.fuzz.shrinking import shortest
from tests.benchmarks.fuzz.target import Target, place_of

# CPU seconds after which an input hangs, and seconds by the clock: machines may be busy.
_HANGS, _WAITS = 60, 900

# Seconds between two notes of how far it is, and to make a finding shorter.
_NOTE, _SHRINK = 2.0, 20.0

# Findings of one kind that are kept.
_EACH = 1


@dataclass(slots=True)
class Progress:
    """How far a target is.

    Attributes:
        inputs: How many inputs were run.
        seconds: How long that took, by the clock.
        outcomes: What came of them, how often.
        findings: What was found, how often.
        slowest: CPU seconds of the slowest input.
    """

    inputs: int = 0
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    slowest: float = 0.0

    @classmethod
    def load(cls, folder: Path) -> "Progress":
        path = folder / "progress.json"
        return cls(**json.loads(path.read_text())) if path.exists() else cls()

    def save(self, folder: Path) -> None:
        write_atomically(folder / "progress.json", json.dumps(asdict(self), indent=1))


class Campaign:
    """A target, and the folder where all that is known of it is kept."""

    def __init__(self, target: Target, folder: Path, inputs: int) -> None:
        """Begins, or goes on, until so many inputs were run in all."""
        self.target = target
        self.folder = folder
        self.inputs = inputs
        for name in ("corpus", "seeds", "findings"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.progress = Progress.load(folder)
        self._outcomes = Counter(self.progress.outcomes)
        self._findings = Counter(self.progress.findings)
        self._current = _Current(folder / "current", target.longest)
        self._started = self._noted = time.monotonic()
        self._before = self.progress.seconds

    @property
    def done(self) -> bool:
        """Whether all inputs were run."""
        return self.progress.inputs >= self.inputs

    def one(self, data: bytes) -> str:
        """Runs one input; returns what came of it."""
        data = data[: self.target.longest]
        self._current.put(data)
        with _ended_after(_HANGS, _WAITS):
            return self._one(data)

    def _one(self, data: bytes) -> str:
        began = time.process_time()
        try:
            outcome = self.target.check(data)
        except Exception as error:  # whatever it is, it should not have come through
            outcome = "found"
            self._found(place_of(error), data, "".join(traceback.format_exception(error)))
        took = time.process_time() - began
        if took > self.progress.slowest and outcome != "found":
            self.progress.slowest = took
            (self.folder / "slowest").write_bytes(data)
        if took > self.target.seconds and outcome != "found":
            self._found("slow", data, f"{took:.1f} CPU seconds for {len(data):,} bytes\n")
        self._outcomes[outcome] += 1
        self.progress.inputs += 1
        if time.monotonic() > self._noted + _NOTE or self.done:
            self.note()
        return outcome

    def note(self) -> None:
        """Writes down how far it is."""
        self._noted = time.monotonic()
        self.progress.seconds = self._before + self._noted - self._started
        self.progress.outcomes = dict(self._outcomes.most_common(40))
        self.progress.findings = dict(self._findings)
        self.progress.save(self.folder)

    def _found(self, what: str, data: bytes, told: str) -> None:
        self._findings[what] += 1
        if self._findings[what] > _EACH:
            return
        kept = data
        if what != "slow":
            kept = shortest(data, lambda each: comes_to(self.target, each) == what, _SHRINK)
        name = hashlib.sha256(what.encode()).hexdigest()[:12]
        (self.folder / "findings" / name).write_bytes(kept)
        (self.folder / "findings" / f"{name}.txt").write_text(
            f"{what}\n\n{told}", encoding="utf-8", errors="backslashreplace"
        )
        self.note()


@contextmanager
def _ended_after(cpu: float, clock: float) -> Iterator[None]:
    """Ends this process, with a traceback, when it takes longer; whatever library it is in."""
    faulthandler.dump_traceback_later(clock, exit=True)
    signal.setitimer(signal.ITIMER_PROF, cpu)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()


def comes_to(target: Target, data: bytes) -> str | None:
    """Returns what an input is a finding of; None if it is none."""
    try:
        target.check(data)
    except Exception as error:  # whatever it is: it is what is looked for
        return place_of(error)
    return None


class _Current:
    """The input that runs, in a file that outlives the process."""

    def __init__(self, path: Path, longest: int) -> None:
        with path.open("w+b") as file:
            file.truncate(longest + 8)
            self._map = mmap.mmap(file.fileno(), longest + 8)

    def put(self, data: bytes) -> None:
        self._map[:8] = len(data).to_bytes(8, "little")
        self._map[8 : 8 + len(data)] = data


def current_of(folder: Path) -> bytes:
    """Returns the input that a process ran when it ended."""
    content = (folder / "current").read_bytes()
    return content[8 : 8 + int.from_bytes(content[:8], "little")]


def run_plainly(campaign: Campaign, seed: int) -> None:
    """Makes inputs of the seeds, the same ones for a seed of chance."""
    target = campaign.target
    pool = target.seeds()
    while not campaign.done:
        number = campaign.progress.inputs
        chance = Random(f"{seed} {target.name} {number}")
        campaign.one(target.mutate(chance.choice(pool), chance, pool))


def run_guided(campaign: Campaign, seed: int) -> None:
    """Lets libFuzzer choose, by the lines of Python that an input reaches, what to go on with."""
    import atheris  # lazy: only in the extra `bench`, and not on every platform

    target = campaign.target
    for content in target.seeds():
        name = hashlib.sha256(content).hexdigest()[:16]
        (campaign.folder / "seeds" / name).write_bytes(content)
    pool = target.seeds()

    def one(data: bytes) -> None:
        campaign.one(data)
        if campaign.done:
            sys.stdout.flush()
            os._exit(0)  # libFuzzer knows no other end, and has nothing left to write

    def mutate(data: bytes, longest: int, number: int) -> bytes:
        chance = Random(number)
        if chance.random() < 0.3 and not data.startswith(b"PK"):
            return bytes(atheris.Mutate(data, longest))
        return target.mutate(data, chance, pool)[:longest]

    # Crashes are told by faulthandler and by the status of this process, hangs likewise.
    options = {
        "seed": seed + campaign.progress.inputs,
        "max_len": target.longest,
        "len_control": 0,
        "timeout": 10**6,
        "rss_limit_mb": 0,
        "malloc_limit_mb": 0,
        "print_final_stats": 0,
        **{f"handle_{name}": 0 for name in ("segv", "bus", "abrt", "ill", "fpe", "int", "term")},
    }
    folders = [str(campaign.folder / name) for name in ("corpus", "seeds")]
    atheris.Setup(
        ["fuzz", *(f"-{name}={value}" for name, value in options.items()), *folders],
        one,
        custom_mutator=mutate,
    )
    atheris.Fuzz()
