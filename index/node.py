"""What runs on the machines of a cluster: the same reading, cutting and encoding as here."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import Problem, Worker
from index.compile import PROBES
from index.crew import Tools
from index.encoder import Encoder, Vectors
from index.errors import EncoderError
from index.gathering import Asked, Reading
from index.models import EncoderIdentity, load_from

if TYPE_CHECKING:
    import pyarrow as pa

#: Smallest cosine of a probe's vector here and there. Two kinds of CPU round differently, and a
#: GPU does too; a CPU that overflows where the other does not is far below.
MIN_COSINE = 0.999


@dataclass(frozen=True, slots=True)
class Model:
    """An encoder on its way to another machine.

    Attributes:
        identity: Which.
        files: `index.models.encoder_files`.
        probed: The vectors that it gives to `PROBES` where the build runs.
    """

    identity: EncoderIdentity
    files: dict[str, bytes]
    probed: Vectors


@dataclass(frozen=True, slots=True)
class Sent:
    """A file on its way to another machine.

    Attributes:
        asked: What was asked of it; nothing in it names a place there.
        content: Its bytes.
        sidecar: Those of the file that describes it, if there is one.
    """

    asked: Asked
    content: bytes
    sidecar: bytes | None

    @classmethod
    def of(cls, asked: Asked) -> "Sent":
        """Takes a file with its bytes. Raises OSError if it cannot be read."""
        file = asked.file
        described = file.sidecar.read_bytes() if file.sidecar else None
        return cls(asked, file.path.read_bytes(), described)

    def done_with(self, work: Callable[[Tools, Asked], Reading], tools: Tools) -> Reading:
        """Puts the file in a folder for a while, and works on it there."""
        file = self.asked.file
        with TemporaryDirectory(prefix="readout-") as folder:
            path = Path(folder, file.path.name)
            path.write_bytes(self.content)
            sidecar = None
            if file.sidecar and self.sidecar is not None:
                sidecar = Path(folder, file.sidecar.name)
                sidecar.write_bytes(self.sidecar)
            here = replace(file, path=path, sidecar=sidecar)
            read = work(tools, replace(self.asked, file=here))
        if not sidecar:
            return read
        # Where it lies is told as people know it.
        items = [
            Problem(str(file.sidecar), item.reason)
            if isinstance(item, Problem) and item.source == str(sidecar)
            else item
            for item in read.items
        ]
        return replace(read, items=items)


def probe(encoder: Encoder) -> Vectors:
    """Returns the vectors of `PROBES`, each encoded alone as a build encodes."""
    return np.concatenate([encoder.embed_passages([text]) for text in PROBES])


def versions() -> dict[str, str]:
    """Returns the versions of all that decides what is read, cut and encoded on this machine."""
    from packaging.requirements import Requirement  # lazy: only clusters compare

    found = {"readout": version("readout")}
    for line in requires("readout") or []:
        need = Requirement(line)
        if need.marker is None or need.marker.evaluate({"extra": "ocr"}):
            try:
                found[need.name] = version(need.name)
            except PackageNotFoundError:
                found[need.name] = "none"
    return found


def inspect(model: Model | None) -> dict[str, str]:
    """Returns this machine's `versions`, and proves that it can encode as the build's own does.

    Args:
        model: What to try; None where another kind of processor will encode.

    Raises:
        EncoderError: If it cannot.
    """
    if model:
        with TemporaryDirectory(prefix="readout-") as folder:
            _load(model, Path(folder))
    return versions()


class Encoding:
    """Encodes; loaded once in each actor of a pool."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 (a reference of Ray's)
        import ray  # lazy: where this runs, it is there

        self._folder = TemporaryDirectory(prefix="readout-")
        self._encoder, self._exact = _load(ray.get(model), Path(self._folder.name))
        self._alone = ray.get(model).identity.compiled != ""
        self._where = ray.util.get_node_ip_address()

    def __call__(self, table: "pa.Table") -> "pa.Table":
        """Encodes blocks of texts.

        Args:
            table: Rows of ``number`` and ``load``, the pickled texts.

        Returns:
            Rows of ``number``, the vectors as bytes, and where they were made if there they are
            others to the last bit.
        """
        import pyarrow as pa

        chunks = [pickle.loads(load) for load in table["load"].to_pylist()]  # noqa: S301 (our own)
        texts = [text for chunk in chunks for text in chunk]
        if self._alone:  # the actors share the cores: one thread for each
            vectors = np.concatenate([self._encoder.embed_passages([text]) for text in texts])
        else:
            vectors = self._encoder.embed_passages(texts)
        ends = np.cumsum([len(chunk) for chunk in chunks])[:-1]
        loads = [part.tobytes() for part in np.split(vectors, ends)]
        where = [None if self._exact else self._where] * len(loads)
        return pa.table(
            {
                "number": table["number"],
                "load": pa.array(loads, pa.large_binary()),
                "where": pa.array(where, pa.string()),
            }
        )


def perform(table: "pa.Table", work: Callable[[Tools, Any], Any], model: Any) -> "pa.Table":  # noqa: ANN401
    """Does the same work on the item in each row.

    Args:
        table: Rows of ``number`` and ``load``, the pickled item.
        work: What to do.
        model: Refers to the `Model`.

    Returns:
        Rows of ``number`` and the pickled result.
    """
    import pyarrow as pa

    tools = _tools(model)
    results = []
    for load in table["load"].to_pylist():
        item = pickle.loads(load)  # noqa: S301 (our own)
        done = item.done_with(work, tools) if isinstance(item, Sent) else work(tools, item)
        results.append(pickle.dumps(done))
    return pa.table({"number": table["number"], "load": pa.array(results, pa.large_binary())})


@lru_cache(maxsize=1)
def _tools(model: Any) -> Tools:  # noqa: ANN401 (a reference of Ray's)
    """Loaded once in each process, which serves many tasks."""
    import ray

    folder = TemporaryDirectory(prefix="readout-")
    encoder, _ = _load(ray.get(model), Path(folder.name))
    _KEPT.append(folder)
    return Tools(encoder, Worker())


# Folders that last as long as this process.
_KEPT: list[TemporaryDirectory[str]] = []


def _load(model: Model, folder: Path) -> tuple[Encoder, bool]:
    """Loads an encoder, and returns whether its vectors are the same to the last bit.

    Raises:
        EncoderError: If they are others altogether.
    """
    for name, content in model.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    encoder = load_from(folder, model.identity)
    found = probe(encoder)
    cosine = float((found * model.probed).sum(axis=1).min())
    if not cosine >= MIN_COSINE:
        raise EncoderError(
            f"its processor encodes otherwise than the one that builds (cosine {cosine:.3f})"
        )
    return encoder, bool(np.array_equal(found, model.probed))
