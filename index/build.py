"""Builds a generation beside the one that serves, and switches to it when it is sound."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from corpus import (
    Document,
    Passage,
    Problem,
    SourceFile,
    UnreadableSource,
    cut_passages,
    files_of,
    read_source,
)
from index.durable import sha256_of, sync
from index.encoder import Encoder, Vectors
from index.errors import Cancelled, EmptyCorpus, IndexingError
from index.generation import (
    LEXICAL,
    SCHEMA,
    STORE,
    VECTORS,
    Generation,
    Manifest,
    check_files,
)
from index.home import Home
from index.journal import Journal
from index.lexical import LexicalIndex
from index.models import DEFAULT_MODEL, EncoderIdentity, prepare_encoder
from index.store import FileStamp, Store, StoreWriter
from index.vectors import VectorIndex

#: Tokens a passage may hold. See docs/measurements.md for how it was chosen.
PASSAGE_TOKENS = 200

#: Characters of a title that are embedded above each of its passages.
TITLE = 160

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


def embedded_text(document: Document, passage: Passage) -> str:
    """Returns what is encoded for a passage: its text under the document's title and heading."""
    text = document.text[passage.start : passage.end]
    heading = (passage.heading or "")[-TITLE:]
    above = [part for part in (document.title[:TITLE], heading) if part]
    return "\n".join([*above, text])


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
        self.problems: list[Problem] = []
        self.timings: dict[str, float] = {}
        self.stamps: dict[Path, FileStamp] = {}
        self.started = time.perf_counter()
        self.journal = home.generations / "encoded.sqlite"
        self.earlier = _earlier(home)
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
        documents = self._read()
        if not documents:
            why = (
                f" ({self.problems[0].source}: {self.problems[0].reason})" if self.problems else ""
            )
            raise EmptyCorpus(f"{self.home.path}: nothing to index{why}; run: readout add PATH")
        encoder, identity = prepare_encoder(
            self.home.models, self.encoder_name, lambda: self.progress(Progress("compile", 0, 1))
        )
        corpus = _digest(documents)
        served = self.earlier if self.earlier and self.earlier.serves else None
        if served and (served.manifest.corpus, served.manifest.encoder) == (corpus, identity):
            return self._report(served.name, served.manifest, encoded=0)
        folder = self.home.generations / "building"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / LEXICAL).mkdir(parents=True)
        pairs, texts = self._cut(folder, documents, encoder)
        vectors, encoded = self._encode(texts, encoder, identity)
        with self._stage("index", 1) as step:
            VectorIndex.build(vectors).save(folder / VECTORS)
            LexicalIndex.build(folder / LEXICAL, pairs)
            step(1)
        manifest = Manifest(
            schema=SCHEMA,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            documents=len(documents),
            passages=len(texts),
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

    def _read(self) -> list[Document]:
        with self._stage("read", 0) as step:
            documents: list[Document] = []
            for root in self.home.roots():
                for item in self._read_root(root):
                    if isinstance(item, Problem):
                        self.problems.append(item)
                        continue
                    documents.append(item)
                    if len(documents) % 100 == 0:
                        step(len(documents))
            step(len(documents))
        return _with_unique_ids(documents)

    def _read_root(self, root: str) -> Iterator[Document | Problem]:
        try:
            for file in files_of(root):
                if isinstance(file, Problem):
                    yield file
                else:
                    yield from self._read_file(file)
        except (UnreadableSource, OSError) as error:
            yield from self._kept(root, error)

    def _read_file(self, file: SourceFile) -> Iterator[Document | Problem]:
        try:
            stamp = FileStamp.of(file.path)
            # All or nothing: half a file would look like a file whose other half was deleted.
            yield from list(read_source(file))
            self.stamps[file.path] = stamp
        except (UnreadableSource, OSError) as error:
            yield from self._kept(file.source, error)

    def _kept(self, source: str, error: Exception) -> Iterator[Document | Problem]:
        """What was read from a source before it could not be read any more."""
        kept = list(self.earlier.store.documents_from(source)) if self.earlier else []
        note = f"; its {len(kept)} document(s) as last read are kept" if kept else ""
        yield Problem(source, str(error).removeprefix(f"{source}: ") + note)
        yield from kept

    def _cut(
        self, folder: Path, documents: list[Document], encoder: Encoder
    ) -> tuple[list[tuple[str, str]], list[str]]:
        """Writes the store; returns each passage's (title, text), and what to embed for it."""
        pairs: list[tuple[str, str]] = []
        embedded: list[str] = []
        store = StoreWriter(folder / STORE)
        with self._stage("cut", len(documents)) as step:
            for done, document in enumerate(documents, start=1):
                passages = _passages(document, encoder)
                texts = [embedded_text(document, passage) for passage in passages]
                store.add(document, passages, [_key(text) for text in texts])
                embedded.extend(texts)
                pairs.extend(
                    (document.title, document.text[passage.start : passage.end])
                    for passage in passages
                )
                if done % 100 == 0 or done == len(documents):
                    step(done)
        for path, stamp in self.stamps.items():
            store.add_file(path, stamp)
        store.close()
        return pairs, embedded

    def _encode(
        self, texts: list[str], encoder: Encoder, identity: EncoderIdentity
    ) -> tuple[Vectors, int]:
        """Returns the vectors of ``texts`` and how many of them had to be computed."""
        keys = [_key(text) for text in texts]
        journal = Journal(self.journal, repr(identity))
        try:
            known = self._known_vectors(keys, identity, journal)
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            # Texts of one length side by side keep the cores equally busy.
            order = sorted(missing, key=lambda key: len(missing[key]))
            with self._stage("encode", len(order)) as step:
                for start in range(0, len(order), _CHUNK):
                    chunk = order[start : start + _CHUNK]
                    rows = encoder.embed_passages([missing[key] for key in chunk])
                    journal.add(chunk, rows)
                    known.update(zip(chunk, rows, strict=True))
                    step(start + len(chunk))
        finally:
            journal.close()
        return np.stack([known[key] for key in keys]), len(order)

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
        name = self.home.next_name()
        final = self.home.generations / name
        with self._stage("check", 1) as step:
            folder.rename(final)
            sync(self.home.generations)
            Generation(final, self.home.models).check(_SELF_CHECKS)
            self.home.switch_to(name)
            step(1)
        self.journal.unlink(missing_ok=True)
        self.home.clean_up()
        return name


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What an earlier generation can lend to a new one."""

    name: str
    manifest: Manifest
    store: Store
    vectors: VectorIndex
    serves: bool


def _earlier(home: Home) -> _Earlier | None:
    """Returns the serving generation, or where it is damaged, the newest sound one."""
    try:
        current = home.current()
    except IndexingError:
        current = ""
    for name in sorted(home.names(), key=lambda name: (name == current, int(name)), reverse=True):
        folder = home.generations / name
        try:
            manifest = Manifest.load(folder)
            check_files(folder, manifest.files)
            vectors = VectorIndex.load(folder / VECTORS)
        except (IndexingError, RuntimeError):
            continue
        return _Earlier(name, manifest, Store(folder / STORE), vectors, serves=name == current)
    return None


def _with_unique_ids(documents: list[Document]) -> list[Document]:
    """Keeps each document once; where two claim one id, the one that was added first has it."""
    origins: set[tuple[str, str | None]] = set()
    taken: set[str] = set()
    unique = []
    for document in documents:
        origin = (document.source, document.record)
        if origin in origins:  # the same file, added twice over
            continue
        origins.add(origin)
        name = document.id
        if name in taken:
            tag = hashlib.sha256(f"{document.source}#{document.record}".encode()).hexdigest()[:8]
            name = f"{document.id}~{tag}"
        taken.add(name)
        unique.append(replace(document, id=name))
    return unique


def _digest(documents: list[Document]) -> str:
    """A hash over all that a generation takes from its documents."""
    digest = hashlib.sha256(f"{SCHEMA} {PASSAGE_TOKENS}".encode())
    for document in documents:
        digest.update(repr(document).encode())
    return digest.hexdigest()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _passages(document: Document, encoder: Encoder) -> list[Passage]:
    """Cuts a document so that each passage fits the window under its title and heading."""
    above = [document.title[:TITLE]]
    passages = cut_passages(document, _budget(above, encoder), encoder.count_tokens)
    headings = {passage.heading[-TITLE:] for passage in passages if passage.heading}
    if not headings:
        return passages
    above.append(max(headings, key=lambda heading: encoder.count_tokens([heading])))
    return cut_passages(document, _budget(above, encoder), encoder.count_tokens)


def _budget(above: list[str], encoder: Encoder) -> int:
    """Tokens left for a passage under what is embedded ``above`` it, inside the window."""
    special = 2  # [CLS] and [SEP]
    return max(8, min(PASSAGE_TOKENS, encoder.window - sum(encoder.count_tokens(above)) - special))


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
