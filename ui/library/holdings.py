"""What the corpus holds now, beside its files: looked at when asked, remembered in between."""

import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from assistant import Assistant
from corpus import BUNDLED, original_path
from index import Generation, SourceState
from index.freshness import freshness
from index.outlines import Outline
from ui.library.rows import Row, State, rows_of


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a look found.

    Attributes:
        generation: Name of the generation that was looked at.
        rows: The documents, in the order of the corpus.
        sources: The state of each source.
    """

    generation: str
    rows: tuple[Row, ...]
    sources: tuple[SourceState, ...]


class Shelf:
    """Looks at what an assistant answers from; safe to share between threads.

    To look means to ask the disk for every file, so what was found is kept until the next look,
    or until another generation answers.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._looking = threading.Lock()
        self._seen: Holdings | None = None

    def look(self) -> Holdings:
        """Looks at every file anew.

        Raises:
            HomeUnusable: If the list of sources cannot be read.
        """
        with self._looking:
            self._seen = _look(self._assistant)
            return self._seen

    def seen(self) -> Holdings:
        """Returns what the last look found.

        Raises:
            HomeUnusable: If there was none, and the list of sources cannot be read.
        """
        seen = self._seen
        current = self._assistant.generation.name
        return seen if seen and seen.generation == current else self.look()


def _look(assistant: Assistant) -> Holdings:
    home, generation = assistant.home, assistant.generation
    added = home.sources()
    outlines = generation.store.outlines()
    read = generation.store.files()
    states: dict[Path, State] = {}
    sources = []
    holding = _by_root(outlines, {*added.roots, *generation.manifest.roots})
    for root in added.roots:
        found = freshness(root, generation.store, read)
        states |= found.files
        files = Counter(found.files.values())
        counts = (files["new"], files["changed"], files["gone"])
        sources.append(SourceState(root, holding[root], *counts, found.trouble))
    roots = set(added.roots)
    for outline in outlines:
        path = original_path(outline.source)
        if root_of(outline.source, roots) is None:
            states[path] = "removed"
        elif path not in states and _corrected(outline.source, added.said, generation):
            states[path] = "corrected"
    rows = rows_of(outlines, states, _size, generation.manifest.problems)
    return Holdings(generation.name, tuple(rows), tuple(sources))


def root_of(source: str, roots: Collection[str]) -> str | None:
    """Returns the outermost of the roots that a document's source is, or lies in; or None."""
    if source.startswith(f"{BUNDLED}/"):
        return BUNDLED if BUNDLED in roots else None
    path = Path(source)
    above = (str(place) for place in reversed((path, *path.parents)))
    return next((place for place in above if place in roots), None)


def _by_root(outlines: list[Outline], roots: Collection[str]) -> Counter[str]:
    found = (root_of(outline.source, roots) for outline in outlines)
    return Counter(root for root in found if root is not None)


def _corrected(source: str, said: dict[str, dict[str, str]], generation: Generation) -> bool:
    return said.get(source) != generation.manifest.said.get(source)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
