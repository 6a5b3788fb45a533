"""A new generation is checked, gets its name, and serves; what nobody needs any more goes."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from index.durable import sync
from index.engine import Place
from index.errors import Cancelled, DamagedIndex, HomeUnusable
from index.generation import Generation
from index.home import Home
from index.ledger import Ledger
from index.manifest import Manifest
from index.seals import forget_checks

# Passages that must find themselves before a generation may serve.
_SELF_CHECKS = 20

#: Where a copy for another engine is written.
COPYING = "copying"

#: Where vectors are kept of a build that was stopped.
JOURNAL = "encoded.sqlite"


def check_and_switch(
    home: Home,
    folder: Path,
    place: Place,
    approve: Callable[[Generation], bool],
    on_checked: Callable[[], None],
) -> str:
    """Lets a generation serve that was just written, if it is sound.

    A crash at any point leaves the old one serving: what the new one needs on a server is loaded
    and checked before it gets a name, then the alias moves, then ``CURRENT``. No question goes by
    the alias, each generation knows its own collection: so one that moved a moment too early
    misleads nobody here, and a server that is gone by then stops the switch while it can.

    Args:
        home: Where.
        folder: The generation, complete.
        place: Where it is searched.
        approve: Asked, with the generation, whether to switch to it.
        on_checked: Called when it was found sound.

    Returns:
        Its name.

    Raises:
        DamagedIndex: If it is not sound.
        Cancelled: If ``approve`` said no.
        EngineUnavailable: If its server cannot be reached.
    """
    try:
        generation = Generation(folder, home.models, place=place)
        generation.check(_SELF_CHECKS)
    except DamagedIndex:
        # Whatever lent it a vector may be wrong: the next build takes none, and encodes all.
        (home.generations / JOURNAL).unlink(missing_ok=True)
        Ledger(home.generations).distrust_all()
        raise
    on_checked()
    if not approve(generation):
        raise Cancelled(
            "the new index was not switched to; what was encoded is kept; run: readout rebuild"
        )
    # Only what passed its check gets a name, so that whatever has one may be gone back to.
    name, served = home.next_name(), home.current_or_none()
    folder.rename(home.generations / name)
    forget_checks(folder)
    sync(home.generations)
    try:
        serve(home, name, generation)
    except BaseException:
        # Or each try would leave a whole generation behind. If it serves already, it stays.
        if home.current_or_none() == served:
            with suppress(OSError):
                (home.generations / name).rename(folder)
        raise
    shutil.rmtree(home.generations / COPYING, ignore_errors=True)
    with suppress(OSError):  # done is done; the next build tidies up
        home.keep_only({name, served})
        _tidy(home, place)
    return name


def serve(home: Home, name: str, generation: Generation) -> None:
    """Lets a generation serve that has a name and is sound: the alias moves, then ``CURRENT``."""
    generation.announce()
    home.switch_to(name)


def _tidy(home: Home, place: Place) -> None:
    """Drops the collections of generations that are gone, and of builds that were given up."""
    try:
        manifests = [Manifest.load(home.generations / name) for name in home.names()]
    except (DamagedIndex, HomeUnusable):
        return  # it cannot tell which collection is its own
    held = [manifest.collection for manifest in manifests if manifest.collection]
    try:
        ledger = Ledger(home.generations)
    except HomeUnusable:
        return  # done is done; the next build that needs it tells
    ledger.drop_all_but({(each.uri, each.name) for each in held}, place)
