"""What earlier generations lend to a new one: texts of lost originals, and vectors."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from corpus import Document, Problem, SourceFile, document_id
from index.crew import Done
from index.cutting import Cut
from index.engine import HERE, Engine, Place
from index.engines import open_engine
from index.errors import DamagedIndex, EngineUnavailable, HomeUnusable
from index.generation import STORE
from index.home import Home
from index.ledger import Ledger
from index.manifest import SOFTWARE, Collection, Manifest
from index.models import EncoderIdentity
from index.seals import check_every_byte
from index.sources import Sources
from index.store import Store


@dataclass(frozen=True, slots=True)
class CutBefore(Done[Cut]):
    """A document that was cut before as it would be today, with its passages as the result."""

    document: Document


@dataclass(frozen=True, slots=True)
class Earlier:
    """A sound generation, opened without its encoder.

    Attributes:
        name: Its name.
        manifest: What it holds.
        store: Its documents and passages.
        engine: What gives its vectors; None if they are lost, or a server that holds them is gone.
        serves: Whether it is the one that serves.
    """

    name: str
    manifest: Manifest
    store: Store
    engine: Engine | None
    serves: bool

    def is_at(self, place: Place) -> bool:
        """Returns whether it is searched there, and can be."""
        return self.engine is not None and self.manifest.uri == place.uri

    def read_alike(self, source: str, sources: Sources) -> bool:
        """Returns whether reading a file, if it is unchanged, would give what is held of it."""
        said = self.manifest.said.get(source) == sources.said.get(source)
        return said and self.manifest.reading == reading_of(sources)

    def cuts_as(self, encoder: EncoderIdentity, budget: int) -> bool:
        """Returns whether its passages are those that would be cut today."""
        made = (self.manifest.budget, self.manifest.software)
        return self.manifest.encoder.is_but_for_name(encoder) and made == (budget, SOFTWARE)

    def read_before(self, file: SourceFile) -> Iterator[Document | Problem]:
        """Yields what a file held when it was read."""
        places = tuple(str(path) for path in (file.source, file.sidecar) if path)
        for problem in self.manifest.problems:
            place = problem["source"]
            if place in places or place.startswith(f"{file.source}, "):
                yield Problem(**problem)
        for document in self.store.documents_from(file.source):
            # An id may have been given way to another document's that is gone by now.
            yield replace(document, id=document_id(file.name, document.media_type, document.record))

    def cut_before(self, document: Document) -> Document | CutBefore:
        """Returns a document that is held as it is with its passages, any other alone."""
        store = self.store
        name = document.id
        if store.document(name) != document:
            return document
        made = Cut(store.passages_of(name), store.embedded_of(name), store.repeating_of(name))
        return CutBefore(made, document)

    def records_of(self, file: SourceFile) -> dict[str, Document]:
        """Returns the records that a file held, by their ids.

        None of a file that is described, now or then, by one beside it: that may have changed.
        """
        known = self.store.file(file.path)
        if known is None or known.sidecar or file.sidecar:
            return {}
        documents = (item for item in self.read_before(file) if isinstance(item, Document))
        return {each.record: each for each in documents if each.record is not None}


def reading_of(sources: Sources) -> str:
    """Returns what, besides the files and what is said of them, decides how they are read."""
    ocr = "with OCR" if find_spec("rapidocr") else "without OCR"
    return f"{SOFTWARE}, {ocr}, {len(sources.passwords)} passwords"


def newest_sound(home: Home) -> Earlier | None:
    """Returns the serving generation, or where it is damaged, the newest sound one.

    Raises:
        EngineUnavailable: If the server that searches it cannot be reached, unless it is to be
            searched in the home from now on.
        HomeUnusable: If one cannot be read just now: an older one may lack texts of lost originals
            that it alone still holds.
    """
    current = home.current_or_none()
    for name in sorted(home.names(), key=lambda name: (name == current, int(name)), reverse=True):
        folder = home.generations / name
        try:
            manifest = Manifest.load(folder)
            check_every_byte(folder, manifest.files)
            engine = _engine_of(home, folder, manifest)
        except DamagedIndex:
            continue
        try:
            store = Store(folder / STORE)
        except sqlite3.Error as error:  # every byte of it is what was written
            raise HomeUnusable(
                f"{folder / STORE}: cannot be opened ({error}); run it again"
            ) from error
        return Earlier(name, manifest, store, engine, serves=name == current)
    return None


def _engine_of(home: Home, folder: Path, manifest: Manifest) -> Engine | None:
    """Opens what gives a generation's vectors; None if all but these is there."""
    held = manifest.collection
    try:
        if held and Ledger(home.generations).is_spoilt(held.uri, held.name):
            return None
        return open_engine(folder, manifest, home.engine)
    except EngineUnavailable:
        if home.engine != HERE:
            raise
        return None
    except DamagedIndex:  # every byte in the home is what was written: its texts are sound
        if held:
            distrust(home, held)
        return None


def distrust(home: Home, collection: Collection) -> None:
    """Notes that a collection is not what was written, so that the next build writes another.

    Raises:
        HomeUnusable: If that cannot be noted.
    """
    with home.writable():
        Ledger(home.generations).distrust(collection.uri, collection.name)
