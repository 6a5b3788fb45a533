"""The collection of a generation is written to a server, or gone on with, and then serves."""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from index.bm25 import FILE, K1, B, TermCounts, Terms
from index.durable import as_os_error
from index.encoder import Vectors
from index.engine import Place
from index.errors import EngineUnavailable
from index.ledger import Ledger
from index.lexical import analyze
from index.manifest import Collection
from index.milvus import (
    BATCH,
    DAYS,
    LONGEST,
    NAMES,
    NUMBER,
    TERMS,
    VECTOR,
    WORDS,
    Row,
    Seal,
    row_of,
)
from index.rows import Rows
from index.server import SLOW, Server, connect, count_rows
from index.store import Store
from index.vectors import EXACT_UP_TO

# Links of a vector in the graph, and how many are looked at to find them (Milvus's usual ones).
_GRAPH: dict[str, float] = {"M": 16, "efConstruction": 200}

# Seconds by which what a "Bounded" question sees may lag behind (Milvus: gracefulTime).
_BOUNDED = 5.0

# Version of the layout of a row; part of a collection's name.
_LAYOUT = 1


def write_collection(
    folder: Path,
    store: Store,
    rows: Rows,
    content: str,
    place: Place,
    ledger: Ledger,
    step: Callable[[int], None],
) -> Collection:
    """Writes a generation to a server; where an earlier run was stopped, it goes on.

    Args:
        folder: The generation's; the statistics of its terms are written there.
        store: Its documents and passages.
        rows: Its vectors.
        content: What tells its content from any other: the same content has the same name.
        place: The server.
        ledger: Notes what is there.
        step: Told how many passages were written so far.

    Raises:
        EngineUnavailable: If the server cannot be reached, or refuses.
    """
    server = connect(place)
    count, dimension = rows.shape
    digest = hashlib.sha256(f"{_LAYOUT} {content} {count} {dimension} {server.has_words}".encode())
    for start in range(0, count, BATCH):
        digest.update(rows.between(start, start + BATCH).tobytes())
    name, done = ledger.begin(server.uri, digest.hexdigest()[:16])
    if not _is_there(server, name):
        done = 0
        _create(server, name, dimension, place.shards)
    seal, batch = Seal(), list[Row]()
    for row in _rows_of(folder, store, rows):
        seal.add(row)
        if row[NUMBER] >= done:
            batch.append(row)
        if len(batch) == BATCH:
            _write(server, name, batch)
            ledger.reach(server.uri, name, row[NUMBER] + 1)
            batch.clear()
            step(row[NUMBER] + 1)
    if batch:
        _write(server, name, batch)
    written = time.monotonic()
    vectors = "FLAT" if count <= EXACT_UP_TO else "HNSW"
    _finish(server, name, vectors, place.replicas)
    found = count_rows(server, name, "Strong", SLOW)
    if found != count:
        if found > count:
            ledger.distrust(server.uri, name)  # the next run writes another
        else:
            ledger.reach(server.uri, name, 0)  # the next run writes every row again, in place
        raise EngineUnavailable(
            f"{server.uri}: Milvus holds {found:,} of {count:,} passages that were sent; the old"
            " index goes on serving; run it again to send them once more"
        )
    ledger.reach(server.uri, name, count)
    step(count)
    if not place.is_lite:  # then whoever asks sees all of it, whichever node answers
        time.sleep(max(0.0, written + _BOUNDED - time.monotonic()))
    return Collection(
        uri=server.uri,
        name=name,
        alias=ledger.prefix,
        seal=seal.hexdigest(),
        dimension=dimension,
        vectors=vectors,
        words=server.has_words,
    )


def _is_there(server: Server, name: str) -> bool:
    with server.told():
        return bool(server.client.has_collection(name, timeout=SLOW))


def _create(server: Server, name: str, dimension: int, shards: int) -> None:
    with server.told():
        server.client.create_collection(
            name,
            schema=_schema(server, dimension),
            num_shards=shards,
            consistency_level="Bounded",
            timeout=SLOW,
        )


def _schema(server: Server, dimension: int) -> Any:  # noqa: ANN401 (pymilvus tells mypy no types)
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(
        auto_id=False, enable_dynamic_field=False, description="Passages of a Readout index"
    )
    schema.add_field(NUMBER, DataType.INT64, is_primary=True)
    schema.add_field(VECTOR, DataType.FLOAT_VECTOR, dim=dimension)
    for field in NAMES:
        schema.add_field(field, DataType.VARCHAR, max_length=LONGEST)
    for field in DAYS:
        schema.add_field(field, DataType.INT32)
    if not server.has_words:
        schema.add_field(TERMS, DataType.VARCHAR, max_length=LONGEST)
        return schema
    # The terms are made here (`index.lexical.analyze`): a server only parts them at spaces.
    parts = {"tokenizer": "standard" if server.is_lite else "whitespace"}
    schema.add_field(
        TERMS,
        DataType.VARCHAR,
        max_length=LONGEST,
        enable_analyzer=True,
        analyzer_params=parts,
    )
    schema.add_field(WORDS, DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, [TERMS], [WORDS]))
    return schema


def _rows_of(folder: Path, store: Store, rows: Rows) -> Iterator[Row]:
    """Yields the row of each passage, and writes the statistics of their terms."""
    vectors: Vectors = np.empty((0, rows.shape[1]), np.float32)
    counted = TermCounts()
    number = 0
    for document in store.documents():
        title = analyze(document.title)
        for passage in store.passages_of(document.id):
            terms = Terms(title, analyze(document.text[passage.start : passage.end]))
            counted.add(terms)
            if number % BATCH == 0:
                vectors = rows.between(number, number + BATCH)
            yield row_of(number, vectors[number % BATCH], terms, document)
            number += 1
    with as_os_error(sqlite3.Error):
        counted.write(folder / FILE)


def _write(server: Server, name: str, batch: list[Row]) -> None:
    # Not insert: a batch that was sent before a crash may have arrived.
    with server.told(name):
        server.client.upsert(name, batch, timeout=SLOW)


def _finish(server: Server, name: str, vectors: str, replicas: int) -> None:
    """Has what was written indexed and loaded; what is already so is left as it is."""
    client = server.client
    wanted = {VECTOR: (vectors, "IP", _GRAPH if vectors == "HNSW" else {})}
    if server.has_words:
        wanted[WORDS] = ("SPARSE_INVERTED_INDEX", "BM25", {"bm25_k1": K1, "bm25_b": B})
    with server.told(name):
        client.flush(name, timeout=SLOW)
        for field, (kind, metric, parameters) in wanted.items():
            if client.list_indexes(name, field, timeout=SLOW):
                continue
            indexes = client.prepare_index_params()
            indexes.add_index(field, index_type=kind, metric_type=metric, params=parameters)
            client.create_index(name, indexes, timeout=SLOW)
        client.load_collection(name, replica_number=replicas, timeout=SLOW)
