"""Sentences as exact spans of a text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.abbreviations import goes_on
from corpus.document import Span
from corpus.draft import CELLS
from corpus.text import PARTED

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

#: No sentence is longer than this many characters: beyond it lie tables, word lists and text
#: without punctuation, which no one could quote whole.
MAX_SENTENCE = 1200

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LIST_ITEM = re.compile(r"[-*•‣▪–—][^\S\n]|\(?\d{1,3}[.)][^\S\n]|\#{1,6}[^\S\n]")
# Letters may also begin a wrapped line: "in paragraph\n(a) of this article".
_LETTERED_ITEM = re.compile(r"\((?:[a-z]|[ivx]{2,4})\)[^\S\n]")
_BEFORE_ITEM = re.compile(r"(?:[.;:,]|\band|\bor)$")
# What a line that goes on in the next does not end with, and what the next does not begin with.
_LINE_END = re.compile(r"[.:;!?…|][\"'“”»’)\]]*$")
_FIELD = re.compile(r"[\w-]+:|www\.|\S+@")
_HEADING = re.compile(r"\#{1,6}[^\S\n]")
# "economy.Since": a full stop between a word and a capitalised word, the space lost.
_GLUED = re.compile(r"(?<=[a-z]{3}[.?!])(?=[A-Z][a-z]+[\s,])")
# "Caribbean-U.S. Security": the abbreviation hides behind the hyphen.
_HYPHENATED_ABBREVIATION = re.compile(r"[-–](?=(?:[A-Z]\.){2,})")
# "!" / "», she said": what closes a quotation or bracket belongs before the cut.
_CLOSING = re.compile(r"\s*[\"“”»’)\]]+[.!?]*(?=[\s,;:]|$)")
_BAR = re.compile(r"\s*\|\s*")


@cache
def _tokenizer() -> "PunktSentenceTokenizer":
    import nupunkt  # lazy: 0.2 s and 40 MB that a question never needs

    return nupunkt.load_default_model()


def paragraph_spans(text: str) -> list[Span]:
    """Returns the paragraphs of ``text`` without the white space around them, in order.

    Blank lines part paragraphs. Inside a block, each line is a paragraph of its own unless the
    lines look hard-wrapped, or it goes on in small letters from an unfinished one; a list item
    always starts one.
    """
    spans = []
    start = 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        spans.extend(_lines_or_block(text, start, end))
        start = gap.end() if gap else len(text)
    return spans


def _lines_or_block(text: str, start: int, end: int) -> list[Span]:
    # The line feed at a file's end would make a line of its own.
    end = start + len(text[start:end].rstrip())
    start += len(text[start:end]) - len(text[start:end].lstrip("\n"))
    joined: list[Span] = []
    for item in _items(text, list(_lines(text, start, end))):
        wrapped = _wrapped_from(item)
        for at, line in enumerate(item):
            runs_over = at and (
                at > wrapped
                or PARTED.match(text, item[at - 1].end - 1)
                or _runs_over(text, item[0], item[at - 1], line)
            )
            if runs_over:
                joined[-1] = Span(joined[-1].start, line.end)
            else:
                joined.append(line)
    return [span for line in joined if (span := trim(text, *line))]


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    for content in text[start:end].split("\n"):
        yield Span(start, start + len(content.rstrip()))
        start += len(content) + 1


def _items(text: str, lines: Sequence[Span]) -> list[list[Span]]:
    """Parts a block's lines before each list item and after each heading."""
    items: list[list[Span]] = []
    for at, line in enumerate(lines):
        before = lines[at - 1] if at else None
        first = _first_word(text, line)
        if (
            before is None
            or _HEADING.match(text, before.start)
            or _LIST_ITEM.match(text, first)
            or (_LETTERED_ITEM.match(text, first) and _BEFORE_ITEM.search(text[slice(*before)]))
        ):
            items.append([])
        items[-1].append(line)
    return items


def _wrapped_from(lines: Sequence[Span]) -> int:
    """Returns which line the hard-wrapped prose begins with; the number of lines if none.

    Wrapped prose has lines of nearly one length (60 to 100 characters, by custom); names,
    addresses and headings on lines of their own do not.
    """
    lengths = [line.end - line.start for line in lines]
    longest = max(lengths)
    if not 50 <= longest <= 120:
        return len(lines)
    short = [at for at, length in enumerate(lengths[:-1]) if length <= 0.6 * longest]
    # Over prose, a title or a speaker's first words; but two lines alone show no common length.
    titles = short == list(range(len(short))) and len(lines) - len(short) > 2
    return len(short) if not short or titles else len(lines)


def _runs_over(text: str, item: Span, before: Span, line: Span) -> bool:
    """Tells whether a sentence goes on from one line to the next, for all that the lines show."""
    words = text[slice(*before)].strip()
    at = _first_word(text, line)
    indented = at - line.start > _first_word(text, item) - item.start
    hanging = indented and _LIST_ITEM.match(text, _first_word(text, item))
    return bool(
        text[at].islower()
        and (1 if hanging else 35) <= len(words) <= 120
        and not _LINE_END.search(words)
        and not _FIELD.match(text, at)
    )


def _first_word(text: str, line: Span) -> int:
    return line.end - len(text[slice(*line)].lstrip())


def line_spans(text: str) -> list[Span]:
    """Returns the lines of ``text`` without the white space around them, as its paragraphs.

    Only a word that is parted at the end of a line goes on in the next.
    """
    lines: list[Span] = []
    start = 0
    for content in text.split("\n"):
        end = start + len(content)
        if lines and PARTED.match(text, lines[-1].end - 1):
            lines[-1] = Span(lines[-1].start, end)
        else:
            lines.append(Span(start, end))
        start = end + 1
    return [span for line in lines if (span := trim(text, *line))]


def sentence_spans(text: str) -> list[Span]:
    """Returns the sentences of ``text`` in order, without overlap.

    Every character that is not white space lies in exactly one of them, and none begins or
    ends with white space. A sentence never crosses a paragraph's end, and never exceeds
    `MAX_SENTENCE` characters.
    """
    paragraphs = paragraph_spans(text)
    return [span for group in sentences_by_paragraph(text, paragraphs) for span in group]


def sentences_by_paragraph(text: str, paragraphs: Iterable[Span]) -> list[list[Span]]:
    """Returns the sentences of each of the given paragraphs of ``text``."""
    return [_split_paragraph(text, paragraph) for paragraph in paragraphs]


def _split_paragraph(text: str, paragraph: Span) -> list[Span]:
    block = text[paragraph.start : paragraph.end]
    pieces = [trim(block, *piece) for piece in _long_pieces(block, Span(0, len(block)), 100_000)]
    spans = [
        Span(paragraph.start + piece.start + start, paragraph.start + piece.start + end)
        for piece in pieces
        if piece
        for start, end in _punkt(block[piece.start : piece.end])
    ]
    return [
        stripped
        for span in spans
        for piece in _long_pieces(text, span, MAX_SENTENCE)
        if (stripped := trim(text, *piece))
    ]


def _punkt(block: str) -> list[Span]:
    # Same length, so that offsets stay true.
    seen = _HYPHENATED_ABBREVIATION.sub(" ", block)
    cuts = {0, len(block)}
    cuts.update(start for start, _ in _tokenizer().span_tokenize(seen))
    cuts.update(match.start() for match in _GLUED.finditer(block))
    cuts = {match.end() if cut and (match := _CLOSING.match(block, cut)) else cut for cut in cuts}
    merged: list[Span] = []
    for start, end in pairwise(sorted(cuts)):
        fits = merged and end - merged[-1].start <= MAX_SENTENCE
        if fits and goes_on(block[slice(*merged[-1])], block[start:end]):
            merged[-1] = Span(merged[-1].start, end)
        elif merged and (bar := _BAR.match(block, start, end)):
            # No quotation begins with the bar between two cells of a table.
            merged[-1] = Span(merged[-1].start, bar.end())
            merged.append(Span(bar.end(), end))
        else:
            merged.append(Span(start, end))
    return merged


def _long_pieces(text: str, span: Span, limit: int) -> list[Span]:
    """Cuts ``span`` into pieces of at most ``limit`` characters, at the last good place."""
    pieces = []
    start = span.start
    while span.end - start > limit:
        window = text[start : start + limit]
        cut = next(
            (
                at + len(mark)
                for mark in (CELLS, "; ", ", ", " ", "\n")
                if (at := window.rfind(mark)) > limit // 2
            ),
            limit,
        )
        pieces.append(Span(start, start + cut))
        start += cut
    pieces.append(Span(start, span.end))
    return pieces


def trim(text: str, start: int, end: int) -> Span | None:
    """Returns the span without the white space at its ends, or None if there is nothing else."""
    block = text[start:end]
    stripped = block.strip()
    if not stripped:
        return None
    start += len(block) - len(block.lstrip())
    return Span(start, start + len(stripped))
