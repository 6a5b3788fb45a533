"""Everything that writes to a home, each as a process to be disturbed, and what must hold after."""

import hashlib
import os
import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant import Assistant
from assistant.collecting import Collection
from assistant.feedback import FEEDBACK, Feedback
from assistant.golden import GOLDEN
from corpus import ReadoutError
from index import Generation, Home, NoIndex, rebuild, roll_back, verify
from tests.faults import DEADLY, Call, Fault, Run, watched
from tests.writing import QUESTION, documents, write

State = object

QUERIES = ("firearms trafficking", "Who met the envoy in town 3?", "trade in goods number 7")

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that writes.

    Attributes:
        command: What to run, the home's path being the last word.
        again: Does the same in this process.
        prepare: Brings a home to where the process has something to do.
        state: What of the home must be as before, or as after it.
    """

    command: tuple[str, ...]
    again: Callable[[Home], object]
    prepare: Callable[[Home], None]
    state: Callable[[Home], State]


def write_documents(home: Home, edition: str = "") -> None:
    """Writes a few documents, each third of which tells its edition."""
    folder = documents(home)
    folder.mkdir(exist_ok=True)
    for number in range(9):
        text = f"The minister of place {number} met the envoy in town {number}."
        more = f"They spoke of trade in goods number {number}."
        note = f"This is the {edition} edition." if edition and number % 3 == 0 else ""
        (folder / f"{number}.txt").write_text("\n\n".join(filter(None, [text, more, note])))


def answers(home: Home) -> State:
    """What the home's index finds, and what it is made of; None if there is none."""
    try:
        generation = Generation.serving(home)
    except NoIndex:
        return None
    found = [[hit.passage for hit in generation.search(query, 5)] for query in QUERIES]
    return list(generation.documents()), found


def _listed(home: Home) -> State:
    listed = home.sources()
    return listed.roots, listed.said


def _uploaded(home: Home) -> State:
    folder = home.path / "uploads"
    files = sorted(folder.glob("[!.]*")) if folder.is_dir() else []
    return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def _said(home: Home) -> State:
    with closing(sqlite3.connect(home.path / FEEDBACK)) as connection:
        [sound] = connection.execute("PRAGMA integrity_check").fetchone()
    return sound, [(entry.verdict, entry.question) for entry in Feedback(home).opinions()]


def _collected(home: Home) -> State:
    return (home.path / GOLDEN).read_text(encoding="utf-8").splitlines()


def _edit(home: Home) -> None:
    write_documents(home, "second")


def _bare(home: Home) -> None:
    shutil.rmtree(home.generations)
    (home.path / "CURRENT").unlink()


def _uncompiled(home: Home) -> None:
    _bare(home)
    home.models.unlink()  # a link to those that the tests share


def _say(home: Home) -> None:
    Feedback(home).add("up", QUESTION, (), "", None, "000001")


def _collect(home: Home) -> None:
    Collection(home).add(QUESTION, (), None, None)


def _command(*words: str) -> tuple[str, ...]:
    run = "from ui.cli import main; main()"
    return (sys.executable, "-c", run, *words, "--json", "--home")


def _change(what: str, state: Callable[[Home], State], prepare: Callable[[Home], None]) -> Writer:
    command = (sys.executable, "-m", "tests.writing", what)
    return Writer(command, partial(write, what), prepare, state)


def _nothing(_: Home) -> None:
    return


def _asked(home: Home) -> None:
    Assistant.open(home).ask(QUERIES[1])


#: By name, all that write.
WRITERS = {
    "rebuild": Writer(_command("rebuild"), rebuild, _edit, answers),
    "first build": Writer(_command("rebuild"), rebuild, _bare, answers),
    "compile": Writer(_command("rebuild"), rebuild, _uncompiled, answers),
    "rollback": Writer(_command("rollback"), roll_back, _nothing, answers),
    "ask": Writer(_command("ask", QUERIES[1]), _asked, _nothing, answers),
    "add": _change("add", _listed, _nothing),
    "remove": _change("remove", _listed, _nothing),
    "correct": _change("correct", _listed, _nothing),
    "upload": _change("upload", _uploaded, _nothing),
    "feedback": _change("feedback", _said, _say),
    "golden": _change("golden", _collected, _collect),
}


@dataclass(slots=True)
class Trial:
    """One disturbed run.

    Attributes:
        call: The call that the fault was put into; None if it was never reached.
        wrong: What did not hold, in words; nothing if all is well.
        came: Whether it came to what was before, or to what was to be.
    """

    call: Call | None
    wrong: list[str]
    came: str


class Bench:
    """Runs one writer over and over, each time on a home of its own."""

    def __init__(self, name: str, origin: Path, base: Path) -> None:
        """Takes the writer's name, and the folders as `new_origin` does."""
        self._writer = WRITERS[name]
        self._origin, self._base = origin, base
        self.before = self._writer.state(self._new_home())
        run, home = self.undisturbed()
        #: The calls of an undisturbed run.
        self.calls = run.calls
        self.after = self._writer.state(home)
        self._files = _files(home)

    def undisturbed(self) -> tuple[Run, Home]:
        """Runs the writer without a fault; returns that run, and the home it leaves."""
        home = self._new_home()
        run = self._run(home)
        if run.status:
            raise AssertionError(f"fails undisturbed: {run.err}")
        return run, home

    def _new_home(self) -> Home:
        shutil.rmtree(self._base, ignore_errors=True)
        shutil.copytree(self._origin, self._base, symlinks=True)
        home = Home(self._base / "home")
        home.roots()
        self._writer.prepare(home)
        return home

    def _run(self, home: Home, at: int | None = None, fault: Fault = "broken") -> Run:
        scratch = self._base / "tmp"
        scratch.mkdir(exist_ok=True)
        places = {"TMPDIR": str(scratch), "PYTHONPATH": str(_ROOT)}
        command = [*self._writer.command, str(home.path)]
        return watched(command, [home.path, scratch], at, fault, places)

    def kinds(self) -> list[int]:
        """Returns the first and the last call of each kind: what it does, and to which file."""
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for at, call in enumerate(self.calls):
            kind = re.sub(r"[0-9a-f]{32}|\.tmp\w+|\d{4,}", "*", str(call))
            first.setdefault(kind, at)
            last[kind] = at
        return sorted({*first.values(), *last.values()})

    def trial(self, at: int, fault: Fault) -> Trial:
        """Disturbs a run at a call, and looks at what it leaves and at the run after it."""
        home = self._new_home()
        run = self._run(home, at, fault)
        wrong = []
        if fault not in DEADLY:
            wrong += _untold(run)
        state = self._writer.state(home)
        if state not in (self.before, self.after):
            wrong.append(f"neither as before nor as after: {state}")
        if run.status == 0 and state != self.after:
            wrong.append("ended well, but did not do it")
        if self._writer.state is answers:
            wrong += _unsound(home)
        _let_a_day_pass(home)
        try:
            self._writer.again(home)
        except ReadoutError as error:
            if state != self.after:  # what was done may not be there to be done again
                wrong.append(f"the next run failed: {error}")
        if self._writer.state(home) != self.after:
            wrong.append(f"the next run came to something else: {self._writer.state(home)}")
        # The journal of a build may stay: there is one at most, and the next build that writes
        # goes on with it or begins it anew.
        if strays := _files(home) - self._files - {"generations/encoded.sqlite"}:
            wrong.append(f"left for good: {', '.join(sorted(strays))}")
        came = "after" if state == self.after else "before"
        call = run.calls[at] if at < len(run.calls) else None
        return Trial(call, wrong, came)


def new_origin(origin: Path, base: Path, models: Path) -> None:
    """Makes the home that every run begins with: two generations, the second of which serves.

    Args:
        origin: A folder to keep it in.
        base: The folder that runs will happen in, whose path the home knows.
        models: Compiled encoders.
    """
    home = Home(base / "home")
    home.path.mkdir(parents=True)
    home.models.symlink_to(models, target_is_directory=True)
    write_documents(home)
    home.add(documents(home))
    rebuild(home)
    write_documents(home, "first")
    rebuild(home)
    base.rename(origin)


def _untold(run: Run) -> list[str]:
    """What a run that failed should not have printed, or should have."""
    lines = [line for line in run.err.splitlines() if not line.startswith("{")]  # progress
    if run.status == 0:
        return [f"printed: {line}" for line in lines]
    if run.status == 1 and len(lines) == 1 and lines[0].startswith("readout: "):
        return []
    return [f"status {run.status}, told: {' | '.join(lines[-4:])}"]


def _let_a_day_pass(home: Home) -> None:
    """Makes what was left by a process look as if it was left two days ago."""
    then = time.time() - 2 * 24 * 3600
    for left in (*home.path.glob("uploads/.*.part"), *home.path.glob("models/.compiling-*")):
        os.utime(left, (then, then))


def _unsound(home: Home) -> list[str]:
    try:
        return [entry.fault for entry in verify(home) if entry.fault]
    except NoIndex:
        return []


def _files(home: Home) -> set[str]:
    """The files of a home; names that are drawn by lot, and notes of a check, are left out."""
    names = {
        re.sub(r"[0-9a-f]{32}", "*", path.relative_to(home.path).as_posix())
        for path in home.path.rglob("*")
        if not path.name.endswith(".checked.json")
    }
    return {re.sub(r"^generations/\d+", "generations/*", name) for name in names}
