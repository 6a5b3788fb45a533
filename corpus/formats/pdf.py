"""PDF: pdfium's text layer as lines, paragraphs and headings; pages of pictures by OCR."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby, islice
from typing import TYPE_CHECKING, BinaryIO

from corpus.document import Fact, Span
from corpus.draft import Draft, Extract, tidied
from corpus.errors import Unreadable
from corpus.formats.layout import large_headings, outline_headings, paragraphs, text_of
from corpus.formats.lines import Line, rounded
from corpus.formats.pdfpages import read_lines

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
_DAY = re.compile(r"(?:D:)?(\d{4})-?(\d\d)-?(\d\d)")


def read(stream: BinaryIO, passwords: Sequence[str] = ()) -> Extract:
    """Reads a PDF.

    Args:
        stream: The file.
        passwords: What to try on an encrypted one, besides the empty password.

    Raises:
        Unreadable: It is encrypted, damaged, too long, or holds no text.
    """
    with _opened(stream, passwords) as document:
        count = len(document)
        if count > MAX_PAGES:
            raise Unreadable(f"it has {count:,} pages, more than {MAX_PAGES:,}; split it")
        draft = Draft()
        draft.facts.extend(_facts(document))
        lines = read_lines(document, draft.notes)
        if not lines:
            raise Unreadable("it holds no text")
        _put_together(draft, lines, _outline(document))
    return draft.extract()


@contextmanager
def _opened(stream: BinaryIO, passwords: Sequence[str]) -> Iterator[PdfDocument]:
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
        draft.mark(span, "box", rounded(line.box))


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
