"""Sentences that their passage supports, and sentences that it does not, made by rule.

From SQuAD 2.0 (Rajpurkar et al., 2018): a question about a subject and its answer make a statement
in a person's words (*Who led the revolt?* and *Zhu* make *Zhu led the revolt.*), and the questions
that people wrote to mislead make false ones with the answers that only seem right. From any text:
its sentences as they are, shortened, or with a name, a number or a word exchanged or a negation
put in, and true ones set against another passage.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from assistant.cited import Source
from assistant.fit_sets import rows_of
from assistant.reader.pairs import Text
from assistant.reader.spoiling import NAME, altered, negated
from corpus import sentence_spans

#: Kinds of statements that their passage supports.
SUPPORTED = frozenset(["sentence", "shortened", "question"])

# Words of a sentence that is taken, and of what is left when it is shortened.
_LENGTH, _LEFT = range(6, 46), 6

# Sentences taken of a passage, and other passages whose names may be put in.
_OF_PASSAGE, _OTHERS = 2, 5

# Questions whose subject is asked for by a verb that is no auxiliary.
_ASKED = re.compile(
    r"(?:Who|What|Which (?:\w+ )?\w+|What (?:\w+ )?\w+)"
    r" (?P<verb>is|was|were|are|has|had|[a-z]+(?:ed|s|t|n|de|ke|ld))"
    r" (?!the name|a name)(?P<rest>.+)\?"
)
_AUXILIARY = frozenset(
    "did do does can will could would should percent percentage times parts".split()
)
_COPULA = frozenset("is was were are has had".split())
# "What is X called?" asks for no subject.
_INVERTED = re.compile(
    r"(?:the|a|an|[A-Z]\w*) .*\b(?:called|named|known|in|of|as|at|to|for|on|from|by|with)"
)
# What may follow a sentence's main clause, or stand in brackets, and be left out.
_TAIL = re.compile(r",? (?:which|including|while|as well as|such as) [^“”\"]+(?=[.]$)| \([^()]*\)")
_NOT = re.compile(r"\b(?:not|no|never|without)\b|n['’]t\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence about a passage.

    Attributes:
        kind: How it was made; of `SUPPORTED` or not.
        text: The sentence.
        source: The passage it is to be judged by.
        group: What belongs on one side of a split.
    """

    kind: str
    text: str
    source: Source
    group: str

    @property
    def is_supported(self) -> bool:
        """Whether the passage supports it."""
        return self.kind in SUPPORTED


def source_of(text: str, title: str = "") -> Source:
    """Returns a passage as a source."""
    return Source(
        1, Text(title, tuple(text[start:end] for start, end in sentence_spans(text))), text
    )


def of_questions(folder: Path) -> Iterator[Statement]:
    """Yields the statements that the questions of SQuAD 2.0 make, true and misleading ones."""
    rows = list(rows_of(folder / "paragraphs.jsonl"))
    titles = {row["_id"]: row["title"] for row in rows}
    sources = {row["_id"]: source_of(row["text"], row["title"]) for row in rows}
    for row in rows_of(folder / "questions.jsonl"):
        misleads = row["is_impossible"]
        answers = [each["text"] for each in row["plausible_answers" if misleads else "answers"]]
        text = answers and stated(row["question"], min(answers, key=len))
        if text:
            kind = "misleading" if misleads else "question"
            yield Statement(kind, text, sources[row["paragraph"]], titles[row["paragraph"]])


def of_texts(passages: Sequence[tuple[str, Source]], chance: random.Random) -> Iterator[Statement]:
    """Yields sentences of passages as they are, and shortened.

    Args:
        passages: Each with the group it belongs to.
        chance: The source of chance.
    """
    for group, source in passages:
        long_enough = [each for each in source.text.sentences if len(each.split()) in _LENGTH]
        for sentence in chance.sample(long_enough, min(_OF_PASSAGE, len(long_enough))):
            yield Statement("sentence", sentence, source, group)
            if short := shortened(sentence):
                yield Statement("shortened", short, source, group)


def spoiled(statements: Sequence[Statement], chance: random.Random) -> Iterator[Statement]:
    """Yields statements that are made false, or set against another passage of their group.

    Args:
        statements: True ones.
        chance: The source of chance.
    """
    by_group: dict[str, list[Source]] = defaultdict(list)
    for each in statements:
        if each.source not in by_group[each.group]:
            by_group[each.group].append(each.source)
    for each in statements:
        others = [source for source in by_group[each.group] if source != each.source]
        texts = [source.text for source in others[:_OTHERS]]
        made = {
            "exchanged": altered(each.text, each.source.text, texts, (), chance),
            "negated": negated(each.text),
            "swapped": swapped(each.text),
        }
        for kind, text in made.items():
            if text and text != each.text:
                yield Statement(kind, text, each.source, each.group)
        elsewhere = [source for source in others if each.text not in source.whole]
        if elsewhere:
            yield Statement("elsewhere", each.text, chance.choice(elsewhere), each.group)


def stated(question: str, answer: str) -> str | None:
    """Returns a question about a subject as a statement; None if it is none that a rule turns."""
    found = _ASKED.fullmatch(question.strip())
    if not found or found["verb"] in _AUXILIARY:
        return None
    if found["verb"] in _COPULA and _INVERTED.fullmatch(found["rest"]):
        return None
    text = f"{answer} {found['verb']} {found['rest']}."
    return text[0].upper() + text[1:]


def shortened(sentence: str) -> str | None:
    """Returns a sentence without what follows its main clause; None if nothing can be left out."""
    short = _TAIL.sub("", sentence)
    if short == sentence or len(short.split()) < _LEFT or _NOT.search(sentence):
        return None
    return short


def swapped(sentence: str) -> str | None:
    """Returns a sentence in which the first two names have changed places."""
    names = list(NAME.finditer(sentence))
    for one, other in pairwise(names):
        between = sentence[one.end() : other.start()]
        if one[0] != other[0] and re.search(r" [a-z]+(?:ed|s|with|to|by) ", f" {between} "):
            changed = f"{other[0]}{between}{one[0]}"
            return f"{sentence[: one.start()]}{changed}{sentence[other.end() :]}"
    return None
