"""The lines on a PDF's pages: of pdfium's text layer, or read by OCR off pages of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_double
from typing import TYPE_CHECKING

from corpus.errors import Unreadable
from corpus.formats import ocr
from corpus.formats.lines import (
    Box,
    Glyph,
    Line,
    line_of,
    reads_leftwards,
    running,
    unbroken,
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

_NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)


def read_lines(document: PdfDocument, notes: list[str]) -> list[Line]:
    """Returns the lines of all pages in reading order, without what runs along their edges.

    One page is open at a time.

    Args:
        document: What to read.
        notes: Gets a note on pages that cannot be read, or were read by OCR.

    Raises:
        Unreadable: No page can be read, or all are pictures and there is no OCR.
    """
    from pypdfium2 import PdfiumError  # lazy: native code that other formats do not need

    pages: list[list[Line]] = []
    heights: list[float] = []
    failed, pictures = [], []
    for number in range(len(document)):
        try:
            lines, height, pictured = _read(document, number)
        except PdfiumError:
            lines, height, pictured = [], 0.0, False
            failed.append(number)
        pages.append(lines)
        heights.append(height)
        if pictured:
            pictures.append(number)
    if len(failed) == len(pages):
        raise Unreadable("damaged: none of its pages can be read; get it again")
    at_edges = running(pages, heights)
    # A stamp or a page number over a picture is not its text.
    unread = [at for at in pictures if all(line in at_edges for line in pages[at])]
    if unread and ocr.available():
        seen = []
        for number in unread:
            try:
                pages[number] = _read_by_ocr(document, number) or pages[number]
                seen.append(number)
            except PdfiumError:
                failed.append(number)
        at_edges = running(pages, heights)
        if seen:
            notes.append(_told(seen, "was read by OCR", "were read by OCR"))
    elif unread:
        hint = f"{len(unread)} of {len(pages)} pages hold only images: install readout[ocr]"
        if len(unread) + len(failed) == len(pages):
            raise Unreadable(hint)
        notes.append(hint)
    if failed:
        notes.append(_told(sorted(failed), "cannot be read", "cannot be read"))
    every = [line for lines in pages for line in lines]
    return [line for line in every if line not in at_edges] or every


def _read(document: PdfDocument, number: int) -> tuple[list[Line], float, bool]:
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


def _read_by_ocr(document: PdfDocument, number: int) -> list[Line]:
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


def _told(numbers: Sequence[int], one: str, many: str) -> str:
    """Says something of pages that are counted from 0."""
    if len(numbers) == 1:
        return f"page {numbers[0] + 1} {one}"
    if len(numbers) <= 5:
        return f"pages {', '.join(str(number + 1) for number in numbers)} {many}"
    return f"{len(numbers)} pages {many}"


def _shows_pictures(page: PdfPage) -> bool:
    from pypdfium2 import raw  # lazy: see read_lines

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
    pieces = (piece for glyphs in stretches for piece in unbroken(glyphs))
    return whole_lines(line for piece in pieces if (line := line_of(piece, number, leftwards)))


def _stretches(page: PdfPage, textpage: PdfTextPage) -> Iterator[list[Glyph]]:
    """Yields the characters between line ends, as pdfium sees them."""
    from pypdfium2 import raw  # lazy: see read_lines

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
    from pypdfium2 import raw  # lazy: see read_lines

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
