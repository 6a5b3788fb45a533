"""A home of the bundled documents, for what asks an index."""

from functools import cache
from pathlib import Path

from filelock import FileLock

from assistant import Assistant
from index import Home, rebuild
from tests.benchmarks import ROOT

#: Where it lies; built when it is first needed.
PLACE = ROOT / "build" / "fuzz-home"


@cache
def assistant() -> Assistant:
    """Returns the assistant of the home."""
    return Assistant.open(home())


@cache
def home() -> Home:
    """Returns the home, built."""
    found = Home(PLACE)
    PLACE.mkdir(parents=True, exist_ok=True)
    with FileLock(PLACE / "fuzz.lock"):
        if found.current_or_none() is None:
            rebuild(found)
    return found


def use(place: Path) -> None:
    """Lets everything that follows ask another home, which has an index."""
    global PLACE
    PLACE = place
    home.cache_clear()
    assistant.cache_clear()
