"""Is what is stored still what was built? And the way back where it is not."""

import shutil
from contextlib import suppress
from dataclasses import dataclass

from index.earlier import distrust
from index.errors import DamagedIndex, HomeUnusable, IndexingError, NoIndex, RebuildRunning
from index.generation import Generation
from index.home import Home
from index.manifest import Manifest
from index.seals import check_every_byte
from index.switching import COPYING, serve

# Passages of each generation that are encoded again and compared with what is stored.
_SAMPLES = 100


@dataclass(frozen=True, slots=True)
class Soundness:
    """What a full check found of one generation.

    Attributes:
        generation: Its name.
        serves: Whether it is the one that serves.
        documents: Documents in it; 0 if it cannot be opened.
        passages: Passages in it; 0 if it cannot be opened.
        fault: What is wrong with it, or None.
    """

    generation: str
    serves: bool
    documents: int
    passages: int
    fault: str | None


def verify(home: Home) -> list[Soundness]:
    """Checks every generation of a home: files, counts, places, and a sample of vectors.

    Raises:
        NoIndex: If the home has none.
        HomeUnusable: If it cannot be told which one serves.
    """
    serving = home.current()
    return [_verify(home, name, serves=name == serving) for name in home.names()]


def _verify(home: Home, name: str, *, serves: bool) -> Soundness:
    try:
        generation = _opened(home, name)
        generation.check_places()
        try:
            generation.check_every_row()
            generation.check(_SAMPLES)
        except DamagedIndex:
            # Opened it is as if nothing were wrong: a rebuild must know that something is.
            if generation.manifest.collection:
                with suppress(RebuildRunning, HomeUnusable), home.writing():
                    distrust(home, generation.manifest.collection)
            raise
    except IndexingError as error:
        return Soundness(name, serves, 0, 0, str(error))
    manifest = generation.manifest
    return Soundness(name, serves, manifest.documents, manifest.passages, None)


def _opened(home: Home, name: str) -> Generation:
    """Opens a generation after reading every byte of it."""
    folder = home.generations / name
    check_every_byte(folder, Manifest.load(folder).files)
    return Generation(folder, home.models, place=home.engine)


def roll_back(home: Home) -> str:
    """Makes the generation before the serving one serve again, and returns its name.

    The sources are not touched: the next rebuild brings the index up to date with them again.

    Raises:
        NoIndex: If there is none before.
        DamagedIndex: If it is damaged; the serving one goes on.
        EngineUnavailable: If the server that searches it cannot be reached.
        RebuildRunning: If another process is rebuilding this home.
        HomeUnusable: If the home cannot be written.
    """
    with home.writing():
        name = home.previous()
        generation = _opened(home, name)
        with home.writable():
            serve(home, name, generation)
            shutil.rmtree(home.generations / COPYING, ignore_errors=True)  # of what served
    return name


def open_sound(home: Home) -> Generation:
    """Opens the serving generation or, where it is damaged, the newest sound one.

    Raises:
        NoIndex: If the home has none.
        IndexingError: If none is sound: what is wrong with the serving one.
    """
    try:
        return Generation.serving(home)
    except NoIndex:
        raise
    except IndexingError as error:
        for name in reversed(home.names()):
            try:
                return Generation(home.generations / name, home.models, place=home.engine)
            except IndexingError:
                continue
        raise error from None
