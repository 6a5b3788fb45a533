"""Which documents came, changed and went from one generation to the next."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from index.generation import STORE, Generation
from index.home import Home
from index.manifest import Manifest
from index.outlines import Outline
from index.seals import check_unchanged, damaged
from index.store import Store


@dataclass(frozen=True, slots=True)
class Differences:
    """The documents in which two generations differ, in the order of their corpora.

    Attributes:
        added: New ones.
        changed: Those whose original has another content; as they are now.
        described: Those of the same content of which something else is known (title, day, …).
        moved: Those whose content lies elsewhere now.
        removed: Those that are gone; as they were.
    """

    added: tuple[Outline, ...] = ()
    changed: tuple[Outline, ...] = ()
    described: tuple[Outline, ...] = ()
    moved: tuple[Outline, ...] = ()
    removed: tuple[Outline, ...] = ()


def differences(before: Iterable[Outline], after: Iterable[Outline]) -> Differences:
    """Compares two corpora by where each document is from and the hash of its original."""
    old = {(outline.source, outline.record): outline for outline in before}
    new = {(outline.source, outline.record): outline for outline in after}
    kept = [(old[origin], outline) for origin, outline in new.items() if origin in old]
    left = [outline for origin, outline in old.items() if origin not in new]
    elsewhere: defaultdict[str, list[Outline]] = defaultdict(list)
    for outline in left:
        elsewhere[outline.sha256].append(outline)
    added, moved, found_again = [], [], set()
    for origin, outline in new.items():
        if origin in old:
            continue
        if elsewhere[outline.sha256]:
            found_again.add(elsewhere[outline.sha256].pop(0))
            moved.append(outline)
        else:
            added.append(outline)
    return Differences(
        added=tuple(added),
        changed=tuple(now for was, now in kept if was.sha256 != now.sha256),
        described=tuple(
            now for was, now in kept if was.sha256 == now.sha256 and _known(was) != _known(now)
        ),
        moved=tuple(moved),
        removed=tuple(outline for outline in left if outline not in found_again),
    )


def _known(outline: Outline) -> tuple[object, ...]:
    return (
        outline.title,
        outline.published,
        outline.event_date,
        outline.publisher,
        outline.author,
        outline.url,
    )


def name_before(home: Home, generation: Generation) -> str | None:
    """Returns the name of the generation that served before one, or None if none is kept."""
    earlier = [name for name in home.names() if int(name) < int(generation.name)]
    return earlier[-1] if earlier else None


def since(home: Home, name: str, generation: Generation) -> Differences:
    """Returns what changed from the generation of that name to another that is open.

    Raises:
        DamagedIndex: If the earlier one cannot be read.
    """
    folder = home.generations / name
    check_unchanged(folder, Manifest.load(folder).files)
    try:
        before = Store(folder / STORE).outlines()
    except sqlite3.Error as error:
        raise damaged(folder) from error
    return differences(before, generation.store.outlines())
