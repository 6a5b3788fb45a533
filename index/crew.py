"""Who reads, cuts and encodes for a build: this process, or a cluster (`index.cluster`)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from corpus import Problem, Worker
from index.encoder import Encoder, Vectors

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Tools:
    """What work on files and documents is done with.

    Attributes:
        encoder: Counts tokens.
        worker: Parses what only a parser can read.
    """

    encoder: Encoder
    worker: Worker


@dataclass(frozen=True, slots=True)
class Done(Generic[B]):
    """What is known without any work, at its place among what is not."""

    result: B


@dataclass(frozen=True, slots=True)
class Chunk:
    """Texts to encode.

    Attributes:
        numbers: The passages they are of.
        keys: Their hashes.
        texts: The texts.
    """

    numbers: Sequence[int]
    keys: Sequence[bytes]
    texts: Sequence[str]


class Crew(Protocol):
    """Does the work of a build that can be shared out.

    Attributes:
        problems: What is to be told of how it was done.
    """

    problems: list[Problem]

    def map(
        self, work: Callable[[Tools, A], B], items: Iterable[A | Done[B]]
    ) -> Iterator[tuple[A | Done[B], B]]:
        """Does the same work on each item.

        Args:
            work: A function of a module, so that another process knows it by name.
            items: What to do it on; `Done` needs none.

        Yields:
            Each item as it was given, with its result, in the order of the items.
        """

    def encode(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Vectors]]:
        """Yields each chunk, in any order, with the vectors of its texts."""


class Here:
    """This process does it all, an item at a time."""

    def __init__(self, encoder: Encoder) -> None:
        self.problems: list[Problem] = []
        self._encoder = encoder

    def map(
        self, work: Callable[[Tools, A], B], items: Iterable[A | Done[B]]
    ) -> Iterator[tuple[A | Done[B], B]]:
        """See `Crew.map`."""
        with Worker() as worker:
            tools = Tools(self._encoder, worker)
            for item in items:
                yield item, item.result if isinstance(item, Done) else work(tools, item)

    def encode(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Vectors]]:
        """See `Crew.encode`."""
        for chunk in chunks:
            yield chunk, self._encoder.embed_passages(chunk.texts)
