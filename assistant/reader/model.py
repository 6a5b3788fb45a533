"""The network: a transformer with two linear heads, and the loss it is trained by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from assistant.reader.pairs import Row

#: Rows that pass through the network at once, of similar length.
AT_ONCE = 16

#: What the passage losses weigh beside that of the sentences.
PASSAGE_WEIGHT = 0.5


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
class Scores:
    """What the network says of one row.

    Attributes:
        tokens: A logit for each token, of shape (t,); that of a sentence is their logsumexp.
        relevance: A logit that ranks the passage among others, of shape ().
        answers: A logit for whether the passage answers, of shape ().
    """

    tokens: Tensor
    relevance: Tensor
    answers: Tensor


class ReaderModel(nn.Module):
    """Scores each token, from which sentences are pooled outside, and the passage."""

    def __init__(self, folder: Path) -> None:
        """Starts from the transformer in ``folder``, with new heads."""
        super().__init__()
        # On a CPU plain attention trains 1.6 times as fast as the fused one (8,300 and 5,200
        # tokens a second, 2 cores, bfloat16), and a few epochs need no dropout.
        self.transformer = AutoModel.from_pretrained(
            folder,
            attn_implementation="eager",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            add_pooling_layer=False,
        )
        width = self.transformer.config.hidden_size
        self.sentence_head = nn.Linear(width, 1)
        self.passage_head = nn.Linear(width, 2)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """Returns token scores of shape (n, t), and relevance and answer logits of shape (n, 2)."""
        states = self.transformer(
            input_ids=ids, attention_mask=mask, token_type_ids=types
        ).last_hidden_state
        return self.sentence_head(states).squeeze(-1), self.passage_head(states[:, 0])

    def read(self, rows: Sequence[Row]) -> list[Scores]:
        """Returns the scores of each row; those of similar length are run together."""
        order = sorted(range(len(rows)), key=lambda number: len(rows[number].ids))
        scores: dict[int, Scores] = {}
        for start in range(0, len(order), AT_ONCE):
            numbers = order[start : start + AT_ONCE]
            longest = len(rows[numbers[-1]].ids)

            def padded(values: Sequence[Sequence[int]], longest: int = longest) -> Tensor:
                return torch.tensor([[*each, *[0] * (longest - len(each))] for each in values])

            batch = [rows[number] for number in numbers]
            device = self.sentence_head.weight.device
            tokens, passages = self(
                padded([row.ids for row in batch]).to(device),
                padded([[1] * len(row.ids) for row in batch]).to(device),
                padded([row.types for row in batch]).to(device),
            )
            tokens, passages = tokens.float(), passages.float()
            for at, (number, row) in enumerate(zip(numbers, batch, strict=True)):
                own = tokens[at, : len(row.ids)]
                scores[number] = Scores(own, passages[at, 0], passages[at, 1])
        return [scores[number] for number in range(len(rows))]


def loss_of(groups: Sequence[Group], scores: Sequence[Scores]) -> Tensor:
    """Returns the mean loss of groups whose rows got ``scores``, in the same order.

    The tokens that answer must win over all other tokens of the sentences of their group and over
    silence, whose logit is 0; if nothing answers, silence must win. Beside that, passages that
    answer are told from those that do not (binary cross-entropy), and ranked above them (softmax).
    """
    losses = []
    at = 0
    for group in groups:
        own = scores[at : at + len(group.rows)]
        at += len(group.rows)
        silence = own[0].answers.new_zeros(1)
        tokens = [
            each.tokens[row.starts[0] : row.starts[-1]]
            for each, row in zip(own, group.rows, strict=True)
        ]
        everything = torch.cat([silence, *tokens]).logsumexp(0)
        answers = torch.stack([each.answers for each in own])
        target = torch.zeros_like(answers)
        if group.positive is None:
            loss = everything
        else:
            right = own[group.positive].tokens[list(group.answering)].logsumexp(0)
            relevance = torch.stack([each.relevance for each in own])
            ranked = relevance.logsumexp(0) - relevance[group.positive]
            target[group.positive] = 1.0
            loss = everything - right + PASSAGE_WEIGHT * ranked
        told = nn.functional.binary_cross_entropy_with_logits(answers, target)
        losses.append(loss + PASSAGE_WEIGHT * told)
    return torch.stack(losses).mean()
