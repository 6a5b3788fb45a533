"""The crew that works on the nodes of a Ray cluster, with Ray Data."""

import math
import pickle
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from corpus import MAX_BYTES, Problem, ReadoutError, holds_records
from index.crew import Chunk, Done, Here, Tools
from index.encoder import Encoder, Vectors
from index.errors import ClusterError, first_line
from index.gathering import Asked
from index.node import Encoding, Sent, perform

if TYPE_CHECKING:
    import pyarrow as pa

A = TypeVar("A")
B = TypeVar("B")

# Items that are sent out together at most, and bytes of them: what waits for its turn fills the
# cluster's memory.
_WAVE, _WAVE_BYTES = 8192, 1 << 28

# Items of a block at most: some tenths of a second's work.
_ITEMS = 32

# Texts that each actor gets of a wave at most: minutes' work, beside which the seconds that its
# start takes count little.
_TEXTS, _TEXTS_GPU = 1 << 15, 1 << 19

# Chunks of a block at most: seconds' work on a core, a fraction of one on a GPU.
_CHUNKS, _CHUNKS_GPU = 4, 64

# Seconds of nothing after which the head is looked for.
_LOOK = 5

_GO_ON = "what was encoded is kept; run it again"


class Spread:
    """A crew on the nodes of a cluster. See `index.crew.Crew`."""

    def __init__(self, address: str, encoder: Encoder, model: Any, gpus: int) -> None:  # noqa: ANN401
        """Takes where it is, the encoder, a reference to what was sent, and GPUs to encode on."""
        import ray

        self.problems: list[Problem] = []
        self._address = address
        self._encoder = encoder
        self._model = model
        self._gpus = gpus
        host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
        self._head = host.strip("[]"), int(port)

    def map(
        self, work: Callable[[Tools, A], B], items: Iterable[A | Done[B]]
    ) -> Iterator[tuple[A | Done[B], B]]:
        """See `Crew.map`."""
        for wave, sent in _waves(items):
            here = Here(self._encoder).map(
                work, (item for item, load in zip(wave, sent, strict=True) if load is None)
            )
            loads = {number: load for number, load in enumerate(sent) if load is not None}
            size = _share(len(loads), _slots(), _ITEMS)
            results = self._run(
                list(loads.items()),
                size,
                lambda data: data.map_batches(
                    perform,
                    fn_args=(work, self._model),
                    batch_size=None,
                    batch_format="pyarrow",
                ),
            )
            waiting: dict[int, B] = {}
            for number, item in enumerate(wave):
                if number not in loads:
                    yield next(here)
                    continue
                while number not in waiting:
                    for row in next(results):
                        waiting[row["number"]] = pickle.loads(row["load"])  # noqa: S301 (our own)
                yield item, waiting.pop(number)

    def encode(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Vectors]]:
        """See `Crew.encode`."""
        import ray.data

        actors = self._gpus or _slots()
        texts, most = (_TEXTS_GPU, _CHUNKS_GPU) if self._gpus else (_TEXTS, _CHUNKS)
        told: set[str] = set()
        for wave in _of_texts(chunks, actors * texts):
            loads = [(number, pickle.dumps(chunk.texts)) for number, chunk in enumerate(wave)]
            size = _share(len(loads), actors, most)
            results = self._run(
                loads,
                size,
                lambda data: data.map_batches(
                    Encoding,
                    fn_constructor_args=(self._model,),
                    compute=ray.data.ActorPoolStrategy(size=actors),
                    num_cpus=1,
                    num_gpus=1 if self._gpus else 0,
                    batch_size=None,
                    batch_format="pyarrow",
                ),
            )
            for rows in results:
                for row in rows:
                    chunk = wave[row["number"]]
                    vectors = np.frombuffer(row["load"], np.float32)
                    if row["where"]:
                        told.add(row["where"])
                    yield chunk, vectors.reshape(len(chunk.texts), -1)
        for where in sorted(told):
            self.problems.append(
                Problem(
                    f"Ray node {where}",
                    "its processor rounds otherwise than the one that builds: vectors made there"
                    " differ in their last digits from those of a build here; searches hardly do",
                )
            )

    def _run(
        self, loads: list[tuple[int, bytes]], size: int, stages: Callable[[Any], Any]
    ) -> Iterator[list[dict[str, Any]]]:
        """Runs numbered loads, so many to a block, through stages of Ray Data; yields blocks."""
        if not loads:
            return
        import ray.data

        with telling(self._address):
            # A table is a block: left to itself, Ray would put all that is small into one, and so
            # on one core.
            tables = [_table(loads[at : at + size]) for at in range(0, len(loads), size)]
            blocks = stages(ray.data.from_arrow(tables))
            coming = iter(blocks.iter_batches(batch_size=None, batch_format="pyarrow"))
            while (block := self._next(coming)) is not None:
                yield block.to_pylist()

    def _next(self, blocks: Iterator[A]) -> A | None:
        """Returns the next block; None after the last.

        Raises:
            ClusterError: If the cluster's head is gone. Ray would wait for a minute and then end
                this process without a word.
        """
        found: SimpleQueue[tuple[A | None, BaseException | None]] = SimpleQueue()

        def fetch() -> None:
            try:
                found.put((next(blocks, None), None))
            except BaseException as error:  # raised where it is waited for
                found.put((None, error))

        # Nobody need wait for it: what it waits for may never come.
        Thread(target=fetch, daemon=True).start()
        while True:
            try:
                block, error = found.get(timeout=_LOOK)
            except Empty:
                self._check_head()
                continue
            if error is not None:
                raise error
            return block

    def _check_head(self) -> None:
        for pause in (1, 1, 0):
            with suppress(OSError):
                socket.create_connection(self._head, _LOOK).close()
                return
            time.sleep(pause)
        raise ClusterError(
            f"the Ray cluster {self._address}: its head does not answer any more; {_GO_ON}"
        )


@contextmanager
def telling(address: str) -> Iterator[None]:
    """Tells what Ray raises in a line."""
    import ray

    try:
        yield
    except (ray.exceptions.RayError, ConnectionError) as error:
        told = own_words(error)
        reason = f"work failed ({told})" if told else f"was lost ({reason_of(error)})"
        raise ClusterError(f"the Ray cluster {address}: {reason}; {_GO_ON}") from error


def own_words(error: BaseException | None) -> str | None:
    """Returns what an error of ours says that another process raised, if there is one."""
    while error is not None:
        if isinstance(error, ReadoutError):
            return str(error)
        error = getattr(error, "cause", None) or error.__cause__
    return None


def reason_of(error: BaseException) -> str:
    """Returns the last line of a traceback that another process sent, or the first of a message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines and "ray::" in lines[0] else first_line(error))[:200]


def _slots() -> int:
    """Returns how many actors the nodes have room for, a CPU of each left to Ray's other tasks."""
    import ray

    cpus = [int(each["Resources"].get("CPU", 0)) for each in ray.nodes() if each["Alive"]]
    return max(1, sum(count - 1 for count in cpus if count))


def _share(count: int, workers: int, most: int) -> int:
    """Returns how many of so many things make a block, if each worker is to get four of those."""
    return min(most, max(1, math.ceil(count / (4 * workers))))


def _waves(items: Iterable[Any]) -> Iterator[tuple[list[Any], list[bytes | None]]]:
    """Yields items in waves, with what is sent of each: None of what is done here."""
    wave: list[Any] = []
    sent: list[bytes | None] = []
    size = 0
    for item in items:
        load = _packed(item)
        wave.append(item)
        sent.append(load)
        size += len(load or b"")
        if len(wave) >= _WAVE or size >= _WAVE_BYTES:
            yield wave, sent
            wave, sent, size = [], [], 0
    if wave:
        yield wave, sent


def _packed(item: object) -> bytes | None:
    if isinstance(item, Done):
        return None
    if not isinstance(item, Asked):
        return pickle.dumps(item)
    # Lines are quickly read, and cut elsewhere; so that all cores have something of a large file.
    path = item.file.path
    try:
        before = path.stat()
        if before.st_size > MAX_BYTES or holds_records(path):
            return None
        load = pickle.dumps(Sent.of(item))
        after = path.stat()
    except OSError:
        return None  # who reads it here tells why
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return None
    return load


def _of_texts(chunks: Iterable[Chunk], most: int) -> Iterator[list[Chunk]]:
    """Yields chunks in waves of about so many texts."""
    wave: list[Chunk] = []
    texts = 0
    for chunk in chunks:
        wave.append(chunk)
        texts += len(chunk.texts)
        if texts >= most:
            yield wave
            wave, texts = [], 0
    if wave:
        yield wave


def _table(loads: list[tuple[int, bytes]]) -> "pa.Table":
    import pyarrow as pa

    numbers, contents = zip(*loads, strict=True)
    return pa.table(
        {"number": pa.array(numbers, pa.int64()), "load": pa.array(contents, pa.large_binary())}
    )
