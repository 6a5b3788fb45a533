"""What speaks for a sentence as the answer to a question: pure functions, each 0 to 1 or so."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
    "|thousand|million|billion|trillion|dozen|half|both|once|twice"
)

_MONEY = (
    r"[$€£¥]\s?\d|\b\d[\d.,]*\s?(?:percent|%|dollars|euros|pounds|tons|tonnes)"
    r"|\b(?:m|b|tr)illion\b"
)
_TIME = (
    rf"\b(?:{_MONTHS})\b|\b(?:1[6-9]|20)\d\d\b|\d{{1,2}}[:.]\d\d"
    r"|\b(?:today|yesterday|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|\bcentur(?:y|ies)\b"
)
_REASON = (
    r"\b(?:because|due to|in order|so that|as a result|in response|reason|since|given|therefore"
    r"|caused?|led to|to (?:ensure|address|support|protect|help|prevent|counter|promote))\b"
)
_NAME = r"(?<=[a-z,;:“”\"'(] )[A-Z][\w’'.-]+"
_PLACE = r"\b(?:in|at|to|from|near|across|into|toward|of) (?:the )?[A-Z]\w+"

# How a question asks for a kind of answer, what a sentence that gives one shows, and whether
# capitals matter in that. The first that fits a question counts.
_KINDS = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(shown, flags))
    for asks, shown, flags in (
        (r"\bhow much\b|\bwhat (?:sum|amount)\b|\bcosts?\b", _MONEY, re.IGNORECASE),
        (
            r"\bhow (?:many|long|old|often|far|large|big|tall|deep|high|fast)\b"
            r"|\bwhat (?:percentage|share|number|proportion)\b",
            rf"\d|\b(?:{_NUMBER_WORDS})\b",
            re.IGNORECASE,
        ),
        (
            r"\bwhen\b|\b(?:what|which) (?:date|day|month|year|time)\b|\bhow soon\b",
            _TIME,
            re.IGNORECASE,
        ),
        (
            r"^\W*(?:and )?(?:who|whom|whose)\b|\bby whom\b|\bname of\b|\b(?:which|what)"
            r" (?:person|official|minister|president|secretary|ambassador|leader|envoy|company)\b",
            _NAME,
            re.NOFLAG,
        ),
        (
            r"\bwhere\b|\b(?:which|what) (?:city|country|place|region|state|venue|town)\b",
            _PLACE,
            re.NOFLAG,
        ),
        (r"\bwhy\b|\bwhat (?:caused|reason)\b", _REASON, re.IGNORECASE),
    )
)


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of one sentence as an answer.

    Attributes:
        sentence: Cosine of question and sentence, the latter under its document's title: a
            sentence alone says "the Minister", its title says which.
        passage: Cosine of question and passage.
        fused: The passage's fused score.
        coverage: Share of the question's words in the sentence, rare words counting more.
        context: The same, with the passage's other sentences and the title at hand.
        lacks_kind: 1 if the question asks for a kind of thing (a date, a sum, a name) that the
            sentence does not show.
        length: Logarithm of its length in words, 0 to 1 at 60 words.
        unfinished: 1 if it does not end as a sentence does: a heading, a name, a list item.
        asks: 1 if it is a question itself.
    """

    sentence: float
    passage: float
    fused: float
    coverage: float
    context: float
    lacks_kind: float
    length: float
    unfinished: float
    asks: float


@dataclass(frozen=True, slots=True)
class ReadFeatures(Features):
    """What is known of a sentence that was read together with the question.

    Attributes:
        reader: The reader's logit for whether the sentence answers.
        answers: Its logit for whether the passage does.
        relevance: How relevant the passage is, in standard deviations from the mean of those
            that were read.
        share: Logarithm of the sentence's share in the odds of all that was read, silence
            included.
    """

    reader: float
    answers: float
    relevance: float
    share: float


@dataclass(frozen=True, slots=True)
class PassageFeatures:
    """What is known of a passage that was read together with the question.

    Attributes:
        fused: Its fused score.
        dense: Cosine of question and passage.
        reader: The reader's logit for the best of its sentences.
        answers: Its logit for whether the passage answers.
        relevance: How relevant it is, as in `ReadFeatures`.
    """

    fused: float
    dense: float
    reader: float
    answers: float
    relevance: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of an answer as a whole, for its confidence.

    Attributes:
        evidence: Log-odds of the best sentence's evidence score.
        unknown_names: How many of the question's names and numbers stand nowhere in the corpus.
    """

    evidence: float
    unknown_names: float


@dataclass(frozen=True, slots=True)
class ReadSignals(Signals):
    """What is known of an answer as a whole whose passage was read.

    Attributes:
        share: As in `ReadFeatures`: low if others read as well, or silence does.
    """

    share: float


def term_weights(rarity: Mapping[str, int], passages: int) -> dict[str, float]:
    """Returns the inverse document frequency of each term, as BM25 has it.

    Args:
        rarity: In how many passages each term stands; one that stands in none gets no weight
            (what is missing everywhere cannot tell one sentence from another).
        passages: How many passages there are.
    """
    return {
        term: math.log(1 + max(0.0, passages - count + 0.5) / (count + 0.5))
        for term, count in rarity.items()
        if count
    }


def coverage(weights: Mapping[str, float], present: frozenset[str]) -> float:
    """Returns the share of the terms' weight that is ``present``, 0 to 1; 0 without terms."""
    total = sum(weights.values())
    return (
        sum(weight for term, weight in weights.items() if term in present) / total if total else 0.0
    )


def is_name(word: str, question: str) -> bool:
    """Returns whether a word of a question is a name or a number, as far as its spelling tells.

    The first word of a question is capitalised whatever it is.
    """
    first = re.search(r"\w+", question)
    opens = first is not None and first[0] == word
    return any(map(str.isdigit, word)) or (word[:1].isupper() and not opens)


def asked_kind(question: str) -> re.Pattern[str] | None:
    """Returns what a sentence must show to give the kind of answer asked for, or None."""
    return next((shown for asks, shown in _KINDS if asks.search(question)), None)


def is_unfinished(sentence: str) -> bool:
    """Returns whether a text does not end as a sentence does."""
    return not re.search(r"[.!?…:;][\"'”’)\]]*$", sentence)


def length_of(sentence: str) -> float:
    """Returns the logarithm of a sentence's length, 0 for a word and 1 for 60."""
    return min(1.0, math.log(max(1, len(sentence.split()))) / math.log(60))
