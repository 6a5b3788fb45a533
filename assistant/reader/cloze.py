"""Questions made of a sentence: a part of it is asked for by the words around it.

Noisy clozes of this kind teach to find answers where nobody has labelled any (Lewis, Denoyer and
Riedel, "Unsupervised Question Answering by Cloze Translation", 2019). They show the reader the
style of a collection that comes without questions, down to the words that answer.
"""

import random
import re
from dataclasses import dataclass

from assistant.reader.spoiling import NAME, SMALL_WORDS

#: Words of a sentence that is asked for.
_LENGTH = range(8, 61)

#: Words before and after the answer that a question is made of, and how many must be left.
_AROUND, _LEFT = 11, 3

#: Share of questions that have all their small words, and of other words that are left out.
_WHOLE, _DROPPED = 0.5, 0.25

#: Share of questions that also name what the document's title names.
_TITLED = 0.4

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_KINDS = {
    "how much": re.compile(r"\$\d[\d.,]*\d(?: (?:million|billion|trillion))?"),
    "when": re.compile(rf"\b(?:{_MONTHS}) \d{{1,2}}\b(?:, \d{{4}})?"),
    "how many": re.compile(r"(?<![\d$.,])\b\d[\d,]*(?= [a-z]{3,})"),
    "where": re.compile(rf"(?<= in )(?:{NAME.pattern})"),
    "who": NAME,
    "what": NAME,
}


@dataclass(frozen=True, slots=True)
class Cloze:
    """A question made of a sentence.

    Attributes:
        question: Its words.
        answer: The words of the sentence that answer it.
    """

    question: str
    answer: str


def cloze(sentence: str, title: str, chance: random.Random) -> Cloze | None:
    """Returns a question that a sentence answers; None if it has nothing to ask for.

    Args:
        sentence: The sentence.
        title: Of its document; what stands in it is not asked for.
        chance: The source of chance.
    """
    if len(sentence.split()) not in _LENGTH:
        return None
    kinds = list(_KINDS)
    chance.shuffle(kinds)
    for kind in kinds:
        found = [each for each in _KINDS[kind].finditer(sentence) if each[0] not in title]
        if _KINDS[kind] is NAME:  # one word with a capital may be anything
            found = [each for each in found if " " in each[0] and "’" not in each[0]]
        if found:
            return _asked(kind, sentence, title, chance.choice(found), chance)
    return None


def _asked(
    kind: str, sentence: str, title: str, match: re.Match[str], chance: random.Random
) -> Cloze | None:
    before = _words(sentence[: match.start()])[-_AROUND:]
    after = _words(sentence[match.end() :])[:_AROUND]
    start = [kind]
    if kind == "how many":
        start, after = [kind, after[0]], after[1:]
    names = [name for name in NAME.findall(f" {title}") if name not in sentence]
    if names and chance.random() < _TITLED:
        after = [*after, chance.choice(names)]
    whole = chance.random() < _WHOLE
    kept = [
        word
        for word in [*before, *after]
        if (whole if word.casefold() in SMALL_WORDS else chance.random() >= _DROPPED)
    ]
    if sum(word.casefold() not in SMALL_WORDS for word in kept) < _LEFT:
        return None
    question = " ".join([*start, *kept])
    if match[0].casefold() in question.casefold():
        return None
    return Cloze(question if whole else question.lower(), match[0])


def _words(text: str) -> list[str]:
    return re.findall(r"\w[\w’'.,-]*\w|\w", text)
