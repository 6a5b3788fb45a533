"""What a generation holds, in a file of its own."""

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from corpus import Problem
from index.durable import read_json, write_json
from index.errors import DamagedIndex
from index.models import EncoderIdentity
from index.seals import damaged, unreadable
from index.sources import Sources

SCHEMA = 4

#: The version of Readout that reads, cuts and writes.
SOFTWARE = version("readout")

_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Collection:
    """What a generation keeps on a Milvus server.

    Attributes:
        uri: Where the server was when it was written, as `index.engine.Place.uri`.
        name: The collection's name; it is of this generation alone.
        alias: Under which name others find the collection that serves.
        seal: SHA-256 (hex) over every row, in the order of numbers.
        dimension: Length of a vector.
        vectors: How vectors are searched, as Milvus names it: ``FLAT`` or ``HNSW``.
        words: Whether it can be searched by words.
    """

    uri: str
    name: str
    alias: str
    seal: str
    dimension: int
    vectors: str
    words: bool

    @property
    def kind(self) -> str:
        """How it searches, for people."""
        return f"Milvus, {self.vectors}{'' if self.words else ', without words (no BM25 there)'}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds, stored beside it.

    Attributes:
        schema: Version of the layout.
        software: Version of Readout that built it; another may read and cut differently.
        created: When it was built, ISO 8601 in UTC.
        documents: How many documents.
        passages: How many passages, vectors and lexical documents.
        budget: Tokens a passage may hold.
        encoder: Which encoder made the vectors.
        vectors: How they are searched, as `VectorIndex.kind` tells it.
        roots: The sources it was built from, as `Sources.roots` has them.
        said: What was said of files when they were added, as `Sources.said` has it.
        reading: How files were read, as `index.earlier.reading_of` tells it.
        corpus: Hash over what every document is and where it is from.
        problems: What was skipped: ``source`` and ``reason``.
        timings: Seconds each stage of the build took.
        files: SHA-256 (hex) of every file, by path inside the generation.
        collection: What searches it, if that is Milvus.
    """

    schema: int
    software: str
    created: str
    documents: int
    passages: int
    budget: int
    encoder: EncoderIdentity
    vectors: str
    roots: list[str]
    said: dict[str, dict[str, str]]
    reading: str
    corpus: str
    problems: list[dict[str, str]]
    timings: dict[str, float]
    files: dict[str, str]
    collection: Collection | None = None

    @property
    def uri(self) -> str:
        """Where it is searched, as `index.engine.Place.uri`; empty if in the home."""
        return self.collection.uri if self.collection else ""

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) over all of it."""
        return _checksum(asdict(self))

    def holds(
        self,
        corpus: str,
        encoder: EncoderIdentity,
        problems: list[Problem],
        sources: Sources,
        reading: str,
    ) -> bool:
        """Returns whether a build would come to the same generation."""
        told = [asdict(problem) for problem in problems]
        held = (self.corpus, self.encoder, self.problems)
        asked = (self.roots, self.said, self.reading)
        return (*held, *asked) == (corpus, encoder, told, sources.roots, sources.said, reading)

    def save(self, folder: Path) -> None:
        """Writes ``manifest.json``, with a checksum of its own."""
        write_json(folder / _FILE, asdict(self) | {"checksum": self.checksum})

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Reads ``manifest.json``.

        Raises:
            DamagedIndex: If it is missing or not what `save` wrote.
            HomeUnusable: If it cannot be read just now.
        """
        path = folder / _FILE
        try:
            values: dict[str, Any] = read_json(path)
            if values["schema"] != SCHEMA:
                raise DamagedIndex(
                    f"{path}: made by another version of Readout; run: readout rebuild"
                )
            if values.pop("checksum") != _checksum(values):
                raise damaged(path)
            collection = values.get("collection")
            return cls(
                **values
                | {
                    "encoder": EncoderIdentity(**values["encoder"]),
                    "collection": Collection(**collection) if collection else None,
                }
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unreadable(path, error) from error


def _checksum(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
