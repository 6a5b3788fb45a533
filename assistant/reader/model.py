"""The network: a transformer with two linear heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from assistant.reader.batches import AT_ONCE, Batch, Group, batch_of
from assistant.reader.losses import Scored
from assistant.reader.pairs import Row


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says of one row.

    Attributes:
        tokens: A logit for each token of a sentence, ``-inf`` for others, of shape (t,); that of a
            sentence is the logsumexp of its tokens.
        relevance: A logit that ranks the passage among others, of shape ().
        answers: A logit for whether the passage answers, of shape ().
    """

    tokens: Tensor
    relevance: Tensor
    answers: Tensor


class ReaderModel(nn.Module):
    """Scores each token, from which sentences are pooled outside, and the passage."""

    def __init__(self, folder: Path, dropout: float = 0.0) -> None:
        """Starts from the transformer in ``folder``, with new heads.

        Args:
            folder: A transformer of BERT's kind.
            dropout: Share of activations left out in training; a few epochs need none.
        """
        super().__init__()
        # On a CPU plain attention trains 1.6 times as fast as the fused one (8,300 and 5,200
        # tokens a second, 2 cores, bfloat16).
        self.transformer = AutoModel.from_pretrained(
            folder,
            attn_implementation="eager",
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            add_pooling_layer=False,
        )
        width = self.transformer.config.hidden_size
        self.sentence_head = nn.Linear(width, 1)
        self.passage_head = nn.Linear(width, 2)

    @property
    def device(self) -> str:
        """Where it runs: ``cpu`` or ``cuda``."""
        return self.sentence_head.weight.device.type

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """Returns token scores of shape (n, t), and relevance and answer logits of shape (n, 2)."""
        states = self.transformer(
            input_ids=ids, attention_mask=mask, token_type_ids=types
        ).last_hidden_state
        return self.sentence_head(states).squeeze(-1), self.passage_head(states[:, 0])

    def score(self, batch: Batch) -> Scored:
        """Returns what it says of a batch on its own device, in bfloat16."""
        with torch.autocast(self.device, torch.bfloat16):
            outputs = [self(chunk.ids, chunk.mask, chunk.types) for chunk in batch.chunks]
        return Scored.of(batch, outputs)

    def read(self, rows: Sequence[Row]) -> list[Scores]:
        """Returns the scores of each row; those of similar length are run together."""
        batch = batch_of([Group(rows, None, ())], AT_ONCE[self.device]).to(self.device)
        outputs = [self(chunk.ids, chunk.mask, chunk.types) for chunk in batch.chunks]
        scored = Scored.of(batch, outputs)
        scores: dict[int, Scores] = {}
        for chunk, tokens in zip(batch.chunks, scored.tokens, strict=True):
            for at, slot in enumerate(chunk.slot.tolist()):
                own = tokens[at, : len(rows[slot].ids)]
                scores[slot] = Scores(own, scored.relevance[0, slot], scored.answers[0, slot])
        return [scores[number] for number in range(len(rows))]
