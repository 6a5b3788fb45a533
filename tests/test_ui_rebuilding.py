"""Rebuilding in the background: one at a time, told truly, and never in the way."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.review import NewFirst, Review
from corpus import Problem
from index import BuildReport, Changes, Home, NoIndex, Progress, rebuild
from ui import rebuilding as module
from ui.rebuilding import Asking, Failed, Finished, Idle, Rebuilding, Running, Stopped
from ui.routes import outcome, state_json

REPORT = BuildReport("000002", True, 3, 1200, 2, Changes(), (), 0.41)


class Gate:
    """Stands in for `rebuild_and_review` where a test must hold it at a step of its choosing."""

    def __init__(self) -> None:
        self.review = Review()
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(
        self,
        _: Home,
        __: str | None,
        on_progress: Callable[[Progress], None],
        is_cancelled: Callable[[], bool],
        decide: Callable[[Review], bool],
    ) -> tuple[BuildReport, Review]:
        on_progress(Progress("encode", 0, 100, 0.0))
        on_progress(Progress("encode", 50, 100, 5.0))
        self.reached.set()
        assert self.open.wait(30)
        if is_cancelled() or not decide(self.review):
            raise module.Cancelled("stopped")
        return REPORT, self.review


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(module, "rebuild_and_review", gate)
    return gate


def test_nothing_has_happened_at_first(tmp_path: Path):
    rebuilding = Rebuilding(Home(tmp_path))
    assert rebuilding.state == Idle()
    assert rebuilding.runs == 0
    assert rebuilding.wait(0)


def test_a_real_rebuild_ends_with_its_report(bundled_home: Home, tmp_path: Path):
    note = tmp_path / "note.txt"
    note.write_text("The harbour master of Port Lumen is Ada Quill.", encoding="utf-8")
    bundled_home.add(note)
    built = threading.Event()
    rebuilding = Rebuilding(bundled_home, on_built=built.set)
    assert rebuilding.start()
    assert rebuilding.wait(60)
    assert isinstance(rebuilding.state, Finished)
    report = rebuilding.state.report
    assert (report.generation, report.documents, report.encoded) == ("000002", 3, 1)
    assert built.is_set()
    assert bundled_home.current() == "000002"


def test_only_one_runs_at_a_time(gate: Gate, tmp_path: Path):
    rebuilding = Rebuilding(Home(tmp_path))
    assert rebuilding.start()
    assert gate.reached.wait(30)
    assert not rebuilding.start()
    assert rebuilding.runs == 1
    gate.open.set()
    assert rebuilding.wait(30)
    assert rebuilding.state == Finished(REPORT, Review())
    assert rebuilding.start()
    assert rebuilding.runs == 2
    assert rebuilding.wait(30)


def test_progress_is_told(gate: Gate, tmp_path: Path):
    rebuilding = Rebuilding(Home(tmp_path))
    rebuilding.start()
    assert gate.reached.wait(30)
    assert rebuilding.state == Running(Progress("encode", 50, 100, 5.0))
    gate.open.set()
    assert rebuilding.wait(30)


def test_cancelling_stops_it_and_the_next_one_runs(gate: Gate, tmp_path: Path):
    rebuilding = Rebuilding(Home(tmp_path))
    rebuilding.start()
    assert gate.reached.wait(30)
    rebuilding.cancel()
    gate.open.set()
    assert rebuilding.wait(30)
    assert rebuilding.state == Stopped()
    rebuilding.start()
    assert rebuilding.wait(30)
    assert rebuilding.state == Finished(REPORT, Review())


CHANGED = Review(2, (NewFirst("Who?", None, None),))


@pytest.mark.parametrize("review", [CHANGED, Review(), Review(fault="golden.jsonl: no")])
def test_where_somebody_must_say_it_waits_for_a_yes(gate: Gate, tmp_path: Path, review: Review):
    gate.review = review
    gate.open.set()
    rebuilding = Rebuilding(Home(tmp_path), ask_first=True)
    rebuilding.start()
    until(lambda: rebuilding.state == Asking(review))
    assert not rebuilding.start()
    assert not rebuilding.wait(0)
    rebuilding.approve()
    assert rebuilding.wait(30)
    assert rebuilding.state == Finished(REPORT, review)


def test_a_no_keeps_the_index(gate: Gate, tmp_path: Path):
    gate.review = CHANGED
    gate.open.set()
    rebuilding = Rebuilding(Home(tmp_path), ask_first=True)
    rebuilding.start()
    until(lambda: rebuilding.state == Asking(CHANGED))
    rebuilding.cancel()
    assert rebuilding.wait(30)
    assert rebuilding.state == Stopped()


@pytest.mark.parametrize(("review", "ask_first"), [(CHANGED, False), (Review(3), True)])
def test_where_nothing_is_to_be_said_it_does_not_wait(
    gate: Gate, tmp_path: Path, review: Review, ask_first: bool
):
    gate.review = review
    gate.open.set()
    rebuilding = Rebuilding(Home(tmp_path), ask_first=ask_first)
    rebuilding.start()
    assert rebuilding.wait(30)
    assert rebuilding.state == Finished(REPORT, review)


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_error_is_told(bundled_home: Home):
    (bundled_home.path / "sources.json").write_text("[", encoding="utf-8")
    rebuilding = Rebuilding(bundled_home)
    rebuilding.start()
    assert rebuilding.wait(60)
    assert isinstance(rebuilding.state, Failed)
    assert "sources.json: cannot be read" in rebuilding.state.message


def test_another_process_rebuilding_is_told(bundled_home: Home):
    rebuilding = Rebuilding(bundled_home)
    with bundled_home.writing():
        rebuilding.start()
        assert rebuilding.wait(60)
    assert isinstance(rebuilding.state, Failed)
    assert "another rebuild" in rebuilding.state.message


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_build_is_done_even_if_what_follows_fails(gate: Gate, tmp_path: Path):
    def cannot() -> None:
        raise NoIndex("no index here yet")

    gate.open.set()
    rebuilding = Rebuilding(Home(tmp_path), on_built=cannot)
    rebuilding.start()
    assert rebuilding.wait(30)
    assert rebuilding.state == Finished(REPORT, Review())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_crash_does_not_look_like_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "rebuild_and_review", crash)
    rebuilding = Rebuilding(Home(tmp_path))
    rebuilding.start()
    assert rebuilding.wait(30)
    assert isinstance(rebuilding.state, Failed)
    assert "terminal" in rebuilding.state.message


def test_the_outcome_in_words(bundled_home: Home):
    report = rebuild(bundled_home)
    assert not report.changed
    assert outcome(report).startswith("Nothing changed: index 000001 already holds 2 documents, ")
    done = "Index 000002: 3 documents, 1,200 passages, 2 newly encoded, in 0.4 s."
    assert outcome(REPORT) == done
    problem = Problem("records.jsonl, line 7", "not valid JSON; skipped")
    assert outcome(replace(REPORT, problems=(problem,))) == f"{done} 1 problem:"
    assert outcome(replace(REPORT, problems=(problem,) * 33)) == f"{done} 33 problems:"


def test_every_state_has_words_for_the_page():
    running = state_json(Running(Progress("encode", 5, 10, 2.0)))
    assert (running["is"], running["stage"]) == ("running", "Encoding new passages")
    assert (running["rate"], running["seconds_left"]) == (2.5, 2.0)
    assert state_json(Idle()) == {"is": "idle"}
    assert "cancelled" in state_json(Stopped())["text"]
    assert state_json(Failed("why"))["text"] == "Rebuild failed: why"
    assert state_json(Finished(REPORT, Review()))["problems"] == []
    asking = state_json(Asking(CHANGED))
    assert asking["golden"] == "1 of 2 golden questions get another first citation:"
    assert asking["changed"] == [{"question": "Who?", "before": "no answer", "now": "no answer"}]
    told = {
        Review(): "",
        Review(3): "All 3 golden questions keep their first citation.",
        Review(fault="why"): "Golden questions were not asked: why",
    }
    assert {review: state_json(Finished(REPORT, review))["golden"] for review in told} == told


def test_waiting_has_an_end(gate: Gate, tmp_path: Path):
    rebuilding = Rebuilding(Home(tmp_path))
    rebuilding.start()
    began = time.monotonic()
    assert not rebuilding.wait(0.05)
    assert time.monotonic() - began < 5
    gate.open.set()
    assert rebuilding.wait(30)
