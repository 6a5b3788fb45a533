"""Disks that are small or cannot be written, clocks that go backwards, pointers that are spoilt."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from builders import write_files

import index.home
from assistant import Assistant
from assistant.collecting import Collection
from assistant.feedback import Feedback
from corpus import BUNDLED
from index import (
    Generation,
    Home,
    HomeUnusable,
    NoIndex,
    RebuildRunning,
    open_sound,
    rebuild,
    roll_back,
    source_states,
    verify,
)
from index.durable import delete_left, write_atomically
from index.journal import Journal
from index.vectors import new_rows, write_index
from ui.library.uploads import keep

READOUT = Path(sys.executable).with_name("readout")
QUESTION = "Who co-chaired the 11th dialogue?"
DAY_S = 24 * 3600


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Mounts something at a folder; skips where that may not be done."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount")
    run = subprocess.run(["mount", *options, folder], capture_output=True, text=True, check=False)
    if run.returncode:
        pytest.skip(f"cannot mount here: {run.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Makes a folder such that nothing can be written below it, by root either."""
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield


def readout(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    command = [READOUT, *words, "--home", str(home.path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)


def told(run: subprocess.CompletedProcess[str]) -> str:
    """The one line in which a run says that it failed."""
    last = [line for line in run.stderr.splitlines() if not line.endswith(" …")]
    assert (run.returncode, len(last)) == (1, 1), run.stderr
    return last[0]


def quotes(home: Home) -> list[str]:
    return [citation.quote.text for citation in Assistant.open(home).ask(QUESTION).citations]


def test_a_disk_of_any_size_is_told_and_loses_nothing(bundled_home: Home, tmp_path: Path):
    documents = write_files(
        tmp_path / "documents",
        {f"{number}.txt": f"Item {number} was seen.\n\n" * 40 for number in range(8)},
    )
    needed = sum(path.stat().st_size for path in bundled_home.path.rglob("*") if path.is_file())
    expected = quotes(bundled_home)
    came = []
    for spare in (8, 40, 90, 200, 400, 900, 4000):
        disk = tmp_path / f"disk{spare}"
        size = f"size={needed // 1024 + 200 + spare}k"
        with mounted(disk, "-t", "tmpfs", "-o", size, "tmpfs"):
            home = Home(disk / "home")
            shutil.copytree(bundled_home.path, home.path, symlinks=True)
            try:
                home.add(documents)
                rebuild(home)
            except HomeUnusable as error:
                came.append("told" if "free some space" in str(error) else str(error))
            else:
                came.append("done")
            assert home.current() == {"told": "000001", "done": "000002"}[came[-1]]
            assert quotes(home) == expected
            assert not any(entry.fault for entry in verify(home))
            with_room = Home(tmp_path / f"grown{spare}")
            shutil.copytree(home.path, with_room.path, symlinks=True)
        with_room.add(documents)
        rebuild(with_room)
        assert Generation.serving(with_room).manifest.documents == 10
    assert came == sorted(came, reverse=True)
    assert {came[0], came[-1]} == {"told", "done"}


def test_a_home_that_cannot_be_written_answers_and_tells_who_would_write(
    bundled_home: Home, tmp_path: Path
):
    expected = quotes(bundled_home)
    new = write_files(tmp_path / "new", {"a.txt": "They met."})
    with read_only(bundled_home.path):
        asked = readout(bundled_home, "ask", QUESTION)
        assert (asked.returncode, asked.stderr) == (0, "")
        assert expected[0][:40] in " ".join(asked.stdout.split())
        assert readout(bundled_home, "verify").returncode == 0
        assert readout(bundled_home, "status").returncode == 0
        for words in (["add", str(new)], ["rebuild", "--encoder", str(tmp_path)], ["rollback"]):
            assert "readout: " in told(readout(bundled_home, *words))
        assert "cannot be written (Read-only file system)" in told(
            readout(bundled_home, "add", str(new))
        )
        with pytest.raises(HomeUnusable, match="cannot be written"):
            keep(bundled_home, "a.txt", BytesIO(b"They met."))
        with pytest.raises(HomeUnusable, match="cannot be written"):
            Collection(bundled_home).add(QUESTION, (), None, None)
        with pytest.raises(HomeUnusable, match="cannot be written"):
            Feedback(bundled_home).add("up", QUESTION, (), "", None, "000001")
    assert bundled_home.roots() == [BUNDLED]


@pytest.mark.parametrize("content", [None, b"", b"\0\0\0", b"000009\n", b"../000001"])
def test_a_pointer_that_is_gone_or_spoilt_is_told_and_mended(
    bundled_home: Home, content: bytes | None
):
    expected = quotes(bundled_home)
    pointer = bundled_home.path / "CURRENT"
    pointer.unlink() if content is None else pointer.write_bytes(content)

    assert "readout rebuild" in told(readout(bundled_home, "ask", QUESTION))
    if content is None:  # `readout serve` builds first
        with pytest.raises(NoIndex):
            open_sound(bundled_home)
    else:
        assert open_sound(bundled_home).name == "000001"
    report = rebuild(bundled_home)
    assert (report.encoded, quotes(bundled_home)) == (0, expected)


def test_a_build_told_to_end_says_so_and_one_killed_leaves_no_lock(
    bundled_home: Home, tmp_path: Path
):
    documents = tmp_path / "many"
    write_files(documents, {f"{n}.txt": f"Report {n}. " + "It was seen. " * 99 for n in range(200)})
    bundled_home.add(documents)
    command = [READOUT, "rebuild", "--json", "--home", bundled_home.path]

    def begun() -> subprocess.Popen[bytes]:
        build = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for line in build.stderr:
            if b'"encode"' in line:
                break
        return build

    with begun() as build:
        build.send_signal(signal.SIGTERM)
        printed = build.stderr.read().splitlines()
        said = [line for line in printed if line and not line.startswith(b"{")]
    assert (build.returncode, len(said)) == (130, 1)
    assert b"nothing was lost" in said[0]
    with begun() as build:
        with pytest.raises(RebuildRunning, match="another rebuild is at work"):
            rebuild(bundled_home)
        assert "another rebuild is at work" in told(readout(bundled_home, "rebuild"))
        build.kill()
    assert build.returncode == -signal.SIGKILL
    assert (bundled_home.path / "lock").exists()
    assert bundled_home.current() == "000001"
    assert rebuild(bundled_home).generation == "000002"


def test_of_two_builds_at_once_one_is_done_and_the_other_told(bundled_home: Home, tmp_path: Path):
    bundled_home.add(write_files(tmp_path / "new", {"a.txt": "They met in Accra."}))
    command = [READOUT, "rebuild", "--home", bundled_home.path]
    runs = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [(run.communicate(timeout=200)[1], run.returncode) for run in runs]

    assert 0 in [status for _, status in ended]
    assert all(status == 0 or "another rebuild is at work" in said for said, status in ended)
    assert not any(entry.fault for entry in verify(bundled_home))
    assert Generation.serving(bundled_home).manifest.documents == 3


CLOCK = """
#include <time.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <stdlib.h>
#include <unistd.h>
static time_t shift(void) { const char *s = getenv("SHIFT_S"); return s ? atol(s) : 0; }
int clock_gettime(clockid_t clock, struct timespec *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && clock == CLOCK_REALTIME) now->tv_sec += shift();
    return (int)failed;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *out, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec; out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], dict[str, str]]:
    """Gives the environment of a process whose clock is off by so many seconds."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler")
    folder = write_files(tmp_path_factory.mktemp("clock"), {"clock.c": CLOCK})
    library = folder / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "clock.c"], check=True)

    def environment(seconds: int) -> dict[str, str]:
        return os.environ | {"LD_PRELOAD": str(library), "SHIFT_S": str(seconds)}

    return environment


def test_a_clock_that_goes_backwards_hides_no_change(
    bundled_home: Home, tmp_path: Path, shifted: Callable[[int], dict[str, str]]
):
    folder = write_files(tmp_path / "new", {"a.txt": "They met in Accra.", "b.txt": "In Oslo."})
    bundled_home.add(folder)

    def run(days: int, *words: str) -> str:
        command = [READOUT, *words, "--home", bundled_home.path]
        environment = shifted(days * DAY_S)
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=200
        ).stdout

    date = ["date", "+%Y"]
    years = [
        int(subprocess.run(date, env=shifted(days * DAY_S), capture_output=True).stdout)
        for days in (0, 4000)
    ]
    assert years[1] - years[0] >= 10  # the clock really is another
    run(4000, "rebuild")
    for path, text in ((folder / "a.txt", "They met in Paris."), (folder / "b.txt", "In Rome.")):
        before = path.stat()
        path.write_text(text)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    [_, state] = source_states(bundled_home, Generation.serving(bundled_home))
    assert state.changed == 2
    run(-4000, "rebuild")
    texts = {document.text for document in Generation.serving(bundled_home).documents()}
    assert {"They met in Paris.", "In Rome."} <= texts
    assert "3 documents" not in run(-4000, "verify")
    assert "Nothing has changed" in run(0, "rebuild")
    assert quotes(bundled_home)


def test_files_of_the_future_and_of_long_ago_are_read_and_watched(home_of, tmp_path: Path):
    times = {"a.txt": 4e9, "b.txt": 0.0}
    home = home_of({"a.txt": "They met in Accra.", "b.txt": "They met in Oslo."})
    for name, when in times.items():
        os.utime(tmp_path / "documents" / name, (when, when))
    assert not rebuild(home).changed
    for name, when in times.items():
        (tmp_path / "documents" / name).write_text("They met in Paris.")
        os.utime(tmp_path / "documents" / name, (when, when))
    [state] = source_states(home, Generation.serving(home))
    assert state.changed == 2
    with Assistant.open(home) as assistant:
        documents = list(assistant.documents())
        assert not any(
            assistant.verify(document, assistant.quote(document.id, 0, 9)) for document in documents
        )


def test_opinions_keep_their_order_whatever_the_clock_says(bundled_home: Home, monkeypatch):
    import assistant.feedback as module

    class Clock(module.datetime):
        @classmethod
        def now(cls, zone=None):
            return cls(2001, 1, 1, tzinfo=zone)

    feedback = Feedback(bundled_home)
    feedback.add("up", "First?", (), "", None, "000001")
    monkeypatch.setattr(module, "datetime", Clock)
    feedback.add("up", "Second?", (), "", None, "000001")
    assert [entry.question for entry in feedback.opinions()] == ["First?", "Second?"]


def test_of_writes_that_were_killed_one_file_at_most_is_left(tmp_path: Path):
    path = tmp_path / "CURRENT"
    path.with_name("CURRENT.new").write_text("half of wh")  # as a process leaves it that is killed
    write_atomically(path, "whole")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [
        ("CURRENT", "whole")
    ]


def test_what_was_left_by_the_killed_goes_a_day_later(bundled_home: Home, tmp_path: Path):
    folder = write_files(tmp_path, {".old.part": "x", ".new.part": "x", ".left-1/a": "x"})
    then = time.time() - 2 * DAY_S
    os.utime(folder / ".old.part", (then, then))
    os.utime(folder / ".left-1", (then, then))
    delete_left(folder, ".*.part")
    delete_left(folder, ".left-*")
    assert (folder / ".new.part").exists()
    assert not {".old.part", ".left-1"} & {path.name for path in folder.iterdir()}


def test_a_generation_half_deleted_has_no_name_to_go_back_to(bundled_home: Home, monkeypatch):
    shutil.copytree(bundled_home.generations / "000001", bundled_home.generations / "000002")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # as if killed at its beginning
        bundled_home.keep_only({"000001"})
    assert bundled_home.names() == ["000001"]
    bundled_home.finish_deleting()
    assert [path.name for path in bundled_home.generations.iterdir() if path.is_dir()] == ["000001"]


def test_a_full_disk_does_not_cost_what_was_encoded(tmp_path: Path, monkeypatch):
    import sqlite3

    path = tmp_path / "encoded.sqlite"
    Journal(path, "an encoder").close()
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", full)
        with pytest.raises(sqlite3.OperationalError):
            Journal(path, "an encoder")
    assert path.read_bytes() == before


def test_a_folder_for_temporary_files_that_is_full_is_told_as_that(
    bundled_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    full = write_files(tmp_path, {"no-folder": "x"}) / "no-folder"
    monkeypatch.setattr("tempfile.tempdir", str(full))
    with pytest.raises(HomeUnusable, match="TMPDIR"):
        Generation.serving(bundled_home)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_vectors_that_do_not_fit_on_the_disk_are_told(tmp_path: Path):
    (tmp_path / "vectors.faiss").symlink_to("/dev/full")
    rows = new_rows(tmp_path, 2, 4)
    rows.put([0, 1], np.eye(2, 4, dtype=np.float32))
    with pytest.raises(OSError, match="No space left"):
        write_index(tmp_path, rows, cells=0)


def test_a_rollback_that_cannot_be_written_is_told(bundled_home: Home, monkeypatch):
    shutil.copytree(bundled_home.generations / "000001", bundled_home.generations / "000002")
    bundled_home.switch_to("000002")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index.home, "write_atomically", full)
    with pytest.raises(HomeUnusable, match="No space left on device"):
        roll_back(bundled_home)
    assert bundled_home.current() == "000002"
