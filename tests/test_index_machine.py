"""However sources are edited, a rebuilt index is, bit for bit, the one built from scratch."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from corpus import BUNDLED
from index import Cancelled, Generation, Home, Progress, rebuild, roll_back
from index.cutting import embedded_text

SENTENCES = (
    "The coast guard will patrol the waters of the Caribbean.",
    "A working group will improve the tracing of illegal firearms.",
    "The ministers met in Saint Lucia for the annual dialogue.",
    "The partners will share what they learn of cyber crime.",
    "On May 3, 2021, the envoy spoke of the patrols.",
    "The Caribbean Basin Security Initiative (CBSI) is in its twelfth year.",
)
QUERIES = ("patrols at sea", "Who traces firearms?", "dialogue in May", "lunar eclipse", "CBSI")
MISTYPED = ("Carribean", "initative", "patrlos")

_texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map("\n\n".join)
_names = st.sampled_from(["a.txt", "b.md", "c/d.txt", "c/e.txt"])
_keys = st.sampled_from(["r1", "r2", "r3"])


class Editing(RuleBasedStateMachine):
    """A folder, a file of records and a file of its own, edited at random and rebuilt at times."""

    models: Path

    @initialize()
    def begin(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="readout-machine-"))
        self.folder, self.alone = self.base / "documents", self.base / "alone.txt"
        (self.folder / "c").mkdir(parents=True)
        # A folder that comes up empty keeps its documents: it must never be.
        (self.folder / "always.txt").write_text("This one stays.")
        self.alone.write_text(SENTENCES[0])
        self.records: dict[str, str] = {}
        self.home = self.new_home("grown")
        rebuild(self.home)
        self.serving = self.contents(Generation.serving(self.home))

    def new_home(self, name: str) -> Home:
        home = Home(self.base / name)
        home.models = self.models
        home.add(self.folder)
        home.remove(BUNDLED)
        return home

    def teardown(self) -> None:
        if hasattr(self, "base"):
            shutil.rmtree(self.base)

    @rule(name=_names, text=_texts)
    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    @rule(name=_names, text=_texts)
    def write_where_size_and_time_tell_nothing(self, name: str, text: str) -> None:
        path = self.folder / name
        if path.exists():
            before = path.stat()
            path.write_text(text)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(name=_names)
    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    @rule(name=_names, other=_names)
    def rename(self, name: str, other: str) -> None:
        if (self.folder / name).exists():
            (self.folder / name).rename(self.folder / other)

    @rule(name=_names)
    def touch(self, name: str) -> None:
        if (self.folder / name).exists():
            (self.folder / name).touch()

    @rule(key=_keys, text=_texts | st.none())
    def edit_record(self, key: str, text: str | None) -> None:
        self.records.pop(key, None)  # what is written again moves to the end
        if text:
            self.records[key] = text
        lines = [json.dumps({"_id": key, "text": text}) for key, text in self.records.items()]
        path = self.folder / "records.jsonl"
        path.write_text("\n".join(lines)) if lines else path.unlink(missing_ok=True)

    @rule()
    def add_or_remove_a_source(self) -> None:
        if str(self.alone) in self.home.roots():
            self.home.remove(self.alone)
        else:
            self.home.add(self.alone)

    @rule(text=_texts)
    def write_alone(self, text: str) -> None:
        self.alone.write_text(text)

    @rule(stage=st.sampled_from(["read", "encode", "index", "check"]), died=st.booleans())
    def begin_a_rebuild_and_stop(self, stage: str, died: bool) -> None:
        def on_progress(step: Progress) -> None:
            nonlocal reached
            reached = step.stage == stage
            if reached and died:
                raise KeyboardInterrupt

        reached = False
        try:
            rebuild(self.home, None, on_progress, lambda: reached)
        except (Cancelled, KeyboardInterrupt):
            return
        self.serving = self.contents(Generation.serving(self.home))  # there was nothing to do

    @precondition(lambda self: len(self.home.names()) > 1)
    @rule()
    def go_back(self) -> None:
        if self.home.current() != self.home.names()[0]:
            roll_back(self.home)
            self.serving = self.contents(Generation.serving(self.home))

    @rule()
    def rebuild(self) -> None:
        before = self.embedded(Generation.serving(self.home))
        report = rebuild(self.home)
        grown = Generation.serving(self.home)
        assert report.encoded <= len(self.embedded(grown) - before)

        scratch = Home(self.base / "scratch")
        shutil.rmtree(scratch.path, ignore_errors=True)
        scratch.models = self.models
        scratch.add(*self.home.roots())
        scratch.remove(BUNDLED)
        rebuild(scratch)
        self.serving = self.contents(grown)
        assert self.serving == self.contents(Generation.serving(scratch))

    @invariant()
    def nothing_but_a_switch_changes_what_is_served(self) -> None:
        if hasattr(self, "serving"):
            assert self.contents(Generation.serving(self.home)) == self.serving

    @staticmethod
    def embedded(generation: Generation) -> set[str]:
        return {
            embedded_text(document, passage)
            for document in generation.documents()
            for passage in generation.passages_of(document.id)
        }

    @staticmethod
    def contents(generation: Generation) -> list[object]:
        """Documents, passages, vectors to the bit, what every query finds, and close words."""
        documents = list(generation.documents())
        passages = [generation.passages_of(document.id) for document in documents]
        vectors = generation.vectors_of(range(generation.manifest.passages))
        found = [generation.search(query, 10) for query in QUERIES]
        close = [generation.suggestion(word) for word in MISTYPED]
        acronyms = generation.store.expansions(["CBSI"])
        return [documents, passages, vectors.tobytes(), found, close, acronyms]


@pytest.mark.usefixtures("_weights_are_hashed_once")
def test_rebuilding_edit_by_edit_comes_to_what_a_build_from_scratch_does(compiled_models: Path):
    Editing.models = compiled_models  # its rules and its invariant assert
    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=int(os.environ.get("READOUT_EXAMPLES", "6")),
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
