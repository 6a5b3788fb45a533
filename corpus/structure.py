"""Marks of a plain text's own structure: headings, lists, and the turns of a transcript."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from corpus.document import Span
from corpus.marks import Mark

#: A context is cut at a word's end to this many characters.
LONGEST_CONTEXT = 300
# A follow-up shorter than this ("And why?") makes sense only after the question before it.
_SHORT_QUESTION = 25
_LONGEST_HEADING, _MOST_WORDS = 80, 12
# From this many characters a line is prose.
_PROSE = 80

_LINE = re.compile(r"\S[^\n]*")
_ITEM = re.compile(r"(?:[-*•‣▪◦·–—]|\(?\d{1,3}[.)]|\([a-z]\)|[a-z]\)|\(?[ivx]{1,5}\))[^\S\n]+\S")
_ASKING = (
    r"(?P<ask>QUESTION|Question|Q(?:[^\S\n]?\d{1,3})?|REPORTER|Reporter|JOURNALIST|Journalist"
    r"|PRESS|PREGUNTA|Pregunta|PERGUNTA|Pergunta|FRAGE|Frage)"
)
_LEADING = r"(?P<lead>MODERATOR|Moderator|OPERATOR|Operator)"
_TITLED = (
    r"(?:Mr|Mrs|Ms|Dr|Amb|Gen|Secretary|Minister|President|Ambassador|Spokes\w+|Commissioner)\b\.?"
    r"(?:[^\S\n][\w.’'-]{1,30}){1,4}"
)
_ANSWERING = (
    r"(?:A|Answer|ANTWORT|Antwort|RESPUESTA|Respuesta|RÉPONSE|Réponse|RESPOSTA|Resposta"
    rf"|[A-ZÀ-Þ](?:[A-ZÀ-Þ0-9.,’'& -]|Mc|Mac){{2,70}}|{_TITLED})"
)
_TURN = re.compile(
    rf"^[^\S\n]{{0,8}}(?P<label>(?:\*\*)?(?:{_ASKING}|{_LEADING}|{_ANSWERING})"
    r"(?:[^\S\n]\([^)\n]{1,60}\))?[^\S\n]?(?::(?:\*\*)?|\.[^\S\n]{0,2}[-–—])(?=\s))",
    re.MULTILINE,
)
_LAST_SENTENCE = re.compile(r"(?<=[a-z0-9)”’\"]{2}[.!?])\s+(?=[A-Z“\"(])")
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.)[^\S\n]+")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
# These come over a document's first paragraph, where a title or a name on its own could stand too.
_FIRST_HEADING = re.compile(
    r"(?:Introduction|Background|Summary|Executive Summary|Overview|Abstract|Foreword|Preface)",
    re.IGNORECASE,
)


class Turn(NamedTuple):
    """What one speaker says in a transcript.

    Attributes:
        start: Where the words begin, after the label.
        end: One past their last character.
        label: How the transcript names the speaker: *MR PRICE*, *QUESTION*.
        asks: Whether it is a question from the floor, or a moderator's words.
    """

    start: int
    end: int
    label: str
    asks: bool


class _Line(NamedTuple):
    start: int
    end: int
    apart: bool  # a blank line, or nothing, stands above


def text_marks(text: str) -> list[Mark]:
    """Returns the marks of a plain text that shows its structure by lines, labels and blanks.

    - A reply in a transcript has the question before it as its ``context``; a moderator's words
      are neither. A question of a few words is joined to the one before it.
    - A list has the line above it as its ``context``, if that introduces it.
    - A short line on its own in capitals or title case over longer paragraphs is a ``heading``,
      if the text has at least two such.
    """
    return [*_replies(text), *_lists(text), *_headings(text)]


def speaker_turns(text: str) -> list[Turn]:
    """Returns the turns of a transcript, in order; none if the text is no transcript."""
    return [
        Turn(turn.end(), end, turn["label"].strip("*:.-– —"), bool(turn["ask"] or turn["lead"]))
        for turn, end in _turns(text)
    ]


def _replies(text: str) -> Iterator[Mark]:
    asked = ""  # without label
    reply: Span | None = None
    for turn, end in _turns(text):
        if turn["ask"] or turn["lead"]:
            if reply:
                yield Mark(*reply, "context", asked)
            reply = None
            if turn["ask"]:
                asked = _question(text[turn.end() : end], asked)
        elif asked:
            reply = Span(reply.start if reply else turn.start("label"), end)
    if reply:
        yield Mark(*reply, "context", asked)


def _turns(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yields the label of each turn, and where the turn ends."""
    turn: re.Match[str] | None = None
    for following in chain(_TURN.finditer(text), (None,)):
        if turn:
            end = following.start() if following else len(text)
            yield turn, turn.end() + len(text[turn.end() : end].rstrip())
        turn = following


def _question(words: str, before: str) -> str:
    asked = squeezed(words)
    if len(asked) >= _SHORT_QUESTION or not before:
        return asked or before
    return f"{squeezed(before, LONGEST_CONTEXT - len(asked) - 1)} {asked}".strip()


def _lists(text: str) -> Iterator[Mark]:
    above: _Line | None = None
    first = last = None
    count = 0
    for line in _lines(text):
        if _ITEM.match(text, line.start, line.end):
            first = first or line
            last = line
            count += 1
        elif last and not line.apart and text[line.start - 1] != "\n":  # a hanging line
            last = line
        else:
            if first and last:
                yield from _listed(text, above, Span(first.start, last.end), count)
            above, first, last, count = line, None, None, 0
    if first and last:
        yield from _listed(text, above, Span(first.start, last.end), count)


def _listed(text: str, above: _Line | None, span: Span, count: int) -> Iterator[Mark]:
    if above is None:
        return
    line = text[above.start : above.end]
    if line.endswith(":"):
        # Of a long paragraph only its last sentence introduces the list.
        yield Mark(*span, "context", _tail(_LAST_SENTENCE.split(line[-4 * LONGEST_CONTEXT :])[-1]))
    elif count > 1 and len(line) <= _LONGEST_HEADING and line[-1] not in ".,;!?…":
        yield Mark(*span, "context", squeezed(line))


def _tail(words: str) -> str:
    """Returns the end of a text, from a word's beginning, within the longest context."""
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_CONTEXT else line[-LONGEST_CONTEXT:].split(" ", 1)[-1]


def _headings(text: str) -> list[Mark]:
    found: list[_Line] = []
    ends: list[int] = []  # of the last line before each
    prose = False
    before = above = None
    for line in _lines(text):
        if (
            above
            and above.apart
            and line.apart
            and _is_heading(text, above, prose)
            and line.end - line.start > max(_PROSE // 2, above.end - above.start)
        ):
            found.append(above)
            ends.append(before.end if before else 0)
        prose = prose or bool(above and above.end - above.start >= _PROSE)
        before, above = above, line
    if len(found) < 2 or above is None:
        return []
    return [
        Mark(line.start, end, "heading", " ".join(text[line.start : line.end].split()))
        for line, end in zip(found, [*ends[1:], above.end], strict=True)
    ]


def _is_heading(text: str, line: _Line, prose: bool) -> bool:
    if line.end - line.start > _LONGEST_HEADING:
        return False
    words = text[line.start : line.end]
    if words[-1] in ".,;:!?…—–-)" or not (words[0].isupper() or words[0].isdigit()):
        return False
    if _TURN.match(text, line.start):
        return False
    if not prose and not _FIRST_HEADING.fullmatch(words):
        return False
    title = _NUMBERED.sub("", words, count=1)
    longs = _LONG_WORD.findall(title)
    return (
        bool(longs)
        and len(words.split()) <= _MOST_WORDS
        and all(long[0].isupper() for long in longs)
    )


def _lines(text: str) -> Iterator[_Line]:
    """Yields the lines that hold something, without the white space around them."""
    end = 0
    for match in _LINE.finditer(text):
        start = match.start()
        apart = end == 0 or text.count("\n", end, start) > 1
        end = start + len(match[0].rstrip())
        yield _Line(start, end, apart)


def squeezed(words: str, limit: int = LONGEST_CONTEXT) -> str:
    """Returns a text on one line, cut at a word's end to ``limit`` characters."""
    line = " ".join(words[: 8 * limit].split())
    if len(line) <= limit:
        return line
    return line[: limit + 1].rpartition(" ")[0] or line[:limit]
