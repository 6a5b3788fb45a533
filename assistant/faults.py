"""What a sentence says that the passages it cites do not say, by rules that can be read.

Each rule tells one way in which a sentence says more than its sources, or otherwise. All are
strict: a true sentence struck out is better than a false one shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from assistant.cited import (
    LEADING,
    Source,
    all_terms,
    closest,
    content_terms,
    near,
    says,
    sentences_of,
    words_in,
)
from assistant.counts import COUNTING, misplaced_number, unknown_number
from assistant.joints import changed_joint, dropped_frame
from assistant.quantities import changed_quantity
from assistant.reader.spoiling import OPPOSITE
from assistant.verbatim import find_verbatim, quotations_of
from corpus import Span
from index import analyze
from index.lexical import is_stopword

_NEGATIONS = frozenset(
    """not no never none nobody nothing nowhere neither nor without cannot hardly barely lack lacks
    lacked lacking deny denies denied refuse refuses refused fail fails failed unable""".split()
)
# "not only … but also" takes nothing back.
_NO_NEGATION = re.compile(r"\bnot only\b|\bno doubt\b|\bno\. ?(?=\d)", re.IGNORECASE)

# Words that make of what happened what may, will or is said to; contractions as they are parted.
_MODALS = {"shall": "will", "ll": "will", "could": "can"} | {
    word: word
    for word in """will can may might would should must alleged allegedly reportedly purported
        purportedly likely unlikely possible possibly perhaps apparently supposedly""".split()
}

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a quotation stands: in which source, in which document, where in its text."""

    number: int
    document_id: str
    span: Span


def fault_of(sentence: str, sources: Sequence[Source]) -> str | None:
    """Returns what a sentence says that its sources do not, by the rules; None if nothing.

    Args:
        sentence: The sentence, without the marks of its citations.
        sources: The passages it cites, one at least.
    """
    numbers_and_names = (_addresses, unknown_number, misplaced_number, _names)
    words = (_opposites, _negations, _modals, _words, _swapped, _misnamed)
    joints = (changed_quantity, dropped_frame, changed_joint)
    for rule in (_unclosed, _misquotes, *numbers_and_names, *words, *joints):
        if fault := rule(sentence, sources):
            return fault
    return None


def find_quotations(sentence: str, sources: Sequence[Source]) -> tuple[Found, ...]:
    """Returns where each quotation of a sentence stands, in order, without those that do not."""
    found = (_place(words, sources) for words in quotations_of(sentence).words)
    return tuple(place for place in found if place)


def _unclosed(sentence: str, _: Sequence[Source]) -> str | None:
    return None if quotations_of(sentence).closed else "it opens a quotation and does not close it"


def _misquotes(sentence: str, sources: Sequence[Source]) -> str | None:
    for words in quotations_of(sentence).words:
        if not _place(words, sources):
            return f"“{words}” does not stand, word for word, in what it cites"
    return None


def _addresses(sentence: str, sources: Sequence[Source]) -> str | None:
    whole = " ".join(source.whole for source in sources)
    for match in _ADDRESS.finditer(sentence):
        if match[0].rstrip(".,;:)") not in whole:
            return f"the address {match[0]} does not stand in what it cites"
    return None


def _names(sentence: str, sources: Sequence[Source]) -> str | None:
    known = all_terms(sources)
    for number, word in enumerate(words_in(sentence)):
        named = word[:1].isupper() and not is_stopword(word)
        if not named or (number == 0 and word.lower() in LEADING):
            continue
        if not known.issuperset(analyze(word)):
            return f"“{word}” does not stand in what it cites"
    return None


def _words(sentence: str, sources: Sequence[Source]) -> str | None:
    known = all_terms(sources)
    for word in words_in(sentence):
        told = word[0].isdigit() or word.lower() in COUNTING  # by the rules of numbers
        if says(word) and not told and not known.issuperset(analyze(word)):
            return f"“{word}” does not stand in what it cites"
    return None


def _swapped(sentence: str, sources: Sequence[Source]) -> str | None:
    """Two names of which the closest sentence names the other first: who thanked whom?"""
    source = closest(sentence, sources)
    terms = analyze(source)
    first = {term: terms.index(term) for term in reversed(terms)}
    last = {term: at for at, term in enumerate(terms)}
    names = [
        (word, term)
        for word in _named(sentence, source)
        if word.lower() not in COUNTING
        for term in analyze(word)[:1]
        if term in first
    ]
    for (one, before), (other, after) in combinations(names, 2):
        if last[after] < first[before]:
            return f"it names “{one}” before “{other}”, the closest sentence of what it cites after"
    return None


def _named(sentence: str, source: str) -> list[str]:
    """Returns the names of a sentence; its first word is none if a source has it in small type."""
    words = words_in(sentence)
    small = frozenset(words_in(source))
    return [
        word
        for at, word in enumerate(words)
        if word[:1].isupper() and says(word) and (at or word.lower() not in small)
    ]


def _negations(sentence: str, sources: Sequence[Source]) -> str | None:
    ours, theirs = _negated(sentence), _negated(closest(sentence, sources))
    if len(ours) > len(theirs):
        return "it denies what the closest sentence of what it cites does not deny"
    if theirs and not ours:
        return "it leaves out a “not” of the closest sentence of what it cites"
    scope = {term for terms in theirs for term in terms}
    if any(terms and terms[0] not in scope for terms in ours):
        return "it denies something else than the closest sentence of what it cites"
    return None


def _modals(sentence: str, sources: Sequence[Source]) -> str | None:
    source = closest(sentence, sources)
    ours, theirs = dict(_modified(sentence)), dict(_modified(source))
    said = frozenset(content_terms(sentence))
    for term, word in theirs.items():
        if term in said and ours.get(term) != word:
            return (
                f"it leaves out, or changes, the “{word}” of the closest sentence of what it cites"
            )
    for term, word in ours.items():
        if theirs.get(term) != word:
            return f"it says “{word}” where the closest sentence of what it cites does not"
    return None


def _modified(text: str) -> Iterator[tuple[str, str]]:
    """Yields the content word after each modal, and the modal."""
    words = words_in(text)
    for at, word in enumerate(words):
        modal = _MODALS.get(word.lower())
        if modal and word != "May":
            after = (term for each in words[at + 1 :] if says(each) for term in analyze(each))
            yield from ((term, modal) for term in [*after][:1])


def _misnamed(sentence: str, sources: Sequence[Source]) -> str | None:
    """A name that stands elsewhere in the sources, and not by either word that it is by here."""
    at_hand = frozenset(analyze(closest(sentence, sources)))
    texts = [content_terms(each) for each in sentences_of(sources)]
    texts += [content_terms(source.text.above) for source in sources]
    words = [word for word in words_in(sentence) if says(word)]
    names = frozenset(_named(sentence, " ".join(sentences_of(sources))))
    terms = [next(iter(analyze(word)), "") for word in words]
    for at, word in enumerate(words):
        beside = [terms[other] for other in (at - 1, at + 1) if 0 <= other < len(terms)]
        if word not in names or not beside or terms[at] in at_hand:
            continue
        if not any(near(terms[at], other, text) for other in beside for text in texts):
            other = words[at + 1 if at + 1 < len(words) else at - 1]
            return f"“{word}” does not stand by “{other}” in what it cites"
    return None


def _opposites(sentence: str, sources: Sequence[Source]) -> str | None:
    known = all_terms(sources)
    for word in words_in(sentence):
        other = OPPOSITE.get(word.lower())
        if not other or known.issuperset(analyze(word)):
            continue
        if known.issuperset(analyze(other)):
            return f"it says “{word}” where what it cites says “{other}”"
    return None


def _negated(text: str) -> list[list[str]]:
    """Returns for each negation of a text the two content words that come after it."""
    words = words_in(_NO_NEGATION.sub(" ", text))
    return [
        [term for word in words[at + 1 :] if says(word) for term in analyze(word)][:2]
        for at, word in enumerate(words)
        if word.lower() in _NEGATIONS
    ]


def _place(words: str, sources: Sequence[Source]) -> Found | None:
    for source in sources:
        span = find_verbatim(words, source.whole)
        if span:
            place = Span(source.start + span.start, source.start + span.end)
            return Found(source.number, source.document_id, place)
    return None
