"""Acronyms as a text itself defines them: "the Caribbean Basin Security Initiative (CBSI)"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.repeats import squeezed

# What may stand in brackets: a few letters, two of them capitals at least.
_IN_BRACKETS = re.compile(r"\s\([\"“'‘]?((?:[A-Z][A-Za-z.&]{0,8})?[A-Z]\.?)s?[\"”'’]?\)")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

# Words that acronyms leave out.
_SMALL = frozenset("a an and at by de del des du for from in la of on or the to with y".split())

# Characters before the bracket in which an expansion lies, and what ends the search for it.
_REACH = 160
_END = re.compile(r"[()\[\];:]|\n\s*\n|(?<=[a-z][a-z])[.?!]\s+(?=[A-Z])")

# Words that may follow the last that an acronym stands for, as in "Firearms and Explosives (ATF)",
# where it has this many letters: of fewer, too many fit by chance.
_LEFT_OVER, _TELLING = 2, 3


@dataclass(frozen=True, slots=True, order=True)
class Acronym:
    """An acronym and what a text says it stands for, on one line."""

    short: str
    long: str


def acronyms_in(text: str) -> Iterator[Acronym]:
    """Yields each acronym that a text defines in brackets, in order, each time it does.

    The initials of the words before the bracket are its letters; small words may be left out.
    """
    for match in _IN_BRACKETS.finditer(text):
        short = match[1].replace(".", "").replace("&", "")
        letters = [letter.lower() for letter in short if letter.isupper()]
        before = _END.split(text[max(0, match.start() - _REACH) : match.start()])[-1]
        if len(letters) >= 2 and (long := _expansion(letters, squeezed(before))):
            yield Acronym(short, long)


def _expansion(letters: Sequence[str], before: str) -> str | None:
    """Returns the end of ``before`` that the letters are the initials of, or None."""
    places = list(_WORD.finditer(before))
    words = [place[0] for place in places]
    left_over = 0
    for end in range(len(words), 0, -1):
        begin = _first_word(letters, words[:end])
        if begin is not None:
            return before[places[begin].start() :]
        if words[end - 1].lower() not in _SMALL:
            left_over += 1
            named = words[end - 1][0].isupper()
            if len(letters) < _TELLING or left_over > _LEFT_OVER or not named:
                return None
    return None


def _first_word(letters: Sequence[str], words: Sequence[str]) -> int | None:
    """Returns where the words begin whose initials the letters are, to the last; or None."""
    at = len(words)
    for letter in reversed(letters):
        last = at - 1
        at = last
        while at >= 0 and words[at].lower() in _SMALL:
            at -= 1
        # A small word counts only if no other fits: "of" is not the O of "OAS".
        fits = (place for place in (at, *range(last, at, -1)) if place >= 0)
        found = next((place for place in fits if words[place][0].lower() == letter), None)
        if found is None:
            return None
        at = found
    return None if words[at].lower() in _SMALL else at
