"""The engine of many machines: a collection of Milvus holds what a generation's search needs.

A row is a passage: its number, its vector, its terms, and of its document what filters ask for.
Milvus finds candidates, by meaning and by words, within a filter. Their cosines are exact, their
BM25 is reckoned here (`index.bm25`), so that an answer does not depend on who searched. Texts, and
all that is quoted or shown, stay in the generation's own database: a server may be rebuilt, be
older, or be wrong, and still no word is quoted that is not in the source.
"""

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from corpus import Document
from index.bm25 import FILE, Terms, TermStatistics
from index.encoder import Vectors
from index.engine import Candidates, Place, Query
from index.errors import EngineUnavailable, IndexingError
from index.filters import Filter, Selection
from index.manifest import Collection
from index.seals import damaged
from index.server import QUICK, SLOW, Recovering, connect, count_rows, missing

NUMBER, VECTOR, TERMS, WORDS = "number", "vector", "terms", "words"
NAMES = ("document", "source", "publisher", "media_type")
DAYS = ("published", "event_date")

#: The longest text that a field of Milvus holds, in bytes of UTF-8.
LONGEST = 65_535

#: Rows that are written or read at once.
BATCH = 1000

Row = dict[str, Any]

T = TypeVar("T")


def row_of(number: int, vector: Vectors, terms: Terms, document: Document) -> Row:
    """Returns what is kept of a passage; what a document lacks is empty, or day 0."""
    return (
        {NUMBER: number, VECTOR: vector, TERMS: terms.packed(LONGEST)}
        | {"document": document.id, "source": document.source}
        | {"publisher": document.publisher or "", "media_type": document.media_type}
        | {name: day.toordinal() if (day := getattr(document, name)) else 0 for name in DAYS}
    )


class Seal:
    """A checksum over rows, in the order of their numbers."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, row: Mapping[str, Any]) -> None:
        """Takes the next row."""
        self._digest.update(np.asarray(row[VECTOR], np.float32).tobytes())
        rest = [row[name] for name in (NUMBER, TERMS, *NAMES, *DAYS)]
        self._digest.update(json.dumps(rest).encode())

    def hexdigest(self) -> str:
        """Returns the checksum of what was added."""
        return self._digest.hexdigest()


def condition(wanted: Filter) -> str:
    """Returns a filter in the language of Milvus."""
    parts = [
        _one_of(name, chosen)
        for name, chosen in (
            ("document", wanted.documents),
            ("publisher", wanted.publishers),
            ("media_type", wanted.media_types),
        )
        if chosen
    ]
    if wanted.sources:
        # A folder stands for all below it; "0" is what follows "/". No pattern needs escaping so.
        below = [
            f"source >= {_text(f'{source}/')} and source < {_text(f'{source}0')}"
            for source in sorted(wanted.sources)
        ]
        among = _one_of("source", wanted.sources)
        parts.append(" or ".join(f"({part})" for part in (among, *below)))
    if wanted.days is not None:
        first, last = (day.toordinal() for day in wanted.days)
        parts.append(" or ".join(f"({name} >= {first} and {name} <= {last})" for name in DAYS))
    return " and ".join(f"({part})" for part in parts)


def _one_of(name: str, values: Iterable[str]) -> str:
    return f"{name} in [{', '.join(map(_text, sorted(values)))}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


class MilvusEngine:
    """A collection of Milvus; see `index.engine.Engine`."""

    def __init__(self, folder: Path, collection: Collection, count: int, place: Place) -> None:
        """Opens the collection of a generation, and has it loaded if it is not.

        Args:
            folder: The generation's, where the statistics of its terms lie.
            collection: What it is.
            count: How many passages it holds.
            place: Where it is now.

        Raises:
            EngineUnavailable: If the server cannot be reached, or does not have all of it at hand.
            DamagedIndex: If the server has no such collection.
            sqlite3.Error: If the statistics cannot be read.
        """
        self._collection = collection
        self._name = collection.name
        self._statistics = TermStatistics(folder / FILE)
        self._server = connect(place)
        client = self._server.client
        with self._server.told(self._name):
            about = client.describe_collection(self._name, timeout=QUICK)
            state = client.get_load_state(self._name, timeout=QUICK)["state"]
            if state.name != "Loaded":
                client.load_collection(self._name, replica_number=place.replicas, timeout=SLOW)
            fields = {field["name"]: field for field in about["fields"]}
        if not fields.keys() >= {NUMBER, VECTOR, TERMS, *NAMES, *DAYS} or (
            int(fields[VECTOR]["params"]["dim"]) != collection.dimension
        ):
            raise missing(self._server.uri, self._name)
        self._count = count
        self._whole_at = -math.inf
        self._patiently(lambda: None)

    def __len__(self) -> int:
        return self._count

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._collection.dimension

    @property
    def kind(self) -> str:
        """How it searches, for people."""
        return self._collection.kind

    def candidates(self, query: Query, pool: int, among: Selection | None) -> Candidates:
        """Returns the best passages by meaning and by words, up to ``pool`` by each."""
        if among is not None and not len(among.numbers):
            return Candidates({}, {})
        return self._patiently(lambda: self._candidates(query, pool, among))

    def _candidates(self, query: Query, pool: int, among: Selection | None) -> Candidates:
        where = condition(among.wanted) if among else ""
        [found] = self._search([query.vector[0]], VECTOR, pool, where, [TERMS])
        dense = {row[NUMBER]: float(row["distance"]) for row in found}
        terms = {row[NUMBER]: Terms.unpacked(row[TERMS]) for row in found}
        by_words = self._by_words(query, pool, where)
        terms |= {number: Terms.unpacked(row[TERMS]) for number, row in by_words.items()}
        scores = self._statistics.scores(terms, query.terms, query.forms)
        best = sorted(by_words.keys() & scores.keys(), key=lambda number: (-scores[number], number))
        others = [number for number in best[:pool] if number not in dense]
        dense |= dict(zip(others, (self._get(others) @ query.vector[0]).tolist(), strict=True))
        return Candidates(dense, {number: scores[number] for number in dense if number in scores})

    def _by_words(self, query: Query, pool: int, where: str) -> dict[int, Row]:
        """The passages that the server ranks highest by words, as they are or in another form."""
        asked = [" ".join(words) for words in (query.terms, *query.forms) if words]
        if not (self._collection.words and asked):
            return {}
        found = self._search(asked, WORDS, _WIDER * pool, where, [TERMS])
        return {row[NUMBER]: row for rows in found for row in rows}

    def _search(
        self,
        wanted: Sequence[Any],
        field: str,
        pool: int,
        where: str,
        fields: Sequence[str],
    ) -> list[list[Row]]:
        with self._server.told(self._name):
            found = self._server.client.search(
                self._name,
                data=list(wanted),
                anns_field=field,
                limit=min(pool, _MOST),
                filter=where,
                output_fields=list(fields),
                search_params={"params": {"ef": max(min(pool, _MOST), _LEAST_LOOKED_AT)}},
                consistency_level="Bounded",
                timeout=QUICK,
            )
        return [
            [{NUMBER: hit.id, "distance": hit.distance} | hit.fields for hit in hits]
            for hits in found
        ]

    def _rows(self, where: str, fields: Sequence[str]) -> list[Row]:
        with self._server.told(self._name):
            rows = self._server.client.query(
                self._name,
                filter=where,
                output_fields=list(fields),
                consistency_level="Bounded",
                timeout=QUICK,
            )
        return [dict(row) for row in rows]

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Asks while all of the collection is at hand, and waits a while for that.

        A cluster that lost a node answers for some seconds from what is left, and does not say so
        (seen with 2.3.5: nine seconds of half the corpus): an answer from that would be a wrong
        one. So its rows are counted first, unless they were just now: what is whole does not
        become a part without failing in between, for a cluster needs seconds to notice. They are
        counted again after what took long: pymilvus repeats a call that failed and tells nobody.
        """
        patience = time.monotonic() + QUICK
        while True:
            try:
                if time.monotonic() > self._whole_at + _WHOLE_FOR:
                    self._check_whole()
                found = ask()
                if time.monotonic() > self._whole_at + _WHOLE_FOR:
                    self._check_whole()
            except Recovering:
                self._whole_at = -math.inf
                if time.monotonic() > patience:
                    raise
                time.sleep(_PAUSE)
            else:
                return found

    def _check_whole(self) -> None:
        began = time.monotonic()
        # Strong the first time: whoever opens a collection just written must see all of it.
        level = "Strong" if self._whole_at == -math.inf else "Bounded"
        found = count_rows(self._server, self._name, level, QUICK)
        if found > self._count:
            raise missing(self._server.uri, self._name)
        if found < self._count:
            raise Recovering(
                f"{self._server.uri}: Milvus has {found:,} of {self._count:,} passages at hand, so"
                " nothing is answered from them; wait until it has recovered; if it does not, run:"
                " readout rebuild --engine faiss"
            )
        self._whole_at = began

    def nearest(self, vector: Vectors) -> float:
        """Returns the cosine of the passage nearest to a vector."""
        return self._patiently(lambda: self._nearest(vector))

    def _nearest(self, vector: Vectors) -> float:
        [found] = self._search([vector[0]], VECTOR, 1, "", [])
        if not found:
            raise Recovering(f"{self._server.uri}: Milvus finds nothing just now; ask again")
        return float(found[0]["distance"])

    def get(self, numbers: Sequence[int]) -> Vectors:
        """Returns the vectors of the given passages, one row each."""
        return self._patiently(lambda: self._get(numbers))

    def _get(self, numbers: Sequence[int]) -> Vectors:
        vectors = np.empty((len(numbers), self._collection.dimension), np.float32)
        for start in range(0, len(numbers), BATCH):
            part = [int(number) for number in numbers[start : start + BATCH]]
            rows = self._rows(f"{NUMBER} in {sorted(set(part))}", [NUMBER, VECTOR])
            found = {row[NUMBER]: row[VECTOR] for row in rows}
            if not found.keys() >= set(part):
                raise missing(self._server.uri, self._name)
            vectors[start : start + len(part)] = [found[number] for number in part]
        return vectors

    def frequency(self, term: str) -> int:
        """Returns in how many passages a term stands, or in how many passages' titles if more."""
        return self._statistics.frequency(term)

    def announce(self) -> None:
        """Lets the home's alias stand for this collection."""
        from pymilvus.exceptions import MilvusException  # lazy, as all of pymilvus

        alias, client = self._collection.alias, self._server.client
        with self._server.told(self._name):
            try:
                client.alter_alias(self._name, alias, timeout=QUICK)
            except MilvusException:  # there is none yet
                client.create_alias(self._name, alias, timeout=QUICK)

    def check_every_row(self) -> None:
        """Reads the whole collection.

        Raises:
            DamagedIndex: If a row is missing, or is not what was written.
        """
        seal, fields = Seal(), [NUMBER, VECTOR, TERMS, *NAMES, *DAYS]
        for start in range(0, self._count, BATCH):
            where = f"{NUMBER} >= {start} and {NUMBER} < {start + BATCH}"
            rows = self._patiently(partial(self._rows, where, fields))
            for row in sorted(rows, key=lambda row: row[NUMBER]):
                seal.add(row)
        if seal.hexdigest() != self._collection.seal:
            raise missing(self._server.uri, self._name)


# Seconds for which a collection that was whole is held to be, and between two tries.
_WHOLE_FOR, _PAUSE = 1.0, 0.2

# Candidates by words that are asked for, for each that is kept once its score is reckoned here:
# those that rank highest here are among them, though the server weighs a title otherwise. And how
# many a search of Milvus may ask for.
_WIDER, _MOST = 4, 16_384

# Neighbours that a search in a graph keeps at hand; more find more (Milvus: at least the limit).
_LEAST_LOOKED_AT = 128


def open_collection(
    folder: Path, collection: Collection, count: int, wanted: Place
) -> MilvusEngine:
    """Opens the collection of a generation where the settings say, else where it was written.

    Raises:
        EngineUnavailable: If one cannot be reached, and none that can has it.
        DamagedIndex: If none has it.
    """
    places = [wanted] if wanted.uri else []
    if wanted.uri != collection.uri:
        places.append(wanted.at(collection.uri))
    failed: list[IndexingError] = []
    for place in places:
        try:
            return MilvusEngine(folder, collection, count, place)
        except IndexingError as error:
            failed.append(error)
        except sqlite3.Error as error:
            raise damaged(folder / FILE) from error
    # One that is only away may have it: it is not to be told as lost.
    away = (error for error in failed if isinstance(error, EngineUnavailable))
    raise next(away, failed[-1])
