"""A parser that hangs, eats memory, crashes, forks or talks nonsense: told, and the rest is read.

Real processes with a parser that does so when a file tells it to; what only answers as such a
process would is in test_corpus_isolation.py.
"""

import os
import time
from pathlib import Path

import pytest
from builders import write_files

import corpus.isolation
from corpus import Worker
from corpus.errors import Unreadable, UnreadableNow
from corpus.parsing import Parsed
from index import Generation, Home, rebuild

ROOT = Path(__file__).parents[1]

# Runs in the worker before anything else; the file's name says what its parser does.
HOSTILE = """
import ctypes, os, sys, time
import corpus.parsing

really = corpus.parsing.parse

def parse(stream, name, *others):
    beside = name.split("/")[-1].split(".")[0]
    if beside == "hang":
        time.sleep(600)
    elif beside == "spin":
        while True:
            pass
    elif beside == "eat":
        held = []
        while True:
            held.append(bytearray(64 << 20))
    elif beside == "crash":
        ctypes.string_at(0)
    elif beside == "abort":
        os.abort()
    elif beside == "leave":
        os._exit(0)
    elif beside == "fork":
        if os.fork() == 0:
            time.sleep(600)
        os._exit(3)
    elif beside == "print":
        print("nonsense", flush=True)
        os.write(1, b"{}")
    elif beside == "answer":
        for descriptor in range(3, 10):
            try:
                os.write(descriptor, b'{"member": 5, "nonsense": [\\n')
            except OSError:
                pass
    yield from really(stream, name, *others)

corpus.parsing.parse = parse
"""


@pytest.fixture(autouse=True)
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = write_files(tmp_path / "site", {"sitecustomize.py": HOSTILE})
    monkeypatch.setattr(corpus.isolation, "_PACKAGES", f"{site}{os.pathsep}{ROOT}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "documents"


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("hang", UnreadableNow, "took longer than"),
        ("spin", UnreadableNow, "took longer than"),
        ("fork", UnreadableNow, "took longer than"),  # what it leaves holds the pipe
        ("eat", Unreadable, "too much memory"),
        ("crash", Unreadable, "its parser crashed"),
        ("abort", Unreadable, "its parser crashed"),
        ("leave", Unreadable, "its parser crashed"),
        ("answer", Unreadable, "its parser crashed"),
    ],
)
def test_a_hostile_parser_is_told_and_the_next_file_read(
    folder: Path, name: str, kind: type, reason: str
):
    write_files(folder, {f"{name}.txt": "They met.", "good.txt": "They parted."})
    with Worker(seconds=20, memory=1 << 30) as worker:
        assert texts_in(worker, folder / "good.txt") == ["They parted."]  # it has begun by now
        # Nothing but time ends those that hang; memory is not eaten at once on a busy machine.
        worker._seconds = 2 if kind is UnreadableNow else 20
        begun = time.monotonic()
        with pytest.raises(kind, match=reason) as told:
            worker.parse(folder / f"{name}.txt", f"{name}.txt", ())
        assert type(told.value) is kind
        assert time.monotonic() - begun < 60
        worker._seconds = 20
        assert texts_in(worker, folder / "good.txt") == ["They parted."]


def test_what_a_parser_prints_does_not_come_between_the_answers(folder: Path):
    write_files(folder, {"print.txt": "They met."})
    with Worker() as worker:
        assert texts_in(worker, folder / "print.txt") == ["They met."]


def test_what_a_parser_started_ends_with_it(folder: Path):
    write_files(folder, {"fork.txt": "They met."})
    with Worker(seconds=2) as worker, pytest.raises(UnreadableNow):
        worker.parse(folder / "fork.txt", "fork.txt", ())
    assert not processes_reading(folder.parent / "site")


def test_a_build_goes_on_past_hostile_files_and_keeps_what_it_read_before(
    new_home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    bad = ("hang", "eat", "crash", "leave")
    monkeypatch.setattr(corpus.isolation.Worker.__init__, "__defaults__", (3, 1 << 30))
    write_files(folder, {f"{name}.html": page(name) for name in bad} | {"good.txt": "They met."})
    with monkeypatch.context() as patch:
        patch.setattr(corpus.isolation, "_PACKAGES", str(ROOT))
        new_home.add(folder)
        new_home.remove("bundled")
        rebuild(new_home)
    before = documents_of(new_home)
    write_files(folder, {f"{name}.html": page(f"{name}, edited") for name in bad})
    write_files(folder, {"new.txt": "They parted."})

    report = rebuild(new_home)

    after = documents_of(new_home)
    assert after.pop("new.txt") == "They parted."
    assert after == before
    assert {Path(problem.source).stem for problem in report.problems} == set(bad)
    assert all("as last read are kept" in problem.reason for problem in report.problems)


def page(words: str) -> str:
    return f"<html><body><p>They spoke of {words}.</p></body></html>"


def documents_of(home: Home) -> dict[str, str]:
    return {document.id: document.text for document in Generation.serving(home).documents()}


def texts_in(worker: Worker, path: Path) -> list[str]:
    items = worker.parse(path, path.name, ())
    return [item.extract.text for item in items if isinstance(item, Parsed)]


def processes_reading(site: Path) -> list[str]:
    """The processes whose modules come from a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"PYTHONPATH={site}".encode() in (process / "environ").read_bytes():
                found.append((process / "status").read_text().splitlines()[2])
        except OSError:
            continue
    return [state for state in found if "Z" not in state]
