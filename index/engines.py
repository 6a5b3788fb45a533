"""Which engine searches a generation: the one its manifest names."""

from collections.abc import Callable, Iterator
from pathlib import Path

from index.durable import as_os_error
from index.engine import Engine, Place
from index.ledger import Ledger
from index.lexical import Entry
from index.local import LocalEngine, write_local
from index.manifest import Collection, Manifest
from index.milvus import open_collection
from index.milvus_writer import write_collection
from index.rows import Rows
from index.seals import unreadable
from index.store import Store
from index.vectors import ROWS, VectorIndex


def open_engine(folder: Path, manifest: Manifest, wanted: Place) -> Engine:
    """Opens what searches a generation.

    Args:
        folder: The generation's.
        manifest: What it holds.
        wanted: Where the settings say that Milvus is, if that is what searches.

    Raises:
        DamagedIndex: If what searches is not there, or cannot be read.
        EngineUnavailable: If a server is wanted that cannot be reached.
        HomeUnusable: If what is in the home cannot be read just now.
    """
    if manifest.collection is not None:
        return open_collection(folder, manifest.collection, manifest.passages, wanted)
    try:
        return LocalEngine(folder)
    except (RuntimeError, ValueError, OSError) as error:
        raise unreadable(folder, error) from error


def write_engine(
    folder: Path,
    store: Store,
    rows: Rows,
    content: str,
    place: Place,
    step: Callable[[int], None],
) -> tuple[str, Collection | None]:
    """Writes what searches a generation.

    Args:
        folder: The generation's, beside its home's others; `index.vectors.new_rows` put ``rows``
            there.
        store: Its documents and passages.
        rows: Its vectors.
        content: What tells its content from any other.
        place: Where it is to be searched.
        step: Told how many passages are written, of as many as there are.

    Returns:
        How it will be searched, for people; and where, if that is not in the home.

    Raises:
        EngineUnavailable: If the server cannot be reached, or refuses.
        OSError: If the disk does.
    """
    if not place.uri:
        with as_os_error(RuntimeError, ValueError):
            write_local(folder, rows, _entries(store), step)
        return VectorIndex(folder).kind, None
    ledger = Ledger(folder.parent)
    collection = write_collection(folder, store, rows, content, place, ledger, step)
    (folder / ROWS).unlink()
    return collection.kind, collection


def _entries(store: Store) -> Iterator[Entry]:
    for document in store.documents():
        for passage in store.passages_of(document.id):
            text = document.text[passage.start : passage.end]
            yield Entry(document.title, text, document.published, document.event_date)
