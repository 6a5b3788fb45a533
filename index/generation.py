"""A finished generation: immutable, checked when opened, searched by meaning and by words."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from corpus import Document, Passage, Problem
from index.cutting import embedded_text
from index.durable import sha256_of, write_json
from index.encoder import Encoder, Vectors
from index.errors import DamagedIndex, IndexingError
from index.fusion import DENSE_WEIGHT, fuse
from index.home import Home
from index.lexical import LexicalIndex, content_words
from index.models import EncoderIdentity, load_encoder
from index.store import FileStamp, Store
from index.vectors import VectorIndex

SCHEMA = 1

#: The version of Readout that reads, cuts and writes.
SOFTWARE = version("readout")

STORE, VECTORS, LEXICAL, MANIFEST = "documents.sqlite", "vectors.faiss", "lexical", "manifest.json"

#: How many candidates each of the two searches contributes. On the press releases the right
#: passage is among the first 100 of one or the other 99 times in 100.
POOL = 100


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
        corpus: Hash over what every document is and where it is from.
        problems: What was skipped: ``source`` and ``reason``.
        timings: Seconds each stage of the build took.
        files: SHA-256 (hex) of every file, by path inside the generation.
    """

    schema: int
    software: str
    created: str
    documents: int
    passages: int
    budget: int
    encoder: EncoderIdentity
    corpus: str
    problems: list[dict[str, str]]
    timings: dict[str, float]
    files: dict[str, str]

    def holds(self, corpus: str, encoder: EncoderIdentity, problems: list[Problem]) -> bool:
        """Returns whether a build would come to the same generation."""
        told = [asdict(problem) for problem in problems]
        return (self.corpus, self.encoder, self.problems) == (corpus, encoder, told)

    def save(self, folder: Path) -> None:
        """Writes ``manifest.json``, with a checksum of its own."""
        values = asdict(self)
        write_json(folder / MANIFEST, values | {"checksum": _checksum(values)})

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Reads ``manifest.json``.

        Raises:
            DamagedIndex: If it is missing or not what `save` wrote.
        """
        path = folder / MANIFEST
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if values["schema"] != SCHEMA:
                raise DamagedIndex(
                    f"{path}: made by another version of Readout; run: readout rebuild"
                )
            if values.pop("checksum") != _checksum(values):
                raise _damaged(path)
            return cls(**values | {"encoder": EncoderIdentity(**values["encoder"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(path) from error


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found.

    Attributes:
        passage: The passage.
        score: Fused score; comparable within one search only.
        rank: Its place, from 1.
        dense_score: Cosine of query and passage.
        lexical_score: BM25 of the query's words; 0 if it has none of them.
    """

    passage: Passage
    score: float
    rank: int
    dense_score: float
    lexical_score: float


class Generation:
    """One immutable index; safe to share between threads."""

    def __init__(self, folder: Path, models: Path) -> None:
        """Opens a generation after checking every file against its checksum.

        Raises:
            DamagedIndex: If a file is missing, changed or unreadable; it says which.
            EncoderError: If the encoder that made it cannot be loaded.
        """
        self.name = folder.name
        self._folder = folder
        self.manifest = Manifest.load(folder)
        check_files(folder, self.manifest.files)
        self.encoder: Encoder = load_encoder(models, self.manifest.encoder)
        try:
            self.store = Store(folder / STORE)
            self._vectors = VectorIndex.load(folder / VECTORS)
            self._lexical = LexicalIndex.load(folder / LEXICAL)
        except (RuntimeError, ValueError) as error:
            raise _damaged(folder) from error
        sizes = {len(self._vectors), len(self._lexical), self.manifest.passages}
        if len(sizes) != 1 or self._vectors.dimension != self.encoder.dimension:
            raise _damaged(folder)
        self._document = lru_cache(maxsize=256)(self._read_document)

    @classmethod
    def serving(cls, home: Home) -> "Generation":
        """Opens the generation that a home serves.

        Raises:
            NoIndex: If there is none.
            DamagedIndex: If it is damaged.
            EncoderError: If its encoder cannot be loaded.
        """
        name = home.current()
        folder = home.generations / name
        if not folder.is_dir():
            raise _damaged(folder)
        return cls(folder, home.models)

    def search(self, query: str, k: int, dense_weight: float = DENSE_WEIGHT) -> list[Hit]:
        """Returns the ``k`` best passages for a query, best first; ties go by passage id.

        Args:
            query: What is looked for.
            k: How many passages.
            dense_weight: Share of meaning in the ranking, 0 to 1; words have the rest.
        """
        return self.search_embedded(query, self.encoder.embed_queries([query]), k, dense_weight)

    def search_embedded(
        self, query: str, vector: Vectors, k: int, dense_weight: float = DENSE_WEIGHT
    ) -> list[Hit]:
        """Does what `search` does for a query whose vector, of shape (1, d), is known."""
        k = min(k, self.manifest.passages)
        pool = max(POOL, k)
        terms = list(content_words(query).values())
        dense = self._vectors.search(vector, pool)
        lexical = self._lexical.search(terms, pool)
        # Each candidate gets both scores, whichever search it came from.
        missing = [number for number in lexical if number not in dense]
        cosines = (self._vectors.get(missing) @ vector[0]).tolist()
        dense.update(zip(missing, cosines, strict=True))
        unmatched = [number for number in dense if number not in lexical]
        lexical.update(self._lexical.score(terms, unmatched))
        fused = fuse(dense, lexical, dense_weight)
        # Those that tie with the last may come before it by their id.
        best = [entry for entry in fused if k > 0 and entry.score >= fused[:k][-1].score]
        passages = self.store.passages(entry.number for entry in best)
        ranked = sorted(best, key=lambda entry: (-entry.score, passages[entry.number].id))[:k]
        return [
            Hit(passages[entry.number], entry.score, rank, entry.dense, entry.lexical)
            for rank, entry in enumerate(ranked, start=1)
        ]

    def check(self, samples: int) -> None:
        """Checks that texts, passages and vectors belong together.

        Raises:
            DamagedIndex: If counts differ, or one of ``samples`` passages, spread evenly, does
                not lie in its document, is not found by its vector, or has another's vector.
        """
        total = self.manifest.passages
        sound = self.store.counts() == {"documents": self.manifest.documents, "passages": total}
        numbers = list(range(0, total, max(1, total // samples)))
        for number, passage in self.store.passages(numbers).items():
            document = self.document(passage.document_id)
            stored = self._vectors.get([number])
            encoded = self.encoder.embed_passages([embedded_text(document, passage)])
            [nearest] = self._vectors.search(encoded, 1).values()
            # A copy of the passage may come first, but nothing may come closer. The compiled
            # encoder repeats itself to the bit; batches on a GPU differ in the last digits.
            itself = float((encoded @ stored.T).item())
            sound &= itself > 0.999 and nearest <= itself + 1e-5
            sound &= 0 <= passage.start < passage.end <= len(document.text)
        if not sound:
            raise _damaged(self._folder)

    def check_places(self) -> None:
        """Checks that every passage, and every sentence of it, lies where it says.

        Raises:
            DamagedIndex: If one does not.
        """
        for document in self.documents():
            end = 0
            for passage in self.passages_of(document.id):
                places = [*chain.from_iterable(passage.sentences)]
                spans = (places[0], places[-1]) == (passage.start, passage.end)
                inside = end <= passage.start < passage.end <= len(document.text)
                if not (spans and inside and places == sorted(places)):
                    raise _damaged(self._folder / STORE)
                end = passage.end

    def size(self) -> int:
        """Returns how many bytes the generation takes on disk."""
        return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())

    def document(self, document_id: str) -> Document:
        """Returns a document.

        Raises:
            IndexingError: If this generation has none of that id.
        """
        return self._document(document_id)

    def _read_document(self, document_id: str) -> Document:
        document = self.store.document(document_id)
        if document is None:
            raise IndexingError(
                f"{document_id}: no such document in generation {self.name};"
                " run: readout status --documents"
            )
        return document

    def documents(self) -> Iterator[Document]:
        """Yields every document, in the order of the corpus."""
        return self.store.documents()

    def passages_of(self, document_id: str) -> list[Passage]:
        """Returns a document's passages in order."""
        return self.store.passages_of(document_id)

    def rarity(self, term: str) -> int:
        """Returns in how many passages a term of `index.analyze` stands; 0 if in none."""
        return self._lexical.frequency(term)

    def stamp(self, path: Path) -> FileStamp | None:
        """Returns how an original looked when it was read."""
        return self.store.stamp(path)


def _checksum(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def check_files(folder: Path, files: dict[str, str]) -> None:
    """Raises DamagedIndex, naming the file, unless every file has its checksum."""
    for name, expected in files.items():
        path = folder / name
        try:
            found = sha256_of(path)
        except OSError as error:
            raise _damaged(path) from error
        if found != expected:
            raise _damaged(path)


def _damaged(path: Path) -> DamagedIndex:
    return DamagedIndex(f"{path}: damaged or missing, so it is not served; run: readout rebuild")
