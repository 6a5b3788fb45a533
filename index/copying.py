"""A home's index is copied to another engine, vectors and all; nothing is read or encoded again."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime

from index.durable import as_os_error, read_json, write_json
from index.engine import Place
from index.engines import write_engine
from index.errors import Cancelled, DamagedIndex
from index.generation import STORE, VOCABULARY, Generation
from index.home import Home
from index.ledger import Ledger
from index.manifest import Manifest
from index.report import Progress
from index.rows import Rows
from index.seals import check_every_byte, seal
from index.server import missing, why_no_words
from index.store import Store
from index.switching import COPYING, check_and_switch
from index.vectors import ROWS, new_rows

# Vectors that are carried over between two notes of how many were.
_BATCH = 10_000

_DONE = "done.json"


def copy_index(
    home: Home,
    place: Place,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Generation:
    """Lets another engine search what a home serves; until the switch the old one does.

    What was stopped goes on where it was. The generation before stays, for `roll_back`.

    Args:
        home: Where.
        place: Where passages are to be searched from now on.
        on_progress: Told of each step.
        is_cancelled: Asked between steps.

    Returns:
        What serves then; the generation that did if it is searched there already.

    Raises:
        NoIndex: If the home has none.
        DamagedIndex: If what serves, or what was written, is not sound.
        EngineUnavailable: If a server cannot be reached, or refuses.
        RebuildRunning: If another process is writing to this home.
        HomeUnusable: If the home cannot be written.
        Cancelled: If ``is_cancelled`` said so.
    """
    with home.writing(), home.writable(), as_os_error(sqlite3.Error):
        served = Generation.serving(home)
        if served.manifest.uri == place.uri:
            return served
        return _Copy(home, place, served, on_progress, is_cancelled).run()


class _Copy:
    """One run of `copy_index`."""

    def __init__(
        self,
        home: Home,
        place: Place,
        served: Generation,
        on_progress: Callable[[Progress], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        self.home = home
        self.place = place
        self.served = served
        self.progress = on_progress
        self.is_cancelled = is_cancelled
        self.folder = home.generations / COPYING
        self.started = time.perf_counter()

    def run(self) -> Generation:
        before = self.served.manifest
        # Opened it was by how its files look; what rotted is not to be sealed as sound.
        check_every_byte(self.home.generations / self.served.name, before.files)
        self._check_collection()
        rows = self._carried_over()
        store = Store(self.folder / STORE)
        content = f"{before.encoder!r} {before.corpus}"
        self._step("index", 0)
        kind, collection = write_engine(
            self.folder, store, rows, content, self.place, lambda done: self._step("index", done)
        )
        (self.folder / _DONE).unlink()
        manifest = replace(
            before,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            vectors=kind,
            problems=self._problems(),
            collection=collection,
            timings={"copy": round(time.perf_counter() - self.started, 3)},
            files=seal(self.folder),
        )
        self._check_copied(manifest)
        manifest.save(self.folder)
        self._step("check", 0)
        name = check_and_switch(
            self.home,
            self.folder,
            self.place,
            approve=lambda _: True,
            on_checked=lambda: None,
        )
        return Generation(self.home.generations / name, self.home.models, self.served, self.place)

    def _check_collection(self) -> None:
        """Raises DamagedIndex if what searches now was found not to be what was written."""
        held = self.served.manifest.collection
        if held and Ledger(self.home.generations).is_spoilt(held.uri, held.name):
            raise missing(held.uri, held.name)

    def _check_copied(self, manifest: Manifest) -> None:
        """Raises DamagedIndex unless what was copied file by file is what it was copied from."""
        for name, expected in self.served.manifest.files.items():
            is_copied = name == STORE or name.startswith(f"{VOCABULARY}/")
            if is_copied and manifest.files.get(name) != expected:
                raise DamagedIndex(
                    f"{self.folder / name}: not what was copied; the old index goes on serving;"
                    " run it again"
                )

    def _carried_over(self) -> Rows:
        """Returns a file of all vectors, beside copies of the database and the vocabulary."""
        count, dimension = self.served.manifest.passages, self.served.encoder.dimension
        done = self._done()
        try:
            rows = Rows.resume(self.folder / ROWS)
        except (OSError, ValueError):
            done = 0
        if not done:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            source = self.home.generations / self.served.name
            shutil.copyfile(source / STORE, self.folder / STORE)
            shutil.copytree(source / VOCABULARY, self.folder / VOCABULARY)
            rows = new_rows(self.folder, count, dimension)
        for start in range(done, count, _BATCH):
            self._step("copy", start)
            numbers = range(start, min(start + _BATCH, count))
            rows.put(numbers, self.served.vectors_of(numbers))
            rows.sync()
            self._note(numbers.stop)
        return rows

    def _problems(self) -> list[dict[str, str]]:
        """What was skipped, and what cannot be done where it is searched from now on."""
        before = self.served.manifest
        kept = [problem for problem in before.problems if problem["source"] != before.uri]
        told = why_no_words(self.place) if self.place.uri else None
        return [*kept, asdict(told)] if told else kept

    def _done(self) -> int:
        """How many vectors an earlier run of the same copy has carried over."""
        try:
            noted = read_json(self.folder / _DONE)
            same = noted["of"] == self.served.manifest.checksum and noted["to"] == self.place.uri
            return int(noted["done"]) if same else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _note(self, done: int) -> None:
        of = self.served.manifest.checksum
        write_json(self.folder / _DONE, {"of": of, "to": self.place.uri, "done": done})

    def _step(self, stage: str, done: int) -> None:
        if self.is_cancelled():
            raise Cancelled("stopped; what was copied is kept, run it again to go on")
        total = self.served.manifest.passages
        self.progress(Progress(stage, done, total, time.perf_counter() - self.started))
