"""Measures how the index grows, up to a million passages; adds "scale" to docs/measurements.json.

Run as ``python -m tests.benchmarks.scale [COUNT ...]``, with ``READOUT_TEST_DATA`` naming the
folder of public data. Texts are words of the press releases, drawn as often as they occur there;
vectors are drawn from a mixture of Gaussians fitted to those of the real passages, so that hours
of encoding are spared; queries are real titles, really encoded. All else is what users run.
"""

import argparse
import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import faiss
import numpy as np

from index import Encoder, Generation, Home, Vectors, default_home, rebuild
from tests.benchmarks import record

SIZES = (10_000, 100_000, 1_000_000)

# Words in a document, which the cutter parts into about three passages.
_WORDS = 420
_PASSAGES_OF_A_DOCUMENT = 3

_QUERIES = 200
_CLUSTERS = 256
_FIRST_DAY, _DAYS = date(2015, 1, 1), 3650


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="COUNT")
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    releases = data / "press-releases"
    lines = gzip.decompress((releases / "documents.jsonl.gz").read_bytes()).decode().splitlines()
    words = [word for line in lines for word in json.loads(line)["text"].split()]
    with (releases / "known-item.jsonl").open(encoding="utf-8") as stream:
        queries = [json.loads(line)["text"] for line in stream][:_QUERIES]
    with Home(default_home()).throw_away([releases / "documents.jsonl.gz"]) as home:
        rebuild(home)
        mixture = Mixture.fitted(Generation.serving(home))
        sizes = arguments.parse_args().sizes
        figures = [measured(home, count, words, mixture, queries) for count in sizes]
    record({"scale": figures})
    print(json.dumps(figures, indent=1))


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians of one covariance, from which vectors are drawn by text.

    Attributes:
        encoder: The real one; it encodes queries and counts tokens.
        centres: Means of the components, shape (components, d).
        shares: How often each is drawn.
        spread: Cholesky factor of the covariance, shape (d, d).
    """

    encoder: Encoder
    centres: Vectors
    shares: np.ndarray
    spread: Vectors

    @classmethod
    def fitted(cls, generation: Generation) -> "Mixture":
        """Fits the mixture to a generation's vectors: k-means, and what is left around it."""
        texts = [
            document.text[passage.start : passage.end]
            for document in generation.documents()
            for passage in generation.passages_of(document.id)
        ]
        folder = generation._folder
        rows = faiss.read_index(str(folder / "vectors.faiss")).reconstruct_n(0, len(texts))
        means = faiss.Kmeans(rows.shape[1], _CLUSTERS, niter=20, seed=1)
        means.train(rows)
        nearest = means.index.search(rows, 1)[1][:, 0]
        around = np.cov((rows - means.centroids[nearest]).T) + 1e-8 * np.eye(rows.shape[1])
        shares = np.bincount(nearest, minlength=_CLUSTERS) / len(rows)
        spread = np.linalg.cholesky(around).astype(np.float32)
        return cls(generation.encoder, means.centroids, shares, spread)

    @property
    def window(self) -> int:
        return self.encoder.window

    @property
    def dimension(self) -> int:
        return self.encoder.dimension

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self.encoder.count_tokens(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encoder.embed_queries(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        draws = [np.random.default_rng(seed) for seed in seeds]
        noise = np.stack([draw.standard_normal(self.dimension, np.float32) for draw in draws])
        places = np.searchsorted(np.cumsum(self.shares), [draw.random() for draw in draws])
        rows = self.centres[np.minimum(places, _CLUSTERS - 1)] + noise @ self.spread.T
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def measured(
    models: Home, count: int, words: list[str], mixture: Mixture, queries: list[str]
) -> dict[str, Any]:
    """Builds an index of about ``count`` passages and serves it from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "corpus.jsonl"
        write_corpus(source, count // _PASSAGES_OF_A_DOCUMENT, words)
        with models.throw_away([source]) as home:
            report = build_with(home, mixture)
            generation = home.generations / home.current()
            timings = json.loads((generation / "manifest.json").read_text())["timings"]
            asked = home.path / "queries.json"
            asked.write_text(json.dumps(queries))
            (home.path / "models").symlink_to(home.models, target_is_directory=True)
            served = [sys.executable, "-m", "tests.benchmarks.serving", home.path, asked]
            answers = json.loads(subprocess.run(served, check=True, capture_output=True).stdout)
            size = sum(path.stat().st_size for path in generation.rglob("*") if path.is_file())
            return {
                "passages": report.passages,
                "corpus MB": source.stat().st_size / 1e6,
                "index MB": size / 1e6,
                "build s": report.seconds - timings["encode"],
                "stages s": timings,
            } | answers


def build_with(home: Home, mixture: Mixture) -> Any:
    """Builds a home as `rebuild` does, but for the vectors."""
    from index import build

    prepared = build.prepare_encoder

    def prepare(*arguments: Any) -> Any:
        return mixture, prepared(*arguments)[1]

    with (
        patch("index.build.prepare_encoder", prepare),
        patch("index.generation.load_encoder", lambda *_: mixture),
    ):
        return rebuild(home)


def write_corpus(path: Path, documents: int, words: list[str]) -> None:
    """Writes documents of random words and days."""
    draw = random.Random(7)
    with path.open("w", encoding="utf-8") as out:
        for number in range(documents):
            drawn = draw.choices(words, k=_WORDS)
            sentences = [" ".join(drawn[at : at + 20]) for at in range(0, _WORDS, 20)]
            day = _FIRST_DAY + timedelta(days=draw.randrange(_DAYS))
            record_ = {
                "_id": f"d{number}",
                "title": " ".join(draw.choices(words, k=8)),
                "text": ". ".join(sentences) + ".",
                "date": day.isoformat(),
            }
            out.write(json.dumps(record_) + "\n")


if __name__ == "__main__":
    main()
