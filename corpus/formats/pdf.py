"""PDF: pdfium's text layer as lines, paragraphs and headings; pages of pictures by OCR."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import groupby, islice, pairwise
from math import ceil, floor
from typing import TYPE_CHECKING, BinaryIO

from corpus.document import Fact, Span
from corpus.draft import Draft, Extract, tidied
from corpus.errors import Unreadable
from corpus.formats import ocr
from corpus.formats.layout import large_headings, outline_headings, paragraphs, text_of
from corpus.formats.lines import Box, Line, body_size, running
from corpus.formats.pdfpages import read_by_ocr, read_page

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

#: A file of more pages is refused: no one reads it, and it would take minutes.
MAX_PAGES = 10_000

# Entries of an outline that are looked at.
_MAX_OUTLINE = 20_000

_NO_TITLE = re.compile(
    r"microsoft (?:word|powerpoint|excel)\b.*|powerpoint[- ]pr[eé]sentation.*"
    r"|(?:untitled|unbenannt|sans titre|sin t[ií]tulo)(?:[- ]?(?:document|dokument|\d+))?"
    r"|(?:document|dokument|slide|folie|layout|sheet|tabelle)[ _-]?\d*|title|titel|none|null"
    r"|\(?anonymous\)?|.*\.(?:docx?|dotx?|pdf|indd|qx[dp]|tex|dvi|e?ps|xlsx?|pptx?|rtf|od[tps]"
    r"|html?|txt|wpd|pmd|fm|pages|cdr|ai|tiff?|jpe?g|png)|[\W\d_]*|\S*[-_/\\]\S*",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"\(?(?:anonymous|unknown|unbekannt|user|admin|administrator|root|owner|author|none|null"
    r"|unspecified|default)\)?|[\W\d_]*",
    re.IGNORECASE,
)
_LINE_NUMBER = re.compile(r"^\d{1,2}(?:\s+|$)")
_DAY = re.compile(r"(?:D:)?(\d{4})-?(\d\d)-?(\d\d)")


def read(stream: BinaryIO, passwords: Sequence[str] = ()) -> Extract:
    """Reads a PDF.

    Args:
        stream: The file.
        passwords: What to try on an encrypted one, besides the empty password.

    Raises:
        Unreadable: It is encrypted, damaged, too long, or holds no text.
    """
    with opened(stream, passwords) as document:
        count = len(document)
        if count > MAX_PAGES:
            raise Unreadable(f"it has {count:,} pages, more than {MAX_PAGES:,}; split it")
        draft = Draft()
        draft.facts.extend(_facts(document))
        lines = _read_lines(document, draft.notes)
        if not lines:
            raise Unreadable("it holds no text")
        lines = _without_line_numbers(_without_watermarks(lines))
        _put_together(draft, lines, _outline(document))
    return draft.extract()


@contextmanager
def opened(stream: BinaryIO, passwords: Sequence[str]) -> Iterator[PdfDocument]:
    """Opens a PDF for the time of a block; raises `Unreadable` if that cannot be done."""
    import pypdfium2 as pdfium  # lazy: 10 MB of native code that other formats do not need

    for password in ("", *passwords):
        try:
            document = pdfium.PdfDocument(stream, password)
        except UnicodeEncodeError:
            continue  # no password of a PDF
        except pdfium.PdfiumError as error:
            if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
                continue
            if error.err_code == pdfium.raw.FPDF_ERR_SECURITY:
                raise Unreadable(
                    "encrypted in a way that cannot be read; save it without encryption"
                ) from error
            raise Unreadable(
                "damaged or cut short: no PDF can be made out; get it again"
            ) from error
        with document:
            yield document
        return
    raise Unreadable("encrypted; give its password with --password")


def _read_lines(document: PdfDocument, notes: list[str]) -> list[Line]:
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
            lines, height, pictured = read_page(document, number)
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
                pages[number] = read_by_ocr(document, number) or pages[number]
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


def _told(numbers: Sequence[int], one: str, many: str) -> str:
    """Says something of pages that are counted from 0."""
    if len(numbers) == 1:
        return f"page {numbers[0] + 1} {one}"
    if len(numbers) <= 5:
        return f"pages {', '.join(str(number + 1) for number in numbers)} {many}"
    return f"{len(numbers)} pages {many}"


def _without_watermarks(lines: Sequence[Line]) -> list[Line]:
    """Leaves out large words that run aslant over the lines of their page."""
    large = 2 * body_size(lines)
    kept = []
    for _, group in groupby(lines, key=lambda line: line.page):
        on_page = list(group)
        level = [line.box for line in on_page if line.direction != "slanted"]
        for line in on_page:
            over = line.direction == "slanted" and line.size > large
            if not (over and any(_overlap(line.box, box) for box in level)):
                kept.append(line)
    return kept


def _overlap(one: Box, other: Box) -> bool:
    return all(max(one[at], other[at]) < min(one[at + 2], other[at + 2]) for at in (0, 1))


def _without_line_numbers(lines: list[Line]) -> list[Line]:
    """Takes the numbers off the lines of transcripts; numbered lists keep theirs.

    Of transcripts each page counts from 1, and sentences go on from line to line.
    """
    pages = [list(group) for _, group in groupby(lines, key=lambda line: line.page)]
    counted = [page for page in pages if _is_counted(page)]
    said = [text for page in counted for line in page if (text := _unnumbered(line))]
    going_on = sum(
        len(before) > 20 and before[-1] not in ".!?:;" and text[0].islower()
        for before, text in pairwise(said)
    )
    if len(counted) < 2 or going_on < max(3, 0.15 * len(said)):
        return lines
    numbered = {line for page in counted for line in page}
    bare = (replace(line, text=_unnumbered(line)) if line in numbered else line for line in lines)
    return [line for line in bare if line.text]


def _is_counted(page: Sequence[Line]) -> bool:
    """Tells whether most lines of a page stand behind a number, from 1 on."""
    margin = [line for line in page if _LINE_NUMBER.match(line.text)]
    numbers = [int(line.text.split()[0]) for line in margin]
    if len(numbers) < 5 or numbers != list(range(1, len(numbers) + 1)):
        return False
    beside = sum(
        any(abs(other.base - line.base) < 0.6 * line.size for other in margin) for line in page
    )
    return beside >= 0.8 * len(page)


def _unnumbered(line: Line) -> str:
    return _LINE_NUMBER.sub("", line.text)


def _put_together(
    draft: Draft, lines: Sequence[Line], outline: Sequence[tuple[str, int, int]]
) -> None:
    """Adds the paragraphs of lines, with marks.

    Args:
        draft: What to add to.
        lines: All lines in reading order.
        outline: Title, page (from 0) and level (from 1) of each heading the file tells.
    """
    told = outline_headings(lines, [(title, page) for title, page, _ in outline])
    blocks = paragraphs(lines, {at: count for at, (_, count) in told.items()})
    if told:
        of_line = {lines[at]: outline[entry][2] for at, (entry, _) in told.items()}
        levels = {at: of_line[block[0]] for at, block in enumerate(blocks) if block[0] in of_line}
    else:
        levels = large_headings(blocks)
    for number, block in enumerate(blocks):
        text, places = text_of(block)
        level = levels.get(number)
        # A heading that is cut by a hyphen would lose its line feed.
        span = draft.heading(text, level) if level and "\n" not in text else draft.add(text)
        if span:
            _mark(draft, span.start, block, places)


def _mark(draft: Draft, start: int, block: Sequence[Line], places: Sequence[Span]) -> None:
    """Marks the lines of a paragraph that begins at ``start``, and their pages."""
    placed = [
        (line, Span(start + place.start, start + place.end))
        for line, place in zip(block, places, strict=True)
    ]
    for page, group in groupby(placed, key=lambda pair: pair[0].page):
        spans = [span for _, span in group]
        draft.mark(Span(spans[0].start, spans[-1].end), "page", page + 1)
    for line, span in placed:
        draft.mark(span, "box", _rounded(line.box))


def _rounded(box: Box) -> Box:
    """Returns a box with its sides moved outwards to tenths of a point."""
    left, top, right, bottom = (10 * side for side in box)
    return floor(left) / 10, floor(top) / 10, ceil(right) / 10, ceil(bottom) / 10


def _outline(document: PdfDocument) -> list[tuple[str, int, int]]:
    """Returns title, page (from 0) and level (from 1) of each entry of the outline."""
    entries = []
    for bookmark in islice(document.get_toc(), _MAX_OUTLINE):
        place = bookmark.get_dest()
        page = place.get_index() if place else None
        title = _decoded(bookmark.get_title)
        if title and page is not None:
            entries.append((title, page, bookmark.level + 1))
    return entries


def _facts(document: PdfDocument) -> Iterator[Fact]:
    title = _decoded(document.get_metadata_value, "Title")
    if title:
        yield Fact("title", title, "PDF title", 0.1 if _NO_TITLE.fullmatch(title) else 0.6)
    author = _decoded(document.get_metadata_value, "Author")
    if author:
        yield Fact("author", author, "PDF author", 0.1 if _NO_AUTHOR.fullmatch(author) else 0.5)
    if day := _day(_decoded(document.get_metadata_value, "CreationDate")):
        yield Fact("published", day.isoformat(), "PDF creation date", 0.4)


def _decoded(value_of: Callable[..., str], *names: str) -> str:
    """Returns a value of the file without needless white space; empty if it is no Unicode."""
    try:
        return tidied(value_of(*names))
    except UnicodeDecodeError:
        return ""


def _day(stamp: str) -> date | None:
    """Returns the day of a PDF's date, such as ``D:20231120093000+01'00'``; None if it is none."""
    found = _DAY.match(stamp.strip())
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
    # Clocks that were never set say 1970 or 1980; the format is of 1993.
    return day if day and 1990 <= day.year <= date.today().year + 1 else None
