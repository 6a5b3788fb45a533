"""Training groups as tensors, rows of similar length together."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from assistant.reader.pairs import Row

#: Rows that pass through the network at once, of similar length.
AT_ONCE = {"cpu": 16, "cuda": 192}


@dataclass(frozen=True, slots=True)
class Group:
    """A question's rows, one a passage, and what is known of them.

    Attributes:
        rows: The passages as they are read.
        positive: Which row answers; None if none does.
        answering: Which of its tokens answer; those of its sentences, if no more is known.
    """

    rows: Sequence[Row]
    positive: int | None
    answering: Sequence[int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that pass through the network together, padded to the longest.

    Attributes:
        ids: Token ids of shape (n, t), like all that follow; 0 is padding.
        mask: 1 for tokens, 0 for padding.
        types: 0 for the question, 1 for the passage.
        sentences: Whether a token belongs to a sentence.
        answering: Whether it answers.
        group: Of which group each row is, of shape (n,).
        slot: Which row of its group it is, of shape (n,).
    """

    ids: Tensor
    mask: Tensor
    types: Tensor
    sentences: Tensor
    answering: Tensor
    group: Tensor
    slot: Tensor

    def to(self, device: str) -> "Chunk":
        """Returns the same on another device."""
        parts = (getattr(self, name).to(device, non_blocking=True) for name in self.__slots__)
        return Chunk(*parts)


@dataclass(frozen=True, slots=True)
class Batch:
    """The groups of one step.

    Attributes:
        chunks: Their rows.
        positive: Which row of each group answers, of shape (g,); -1 if none does.
        slots: Rows of the largest group.
    """

    chunks: list[Chunk]
    positive: Tensor
    slots: int

    def to(self, device: str) -> "Batch":
        """Returns the same on another device."""
        chunks = [chunk.to(device) for chunk in self.chunks]
        return Batch(chunks, self.positive.to(device), self.slots)


def batch_of(groups: Sequence[Group], at_once: int) -> Batch:
    """Makes tensors of groups, at most ``at_once`` rows in a chunk."""
    rows = [
        (row, number, slot, group.answering if slot == group.positive else ())
        for number, group in enumerate(groups)
        for slot, row in enumerate(group.rows)
    ]
    rows.sort(key=lambda each: len(each[0].ids))
    chunks = []
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        shape = (len(part), len(part[-1][0].ids))
        ids, mask, types = (torch.zeros(shape, dtype=torch.int64) for _ in range(3))
        sentences, answering = (torch.zeros(shape, dtype=torch.bool) for _ in range(2))
        for at, (row, _, _, answers) in enumerate(part):
            ids[at, : len(row.ids)] = torch.tensor(row.ids)
            mask[at, : len(row.ids)] = 1
            types[at, : len(row.ids)] = torch.tensor(row.types)
            sentences[at, row.starts[0] : row.starts[-1]] = True
            answering[at, list(answers)] = True
        group, slot = (torch.tensor([each[place] for each in part]) for place in (1, 2))
        chunks.append(Chunk(ids, mask, types, sentences, answering, group, slot))
    positive = [-1 if group.positive is None else group.positive for group in groups]
    return Batch(chunks, torch.tensor(positive), max(len(group.rows) for group in groups))
