"""Which collections a home has on Milvus servers: what may be gone on with, and what dropped."""

import json
from collections.abc import Collection as Some
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

from index.durable import write_json
from index.engine import Place
from index.errors import IndexingError
from index.server import connect


@dataclass(slots=True)
class _Entry:
    """A collection that this home made: where, its name, and how many rows are surely there."""

    uri: str
    name: str
    done: int = 0


class Ledger:
    """A small file in a home; whoever changes it holds the home's lock.

    A collection is noted before it is made and forgotten after it is dropped, so that none is
    left behind on a server, whatever dies in between.

    Attributes:
        prefix: How the names of this home's collections begin, and its alias's name.
    """

    def __init__(self, generations: Path) -> None:
        """Reads the file of a home's folder of generations; starts anew if there is none."""
        self._path = generations / "collections.json"
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self.prefix = str(kept["prefix"])
            self._entries = [_Entry(**entry) for entry in kept["collections"]]
        except (OSError, ValueError, KeyError, TypeError):
            self.prefix = f"readout_{token_hex(4)}"
            self._entries = []

    def begin(self, uri: str, name: str) -> int:
        """Notes a collection that is about to be written; returns how many rows are there."""
        for entry in self._entries:
            if (entry.uri, entry.name) == (uri, name):
                return entry.done
        self._entries.append(_Entry(uri, name))
        self._save()
        return 0

    def reach(self, name: str, done: int) -> None:
        """Notes how many rows of a collection are there now."""
        for entry in self._entries:
            if entry.name == name:
                entry.done = done
        self._save()

    def drop_all_but(self, names: Some[str], place: Place) -> None:
        """Drops every collection but the named ones; what cannot be reached is for the next time.

        Args:
            names: Collections that a generation needs.
            place: Where the settings say Milvus is, with the token for it.
        """
        for entry in list(self._entries):
            if entry.name in names:
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
