"""Gives readers, questions, files of ours and servers inputs that nobody would write.

Run as ``python -m tests.benchmarks.fuzz [TARGET…] [--inputs N] [--seed S] [--jobs J]``, with
``READOUT_TEST_DATA`` naming the folder of public data, whose real files are what readers begin
with. It goes on where it was ended: what was run, the inputs that reached something new, and what
was found lie in the folder ``--state``. Adds "fuzz" to docs/measurements.json.

With atheris (in the extra ``bench``) libFuzzer chooses, by the lines of Python that it reaches,
which inputs are changed further; ``--plain`` does without.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks import RESULTS, ROOT, record
from tests.benchmarks.fuzz.campaign import Progress, current_of
from tests.benchmarks.fuzz.targets import TARGETS

_STATE = ROOT / "build" / "fuzz"

# Seconds between two looks at how far a target is.
_LOOK = 10.0

# Times that a target is begun anew without getting any further.
_STUCK = 3

_FRAME = re.compile(r'File "(?P<file>[^"]+)", line \d+ in (?P<function>\S+)')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--inputs", type=int, default=100_000, help="of each target, in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="targets at once")
    parser.add_argument("--state", type=Path, default=_STATE)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    running = Running()
    if unknown := set(asked.targets) - TARGETS.keys():
        parser.error(f"no target {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
    asked.plain = asked.plain or importlib.util.find_spec("atheris") is None
    names = [name for name in asked.targets or TARGETS if TARGETS[name].seeds()]
    if len(names) < len(asked.targets or TARGETS):
        print("no real files for some targets; set READOUT_TEST_DATA", flush=True)
    with ThreadPoolExecutor(asked.jobs) as pool:
        try:
            list(pool.map(lambda name: run(name, asked, running), names))
        finally:
            running.end()
    kept = json.loads(RESULTS.read_text(encoding="utf-8")).get("fuzz", {})
    figures = {name: figures_of(asked.state / name, guided=not asked.plain) for name in names}
    record({"fuzz": kept | figures})
    print(json.dumps(figures, indent=1))


class Running:
    """The processes at work, which end with this one."""

    def __init__(self) -> None:
        self.ended = False
        self._processes: set[subprocess.Popen[bytes]] = set()

    @contextmanager
    def watched(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        self._processes.add(process)
        try:
            yield
        finally:
            process.kill()
            process.wait()
            self._processes.discard(process)

    def end(self) -> None:
        self.ended = True
        for process in list(self._processes):
            process.kill()


def run(name: str, asked: argparse.Namespace, running: Running) -> None:
    """Runs a target until its inputs are done, beginning anew after each crash and hang."""
    folder = asked.state / name
    folder.mkdir(parents=True, exist_ok=True)
    stuck = 0
    while not running.ended and stuck < _STUCK and Progress.load(folder).inputs < asked.inputs:
        before = Progress.load(folder).inputs
        # What it leaves there when it is killed goes with the folder.
        with (folder / "log").open("wb") as log, TemporaryDirectory() as scratch:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.benchmarks.fuzz.process", name, str(folder)),
                    *("--inputs", str(asked.inputs), "--seed", str(asked.seed)),
                    *(["--plain"] if asked.plain else []),
                ],
                cwd=ROOT,
                env=os.environ | {"TMPDIR": scratch},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            with running.watched(process):
                while waited(process) is None:
                    show(name, folder, asked.inputs)
        if running.ended:
            return
        progress = Progress.load(folder)
        if process.returncode in (-signal.SIGTERM, -signal.SIGINT):  # somebody ended it
            return
        if process.returncode and progress.inputs < asked.inputs:
            ended(folder, process.returncode)
        stuck = stuck + 1 if progress.inputs == before else 0
    show(name, folder, asked.inputs)


def waited(process: subprocess.Popen[bytes]) -> int | None:
    with suppress(subprocess.TimeoutExpired):
        return process.wait(_LOOK)
    return None


def ended(folder: Path, status: int) -> None:
    """Notes the input that ended a process as a finding."""
    log = (folder / "log").read_text(errors="replace")
    if not (folder / "current").exists():
        print(log[-2000:], flush=True)
        return
    frames = [f"{Path(each['file']).name}:{each['function']}" for each in _FRAME.finditer(log)]
    kind = "hang" if status == -signal.SIGPROF or "Timeout (" in log else f"crash {status}"
    what = f"{kind} {frames[0] if frames else ''}".strip()
    name = hashlib.sha256(what.encode()).hexdigest()[:12]
    (folder / "findings" / name).write_bytes(current_of(folder))
    (folder / "findings" / f"{name}.txt").write_text(f"{what}\n\n{log[-4000:]}")
    progress = Progress.load(folder)
    progress.inputs += 1
    progress.findings[what] = progress.findings.get(what, 0) + 1
    progress.save(folder)


def show(name: str, folder: Path, inputs: int) -> None:
    progress = Progress.load(folder)
    speed = progress.inputs / progress.seconds if progress.seconds else 0
    left = (inputs - progress.inputs) / speed / 60 if speed else 0
    print(
        f"{name}: {progress.inputs:,} of {inputs:,}, {speed:,.0f} a second,"
        f" {left:,.0f} minutes left, {len(progress.findings)} findings",
        flush=True,
    )


def figures_of(folder: Path, *, guided: bool) -> dict[str, Any]:
    progress = Progress.load(folder)
    return {
        "inputs": progress.inputs,
        "guided": guided,
        "seconds": round(progress.seconds),
        "outcomes": progress.outcomes,
        "findings": progress.findings,
        "slowest s": round(progress.slowest, 2),
    }


if __name__ == "__main__":
    main()
