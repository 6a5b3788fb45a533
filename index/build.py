"""Builds a generation beside the one that serves, and switches to it when it is sound."""

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from corpus import Document, Problem
from index.cutting import PASSAGE_TOKENS, embedded_text, embedding_key, passages_for
from index.durable import as_os_error, sha256_of, sync
from index.earlier import newest_sound
from index.encoder import Encoder, Vectors
from index.errors import Cancelled, EmptyCorpus
from index.gathering import Gathered, gather
from index.generation import LEXICAL, SCHEMA, SOFTWARE, STORE, VECTORS, Generation, Manifest
from index.home import Home
from index.journal import Journal
from index.lexical import LexicalIndex
from index.models import (
    COMPILED,
    DEFAULT_MODEL,
    EncoderIdentity,
    prepare_encoder,
    why_not_compiled,
)
from index.store import StoreWriter
from index.vectors import VectorIndex

# Texts encoded between two notes of what was done: a fraction of a second's work.
_CHUNK = 64

# Passages that must find themselves before a generation may serve.
_SELF_CHECKS = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: ``done`` of ``total`` units of ``stage``."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        generation: The generation that serves now.
        changed: Whether it is a new one.
        documents: Documents in it.
        passages: Passages in it.
        encoded: Passages whose vectors had to be computed.
        problems: What was skipped, and why.
        seconds: How long the build took.
    """

    generation: str
    changed: bool
    documents: int
    passages: int
    encoded: int
    problems: tuple[Problem, ...]
    seconds: float


def rebuild(
    home: Home,
    encoder_name: str | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> BuildReport:
    """Brings a home's index up to date with its sources and switches to it.

    What has been encoded before, by the serving generation or by a build that was stopped, is
    not encoded again. Until the switch the old generation serves, whatever happens.

    Args:
        home: Where.
        encoder_name: A model to change to; else the home's own, at first `DEFAULT_MODEL`.
        on_progress: Told of each step.
        is_cancelled: Asked between steps.

    Raises:
        EmptyCorpus: If no document could be read.
        RebuildRunning: If another process is rebuilding this home.
        EncoderError: If the encoder cannot be loaded.
        HomeUnusable: If the home cannot be written.
        Cancelled: If ``is_cancelled`` said so.
    """
    with home.writing():
        return _Build(home, encoder_name, on_progress, is_cancelled).run()


@dataclass(slots=True)
class _Cut:
    """The passages of a build, in order.

    Attributes:
        keys: The hash of what is embedded for each.
        pairs: Title and text of each, for the lexical index.
        texts: What to embed, by its hash, for those that were cut anew.
    """

    keys: list[bytes] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    texts: dict[bytes, str] = field(default_factory=dict)


class _Build:
    """One run of `rebuild`."""

    def __init__(
        self,
        home: Home,
        encoder_name: str | None,
        on_progress: Callable[[Progress], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        self.home = home
        self.progress = on_progress
        self.is_cancelled = is_cancelled
        self.timings: dict[str, float] = {}
        self.problems: list[Problem] = []
        self.started = time.perf_counter()
        self.journal = home.generations / "encoded.sqlite"
        self.earlier = newest_sound(home)
        self.encoder_name = encoder_name or (
            self.earlier.manifest.encoder.name if self.earlier else DEFAULT_MODEL
        )

    @contextmanager
    def _stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        started = time.perf_counter()

        def step(done: int) -> None:
            if self.is_cancelled():
                raise Cancelled("stopped; what was encoded is kept; run: readout rebuild")
            self.progress(Progress(name, done, total))

        step(0)
        yield step
        self.timings[name] = round(time.perf_counter() - started, 3)

    def run(self) -> BuildReport:
        with self._stage("read", 0) as step:
            gathered = gather(self.home.roots(), self.earlier, step)
        self.problems = gathered.problems
        documents = gathered.documents
        if not documents:
            first = next(iter(self.problems), None)
            why = f" ({first.source}: {first.reason})" if first else ""
            raise EmptyCorpus(f"{self.home.path}: nothing to index{why}; run: readout add PATH")
        encoder, identity = prepare_encoder(
            self.home.models, self.encoder_name, lambda: self.progress(Progress("compile", 0, 1))
        )
        if identity.runtime != COMPILED:
            self.problems.append(
                Problem(self.encoder_name, why_not_compiled(self.home.models, identity))
            )
        corpus = _digest(documents)
        served = self.earlier if self.earlier and self.earlier.serves else None
        if served and served.manifest.holds(corpus, identity, self.problems):
            return self._report(served.name, served.manifest, encoded=0)
        with self.home.writable():
            return self._write(gathered, corpus, encoder, identity)

    def _write(
        self, gathered: Gathered, corpus: str, encoder: Encoder, identity: EncoderIdentity
    ) -> BuildReport:
        folder = self.home.generations / "building"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / LEXICAL).mkdir(parents=True)
        cut = self._cut(folder, gathered, encoder, identity)
        vectors, encoded = self._encode(cut, encoder, identity)
        with self._stage("index", 1) as step, as_os_error(RuntimeError, ValueError):
            VectorIndex.build(vectors).save(folder / VECTORS)
            LexicalIndex.build(folder / LEXICAL, cut.pairs)
            step(1)
        manifest = Manifest(
            schema=SCHEMA,
            software=SOFTWARE,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            documents=len(gathered.documents),
            passages=len(cut.keys),
            budget=PASSAGE_TOKENS,
            encoder=identity,
            corpus=corpus,
            problems=[asdict(problem) for problem in self.problems],
            timings=self.timings,
            files=_seal(folder),
        )
        manifest.save(folder)
        return self._report(self._check_and_switch(folder), manifest, encoded)

    def _report(self, name: str, manifest: Manifest, encoded: int) -> BuildReport:
        return BuildReport(
            generation=name,
            changed=self.earlier is None or name != self.earlier.name,
            documents=manifest.documents,
            passages=manifest.passages,
            encoded=encoded,
            problems=tuple(self.problems),
            seconds=round(time.perf_counter() - self.started, 3),
        )

    def _cut(
        self, folder: Path, gathered: Gathered, encoder: Encoder, identity: EncoderIdentity
    ) -> _Cut:
        """Writes the store; a document that is what it was keeps its passages."""
        cut = _Cut()
        lender = self.earlier
        if lender and not lender.cuts_as(identity, PASSAGE_TOKENS):
            lender = None
        documents = gathered.documents
        store = StoreWriter(folder / STORE)
        with self._stage("cut", len(documents)) as step, as_os_error(sqlite3.Error):
            for done, document in enumerate(documents, start=1):
                if lender and lender.store.document(document.id) == document:
                    passages = lender.store.passages_of(document.id)
                    keys = lender.store.embedded_of(document.id)
                else:
                    passages = passages_for(document, encoder)
                    texts = [embedded_text(document, passage) for passage in passages]
                    keys = [embedding_key(text) for text in texts]
                    cut.texts.update(zip(keys, texts, strict=True))
                store.add(document, passages, keys)
                cut.keys.extend(keys)
                cut.pairs.extend(
                    (document.title, document.text[passage.start : passage.end])
                    for passage in passages
                )
                if done % 100 == 0 or done == len(documents):
                    step(done)
            for path, stamp in gathered.stamps.items():
                store.add_file(path, stamp)
            store.close()
        return cut

    def _encode(
        self, cut: _Cut, encoder: Encoder, identity: EncoderIdentity
    ) -> tuple[Vectors, int]:
        """Returns the vector of every passage, and how many of them had to be computed."""
        journal = Journal(self.journal, repr(identity))
        try:
            known = self._known_vectors(cut.keys, identity, journal)
            missing = [key for key in cut.texts if key not in known]
            # Texts of one length side by side keep the cores equally busy.
            missing.sort(key=lambda key: len(cut.texts[key]))
            with self._stage("encode", len(missing)) as step:
                for start in range(0, len(missing), _CHUNK):
                    chunk = missing[start : start + _CHUNK]
                    rows = encoder.embed_passages([cut.texts[key] for key in chunk])
                    with as_os_error(sqlite3.Error):
                        journal.add(chunk, rows)
                    known.update(zip(chunk, rows, strict=True))
                    step(start + len(chunk))
        finally:
            journal.close()
        return np.stack([known[key] for key in cut.keys]), len(missing)

    def _known_vectors(
        self, keys: list[bytes], identity: EncoderIdentity, journal: Journal
    ) -> dict[bytes, Vectors]:
        known: dict[bytes, Vectors] = {}
        if self.earlier and self.earlier.manifest.encoder == identity:
            numbers = self.earlier.store.embedded()
            shared = [key for key in dict.fromkeys(keys) if key in numbers]
            rows = self.earlier.vectors.get([numbers[key] for key in shared])
            known.update(zip(shared, rows, strict=True))
        for key in keys:
            if key not in known and (vector := journal.get(key)) is not None:
                known[key] = vector
        return known

    def _check_and_switch(self, folder: Path) -> str:
        with self._stage("check", 1) as step:
            Generation(folder, self.home.models).check(_SELF_CHECKS)
            step(1)
        # Only what passed its check gets a name, so that whatever has one may be gone back to.
        name, served = self.home.next_name(), self.home.current_or_none()
        folder.rename(self.home.generations / name)
        sync(self.home.generations)
        self.home.switch_to(name)
        self.journal.unlink(missing_ok=True)
        self.home.keep_only({name, served})
        return name


def _digest(documents: list[Document]) -> str:
    """A hash over all that a generation takes from its documents."""
    digest = hashlib.sha256(f"{SCHEMA} {SOFTWARE} {PASSAGE_TOKENS}".encode())
    for document in documents:
        digest.update(repr(document).encode())
    return digest.hexdigest()


def _seal(folder: Path) -> dict[str, str]:
    """Flushes every file and folder of a generation; returns the files' checksums."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(".lock"):
            path.unlink()  # Tantivy's; a generation is never written again
            continue
        sync(path)
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = sha256_of(path)
    sync(folder)
    return files
