"""What the network is trained by."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from assistant.reader.batches import Batch

#: What the passage losses weigh beside that of the sentences.
PASSAGE_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Scored:
    """What a network says of a batch; all scores are logits.

    Attributes:
        tokens: For each chunk those of its tokens, of shape (n, t), ``-inf`` outside sentences.
        relevance: Those that rank the rows of each group, of shape (g, slots); ``-inf`` where a
            group has no row.
        answers: Whether a row answers, of shape (g, slots).
    """

    tokens: Sequence[Tensor]
    relevance: Tensor
    answers: Tensor

    @classmethod
    def of(cls, batch: Batch, outputs: Sequence[tuple[Tensor, Tensor]]) -> "Scored":
        """Puts together what a network gave for each chunk: token and passage scores."""
        shape = (len(batch.positive), batch.slots)
        relevance = outputs[0][1].new_full(shape, -torch.inf, dtype=torch.float32)
        answers = torch.zeros_like(relevance)
        tokens = []
        for chunk, (scores, passages) in zip(batch.chunks, outputs, strict=True):
            tokens.append(scores.float().masked_fill(~chunk.sentences, -torch.inf))
            at = (chunk.group, chunk.slot)
            relevance = relevance.index_put(at, passages[:, 0].float())
            answers = answers.index_put(at, passages[:, 1].float())
        return cls(tokens, relevance, answers)

    def everything(self, batch: Batch) -> Tensor:
        """Returns the logsumexp of all tokens of each group and of silence (0), of shape (g,)."""
        rows = [tokens.logsumexp(1) for tokens in self.tokens]
        whole = self._by_slot(batch, rows)
        return torch.cat([whole, whole.new_zeros(len(whole), 1)], 1).logsumexp(1)

    def right(self, batch: Batch) -> Tensor:
        """Returns the logsumexp of the tokens that answer, of shape (g,); 0, silence, if none."""
        rows = [
            tokens.masked_fill(~chunk.answering, -torch.inf).logsumexp(1)
            for chunk, tokens in zip(batch.chunks, self.tokens, strict=True)
        ]
        at = batch.positive.clamp(min=0)[:, None]
        chosen = self._by_slot(batch, rows).gather(1, at).squeeze(1)
        return torch.where(batch.positive >= 0, chosen, torch.zeros_like(chosen))

    def _by_slot(self, batch: Batch, rows: Sequence[Tensor]) -> Tensor:
        found = torch.full_like(self.relevance, -torch.inf)
        for chunk, values in zip(batch.chunks, rows, strict=True):
            found = found.index_put((chunk.group, chunk.slot), values)
        return found


def loss_of(batch: Batch, scored: Scored) -> Tensor:
    """Returns the mean loss of a batch by its labels.

    The tokens that answer must win over all other tokens of the sentences of their group and over
    silence, whose logit is 0; if nothing answers, silence must win. Beside that, passages that
    answer are told from those that do not (binary cross-entropy), and ranked above them (softmax).
    """
    there = scored.relevance.isfinite()
    answered = batch.positive >= 0
    at = batch.positive.clamp(min=0)[:, None]
    words = scored.everything(batch) - scored.right(batch)
    ranked = scored.relevance.logsumexp(1) - scored.relevance.gather(1, at).squeeze(1)
    target = torch.zeros_like(scored.answers).scatter(1, at, answered[:, None].float())
    told = _mean_told(scored.answers, target, there)
    return (words + PASSAGE_WEIGHT * (torch.where(answered, ranked, 0.0) + told)).mean()


def _mean_told(answers: Tensor, target: Tensor, there: Tensor) -> Tensor:
    each = binary_cross_entropy_with_logits(answers, target, reduction="none")
    return (each * there).sum(1) / there.sum(1)
