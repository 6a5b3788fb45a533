"""Whatever call that writes fails, or is the last: nothing is lost, and the next run does it.

These are samples; ``python -m tests.benchmarks.faults`` goes through every call.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import index.generation
import index.models
from tests.faults import FAULTS, Run, why_impossible
from tests.writers import WRITERS, Bench, new_origin

pytestmark = [
    pytest.mark.skipif(bool(why_impossible()), reason=why_impossible() or ""),
    pytest.mark.usefixtures("_weights_are_hashed_once"),
]

# Which calls are chosen; another number chooses others.
SEED = int(os.environ.get("READOUT_SEED", "0"))

# Calls that take a file's content, or an entry of a folder, to the disk.
FLUSHES = {"fsync", "fdatasync"}
ENTRIES = {"openat", "open", "creat", "rename", "renameat", "renameat2", "mkdir", "link", "linkat"}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, compiled_models: Path) -> Path:
    base = tmp_path_factory.mktemp("faults")
    new_origin(base / "origin", base / "run", compiled_models)
    return base / "origin"


def bench(origin: Path, name: str) -> Bench:
    return Bench(name, origin, origin.with_name("run"))


@pytest.mark.parametrize("name", sorted(WRITERS.keys() - {"compile"}))  # which takes ten seconds
def test_a_write_that_fails_or_is_the_last_loses_nothing(origin: Path, name: str):
    ready = bench(origin, name)
    chance = random.Random(f"{SEED} {name}")
    assert ready.calls
    faults = FAULTS if name == "rebuild" else chance.sample(FAULTS, 2)
    trials = [(fault, ready.trial(chance.choice(ready.kinds()), fault)) for fault in faults]

    assert not [(fault, str(trial.call), trial.wrong) for fault, trial in trials if trial.wrong]


def test_a_new_index_is_named_only_when_all_of_it_is_on_the_disk(origin: Path):
    ready = bench(origin, "rebuild")
    run, home = ready.undisturbed()
    calls = run.calls
    names = [str(call) for call in calls]
    folder = f"generations/{home.current()}"
    named = names.index(f"rename generations/building {folder}")
    switched = names.index("rename CURRENT.new CURRENT")

    for path in (home.path / folder, *(home.path / folder).rglob("*")):
        inside = path.relative_to(home.path / folder)
        here = (Path("generations/building") / inside).as_posix()
        is_change = makes_an_entry_of if path.is_dir() else changes
        changed = [at for at, call in enumerate(calls) if is_change(here, call)]
        assert changed, here
        assert is_flushed(run, here, changed, named), here
    assert flushes_between(run, "generations", named, switched)
    assert flushes_between(run, "CURRENT.new", names.index("write CURRENT.new"), switched)
    assert flushes_between(run, ".", switched, len(calls))
    # What might be gone back to is deleted only after that.
    assert names.index("rename generations/000001 generations/000001.deleted") > switched


def is_flushed(run: Run, path: str, changed: list[int], end: int) -> bool:
    """Whether what was changed at some calls is on the disk by another; also under the name it had.

    A file that is put in another's place was flushed before, and its folder after.
    """
    last = run.calls[changed[-1]]
    if flushes_between(run, path, changed[-1], end):
        return True
    if not last.name.startswith("rename"):
        return False
    written = [at for at, call in enumerate(run.calls) if changes(last.paths[0], call)]
    return flushes_between(run, last.paths[0], written[-1], changed[-1])


def changes(path: str, call: object) -> bool:
    """Whether a call changes the content of a file, or puts another in its place."""
    return call.name not in FLUSHES and call.name != "unlink" and path == call.paths[-1]


def makes_an_entry_of(folder: str, call: object) -> bool:
    """Whether a call changes what a folder holds; locks, which are deleted again, left out."""
    if call.name not in ENTRIES or call.paths[-1].endswith(".lock"):
        return False
    return str(Path(call.paths[-1]).parent) == folder


def flushes_between(run: Run, path: str, start: int, end: int) -> bool:
    return any(call.name in FLUSHES and path in call.paths for call in run.calls[start:end])


@pytest.fixture(autouse=True, scope="module")
def _encoders_are_loaded_once() -> Iterator[None]:
    loaded = {}
    really = index.models.load_encoder

    def load(models: Path, identity: index.models.EncoderIdentity) -> object:
        if identity not in loaded:
            loaded[identity] = really(models, identity)
        return loaded[identity]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.generation, "load_encoder", load)
        yield
