"""The fitted weights of ranking and confidence: one readable file, and how it is used."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: The files of what was fitted with the reader, and without it.
READ_WEIGHTS, PLAIN_WEIGHTS = (
    Path(__file__).with_name(name) for name in ("weights.json", "weights-plain.json")
)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression over the named fields of a record of features."""

    bias: float
    coefficients: Mapping[str, float]

    def probability(self, features: "DataclassInstance") -> float:
        """Returns the probability it gives to a record of features.

        Raises:
            KeyError: If the record lacks a feature that the model was fitted on.
        """
        values = asdict(features)
        logit = self.bias + sum(weight * values[name] for name, weight in self.coefficients.items())
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, logit))))


@dataclass(frozen=True, slots=True)
class Weights:
    """What `python -m assistant.fit` fitted.

    Attributes:
        evidence: Does a sentence answer? Over `assistant.features.Features`, or `ReadFeatures`.
        confidence: Does the best sentence answer? Over `assistant.features.Signals`, or
            `ReadSignals`.
        passages: Does a passage answer? Over `assistant.features.PassageFeatures`; without a
            reader the first stage's order stays, and nothing is weighed.
        threshold: The confidence below which Readout abstains unless told otherwise.
        provenance: When, on what and by which command they were fitted.
    """

    evidence: Logistic
    confidence: Logistic
    passages: Logistic
    threshold: float
    provenance: Mapping[str, Any]

    def save(self, path: Path) -> None:
        """Writes the weights as readable JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Weights":
        """Reads what `save` wrote."""
        values = json.loads(path.read_text(encoding="utf-8"))
        for part in ("evidence", "confidence", "passages"):
            values[part] = Logistic(**values[part])
        return cls(**values)


@cache
def fitted_weights(file: Path) -> Weights:
    """Returns weights that come with Readout, of `READ_WEIGHTS` or `PLAIN_WEIGHTS`."""
    return Weights.load(file)
