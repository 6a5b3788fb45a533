"""What earlier generations lend to a new one: texts of lost originals, and vectors."""

from dataclasses import dataclass, replace

from corpus import Document, Problem, SourceFile
from index.errors import IndexingError
from index.generation import SOFTWARE, STORE, VECTORS, Manifest, check_files
from index.home import Home
from index.models import EncoderIdentity
from index.store import FileStamp, Store
from index.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class Earlier:
    """A sound generation, opened without its encoder.

    Attributes:
        name: Its name.
        manifest: What it holds.
        store: Its documents and passages.
        vectors: Its vectors.
        serves: Whether it is the one that serves.
    """

    name: str
    manifest: Manifest
    store: Store
    vectors: VectorIndex
    serves: bool

    def cuts_as(self, encoder: EncoderIdentity, budget: int) -> bool:
        """Returns whether its passages are those that would be cut today."""
        made = (self.manifest.encoder, self.manifest.budget, self.manifest.software)
        return made == (encoder, budget, SOFTWARE)

    def read_before(self, file: SourceFile, stamp: FileStamp) -> list[Document | Problem] | None:
        """Returns what a file held when it was read, or None if it must be read again."""
        if self.manifest.software != SOFTWARE or stamp != self.store.stamp(file.path):
            return None
        skipped = [
            Problem(**problem)
            for problem in self.manifest.problems
            if problem["source"].startswith(f"{file.source}, line ")
        ]
        # An id may have been given way to another document's that is gone by now.
        documents = [
            replace(document, id=document.record or file.name)
            for document in self.store.documents_from(file.source)
        ]
        return [*skipped, *documents]


def newest_sound(home: Home) -> Earlier | None:
    """Returns the serving generation, or where it is damaged, the newest sound one."""
    current = home.current_or_none()
    for name in sorted(home.names(), key=lambda name: (name == current, int(name)), reverse=True):
        folder = home.generations / name
        try:
            manifest = Manifest.load(folder)
            check_files(folder, manifest.files)
            vectors = VectorIndex.load(folder / VECTORS)
        except (IndexingError, RuntimeError):
            continue
        return Earlier(name, manifest, Store(folder / STORE), vectors, serves=name == current)
    return None
