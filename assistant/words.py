"""The words of a question that the corpus does not have: which to name, and what may be meant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.answer import WordReading
from index import Generation, content_words

# Words of questions that it would tell nobody anything to name: of quantity, degree, time and
# politeness, and verbs that any question may have.
_NOT_WORTH_NAMING = frozenset(
    """about actually add added again ago all allow allowed almost already also always am among
    another anybody anything anywhere around ask because become before began begin begins begun
    between big both bring call called calls came come consider considered day days deal deals
    describe did different down during each either else end ended ends even ever every everyone
    everything exactly explain few find first form formed gave get getting give given gives go goes
    going gone good got great happen happened happening happens held hello help helped helps here hi
    hold holding holds if include included includes including involve involved just keep kind know
    known lead leads led left let like list little long look lot lots made main mainly make makes
    making many may maybe me mean meant mention mentioned might more most mostly much must name
    named need never new no nobody none not nothing now off often ok okay old once one only other
    others out over own people per perhaps person place plan planned please provide provided
    provides put quite rather really reason receive received regarding right run said same saw say
    saying says see seem seen sent set several show since small some somebody someone something
    sometimes soon sort start started starts state stated still such take taken takes talk tell
    telling tells than thank thanks thing things think thought time times told too took toward try
    type under until up upon us use used using usually various very want wanted wants way ways well
    went whatever whether while within without work worked works year years yes yet""".split()
)

# Tokens of a word that the encoder knows, and of one that is no word at all.
_WHOLE, _BROKEN = 1, 3


@dataclass(frozen=True, slots=True)
class TypedQuestion:
    """A question as it was typed, and as it is read.

    Attributes:
        typed: As it was typed.
        text: As it is searched and judged.
        readings: The words that are read as others.
        unknown: Words that stand nowhere in the corpus and are worth naming, as typed.
        suggestions: Words of the corpus that some of them, not read as others, may be meant for.
    """

    typed: str
    text: str
    readings: tuple[WordReading, ...]
    unknown: tuple[str, ...]
    suggestions: Mapping[str, str]


def read_typed(generation: Generation, typed: str) -> TypedQuestion:
    """Reads a question's mistyped words as the words of the corpus that they are close to.

    Args:
        generation: What is searched.
        typed: The question.
    """
    words = content_words(typed)
    unknown = tuple(
        word
        for word in words
        if word.lower() not in _NOT_WORTH_NAMING and not generation.rarity(words[word])
    )
    if not unknown:
        return TypedQuestion(typed, typed, (), (), {})
    parts = dict(zip(unknown, generation.encoder.count_tokens(unknown), strict=True))
    close = {
        word: found
        for word in unknown
        if (found := generation.suggestion(word, edits=1 if parts[word] == _WHOLE else 2))
    }
    mistyped = {word: to for word, to in close.items() if _is_mistyped(to, parts[word])}
    text, readings = typed, []
    for word, found in mistyped.items():
        text, changed = re.subn(rf"\b{re.escape(word)}\b", found, text)
        if changed:  # not where the word is only spelt like this once its marks are folded
            readings.append(WordReading(word, found))
    read = {reading.word for reading in readings}
    suggestions = {
        word: found
        for word, found in close.items()
        if word not in read and found.lower() not in _NOT_WORTH_NAMING
    }
    return TypedQuestion(typed, text, tuple(readings), unknown, suggestions)


def _is_mistyped(meant: str, parts: int) -> bool:
    """Returns whether a word is no word, rather than one that the corpus happens not to have.

    Args:
        meant: The word of the corpus that is close to it.
        parts: How many tokens the encoder makes of it. What it knows whole is frequent in the
            texts it learned from. What it makes two of may be a rarer word, as "plumber", which
            is close to "lumber" by chance; that it is close to a name by chance is rarer.
    """
    return parts >= _BROKEN or (parts > _WHOLE and meant[0].isupper())


def never_mentioned(question: TypedQuestion) -> str:
    """Returns the unknown words of a question that were not read as others, in quotation marks."""
    read = {reading.word for reading in question.readings}
    return ", ".join(f"“{word}”" for word in question.unknown if word not in read)


def did_you_mean(question: TypedQuestion) -> str:
    """Returns a sentence that names the words that may be meant; empty if there are none."""
    meant = " and ".join(f"“{word}”" for word in question.suggestions.values())
    return f" Did you mean {meant}?" if meant else ""


def may_be_meant(question: TypedQuestion) -> tuple[WordReading, ...]:
    """Returns the unknown words of a question that may be meant for words of the corpus."""
    return tuple(WordReading(word, meant) for word, meant in question.suggestions.items())
