"""What earlier generations lend to a new one: texts of lost originals, and vectors."""

from dataclasses import dataclass

from index.errors import IndexingError
from index.generation import STORE, VECTORS, Manifest, check_files
from index.home import Home
from index.store import Store
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


def newest_sound(home: Home) -> Earlier | None:
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
        return Earlier(name, manifest, Store(folder / STORE), vectors, serves=name == current)
    return None
