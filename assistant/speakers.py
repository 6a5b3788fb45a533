"""Whose words a sentence is: of a turn in a transcript, of who signed a text, or as reported.

All by rules that can be read. Where they do not tell whose words a sentence is, it is nobody's.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from corpus import Document, Passage, Span
from corpus.structure import Turn, speaker_turns

#: How a sentence is a speaker's: in own words, or as somebody else reports them.
Voice = Literal["own", "reported"]

_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_COURTESY = frozenset("mr mrs ms miss dr sir madam the hon honorable".split())
_RANKS = frozenset(
    """acting administrator admiral affairs ambassador assistant captain chair chairman chairwoman
    chancellor colonel commissioner congressman congresswoman coordinator defence defense department
    deputy director envoy external foreign former general governor high judge justice king
    lieutenant minister of pope premier president prime prince principal professor queen
    representative secretary senator special spokesman spokesperson spokeswoman state under
    vice""".split()
)

_SAYS = (
    r"(?:said|says|stated|states|told|stressed|underscored|underlined|emphasi[sz]ed|noted|reiterated"
    r"|reaffirmed|affirmed|announced|called|urged|condemned|welcomed|expressed|warned|added|explained"
    r"|declared|argued|pledged|promised|vowed|acknowledged|commended|praised|applauded|congratulated"
    r"|thanked|raised|highlighted|remarked|commented|conveyed|observed|confirmed|denied|insisted"
    r"|claimed|tweeted|wrote|testified|outlined|encouraged|pointed out|made clear|described|voiced"
    r"|asserted|recalled|pressed|spoke of)"
)
# Between a subject and its verb; no clause of another subject may lie there.
_GAP = (
    r"(?:(?!\b(?:who|whom|whose|which|that|as|while|where|when|after|before|because|if)\b)"
    r"[^.;:?!“”\"\n]){0,160}?"
)
# What may stand before a subject: the beginning, the end of a clause, or what opens one.
_OPENS = r"(?:^|[;:,“\"—–(]\s*|\b(?:as|and|but|that|when|because|while|what|if|where)\s+)"
_TITLES = r"(?:(?:the|of|for|and|to|[A-ZÀ-Þ][\w.’'-]*|U\.S\.),?\s+){0,12}?"
# Another person who says something, in the words of a speaker.
_ANOTHER = re.compile(
    r"(?<![.?!] )(?<!^)\b(?!I\b)[A-ZÀ-Þ][\w.’'-]+\s+(?:has\s+|have\s+|had\s+|also\s+)?"
    r"(?:said|says|stated|told|tells|wrote|testified|tweeted|remarked)\b"
)
_PRONOUN = re.compile(
    r"^\W*(?:In (?:his|her) [\w\s]{1,40},\s+)?(?:He|She|The (?:Deputy |Under |Assistant )?"
    r"(?:Secretary|Spokesperson|Ambassador|President|Prime Minister|Foreign Minister|Minister))\s+"
    rf"(?:(?:also|further|then|again|strongly|additionally)\s+){{0,2}}{_SAYS}\b"
)
_QUOTED = re.compile(r"[“\"][^”\"]{12,}[”\"]")
_SAYS_WORD = re.compile(rf"\b{_SAYS}\b")
_JOINT = re.compile(r"\bbegin text\b|\bfollowing (?:is|was) (?:a|the text of)", re.IGNORECASE)
_ATTRIBUTABLE = re.compile(r"\battributable to (?P<who>[^:\n]{3,80})", re.IGNORECASE)
# What may label a turn in a transcript of another form, and how many make a text no statement.
_LABEL = re.compile(r"^[A-ZÀ-Þ][^\n:.,;“”]{1,60}: ", re.MULTILINE)
_LABELLED = 3
# How far into a text it may say whose it is.
_OPENING = 600
# How many sentences back a pronoun may point.
_BACK = 3
# Characters within which the other words of a name stand by the surname.
_NEAR = 60


class Speaker:
    """A speaker by name.

    A text knows a speaker only by all words that the name has, a first name or a rank too, but for
    such as *Mr*: the Secretary Smith that was asked for is not the Mr Smith of another text.
    """

    def __init__(self, name: str) -> None:
        """Takes a name as people type it: *Blinken*, *Secretary Blinken*, *Ned Price*."""
        words = [word for word in _words(name) if word not in _COURTESY]
        names = [word for word in words if word not in _RANKS]
        self.surname = names[-1] if names else ""
        self.others = frozenset(words) - {self.surname, "of"}
        folded = re.escape(self.surname).replace("'", "[’']")
        # Sentences are matched as they are folded, so that accents and case of names do not count.
        self._surname = re.compile(rf"\b{folded}\b")

    def is_named(self, words: str) -> bool:
        """Returns whether some words, as a label, name the speaker by surname."""
        return bool(self.surname) and self.surname in _words(words)

    def is_known_in(self, document: Document) -> bool:
        """Returns whether all words of the name stand by the surname somewhere in a document."""
        if not self.surname:
            return False
        text = _folded(f"{document.author or ''}\n{document.text}")
        missing = set(self.others)
        for match in self._surname.finditer(text):
            around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
            missing -= set(_words(around))
            if not missing:
                return True
        return False

    def is_subject_of(self, sentence: str) -> bool:
        """Returns whether a sentence says that the speaker said something."""
        surname = self._shown(sentence)
        if surname is None:
            return False
        named = rf"{_TITLES}{surname}\b(?![’']s\b)"
        said = re.search(rf"{_OPENS}{named}{_GAP}\b{_SAYS}\b", sentence)
        if said and not _another_subject(said[0], surname):
            return True
        # “…,” said Minister Kuleba; according to Minister Kuleba
        return bool(re.search(rf"(?:[,”\"]\s*{_SAYS}|\b[Aa]ccording to)\s+{named}", sentence))

    def opens(self, sentence: str) -> bool:
        """Returns whether a sentence begins with the speaker."""
        surname = self._shown(sentence)
        return (
            surname is not None
            and re.match(rf"\W*{_TITLES}{surname}\b(?![’']s\b)", sentence) is not None
        )

    def _shown(self, sentence: str) -> str | None:
        """The surname as the sentence spells it, for a pattern; None if it has none."""
        for match in _WORD.finditer(sentence):
            if _folded(match[0]) in (self.surname, f"{self.surname}'s") and match[0][:1].isupper():
                return re.escape(match[0].removesuffix("’s").removesuffix("'s"))
        return None


@dataclass(frozen=True)
class Voices:
    """Whose words the sentences of a document are."""

    document: Document

    @cached_property
    def turns(self) -> list[Turn]:
        """The turns of the document, if it is a transcript."""
        return speaker_turns(self.document.text)

    @cached_property
    def signed_by(self) -> str:
        """Who signed the document, or whom it says it is attributable to; empty if nobody."""
        opening = self.document.text[:_OPENING]
        if _JOINT.search(opening) or len(_LABEL.findall(self.document.text)) >= _LABELLED:
            return ""
        said = _ATTRIBUTABLE.search(opening)
        return said["who"] if said else self.document.author or ""

    def speaks(self, speaker: Speaker) -> bool:
        """Returns whether the document may hold words of a speaker, own or reported."""
        return speaker.is_known_in(self.document)

    def is_asked(self, span: Span) -> bool:
        """Returns whether a sentence belongs to a question from the floor, or to a moderator."""
        turn = self._turn(span)
        return turn is not None and turn.asks

    def voice(self, speaker: Speaker, passage: Passage, span: Span) -> Voice | None:
        """Returns how a sentence is a speaker's; None if it is not.

        Args:
            speaker: Who.
            passage: Where the sentence stands.
            span: The sentence.
        """
        sentence = self.document.text[span.start : span.end]
        reported = self._is_reported(speaker, passage, span)
        another = _quotes_another(sentence) or _ANOTHER.search(sentence)
        if self._is_own(speaker, span) and (reported or not another):
            return "own"
        return "reported" if reported else None

    def _is_own(self, speaker: Speaker, span: Span) -> bool:
        turn = self._turn(span)
        if turn is None and all(known.asks for known in self.turns):
            return speaker.is_named(self.signed_by)
        return turn is not None and not turn.asks and speaker.is_named(turn.label)

    def _turn(self, span: Span) -> Turn | None:
        # The first sentence of a turn may begin with the label, before the words.
        return next((turn for turn in self.turns if turn.start < span.end <= turn.end), None)

    def _is_reported(self, speaker: Speaker, passage: Passage, span: Span) -> bool:
        text = self.document.text
        sentence = text[span.start : span.end]
        if sentence.rstrip("\"'”’)").endswith("?"):
            return False
        if speaker.is_subject_of(sentence):
            return True
        if not _PRONOUN.search(sentence):
            return False
        before = [text[start:end] for start, end in passage.sentences if end <= span.start]
        for earlier in reversed(before[-_BACK:]):
            if not _PRONOUN.search(earlier):
                return speaker.opens(earlier)
        return False


def _another_subject(clause: str, surname: str) -> bool:
    """Whether a name stands right before the verb of a clause, other than beside *and*."""
    between = re.split(rf"\b{surname}\b", clause, maxsplit=1)[-1]
    before = between.rsplit(maxsplit=1)[0] if between.split() else ""
    last = before.split()[-1:] or [""]
    beside = re.search(r"\band\s+(?:[A-ZÀ-Þ][\w.’'-]*\s*)+$", before)
    return last[0][:1].isupper() and last[0][-1] != "," and not beside


def _quotes_another(sentence: str) -> bool:
    """Whether a sentence quotes at length what it says somebody said."""
    return bool(_QUOTED.search(sentence) and _SAYS_WORD.search(_QUOTED.sub("", sentence)))


def _words(text: str) -> list[str]:
    return [word.removesuffix("'s") for word in _WORD.findall(_folded(text))]


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(mark for mark in parts if not unicodedata.combining(mark)).casefold()
