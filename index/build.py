"""Builds a generation beside the one that serves, and switches to it when it is sound."""

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from corpus import Document, Problem
from index.cluster import Cluster
from index.crew import Crew, Done, Here
from index.cutting import PASSAGE_TOKENS, Cut, cut_document
from index.durable import as_os_error
from index.earlier import CutBefore, Earlier, newest_sound, reading_of
from index.encoder import Encoder
from index.encoding import encode_passages
from index.engines import write_engine
from index.errors import Cancelled, EmptyCorpus
from index.gathering import Gathering, nothing_changed
from index.generation import STORE, VOCABULARY, Generation
from index.home import Home
from index.journal import Journal
from index.manifest import SCHEMA, SOFTWARE, Collection, Manifest
from index.models import (
    DEFAULT_MODEL,
    ON_GPU,
    ORIGINAL,
    EncoderIdentity,
    prepare_encoder,
    settled_name,
    why_not_compiled,
)
from index.report import BuildReport, Changes, Progress
from index.rows import Rows
from index.seals import seal
from index.server import why_no_words
from index.store import Store
from index.store_writer import StoreWriter
from index.switching import JOURNAL, check_and_switch
from index.vectors import new_rows
from index.vocabulary import Vocabulary

# Documents between two notes of how many were read.
_NOTE = 100

_KEPT = "what was encoded is kept; run: readout rebuild"


def rebuild(
    home: Home,
    encoder_name: str | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    approve: Callable[[Generation], bool] = lambda _: True,
    ray: str | None = None,
) -> BuildReport:
    """Brings a home's index up to date with its sources and switches to it.

    What has been encoded before, by the serving generation or by a build that was stopped, is
    not encoded again. Until the switch the old generation serves, whatever happens.

    Args:
        home: Where.
        encoder_name: A model to change to; else the home's own, at first `DEFAULT_MODEL`.
        on_progress: Told of each step.
        is_cancelled: Asked between steps.
        approve: Asked, with the new generation, whether to switch to it.
        ray: The address of a Ray cluster that is to read, cut and encode (`index.cluster`).

    Raises:
        EmptyCorpus: If no document could be read.
        RebuildRunning: If another process is rebuilding this home.
        EncoderError: If the encoder cannot be loaded.
        HomeUnusable: If the home cannot be written.
        ClusterError: If that cluster cannot be used, or was lost.
        Cancelled: If ``is_cancelled`` said so, or ``approve`` said no.
    """
    with home.writing(), Cluster(ray) if ray else nullcontext() as cluster:
        return _Build(home, encoder_name, on_progress, is_cancelled, approve, cluster).run()


class _Build:
    """One run of `rebuild`."""

    def __init__(
        self,
        home: Home,
        encoder_name: str | None,
        on_progress: Callable[[Progress], None],
        is_cancelled: Callable[[], bool],
        approve: Callable[[Generation], bool],
        cluster: Cluster | None,
    ) -> None:
        self.home = home
        self.cluster = cluster
        self.progress = on_progress
        self.is_cancelled = is_cancelled
        self.approve = approve
        self.timings: dict[str, float] = {}
        self.problems: list[Problem] = []
        self.started = time.perf_counter()
        self.journal = home.generations / JOURNAL
        self.earlier = newest_sound(home)
        #: Where the new generation is to be searched.
        self.place = home.engine
        if self.place.uri is None:
            self.place = self.place.at(self.earlier.manifest.uri if self.earlier else "")
        self.sources = home.sources()
        #: The first passage of each document that was cut anew, by the document's id.
        self.cut_anew: dict[str, int] = {}
        self.encoder_name = encoder_name or (
            self.earlier.manifest.encoder.name if self.earlier else DEFAULT_MODEL
        )

    @contextmanager
    def _stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Times a stage; gives what to call with the number of units done so far."""
        started = time.perf_counter()

        def step(done: int) -> None:
            if self.is_cancelled():
                raise Cancelled(f"stopped; {_KEPT}")
            self.progress(Progress(name, done, total, time.perf_counter() - started))

        step(0)
        yield step
        self.timings[name] = round(time.perf_counter() - started, 3)

    def run(self) -> BuildReport:
        self.home.finish_deleting()
        encoder, identity = prepare_encoder(
            self.home.models,
            self.encoder_name,
            lambda: self._tell("compile"),
            on_gpu=self._is_for_gpus(),
        )
        if identity.runtime == ORIGINAL:
            self.problems.append(
                Problem(self.encoder_name, why_not_compiled(self.home.models, identity))
            )
        if self.place.uri and (problem := why_no_words(self.place)):
            self.problems.append(problem)
        served = self.earlier if self.earlier and self.earlier.serves else None
        if served and not served.is_at(self.place):
            served = None
        if served and served.manifest.encoder == identity:
            with self._stage("look", 0):
                unchanged = nothing_changed(self.sources, served)
            if unchanged:
                return self._nothing_new(served)
        with self.home.writable(), as_os_error(sqlite3.Error):
            return self._write(encoder, identity, served)

    def _is_for_gpus(self) -> bool:
        """An index keeps the runtime that made it; a new one takes what GPUs run, if there are."""
        held = self.earlier.manifest.encoder if self.earlier else None
        if held and held.name == settled_name(self.encoder_name):
            return held.runtime == ON_GPU
        return self.cluster is not None and self.cluster.gpus > 0

    def _write(
        self, encoder: Encoder, identity: EncoderIdentity, served: Earlier | None
    ) -> BuildReport:
        folder = self.home.generations / "building"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / VOCABULARY).mkdir(parents=True)
        crew: Crew = Here(encoder)
        if self.cluster:
            crew = self.cluster.crew(self.home.models, encoder, identity)
        corpus = self._read(folder, identity, crew)
        reading = reading_of(self.sources)
        if served and served.manifest.holds(corpus, identity, self.problems, self.sources, reading):
            shutil.rmtree(folder)
            return self._nothing_new(served)
        store = Store(folder / STORE)
        count = store.counts()["passages"]
        rows = new_rows(folder, count, encoder.dimension)
        lender = self.earlier
        if lender and not (lender.engine and lender.manifest.encoder.is_but_for_name(identity)):
            lender = None
        journal = Journal(self.journal, repr(identity))
        try:
            encoded = encode_passages(
                store, rows, self.cut_anew, crew, lender, journal, self._stage
            )
        finally:
            journal.close()
        kind, collection = self._index(folder, store, rows, f"{identity!r} {corpus}")
        manifest = Manifest(
            schema=SCHEMA,
            software=SOFTWARE,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            documents=store.counts()["documents"],
            passages=count,
            budget=PASSAGE_TOKENS,
            encoder=identity,
            vectors=kind,
            roots=self.sources.roots,
            said=self.sources.said,
            reading=reading,
            corpus=corpus,
            problems=[asdict(problem) for problem in self.problems],
            timings=self.timings,
            files=seal(folder),
            collection=collection,
        )
        manifest.save(folder)
        changes = Changes.between(self.earlier.store if self.earlier else None, store)
        name = self._check_and_switch(folder)
        return self._report(name, manifest, encoded, changes, crew.problems)

    def _nothing_new(self, served: Earlier) -> BuildReport:
        return self._report(served.name, served.manifest, 0, Changes())

    def _report(
        self,
        name: str,
        manifest: Manifest,
        encoded: int,
        changes: Changes,
        told: Sequence[Problem] = (),
    ) -> BuildReport:
        return BuildReport(
            generation=name,
            changed=self.earlier is None or name != self.earlier.name,
            documents=manifest.documents,
            passages=manifest.passages,
            encoded=encoded,
            changes=changes,
            problems=(*(Problem(**problem) for problem in manifest.problems), *told),
            seconds=round(time.perf_counter() - self.started, 3),
        )

    def _read(self, folder: Path, identity: EncoderIdentity, crew: Crew) -> str:
        """Reads every source into the store, cut; returns a hash over all that it holds.

        Raises:
            EmptyCorpus: If there was nothing to read.
        """
        gathering = Gathering(self.sources, self.earlier, crew)
        lender = self.earlier
        if lender and not (lender.engine and lender.cuts_as(identity, PASSAGE_TOKENS)):
            lender = None
        digest = hashlib.sha256(f"{SCHEMA} {SOFTWARE} {PASSAGE_TOKENS}".encode())
        done = 0
        with closing(StoreWriter(folder / STORE)) as store, self._stage("read", 0) as step:
            documents: Iterator[Document | Done[Cut]] = (
                lender.cut_before(document) if lender else document
                for document in gathering.documents()
            )
            cuts = crew.map(cut_document, documents)
            for done, (item, parts) in enumerate(cuts, start=1):
                match item:
                    case CutBefore():
                        document = item.document
                    case Document():
                        document = item
                digest.update(repr(document).encode())
                number = store.add(document, parts.passages, parts.embedded, parts.repeating)
                if item is document:
                    self.cut_anew[document.id] = number
                if done % _NOTE == 0:
                    step(done)
            step(done)
            for path, record in gathering.files.items():
                store.add_file(path, record)
            store.group_repeats()
            store.complete()
        self.problems = gathering.problems + self.problems
        if not done:
            first = next(iter(gathering.problems), None)
            why = f" ({first.source}: {first.reason})" if first else ""
            raise EmptyCorpus(f"{self.home.path}: nothing to index{why}; run: readout add PATH")
        return digest.hexdigest()

    def _index(
        self, folder: Path, store: Store, rows: Rows, content: str
    ) -> tuple[str, Collection | None]:
        with self._stage("index", rows.shape[0]) as step:
            with as_os_error(ValueError):
                Vocabulary.build(folder / VOCABULARY, _texts(store))
            return write_engine(folder, store, rows, content, self.place, step)

    def _check_and_switch(self, folder: Path) -> str:
        with self._stage("check", 1) as step:
            name = check_and_switch(self.home, folder, self.place, self.approve, lambda: step(1))
        with suppress(OSError):  # done is done; the next build tidies up
            self.journal.unlink(missing_ok=True)
        return name

    def _tell(self, stage: str) -> None:
        self.progress(Progress(stage, 0, 1, 0.0))


def _texts(store: Store) -> Iterator[str]:
    for document in store.documents():
        yield document.title
        yield document.text
