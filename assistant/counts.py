"""Numbers, dates and sums of a sentence that its sources do not have, or have of another thing."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.cited import Source, all_terms, near, says, whole_text, words_in
from index import analyze

_MONTHS = """january february march april may june july august september october november december
    jan feb mar apr jun jul aug sept sep oct nov dec"""
_DAYS = "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow tonight"
#: Words that are numbers, with their values.
NUMBERS = dict(
    zip(
        """zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
        sixteen seventeen eighteen nineteen twenty""".split(),
        [0, *range(2, 21)],
        strict=True,
    )
) | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}

#: Words that count or date, so that none of them may be another's.
COUNTING = frozenset(
    f"""{_MONTHS} {_DAYS} {" ".join(NUMBERS)} hundred thousand million billion trillion dozen half
    third quarter double twice thrice triple percent per cent dollar dollars euro euros pound pounds
    yen century decade decades weekly monthly annual annually yearly daily all every most only both
    always majority minority""".split()
)

# 600.8 is one number, and no 8.
_DECIMAL = re.compile(r"(?<=\d)[.](?=\d)")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_DIGITS = re.compile(r"\d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?", re.IGNORECASE)


def unknown_number(sentence: str, sources: Sequence[Source]) -> str | None:
    """Returns which number, month or the like stands nowhere in the sources; None if none."""
    values = frozenset(_values("\n".join(map(whole_text, sources))))
    known = all_terms(sources)
    for match in _DIGITS.finditer(_without_thousands(sentence)):
        if match[0].casefold() not in values:
            return f"the number {match[0]} does not stand in what it cites"
    for word in words_in(sentence):
        lowered = word.lower()
        if lowered not in COUNTING or word == "may":
            continue
        digits = str(NUMBERS.get(lowered, ""))
        if not (known.issuperset(analyze(word)) or digits in values):
            return f"“{word}” does not stand in what it cites"
    return None


def misplaced_number(sentence: str, sources: Sequence[Source]) -> str | None:
    """Returns which number stands in the sources, but not by the word, or number, after it."""
    texts = [
        [term for _, term in _kept(each)]
        for source in sources
        for each in (*source.text.sentences, source.text.above)
    ]
    for (word, number), (after, term) in pairwise(_kept(sentence)):
        if number[:1].isdigit() and not any(near(number, term, text) for text in texts):
            return f"“{word} {after}” does not stand together in what it cites"
    return None


def _kept(text: str) -> list[tuple[str, str]]:
    """Returns a text's numbers, and the words that say something, each with its term."""
    words = words_in(_DECIMAL.sub("p", _without_thousands(text)))
    return [
        (word, str(NUMBERS.get(word.lower(), term)))
        for word in words
        if word[:1].isdigit() or says(word)
        for term in analyze(word)
    ]


def _values(text: str) -> Iterator[str]:
    """Yields every number of a text as it may be written again."""
    text = _without_thousands(text)
    for match in _DIGITS.finditer(text):
        yield match[0].casefold()
        yield from re.split(r"[:/]", match[0].casefold())
    for term in analyze(text):
        if _ORDINAL.fullmatch(term):
            yield term
    for word in words_in(text):
        if word.lower() in NUMBERS:
            yield str(NUMBERS[word.lower()])


def _without_thousands(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
