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
    """What is known of one sentence as an answer. Missing evidence is 0.

    Attributes:
        sentence: Cosine of question and sentence.
        passage: Cosine of question and passage.
        fused: The passage's fused score.
        top: 1 for the first passage of the ranking, falling with rank as 1/rank.
        coverage: Share of the question's words in the sentence, rare words counting more.
        context: The same, with the passage's other sentences and the title at hand.
        rarest: 1 if the rarest of the question's words stands in the sentence or the title.
        numbers: Share of the question's numbers that stand in the sentence or the title.
        kind: 1 if the sentence shows the kind of thing that is asked for (a date, a sum, a name).
        no_kind: 1 if the question asks for such a kind and the sentence shows none.
        novel: Share of the sentence's words that are not the question's: what it could tell.
        length: Logarithm of its length in words, 0 to 1 at 60 words.
        unfinished: 1 if it does not end as a sentence does: a heading, a name, a list item.
        asks: 1 if it is a question itself.
    """

    sentence: float
    passage: float
    fused: float
    top: float
    coverage: float
    context: float
    rarest: float
    numbers: float
    kind: float
    no_kind: float
    novel: float
    length: float
    unfinished: float
    asks: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of an answer as a whole, for its confidence.

    Attributes:
        evidence: Log-odds of the best sentence's evidence score.
        lead: How far its score is ahead of the next sentence's that says something else.
        sentence: Cosine of question and best sentence.
        passage: Greatest cosine of question and passage.
        context: Share of the question's words in the best sentence's passage and title.
        everywhere: The same, over all passages read.
        rarest: 1 if the rarest of the question's words stands in the best sentence or its title.
        numbers: Share of the question's numbers in the best sentence or its title.
        no_kind: 1 if the best sentence lacks the kind of thing that is asked for.
        unknown: Share of the question's words that stand nowhere in the corpus.
    """

    evidence: float
    lead: float
    sentence: float
    passage: float
    context: float
    everywhere: float
    rarest: float
    numbers: float
    no_kind: float
    unknown: float


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


def numbers_in(text: str) -> frozenset[str]:
    """Returns the numbers that stand in a text, without their separators of thousands."""
    return frozenset(found.replace(",", "") for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text))


def asked_kind(question: str) -> re.Pattern[str] | None:
    """Returns what a sentence must show to give the kind of answer asked for, or None."""
    return next((shown for asks, shown in _KINDS if asks.search(question)), None)


def is_unfinished(sentence: str) -> bool:
    """Returns whether a text does not end as a sentence does."""
    return not re.search(r"[.!?…:;][\"'”’)\]]*$", sentence)


def length_of(sentence: str) -> float:
    """Returns the logarithm of a sentence's length, 0 for a word and 1 for 60."""
    return min(1.0, math.log(max(1, len(sentence.split()))) / math.log(60))
