"""Pages of a PDF as pictures, and where on them words stand that its text has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from corpus.errors import Unreadable
from corpus.formats.lines import Box, around
from corpus.formats.pdfpages import Glyph, glyphs_on

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

# A picture is about so wide, for a pane of half that width on a fine screen; and never larger.
_WIDTH = 1400
_PIXELS = 4_000_000

# Points by which a character may lie outside the box of its line.
_NEAR = 1.0

_NO_INK = re.compile(r"[\s\u00ad\u2010\ufffd-]+")


class LinePart(NamedTuple):
    """A part of a line of print.

    Attributes:
        page: The page the line stands on, from 1.
        box: The line's left, top, right and bottom in points, from the page's upper left corner.
        text: What the line says.
        start: First character of the part.
        end: One past its last.
    """

    page: int
    box: Box
    text: str
    start: int
    end: int


def boxes_of(document: PdfDocument, parts: Sequence[LinePart]) -> Iterator[tuple[int, Box]]:
    """Yields where parts of lines stand: the page, and the box as fractions of its size.

    A part that is not found among the letters of its line gets the box of the whole line; so do
    all lines of a page without letters, which were read by OCR.

    Raises:
        Unreadable: If the file has no such page.
    """
    for number, group in groupby(parts, key=lambda part: part.page):
        page = _page(document, number)
        try:
            width, height = page.get_size()
            glyphs = glyphs_on(page)
            for part in group:
                left, top, right, bottom = _box(glyphs, part)
                yield number, (left / width, top / height, right / width, bottom / height)
        finally:
            page.close()


def picture_of(document: PdfDocument, number: int) -> bytes:
    """Returns a page, from 1, as a PNG.

    Raises:
        Unreadable: If the file has no such page.
    """
    page = _page(document, number)
    try:
        width, height = page.get_size()
        scale = min(_WIDTH / max(width, 1), (_PIXELS / max(width * height, 1)) ** 0.5)
        bitmap = page.render(scale=scale)
        try:
            stream = BytesIO()
            bitmap.to_pil().save(stream, "PNG")
            return stream.getvalue()
        finally:
            bitmap.close()
    finally:
        page.close()


def _page(document: PdfDocument, number: int) -> PdfPage:
    from pypdfium2 import PdfiumError  # lazy: native code that other formats do not need

    if not 1 <= number <= len(document):
        raise Unreadable(f"it has no page {number}")
    try:
        return document[number - 1]
    except PdfiumError as error:
        raise Unreadable(f"page {number} is damaged; get the file again") from error


def _box(glyphs: Sequence[Glyph], part: LinePart) -> Box:
    if not _folded(part.text[: part.start] + part.text[part.end :]):
        return part.box
    on_line = [glyph for glyph in glyphs if _stands_in(glyph.ink, part.box)]
    letters = [(letter, glyph) for glyph in on_line for letter in _folded(glyph.text)]
    wanted = _folded(part.text[part.start : part.end])
    said = "".join(letter for letter, _ in letters)
    at = _nearest(said, wanted, len(_folded(part.text[: part.start])))
    if at is None:
        return part.box
    left, top, right, bottom = around(glyph.ink for _, glyph in letters[at : at + len(wanted)])
    # As high as its line, or as wide where the line runs up or down.
    if part.box[2] - part.box[0] >= part.box[3] - part.box[1]:
        return left, part.box[1], right, part.box[3]
    return part.box[0], top, part.box[2], bottom


def _stands_in(ink: Box, box: Box) -> bool:
    across, down = (ink[0] + ink[2]) / 2, (ink[1] + ink[3]) / 2
    inside = box[0] - _NEAR <= across <= box[2] + _NEAR
    return inside and box[1] - _NEAR <= down <= box[3] + _NEAR


def _folded(text: str) -> str:
    """Returns a text without what print and text layer may differ in: ligatures, gaps, hyphens."""
    return _NO_INK.sub("", unicodedata.normalize("NFKC", text))


def _nearest(text: str, wanted: str, expected: int) -> int | None:
    """Returns where ``wanted`` stands in ``text``, at the place next to the expected one."""
    found = [at for at in range(len(text)) if text.startswith(wanted, at)] if wanted else []
    return min(found, key=lambda at: abs(at - expected), default=None)
