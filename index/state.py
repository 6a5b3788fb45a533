"""What a home holds, and how far its index lags behind its sources."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import DamagedIndex, HomeUnusable
from index.freshness import files_below, freshness
from index.generation import Generation
from index.home import Home
from index.manifest import Manifest


@dataclass(frozen=True, slots=True)
class GenerationState:
    """A finished generation of a home.

    Attributes:
        name: Its name.
        serves: Whether it is the one that serves.
        bytes: What it takes on disk.
        manifest: What it holds; None if that cannot be read.
    """

    name: str
    serves: bool
    bytes: int
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as it is now, beside what the index has of it.

    Attributes:
        root: The source, as `Home.roots` has it, or one that was removed since.
        documents: Documents of it that the index holds.
        added: Files that the index has not read yet.
        changed: Files that hold something else now.
        removed: Files that are gone.
        trouble: Why it cannot be looked at as a whole, or None.
    """

    root: str
    documents: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    trouble: str | None = None

    @property
    def is_stale(self) -> bool:
        """Whether a rebuild would find something else."""
        return bool(self.added or self.changed or self.removed)


def generation_states(home: Home) -> Iterator[GenerationState]:
    """Yields the generations of a home, oldest first; they are not opened."""
    serving = home.current_or_none()
    for name in home.names():
        folder = home.generations / name
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        try:
            manifest = Manifest.load(folder)
        except (DamagedIndex, HomeUnusable):
            manifest = None
        yield GenerationState(name, name == serving, size, manifest)


def source_states(home: Home, generation: Generation) -> Iterator[SourceState]:
    """Yields the state of every source of a home, then of those removed from it since.

    Files that look as they did when they were read are not opened; others are hashed.
    """
    roots = home.roots()
    read = generation.store.files()
    for root in roots:
        yield _state(root, generation, read)
    for root in generation.manifest.roots:
        if root not in roots:
            files = files_below(root, read)
            yield SourceState(root, generation.store.count_from(root), removed=len(files))


def _state(root: str, generation: Generation, read: set[Path]) -> SourceState:
    found = freshness(root, generation.store, read)
    files = Counter(found.files.values())
    documents = generation.store.count_from(root)
    counts = (files["new"], files["changed"], files["gone"])
    return SourceState(root, documents, *counts, found.trouble)
