"""Does what a sentence cites support it? Judged by rules and a fitted model, not by who wrote it.

The rules of `assistant.faults` come first: they tell people what is wrong. What none of them
catches is weighed by a model over `Agreement`, which ``python -m assistant.fit_support`` fits.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from assistant.cited import Source, content_terms, near, sentences_of, share
from assistant.faults import fault_of
from assistant.weights import Logistic
from index import Vectors, analyze

#: The file of the fitted weights.
WEIGHTS = Path(__file__).with_name("support.json")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a sentence says what its sources say, beyond having their words; each 0 to 1 or so.

    Attributes:
        together: Share of its content words that stand in one source sentence, of the best one.
        order: Share of its neighbouring content words that stand near each other, in that order,
            in one source sentence.
        cosine: Cosine of the sentence and the source sentence closest in meaning.
    """

    together: float
    order: float
    cosine: float


class Support:
    """Judges whether sentences are supported; safe to share between threads."""

    def __init__(self, encode: Callable[[Sequence[str]], Vectors]) -> None:
        """Takes what makes unit vectors of texts, such as `Encoder.embed_passages`."""
        self._encode = encode

    def fault(self, sentence: str, sources: Sequence[Source]) -> str | None:
        """Returns in words why a sentence is not supported; None if it is.

        Args:
            sentence: The sentence, without the marks of its citations.
            sources: The passages it cites, one at least.
        """
        if fault := fault_of(sentence, sources):
            return fault
        weighed = fitted()
        if weighed.model.probability(self.agreement(sentence, sources)) < weighed.threshold:
            return "no sentence of what it cites says the same"
        return None

    def agreement(self, sentence: str, sources: Sequence[Source]) -> Agreement:
        """Returns how far a sentence says what its sources say."""
        terms = content_terms(sentence)
        above = frozenset(analyze(" ".join(source.text.above for source in sources)))
        sentences = sentences_of(sources)
        by_sentence = [content_terms(each) for each in sentences]
        vectors = self._encode([sentence, *sentences])
        return Agreement(
            together=max(share(terms, above | frozenset(each)) for each in by_sentence),
            order=max(_ordered(terms, each) for each in by_sentence),
            cosine=float((vectors[1:] @ vectors[0]).max()),
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """What `python -m assistant.fit_support` fitted.

    Attributes:
        model: Is a sentence supported in which no rule finds a fault? Over `Agreement`.
        threshold: The probability below which it is struck out.
        provenance: When, on what and by which command it was fitted.
    """

    model: Logistic
    threshold: float
    provenance: Mapping[str, Any]


@cache
def fitted() -> Fitted:
    """Returns the weights that come with Readout."""
    values = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Fitted(Logistic(**values.pop("model")), **values)


def _ordered(terms: Sequence[str], source: Sequence[str]) -> float:
    pairs = list(pairwise(terms))
    if not pairs:
        return share(terms, frozenset(source))
    return sum(near(first, second, source, forward=True) for first, second in pairs) / len(pairs)
