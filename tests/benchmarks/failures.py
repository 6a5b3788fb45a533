"""Kills builds, flips bytes and asks during rebuilds; adds "failures" to docs/measurements.json.

Run as ``python -m tests.benchmarks.failures [--times N]``, with ``READOUT_TEST_DATA`` naming the
folder of public data.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant import Assistant
from assistant.golden import load_golden
from corpus import BUNDLED
from index import DamagedIndex, Generation, Home, default_home, open_sound, rebuild, verify
from index.models import DEFAULT_MODEL, prepare_encoder
from tests.benchmarks import ROOT, record

Figures = dict[str, Any]

TIMES = 200

# Releases in the corpora that are killed and damaged, and that are asked while it is rebuilt.
_FEW, _MANY = 60, 1000

_READERS, _REBUILDS = 8, 20

QUERIES = ("firearms trafficking", "Who met with the Foreign Minister of Oman?", "sanctions")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=TIMES)
    times = arguments.parse_args().times
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    lines = gzip.decompress((data / "press-releases" / "documents.jsonl.gz").read_bytes())
    releases = [json.loads(line) for line in lines.decode().splitlines()]
    prepare_encoder(Home(default_home()).models, DEFAULT_MODEL)
    figures = {
        "killed": killed(releases[:_FEW], times),
        "flipped": flipped(releases[:_FEW], times),
        "asked during rebuilds": asked_during_rebuilds(releases[:_MANY]),
    }
    record({"failures": figures})
    print(json.dumps(figures, indent=1))


@contextmanager
def home_of(releases: list[Any]) -> Iterator[tuple[Home, Path]]:
    """A home that holds the releases, and the file they are read from."""
    with tempfile.TemporaryDirectory(prefix="readout-failures-") as base:
        source = write(Path(base) / "releases.jsonl", releases)
        home = Home(Path(base) / "home")
        home.add(source)
        home.remove(BUNDLED)
        home.models.symlink_to(Home(default_home()).models, target_is_directory=True)
        rebuild(home)
        yield home, source


def write(path: Path, releases: list[Any]) -> Path:
    path.write_text("\n".join(map(json.dumps, releases)), encoding="utf-8")
    return path


def edited(releases: list[Any], number: int) -> list[Any]:
    """The releases with a sentence of its own at the end of a few of them."""
    changed = range(number % 7, len(releases), 7)
    return [
        release | {"text": f"{release['text']}\n\nEdition {number} of release {at}."}
        if at in changed
        else release
        for at, release in enumerate(releases)
    ]


def answers(home: Home) -> list[Any]:
    generation = Generation.serving(home)
    return [[hit.passage for hit in generation.search(query, 10)] for query in QUERIES]


def killed(releases: list[Any], times: int) -> Figures:
    """Kills a rebuild's process (SIGKILL) at a random moment of all that it takes.

    Each time the home must open, verify, answer as before or as after, and rebuild.
    """
    chance = random.Random(3)
    came: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    with home_of(releases) as (home, source), home_of(releases) as (mirror, mirrored):
        write(source, edited(releases, -1))
        started = time.perf_counter()
        process(home).wait()
        whole = time.perf_counter() - started
        for number in range(times):
            before = answers(home)
            write(source, edited(releases, number))
            write(mirrored, edited(releases, number))
            rebuild(mirror)
            after = answers(mirror)
            run = process(home)
            told = followed(run, chance.uniform(0, 1.1 * whole))
            stages[told] += 1
            found = answers(home)
            sound = all(entry.fault is None for entry in verify(home))
            rebuilt = rebuild(home).generation == home.current() and answers(home) == after
            which = "as before" if found == before else "as after" if found == after else "wrong"
            came[which if sound else "unsound"] += 1
            came["rebuilt"] += rebuilt
    return {"times": times, "sound": came["as before"] + came["as after"]} | {
        "answered as before": came["as before"],
        "answered as after": came["as after"],
        "rebuilt": came["rebuilt"],
        "killed during": dict(stages),
    }


def process(home: Home) -> subprocess.Popen[str]:
    # The package in this folder, whatever is installed.
    command = [sys.executable, "-c", "from ui.cli import main; main()", "rebuild", "--json"]
    return subprocess.Popen(
        [*command, "--home", str(home.path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def followed(run: subprocess.Popen[str], seconds: float) -> str:
    """Kills a rebuild after so many seconds; returns the stage it was in by then."""
    timer = threading.Timer(seconds, run.kill)
    timer.start()
    stage = "start"
    assert run.stderr
    for line in run.stderr:
        if line.startswith("{"):
            stage = json.loads(line)["stage"]
    code = run.wait()
    timer.cancel()
    return "end" if code == 0 else stage


def flipped(releases: list[Any], times: int) -> Figures:
    """Flips one random bit in a file of the serving generation, each file in turn.

    It must be told by name when the generation is opened, and the one before must serve.
    """
    chance = random.Random(4)
    detected = served_wrong = 0
    per_file: Counter[str] = Counter()
    with home_of(releases) as (home, source):
        before = answers(home)
        write(source, edited(releases, 1))
        rebuild(home)
        name = home.current()
        folder = home.generations / name
        untouched = folder.with_name("untouched")
        shutil.copytree(folder, untouched)
        files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        for number in range(times):
            file = files[number % len(files)]
            data = bytearray((folder / file).read_bytes())
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            (folder / file).write_bytes(data)
            per_file[file.suffix or file.name] += 1
            try:
                Generation.serving(home)
            except DamagedIndex as error:
                detected += str(folder / file) in str(error)
            generation = open_sound(home)
            found = [[hit.passage for hit in generation.search(q, 10)] for q in QUERIES]
            served_wrong += generation.name == name or found != before
            shutil.copy2(untouched / file, folder / file)
    return {
        "times": times,
        "files": len(files),
        "detected, the file named": detected,
        "served wrong": served_wrong,
    }


def asked_during_rebuilds(releases: list[Any]) -> Figures:
    """Readers that ask without pause, alone and while an index is rebuilt in another process."""
    questions = [
        entry.question
        for entry in load_golden(ROOT / "tests" / "questions" / "press-releases.jsonl")
    ]
    with home_of(releases) as (home, source), Assistant.open(home) as assistant:
        alone = Asking(assistant, questions)
        with alone:
            time.sleep(30)
        during = Asking(assistant, questions)
        with during:
            switches = 0
            for number in range(_REBUILDS):
                write(source, edited(releases, number))
                process(home).communicate()
                switches += during.current() == home.current()
    p95 = {name: p95_of(run.times) for name, run in (("alone", alone), ("during", during))}
    return {
        "readers": _READERS,
        "rebuilds": _REBUILDS,
        "questions": len(alone.times) + len(during.times),
        "failed": alone.failed + during.failed,
        "switches noticed within a second": switches,
        "p95 ms alone": p95["alone"],
        "p95 ms during rebuilds": p95["during"],
        "ratio": p95["during"] / p95["alone"],
    }


class Asking:
    """Readers at work in threads of their own, while the block runs."""

    def __init__(self, assistant: Assistant, questions: list[str]) -> None:
        self.times: list[float] = []
        self.failed = 0
        self._assistant = assistant
        self._questions = questions
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(_READERS)
        ] + [threading.Thread(target=self._refresh)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def current(self) -> str:
        """The generation that answers, a second from now."""
        time.sleep(1)
        return self._assistant.generation.name

    def _ask(self, number: int) -> None:
        chance = random.Random(number)
        while not self._ended.is_set():
            started = time.perf_counter()
            try:
                answer = self._assistant.ask(chance.choice(self._questions))
            except Exception:  # whatever it is, it is a question that failed
                self.failed += 1
                continue
            self.times.append((time.perf_counter() - started) * 1000)
            for entry in answer.citations or answer.nearest:
                quote, text = entry.quote, entry.document.text
                self.failed += text[quote.start : quote.end] != quote.text

    def _refresh(self) -> None:
        while not self._ended.wait(0.5):  # as a server does
            self._assistant.refresh()


def p95_of(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[94]


if __name__ == "__main__":
    main()
