"""Which collections a home has on Milvus servers: what may be gone on with, and what dropped."""

from collections.abc import Collection as Some
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from secrets import token_hex

from index.durable import read_json, write_json
from index.engine import Place
from index.errors import HomeUnusable, IndexingError, first_line
from index.server import connect


@dataclass(slots=True)
class _Entry:
    """A collection that this home made.

    Attributes:
        uri: Where.
        name: Its name.
        done: How many rows are surely there.
        spoilt: Whether it was found not to be what was written.
    """

    uri: str
    name: str
    done: int = 0
    spoilt: bool = False


class Ledger:
    """A small file in a home; whoever changes it holds the home's lock.

    A collection is noted before it is made and forgotten after it is dropped, so that none is
    left behind on a server, whatever dies in between.

    Attributes:
        prefix: How the names of this home's collections begin, and its alias's name.
    """

    def __init__(self, generations: Path) -> None:
        """Reads the file of a home's folder of generations; starts anew if there is none.

        Raises:
            HomeUnusable: If it cannot be read: what it lists would stay on a server for ever.
        """
        self._path = generations / "collections.json"
        try:
            kept = read_json(self._path)
            self.prefix = str(kept["prefix"])
            self._entries = [_Entry(**entry) for entry in kept["collections"]]
        except FileNotFoundError:
            self.prefix = f"readout_{token_hex(4)}"
            self._entries = []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HomeUnusable(
                f"{self._path}: cannot be read ({first_line(error)}); mend it, or delete it and"
                " drop the collections it lists by hand; then run: readout rebuild"
            ) from error

    def begin(self, uri: str, content: str) -> tuple[str, int]:
        """Notes a collection that is about to be written.

        Args:
            uri: Where.
            content: What tells its content from any other.

        Returns:
            Its name, which none has that was found spoilt; and how many rows are there.
        """
        name = first = f"{self.prefix}_{content}"
        for number in count(2):
            entry = self._entry(uri, name)
            if entry is None or not entry.spoilt:
                break
            name = f"{first}_{number}"
        if entry is None:
            entry = _Entry(uri, name)
            self._entries.append(entry)
            self._save()
        return name, entry.done

    def reach(self, uri: str, name: str, done: int) -> None:
        """Notes how many rows of a collection are there now."""
        if entry := self._entry(uri, name):
            entry.done = done
        self._save()

    def distrust(self, uri: str, name: str) -> None:
        """Notes that a collection is not what was written: it is not gone on with or lent from."""
        entry = self._entry(uri, name)
        if entry is None:
            entry = _Entry(uri, name)
            self._entries.append(entry)
        entry.spoilt = True
        self._save()

    def distrust_all(self) -> None:
        """Notes of every collection what `distrust` does."""
        for entry in self._entries:
            entry.spoilt = True
        if self._entries:
            self._save()

    def is_spoilt(self, uri: str, name: str) -> bool:
        """Returns whether a collection was found not to be what was written."""
        entry = self._entry(uri, name)
        return entry is not None and entry.spoilt

    def _entry(self, uri: str, name: str) -> _Entry | None:
        found = (entry for entry in self._entries if (entry.uri, entry.name) == (uri, name))
        return next(found, None)

    def drop_all_but(self, needed: Some[tuple[str, str]], place: Place) -> None:
        """Drops every collection but those needed; what cannot be reached is for the next time.

        Args:
            needed: Address and name of those that a generation needs.
            place: Where the settings say Milvus is, with the token for it.
        """
        for entry in list(self._entries):
            if (entry.uri, entry.name) in needed:
                continue
            try:
                drop(place.at(entry.uri), entry.name)
            except IndexingError:
                continue
            self._entries.remove(entry)
            self._save()

    def _save(self) -> None:
        entries = [asdict(entry) for entry in self._entries]
        write_json(self._path, {"prefix": self.prefix, "collections": entries})


def drop(place: Place, name: str) -> None:
    """Drops a collection and its aliases; it may be gone already.

    Raises:
        EngineUnavailable: If the server cannot be reached.
    """
    server = connect(place)
    with server.told():
        if not server.client.has_collection(name, timeout=10):
            return
        for alias in server.client.list_aliases(name, timeout=10).get("aliases", []):
            server.client.drop_alias(alias, timeout=10)
        server.client.drop_collection(name, timeout=60)
