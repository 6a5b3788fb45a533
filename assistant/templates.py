"""Questions that a text itself answers, made of its title, headings and sentences by templates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus import Document, Passage, Span
from index.forms import names_country

#: What a question is made of.
Origin = Literal["title", "heading", "deed", "role", "definition", "hosts"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a document should answer.

    Attributes:
        question: The question.
        document: The document's id.
        spans: Where in it the answer must stand: the sentence that the question was made of, or the
            passages under its heading. Empty: anywhere.
        origin: What it was made of.
    """

    question: str
    document: str
    spans: tuple[Span, ...]
    origin: Origin


# Questions longer than this are no suggestions.
_LONGEST = 90

_CAPITAL = r"[A-ZÀ-Þ][\w’'-]+"
_PERSON = rf"{_CAPITAL}(?:\s+[A-Z]\.)?(?:\s+{_CAPITAL}){{1,2}}"
_DEEDS = {
    "announced": "announce",
    "described": "describe",
    "discovered": "discover",
    "highlighted": "highlight",
    "launched": "launch",
    "pledged": "pledge",
    "promised": "promise",
    "proposed": "propose",
    "recommended": "recommend",
    "stressed": "stress",
    "underscored": "underscore",
    "unveiled": "unveil",
    "warned": "warn about",
}
# Between a name and its deed may stand what somebody is, but no clause of another subject.
_OFFICE = r"(?:,(?:(?!\b(?:which|who|that|including|all|and the)\b)[^.;:]){1,140}?,)?"
_DEED = re.compile(rf"\b(?P<who>{_PERSON}){_OFFICE}\s+(?P<deed>{'|'.join(_DEEDS)})\s+\w")
# Words that begin a sentence or name a body rather than a person.
_NO_PERSON = frozenset(
    """A Act Agency An At Bank Committee Congress Council Court Department Embassy European
    Government His Her House In Ministry Nations Office On Our States The Their These This Today
    Treaty Union United We""".split()
)
_ROLE = re.compile(
    rf"^The (?P<role>[a-z][\w -]{{2,40}}? of (?:the )?{_CAPITAL}(?:\s+{_CAPITAL}){{0,2}})"
    rf" (?P<be>is|was) (?P<name>{_PERSON})\b"
)
_DEFINITION = re.compile(
    rf"^(?P<what>The (?:{_CAPITAL}(?:[\s-]+|\s+(?:of|for|and|on)\s+(?:the\s+)?)){{1,6}}?{_CAPITAL}"
    r"|[A-ZÀ-Þ]{3,8})(?:\s+\([^)]{2,20}\))? (?P<be>is|are) (?:an?|the|one of)\s"
)
_HOSTS = re.compile(r"\b(?P<deed>co-chaired|co-hosted|hosted|chaired|organised|organized) by\s+\w")
_MEETING = re.compile(r"^(?P<who>.{3,50}?)[’']s? (?:Meeting|Call) [Ww]ith (?P<whom>.{3,60})$")
_TRAVEL = re.compile(r"^(?P<who>.{3,50}?)[’']s? (?:Travel|Trip|Visit) to (?P<where>.{3,40})$")
_EVENT = re.compile(
    r"\b(?P<event>(?:\d+(?:st|nd|rd|th)|First|Second|Third)\s[^,;:.]{4,60}?"
    r"(?:Dialogue|Summit|Conference|Forum|Assembly|Session|Meeting))\b"
)
_WORDS = re.compile(r"\w+")


def candidates_of(document: Document, passages: Sequence[Passage]) -> Iterator[Candidate]:
    """Yields questions that a document should answer, those of its title first.

    Args:
        document: The document.
        passages: Those of its passages that are looked at.
    """
    for candidate in (
        *_of_title(document),
        *_of_sentences(document, passages),
        *_of_headings(document, passages),
    ):
        # A question is one line, and nothing in it may be cut off.
        if len(candidate.question) <= _LONGEST and "…" not in candidate.question:
            yield candidate


def _of_title(document: Document) -> Iterator[Candidate]:
    title = " ".join(document.title.split())
    if match := _MEETING.match(title):
        question = f"What did {match['who']} and {match['whom']} discuss?"
        yield Candidate(question, document.id, (), "title")
    if match := _TRAVEL.match(title):
        question = f"When did {match['who']} travel to {match['where']}?"
        yield Candidate(question, document.id, (), "title")


def _of_sentences(document: Document, passages: Sequence[Passage]) -> Iterator[Candidate]:
    event = _EVENT.search(document.title)
    for passage in passages:
        for span in passage.sentences:
            sentence = " ".join(document.text[span.start : span.end].split())
            for question, origin in _questions(sentence, event and event["event"]):
                yield Candidate(question, document.id, (span,), origin)


def _questions(sentence: str, event: str | None) -> Iterator[tuple[str, Origin]]:
    match = _DEED.search(sentence)
    if match and not _NO_PERSON & set(match["who"].split()):
        yield f"What did {match['who']} {_DEEDS[match['deed']]}?", "deed"
    if match := _ROLE.match(sentence):
        yield f"Who {match['be']} the {match['role']}?", "role"
    match = _DEFINITION.match(sentence)
    if match and not names_country(match["what"]):
        what = re.sub("^The ", "the ", match["what"])
        yield f"What {match['be']} {what}?", "definition"
    if event and (match := _HOSTS.search(sentence)):
        yield f"Who {match['deed']} the {event}?", "hosts"


def _of_headings(document: Document, passages: Sequence[Passage]) -> Iterator[Candidate]:
    under: dict[str, list[Span]] = {}
    for passage in passages:
        if passage.heading:
            heading = " ".join(passage.heading.split(" › ")[-1].split())
            under.setdefault(heading, []).append(Span(passage.start, passage.end))
    title = " ".join(document.title.split())
    for heading, spans in under.items():
        # Of one word, or in capitals alone, it is as likely a name or a label as a subject.
        if len(_WORDS.findall(heading)) > 1 and not heading.isupper() and heading != title:
            question = f"What does “{title}” say about {heading.rstrip('.:?!')}?"
            yield Candidate(question, document.id, tuple(spans), "heading")
