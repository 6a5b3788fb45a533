"""Unanswerable questions and careless typing, made from questions that are neither.

A reader that never saw a tempting passage without the answer does not learn to be silent. SQuAD
2.0 (Rajpurkar et al., 2018) lists how people write such questions: another name, number or date,
an antonym, a negation. These are made here by rule, and so are passages that lost the sentence
that answers.
"""

import random
import re
from collections.abc import Callable, Sequence

from assistant.reader.pairs import Text

#: A name, not at the beginning of a sentence.
NAME = re.compile(
    r"(?<=[a-z0-9,;:(“\"] )[A-Z][\w’'.-]*\w(?: (?:(?:of|the|de|and) )?[A-Z][\w’'.-]*\w)*"
)
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")

_ANTONYMS = [
    (pair.split("/")[0], pair.split("/")[1])
    for pair in (
        "first/last largest/smallest biggest/smallest highest/lowest longest/shortest oldest/newest"
        " oldest/youngest most/least before/after more/less increase/decrease increased/decreased"
        " north/south northern/southern east/west eastern/western early/late earliest/latest"
        " begin/end began/ended start/stop started/ended open/close opened/closed win/lose won/lost"
        " old/new high/low higher/lower large/small larger/smaller long/short major/minor"
        " public/private male/female men/women man/woman mother/father son/daughter brother/sister"
        " king/queen husband/wife buy/sell bought/sold import/export imports/exports"
        " accept/reject accepted/rejected allow/forbid allowed/forbidden support/oppose"
        " supported/opposed agree/disagree agreed/refused add/remove added/removed arrive/leave"
        " arrived/left best/worst better/worse inside/outside join/leave joined/left"
        " maximum/minimum positive/negative present/absent rich/poor strong/weak succeed/fail"
        " successful/failed upper/lower urban/rural with/without advantage/disadvantage"
        " ally/enemy attack/defend attacked/defended birth/death born/die build/destroy"
        " built/destroyed cause/prevent caused/prevented common/rare create/abolish"
        " created/abolished domestic/foreign easy/difficult enter/leave fast/slow found/lost"
        " gain/lose gained/lost good/bad hot/cold legal/illegal like/dislike love/hate near/far"
        " primary/secondary raise/lower raised/lowered safe/dangerous summer/winter wide/narrow"
    ).split()
]
#: Words and their antonyms, each way.
OPPOSITE = dict(_ANTONYMS) | {b: a for a, b in _ANTONYMS}

_NEGATED = {
    "did": "didn't",
    "do": "don't",
    "does": "doesn't",
    "is": "isn't",
    "are": "aren't",
    "was": "wasn't",
    "were": "weren't",
    "can": "can't",
    "could": "couldn't",
    "has": "hasn't",
    "have": "haven't",
    "will": "won't",
    "would": "wouldn't",
    "should": "shouldn't",
}

# Questions for a yes or no, which remain answerable when they are turned round.
_YES_OR_NO = re.compile(rf"\W*(?:{'|'.join(_NEGATED)})\b", re.IGNORECASE)

#: Share of questions without name, number or antonym that are negated.
NEGATED = 0.3

_Rule = Callable[[str, Text, Sequence[Text], Sequence[str], random.Random], str | None]

#: Words that say little by themselves.
SMALL_WORDS = frozenset(
    "a an the of in on at to for by with from is are was were be been do does did has have had"
    " and or that which who whom whose what when where why how it its their his her there this"
    " these those he she they we i you but if as not no all".split()
)


def without_answer(text: Text, answering: Sequence[int], answers: Sequence[str]) -> Text | None:
    """Returns a passage without the sentences that answer.

    Returns:
        The rest; None if there is none, or if one of the answers' words stand in it.
    """
    rest = tuple(each for at, each in enumerate(text.sentences) if at not in answering)
    whole = " ".join([text.above, *rest]).casefold()
    if not rest or not answering or any(answer.casefold() in whole for answer in answers):
        return None
    return Text(text.above, rest)


def altered(
    question: str,
    passage: Text,
    others: Sequence[Text],
    answers: Sequence[str],
    chance: random.Random,
) -> str | None:
    """Returns a question that a passage no longer answers; None if no rule applies.

    Args:
        question: One that it answers.
        passage: The passage.
        others: Passages on similar matters, for names.
        answers: What is not to stand in the new question.
        chance: The source of chance.
    """
    rules: list[_Rule] = [_other_name, _other_name, _other_number, _opposite]
    chance.shuffle(rules)
    if chance.random() < NEGATED:
        rules.append(_negated)
    for rule in rules:
        changed = rule(question, passage, others, answers, chance)
        if changed and changed != question:
            return changed
    return None


def careless(question: str, chance: random.Random) -> str:
    """Returns a question as people in a hurry type it."""
    manner = chance.randrange(4)
    if manner == 0:
        return question.lower().rstrip("?. ")
    if manner == 1:
        kept = [word for word in question.split() if word.casefold() not in SMALL_WORDS]
        return " ".join(kept).rstrip("?") or question
    words = question.rstrip("?").split()
    long = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if long:
        at = chance.choice(long)
        words[at] = _mistyped(words[at], chance)
    return " ".join(words) + ("?" if manner == 2 else "")


def _mistyped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],  # two letters exchanged
            word[:at] + word[at + 1 :],  # one left out
            word[:at] + word[at] + word[at:],  # one doubled
        )
    )


def _other_name(
    question: str,
    passage: Text,
    others: Sequence[Text],
    answers: Sequence[str],
    chance: random.Random,
) -> str | None:
    here = _names([passage])
    asked = question.casefold()
    named = [name for name in [*here, *NAME.findall(question)] if _holds(asked, name.casefold())]
    pool = here if chance.random() < 0.6 else _names(others)
    taboo = " ".join([asked, *answers]).casefold()
    fresh = [name for name in pool if name.casefold() not in taboo and 2 < len(name) < 40]
    if not named or not fresh:
        return None
    old, new = max(named, key=len), chance.choice(fresh)
    if question == question.lower():
        new = new.lower()
    return re.sub(rf"\b{re.escape(old)}\b", lambda _: new, question, count=1, flags=re.IGNORECASE)


def _other_number(
    question: str,
    passage: Text,
    others: Sequence[Text],
    answers: Sequence[str],
    chance: random.Random,
) -> str | None:
    found = [*_NUMBER.finditer(question)]
    if not found:
        return None
    match = chance.choice(found)
    if _YEAR.fullmatch(match[0]):
        new = str(int(match[0]) + chance.choice((-20, -10, -3, -2, -1, 1, 2, 3, 10)))
    else:
        rivals = [number for text in (passage, *others) for number in _NUMBER.findall(_all(text))]
        rivals = [each for each in rivals if each != match[0] and each not in answers]
        new = chance.choice(rivals or [str(chance.randrange(2, 90))])
    return question[: match.start()] + new + question[match.end() :]


def _opposite(question: str, *_: object) -> str | None:
    if _YES_OR_NO.match(question):
        return None
    for match in re.finditer(r"[a-z]+", question):
        if match[0] in OPPOSITE:
            return question[: match.start()] + OPPOSITE[match[0]] + question[match.end() :]
    return None


def negated(question: str) -> str | None:
    """Returns a question or a statement with its first auxiliary negated; None if it has none."""
    if _YES_OR_NO.match(question):
        return None
    for match in re.finditer(r"[A-Za-z]+", question):
        word = _NEGATED.get(match[0].lower())
        if word:
            if match[0][0].isupper():
                word = word.capitalize()
            return question[: match.start()] + word + question[match.end() :]
    return None


def _negated(question: str, *_: object) -> str | None:
    return negated(question)


def _names(texts: Sequence[Text]) -> list[str]:
    sentences = (sentence for text in texts for sentence in text.sentences)
    found = dict.fromkeys(name for sentence in sentences for name in NAME.findall(sentence))
    return [name for name in found if name.casefold() not in SMALL_WORDS]


def _all(text: Text) -> str:
    return " ".join(text.sentences)


def _holds(text: str, words: str) -> bool:
    return re.search(rf"\b{re.escape(words)}\b", text) is not None
