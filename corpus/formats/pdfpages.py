"""The lines on a PDF's pages: of pdfium's text layer, or read by OCR off pages of pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from ctypes import byref, c_double
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

from corpus.formats import ocr
from corpus.formats.lines import (
    Box,
    Direction,
    Line,
    around,
    reads_leftwards,
    whole_lines,
)

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

# What OCR sees: dots per point, for 200 dots per inch; and the most dots of a page.
_OCR_SCALE = 200 / 72
_OCR_PIXELS = 25_000_000

# A page without letters that draws at least so much may show letters as outlines.
_DRAWING = 50

# So few lines on a page of pictures may be but a stamp or a page number.
_STAMP = 6

_DIGITS = "0123456789"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"

_LEADERS = re.compile(r"(?:\.\s?){5,}|_{5,}")

_NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)


class Glyph(NamedTuple):
    """A character with the box of its ink, and the box that its font allows for it."""

    text: str
    ink: Box
    font: Box


def read_page(document: PdfDocument, number: int) -> tuple[list[Line], float, bool]:
    """Returns a page's lines, its height, and whether it shows pictures."""
    page = document[number]
    try:
        textpage = page.get_textpage()
        try:
            lines = _lines_on(page, textpage, number)
        finally:
            textpage.close()
        return lines, page.get_height(), len(lines) <= _STAMP and _shows_pictures(page)
    finally:
        page.close()


def glyphs_on(page: PdfPage) -> list[Glyph]:
    """Returns the characters of a page's text layer in its order, placed on the page as shown."""
    textpage = page.get_textpage()
    try:
        return [glyph for glyphs in _stretches(page, textpage) for glyph in glyphs]
    finally:
        textpage.close()


def read_by_ocr(document: PdfDocument, number: int) -> list[Line]:
    """Returns the lines that OCR sees on a page."""
    page = document[number]
    try:
        width, height = page.get_size()
        scale = min(_OCR_SCALE, (_OCR_PIXELS / max(width * height, 1)) ** 0.5)
        bitmap = page.render(scale=scale)
        try:
            return ocr.page_lines(bitmap.to_numpy(), number, scale)
        finally:
            bitmap.close()
    finally:
        page.close()


def _raised(glyphs: Iterable[Glyph]) -> Iterator[Glyph]:
    """Writes a small raised digit behind a digit as such: it is no part of that number."""
    before: Glyph | None = None
    last: Glyph | None = None  # of the number that may have a raised digit
    for glyph in glyphs:
        if last and before and before.text.isdigit() and glyph.text in _DIGITS:
            tall = last.font[3] - last.font[1]
            small = glyph.font[3] - glyph.font[1] < 0.8 * tall
            if small and glyph.ink[3] < last.ink[3] - 0.15 * tall:
                before = glyph
                yield glyph._replace(text=_RAISED[int(glyph.text)])
                continue
        before = last = glyph
        yield glyph


def _unbroken(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """Parts characters where one stands neither on the line of the one before nor close to it."""
    piece: list[Glyph] = []
    before: Glyph | None = None
    for glyph in glyphs:
        if not glyph.text.isspace():
            if before and _is_away(before, glyph):
                yield piece
                piece = []
            before = glyph
        piece.append(glyph)
    yield piece


def _step(before: Glyph, glyph: Glyph) -> tuple[float, float]:
    """Returns how far a character is from the one before, across and down the page."""
    old, new = before.font, glyph.font
    return abs(new[0] + new[2] - old[0] - old[2]) / 2, abs(new[1] + new[3] - old[1] - old[3]) / 2


def _is_aslant(before: Glyph, glyph: Glyph) -> bool:
    step = _step(before, glyph)
    return min(step) > 0.2 * max(step)


def _is_away(before: Glyph, glyph: Glyph) -> bool:
    left, top, right, bottom = before.font
    return min(_step(before, glyph)) > 0.9 * max(right - left, bottom - top)


def _line_of(glyphs: Sequence[Glyph], page: int, leftwards: bool) -> Line | None:
    """Makes a line of its characters in their order; None if it has no ink.

    Args:
        glyphs: What it is made of.
        page: Which page it stands on, from 0.
        leftwards: Whether the page's script is written to the left.
    """
    text = " ".join("".join(glyph.text for glyph in glyphs).split())
    shown = [glyph for glyph in glyphs if not glyph.text.isspace()]
    if not shown:
        return None
    direction = _direction(shown, leftwards)
    flat = direction in ("right", "left")
    inked = [glyph for glyph in shown if glyph.ink[2] > glyph.ink[0] or glyph.ink[3] > glyph.ink[1]]
    extents = [_extent(glyph.ink, direction) for glyph in inked or shown]
    start, end = min(extent[0] for extent in extents), max(extent[1] for extent in extents)
    size = median_low(
        glyph.font[3] - glyph.font[1] if flat else glyph.font[2] - glyph.font[0]
        for glyph in inked or shown
    )
    first_word = extents[: len(text.split(" ", 1)[0])]
    return Line(
        text=text,
        page=page,
        box=around(glyph.ink for glyph in inked or shown),
        size=size,
        direction=direction,
        start=start,
        end=end,
        base=median_low(extent[2] for extent in extents),
        first_word=max(extent[1] for extent in first_word) - start,
        gapped=_widest_gap(extents) > 2.2 * size or bool(_LEADERS.search(text)),
    )


def _direction(glyphs: Sequence[Glyph], leftwards: bool) -> Direction:
    first, last = glyphs[0].font, glyphs[-1].font
    along = abs(last[0] - first[0])
    down = (last[1] + last[3] - first[1] - first[3]) / 2
    if len(glyphs) > 3 and all(map(_is_aslant, glyphs, glyphs[1:])):
        return "slanted"
    if len(glyphs) > 2 and abs(down) > 2 * along:
        return "down" if down > 0 else "up"
    return "left" if leftwards else "right"


def _extent(box: Box, direction: Direction) -> tuple[float, float, float]:
    """Returns where a box begins and ends along a direction, and where it stands across it."""
    left, top, right, bottom = box
    match direction:
        case "right" | "slanted":
            return left, right, bottom
        case "left":
            return -right, -left, bottom
        case "up":
            return -bottom, -top, right
        case "down":
            return top, bottom, -left


def _widest_gap(extents: Sequence[tuple[float, float, float]]) -> float:
    """Returns the widest gap between characters; one behind a bullet or a number is none."""
    widest, edge = 0.0, float("inf")
    for at, (start, end, _) in enumerate(sorted(extents)):
        if at > 4:
            widest = max(widest, start - edge)
        edge = end if at == 0 else max(edge, end)
    return widest


def _shows_pictures(page: PdfPage) -> bool:
    from pypdfium2 import raw  # lazy: native code that other formats do not need

    drawn = 0
    for shape in page.get_objects(max_depth=3):
        drawn += shape.type in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)
        if shape.type == raw.FPDF_PAGEOBJ_IMAGE or drawn >= _DRAWING:
            return True
    return False


def _lines_on(page: PdfPage, textpage: PdfTextPage, number: int) -> list[Line]:
    stretches = list(_stretches(page, textpage))
    letters = "".join(glyph.text for glyphs in stretches for glyph in glyphs)
    leftwards = reads_leftwards(letters)
    pieces = (piece for glyphs in stretches for piece in _unbroken(_raised(glyphs)))
    return whole_lines(line for piece in pieces if (line := _line_of(piece, number, leftwards)))


def _stretches(page: PdfPage, textpage: PdfTextPage) -> Iterator[list[Glyph]]:
    """Yields the characters between line ends, as pdfium sees them."""
    from pypdfium2 import raw  # lazy: native code that other formats do not need

    ink_of, font_of = _boxes(page, textpage)
    handle = textpage.raw
    glyphs: list[Glyph] = []
    high = 0  # the first half of a character beyond U+FFFF
    for at in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(handle, at)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
        high = 0
        if code in (0x0A, 0x0D):
            yield glyphs
            glyphs = []
        elif code in (0x02, 0xFFFE) and raw.FPDFText_IsHyphen(handle, at) == 1:
            yield [*glyphs, Glyph("-", ink_of(at), font_of(at))]
            glyphs = []
        elif code in (0x00, 0xFFFE):  # ink that the file gives no letter for
            glyphs.append(Glyph("\ufffd", ink_of(at), font_of(at)))
        elif (letter := chr(code)).isspace():
            glyphs.append(Glyph(" ", _NOWHERE, _NOWHERE))
        elif code > 0x1F and not 0x7F <= code < 0xA0:
            glyphs.append(Glyph(letter, ink_of(at), font_of(at)))
    yield glyphs


def _boxes(
    page: PdfPage, textpage: PdfTextPage
) -> tuple[Callable[[int], Box], Callable[[int], Box]]:
    """Returns what gives the ink's and the font's box of a page's character, on it as shown."""
    from pypdfium2 import raw  # lazy: native code that other formats do not need

    handle = textpage.raw
    turn = page.get_rotation()
    page_left, page_bottom, page_right, page_top = page.get_bbox()
    sides = [c_double() for _ in range(4)]
    left, right, bottom, top = sides
    pointers = [byref(side) for side in sides]
    rectangle = raw.FS_RECTF()
    pointer = byref(rectangle)

    def shown(left: float, bottom: float, right: float, top: float) -> Box:
        match turn:
            case 90:
                return bottom - page_bottom, left - page_left, top - page_bottom, right - page_left
            case 180:
                return (
                    page_right - right,
                    bottom - page_bottom,
                    page_right - left,
                    top - page_bottom,
                )
            case 270:
                return page_top - top, page_right - right, page_top - bottom, page_right - left
            case _:
                return left - page_left, page_top - top, right - page_left, page_top - bottom

    def ink_of(at: int) -> Box:
        raw.FPDFText_GetCharBox(handle, at, *pointers)
        return shown(left.value, bottom.value, right.value, top.value)

    def font_of(at: int) -> Box:
        raw.FPDFText_GetLooseCharBox(handle, at, pointer)
        return shown(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)

    return ink_of, font_of
