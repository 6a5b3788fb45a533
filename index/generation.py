"""A finished generation: immutable, checked when opened, searched by meaning and by words."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

from corpus import Document, Passage
from index.cutting import embedded_text
from index.encoder import Encoder, Vectors
from index.engine import ANYWHERE, Place, Query
from index.engines import open_engine
from index.errors import DamagedIndex, IndexingError
from index.filters import Filter, Selection
from index.forms import names_country, other_forms
from index.fusion import Fused, fuse
from index.home import Home
from index.lexical import content_words
from index.manifest import Manifest
from index.models import load_encoder
from index.repeats import Repeat
from index.seals import check_unchanged, damaged, unreadable
from index.server import missing
from index.stamps import FileStamp
from index.store import Store
from index.vocabulary import Vocabulary

STORE, VOCABULARY = "documents.sqlite", "vocabulary"

#: How many candidates each of the two searches contributes. On the press releases the right
#: passage is among the first 100 of one or the other 99 times in 100.
POOL = 100

# Candidates of each search when one text recurs in very many documents.
_WIDEST = 10_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found.

    Attributes:
        passage: The passage.
        score: Fused score; comparable within one search only.
        rank: Its place, from 1. Of passages that recur word for word the earliest is
            given, where the best of them ranks, with the scores of that.
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

    def __init__(
        self,
        folder: Path,
        models: Path,
        before: "Generation | None" = None,
        place: Place = ANYWHERE,
    ) -> None:
        """Opens a generation unless a file of it was changed.

        Args:
            folder: Where it lies.
            models: Where its encoder lies.
            before: One that is open; if it has the same encoder, that is shared.
            place: Where the settings say that passages are searched.

        Raises:
            DamagedIndex: If a file is missing, changed or unreadable; it says which.
            EncoderError: If the encoder that made it cannot be loaded.
            EngineUnavailable: If the server that searches it cannot be reached.
            HomeUnusable: If a file of it cannot be read just now.
        """
        self.name = folder.name
        self._folder = folder
        self.manifest = Manifest.load(folder)
        check_unchanged(folder, self.manifest.files)
        self.encoder: Encoder = (
            before.encoder
            if before and before.manifest.encoder == self.manifest.encoder
            else load_encoder(models, self.manifest.encoder)
        )
        try:
            self.store = Store(folder / STORE)
            self._engine = open_engine(folder, self.manifest, place)
            self._vocabulary = Vocabulary.load(folder / VOCABULARY)
        except (RuntimeError, ValueError, OSError, sqlite3.Error) as error:
            raise unreadable(folder, error) from error
        found = (len(self._engine), self._engine.dimension)
        if found != (self.manifest.passages, self.encoder.dimension):
            raise self._broken()
        # None of these may hold the generation: in a ring, one that was replaced would keep its
        # memory and the disk space of its files until Python looks for rings.
        self._document = lru_cache(maxsize=256)(self.store.document)
        self._select = lru_cache(maxsize=8)(self.store.select)

    @classmethod
    def serving(cls, home: Home, before: "Generation | None" = None) -> "Generation":
        """Opens the generation that a home serves.

        Args:
            home: Where.
            before: One that is open; if it has the same encoder, that is shared.

        Raises:
            NoIndex: If there is none.
            DamagedIndex: If it is damaged.
            EncoderError: If its encoder cannot be loaded.
            EngineUnavailable: If the server that searches it cannot be reached.
        """
        folder = home.generations / home.current()
        if not folder.is_dir():
            raise damaged(folder)
        return cls(folder, home.models, before, home.engine)

    def search(
        self,
        query: str,
        k: int,
        dense_weight: float | None = None,
        within: Filter | None = None,
    ) -> list[Hit]:
        """Returns the ``k`` best passages for a query, best first; ties go by passage id.

        Args:
            query: What is looked for.
            k: How many passages.
            dense_weight: Share of meaning in the ranking, 0 to 1, words have the rest; else as the
                scores tell (`index.fusion.dense_share`).
            within: What part of the corpus to search; else all of it.
        """
        vector = self.encoder.embed_queries([query])
        return self.search_embedded(query, vector, k, dense_weight, within)

    def search_embedded(
        self,
        query: str,
        vector: Vectors,
        k: int,
        dense_weight: float | None = None,
        within: Filter | None = None,
    ) -> list[Hit]:
        """Does what `search` does for a query whose vector, of shape (1, d), is known."""
        terms = list(content_words(query).values())
        forms = other_forms(query, self.store, self._vocabulary.spelling)
        asked = Query(vector, terms, forms)
        among = self._select(within) if within else None
        allowed = self.manifest.passages if among is None else len(among.numbers)
        k = min(k, allowed)
        pool = max(POOL, k)
        fused = self._candidates(asked, pool, dense_weight, among)
        # Where one text recurs a hundred times, others are to be found behind it.
        while len(fused) < k and pool < min(_WIDEST, allowed):
            pool *= 4
            fused = self._candidates(asked, pool, dense_weight, among)
        # Those that tie with the last may come before it by their id.
        best = [entry for entry in fused if k > 0 and entry.score >= fused[:k][-1].score]
        passages = self.store.passages(entry.number for entry in best)
        ranked = sorted(best, key=lambda entry: (-entry.score, passages[entry.number].id))[:k]
        return [
            Hit(passages[entry.number], entry.score, rank, entry.dense, entry.lexical)
            for rank, entry in enumerate(ranked, start=1)
        ]

    def _candidates(
        self,
        query: Query,
        pool: int,
        dense_weight: float | None,
        among: Selection | None,
    ) -> list[Fused]:
        """Returns the fused ranking of ``pool`` passages from each search, twins as one."""
        found = self._engine.candidates(query, pool, among)
        return self._without_twins(fuse(found.dense, found.lexical, dense_weight), among)

    def _without_twins(self, fused: list[Fused], among: Selection | None) -> list[Fused]:
        """Keeps of passages that recur the earliest, where the best of them ranks."""
        twins = self.store.twins(entry.number for entry in fused)
        kept: dict[int, Fused] = {}
        for entry in fused:
            twin = twins.get(entry.number, entry.number)
            if twin in kept:
                continue
            if among is None or among.lets_through(twin):
                earliest = twin
            else:
                earliest = next(filter(among.lets_through, self.store.twins_of(twin)))
            kept[twin] = replace(entry, number=earliest)
        return list(kept.values())

    def earliest(self, passage: Passage) -> Passage:
        """Returns the earliest of the passages that are, word for word, this one."""
        return self.store.twin_of(passage.id) or passage

    def repeats(self, passage: Passage, quote: str) -> list[Repeat]:
        """Returns the other documents in which a quote stands, in a passage like this one.

        Args:
            passage: Where it is quoted from.
            quote: Its words.
        """
        return [
            repeat
            for repeat in self.store.repeats(passage.id, quote)
            if repeat.document_id != passage.document_id
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
            stored = self._engine.get([number])
            encoded = self.encoder.embed_passages([embedded_text(document, passage)])
            nearest = self._engine.nearest(encoded)
            # A copy of the passage may come first, but nothing closer or farther. The compiled
            # encoder repeats itself to the bit; batches on a GPU differ in the last digits.
            itself = float((encoded @ stored.T).item())
            sound &= itself > 0.999 and abs(nearest - itself) < 1e-5
            sound &= 0 <= passage.start < passage.end <= len(document.text)
        if not sound:
            raise self._broken()

    def _broken(self) -> DamagedIndex:
        """The error that tells that texts and vectors do not belong together."""
        collection = self.manifest.collection
        return missing(collection.uri, collection.name) if collection else damaged(self._folder)

    def announce(self) -> None:
        """Lets other programs on the server that searches know that this serves from now on."""
        self._engine.announce()

    def check_every_row(self) -> None:
        """Checks that what a server holds of this generation is what was written there.

        Raises:
            DamagedIndex: If it is not.
        """
        self._engine.check_every_row()

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
                    raise damaged(self._folder / STORE)
                end = passage.end

    def document(self, document_id: str) -> Document:
        """Returns a document.

        Raises:
            IndexingError: If this generation has none of that id.
        """
        document = self._document(document_id)
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

    def vectors_of(self, numbers: Sequence[int]) -> Vectors:
        """Returns the vectors of the passages of the given numbers, one row each."""
        return self._engine.get(numbers)

    def rarity(self, term: str) -> int:
        """Returns in how many passages a term of `index.analyze` stands; 0 if in none."""
        return self._engine.frequency(term)

    def suggestion(self, word: str, edits: int = 2) -> str | None:
        """Returns the word of the corpus that one it does not have is closest to, or None.

        Args:
            word: The word; the name of a country is not mistyped.
            edits: How many edits away the other may be at most, 1 or 2.
        """
        return None if names_country(word) else self._vocabulary.suggestion(word, edits)

    def stamp(self, path: Path) -> FileStamp | None:
        """Returns how an original looked when it was read, or None if that tells nothing."""
        record = self.store.file(path)
        return record.stamp if record else None
