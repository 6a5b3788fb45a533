"""Sentences as exact spans of a text."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.document import Span

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

#: No sentence is longer than this many characters: beyond it lie tables, word lists and text
#: without punctuation, which no one could quote whole.
MAX_SENTENCE = 1200

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LIST_ITEM = re.compile(r"[-*•‣▪–—][^\S\n]|\(?\d{1,3}[.)][^\S\n]|\#{1,6}[^\S\n]")
# "exam-\nple": the end of a line inside a word.
_PARTED_WORD = re.compile(r"[^\W\d_][-\u2010\u00ad]\n[^\S\n]*(?=[^\W\d_])(?=[^A-ZÀ-Þ])")
_HEADING = re.compile(r"\#{1,6}[^\S\n]")
# "economy.Since": a full stop between a word and a capitalised word, the space lost.
_GLUED = re.compile(r"(?<=[a-z]{3}[.?!])(?=[A-Z][a-z]+[\s,])")
# "Caribbean-U.S. Security": the abbreviation hides behind the hyphen.
_HYPHENATED_ABBREVIATION = re.compile(r"[-–](?=(?:[A-Z]\.){2,})")
# What cannot end a sentence: a number or letter that counts ("2."), a rank or title before its
# name ("Lt.", "Adm."), an abbreviation that is all there is so far ("U.S.").
_UNFINISHED = re.compile(
    r"\(?(?:\d{1,3}|[A-Za-z])[.)]|(?:[A-Z]\.){2,}"
    r"|(?:.*[\s(“\"])?(?:Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Amb|Sec|Gov|Sen|Rep|Lt|Col|Gen|Maj|Capt|Cmdr"
    r"|Adm|Sgt|Brig|St|Ste|Ft|Mt)\.",
    re.DOTALL,
)
# "U.S. Ambassador" is one name, although both words could end and begin a sentence.
_COUNTRY = re.compile(r".*\b(?:U\.S|U\.K|U\.N|E\.U)\.", re.DOTALL)
_OFFICE = re.compile(
    r"(?:Acting |Deputy |Special |Permanent |Assistant |Under )*"
    r"(?:Ambassador|Secretar|Embass|Mission|Representative|Envoy|Government|Department|Congress"
    r"|Senat|Army|Navy|Air Force|Coast Guard|President|Security|Attorney|Treasury|Agency)"
)


@cache
def _tokenizer() -> "PunktSentenceTokenizer":
    import nupunkt  # lazy: 0.2 s and 40 MB that a question never needs

    return nupunkt.load_default_model()


def paragraph_spans(text: str) -> list[Span]:
    """Returns the paragraphs of ``text`` without the white space around them, in order.

    Blank lines part paragraphs. Inside a block, each line is a paragraph of its own unless the
    block looks hard-wrapped; a list item always starts one.
    """
    spans = []
    start = 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        spans.extend(_lines_or_block(text, start, end))
        start = gap.end() if gap else len(text)
    return spans


def _lines_or_block(text: str, start: int, end: int) -> list[Span]:
    lines = []
    position = start
    for content in text[start:end].split("\n"):
        lines.append(Span(position, position + len(content)))
        position += len(content) + 1
    lengths = [line.end - line.start for line in lines]
    longest = max(lengths)
    # Wrapped prose has lines of nearly one length (60 to 100 characters, by custom); names,
    # addresses and headings on lines of their own do not.
    wrapped = 50 <= longest <= 120 and all(length > 0.6 * longest for length in lengths[:-1])
    joined: list[Span] = []
    for line in lines:
        goes_on = joined and (
            _PARTED_WORD.match(text, joined[-1].end - 2)
            or (
                wrapped
                and not _HEADING.match(text, joined[-1].start)
                and not _LIST_ITEM.match(text, line.start)
            )
        )
        if goes_on:
            joined[-1] = Span(joined[-1].start, line.end)
        else:
            joined.append(line)
    return [span for line in joined if (span := trim(text, *line))]


def line_spans(text: str) -> list[Span]:
    """Returns the lines of ``text`` without the white space around them, as its paragraphs.

    Only a word that is parted at the end of a line goes on in the next.
    """
    lines: list[Span] = []
    start = 0
    for content in text.split("\n"):
        end = start + len(content)
        if lines and _PARTED_WORD.match(text, lines[-1].end - 2):
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
    merged: list[Span] = []
    for start, end in pairwise(sorted(cuts)):
        before = block[slice(*merged[-1])].strip() if merged else ""
        if before and (
            _UNFINISHED.fullmatch(before)
            or (_COUNTRY.fullmatch(before) and _OFFICE.match(block, start))
        ):
            merged[-1] = Span(merged[-1].start, end)
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
                for mark in ("; ", ", ", " ", "\n")
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
