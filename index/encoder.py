"""Texts become unit vectors: one encoder compiled for this CPU, one by sentence-transformers."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.durable import read_json

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding, Tokenizer

#: One row a text, float32, each of length 1: the inner product of two is their cosine.
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """What the index needs of an encoder."""

    @property
    def window(self) -> int:
        """Tokens the encoder reads of a text, special tokens included; the rest is cut off."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Returns a vector for each question."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Returns a vector for each passage or sentence."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of tokens of each text, special tokens not included."""


class CompiledEncoder:
    """An int8 ONNX model run by ONNX Runtime; safe to share between threads.

    Each text is run alone. Dynamic quantisation scales activations over a whole batch, so a
    batched vector would depend on its neighbours; and on a CPU, texts side by side on the cores
    are faster than padded batches (1.2 to 1.6 times, 2 cores, 120 tokens).
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # lazy: 0.1 s that `readout --help` need not pay

        self.folder = folder
        settings = read_json(folder / "compiled.json")
        self.window: int = settings["window"]
        self.dimension: int = settings["dimension"]
        self._prompts = (settings["query_prompt"], settings["passage_prompt"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            (folder / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self._tokenizer = _tokenizer(folder)
        self._tokenizer.enable_truncation(self.window)

    @cached_property
    def _whole(self) -> "Tokenizer":
        return _tokenizer(self.folder)

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="encode")

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.embed_queries`."""
        return self._embed([self._prompts[0] + text for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.embed_passages`."""
        return self._embed([self._prompts[1] + text for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        encodings = self._whole.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def _embed(self, texts: list[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch_fast(texts)
        rows: Iterator[Vectors] = (
            map(self._run, encodings)
            if len(texts) == 1
            else self._workers.map(self._run, encodings)
        )
        return np.concatenate([np.empty((0, self.dimension), np.float32), *rows])

    def _run(self, encoding: "Encoding") -> Vectors:
        known = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {name: np.array([known[name]], np.int64) for name in self._inputs}
        row: Vectors = self._session.run(None, feed)[0]
        return row


class OriginalEncoder:
    """The model run by sentence-transformers itself: on a GPU, or where compiling failed."""

    def __init__(self, folder: Path) -> None:
        from index.compile import load_original  # lazy: leads to torch

        self._model: SentenceTransformer = load_original(folder)
        self.window = int(self._model.max_seq_length or 512)
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.embed_queries`."""
        return self._embed(self._model.encode_query, texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.embed_passages`."""
        return self._embed(self._model.encode_document, texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        encoded = self._model.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return [len(ids) for ids in encoded]

    def _embed(self, encode: Callable[..., Vectors], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return encode(list(texts), normalize_embeddings=True, show_progress_bar=False)


def _tokenizer(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / "tokenizer.json"))
