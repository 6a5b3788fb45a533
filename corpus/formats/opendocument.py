"""OpenDocument files: texts (ODT), spreadsheets (ODS) and presentations (ODP)."""

from collections.abc import Iterator
from contextlib import nullcontext
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO
from zipfile import ZipFile

from corpus.document import Fact
from corpus.draft import Draft, Extract, tidied
from corpus.errors import Unreadable
from corpus.formats.flow import Flow
from corpus.formats.odfxml import (
    PARAGRAPHS,
    TABLE,
    Line,
    cells_of,
    children,
    grid_of,
    is_covered,
    line_of,
    lines_in,
    repeated,
    rows_of,
    text_in,
)
from corpus.formats.office import (
    SURE_OF_TITLE,
    TOO_MUCH,
    damage_told,
    extract_of,
    facts_of,
    sound_package,
)
from corpus.formats.slides import NOTES
from corpus.formats.tables import (
    MAX_ROWS,
    Record,
    add_records,
    first_of,
    header_rows,
    is_titled,
    names_of,
    placed,
)

if TYPE_CHECKING:
    from odfdo import Document, Element

# The level of the document's title; headings stand under it.
_TITLE = 1


def read(stream: BinaryIO) -> Extract:
    """Reads an OpenDocument file.

    Paragraphs, text boxes and notes of texts are as in Word files, sheets and rows as in
    workbooks, slides and speaker notes as in presentations. Comments, deletions, headers and
    footers are left out.

    Raises:
        Unreadable: It is damaged, encrypted, unpacks to too much, or holds no text.
    """
    draft = Draft()
    with damage_told("OpenDocument file", "LibreOffice"):
        package = sound_package(stream)
        _refuse_encrypted(package)
        document = _opened(package)
        draft.facts.extend(_facts(document))
        body = document.body
        if body.tag == "office:spreadsheet":
            _add_sheets(draft, body)
        elif body.tag == "office:presentation":
            _add_slides(draft, body)
        else:
            _Text(draft, _styles_over(document)).add(body)
    return extract_of(draft)


def _opened(package: BinaryIO) -> "Document":
    from odfdo import Document  # lazy: only OpenDocument files need it
    from odfdo.security import SecurityError  # lazy: as above

    try:
        return Document(BytesIO(package.read()))
    except SecurityError as error:
        raise Unreadable(TOO_MUCH) from error


def _refuse_encrypted(package: BinaryIO) -> None:
    with ZipFile(package) as members:
        manifest = "META-INF/manifest.xml"
        if manifest in members.namelist() and b"encryption-data" in members.read(manifest):
            raise Unreadable("encrypted; open it in LibreOffice and save it without a password")
    package.seek(0)


def _facts(document: "Document") -> list[Fact]:
    if "meta.xml" not in document.parts:
        return []
    names = ("dc:title", "meta:initial-creator", "dc:creator", "meta:creation-date", "dc:date")
    elements = (document.meta.get_element(f"//{name}") for name in names)
    title, first, last, created, modified = (
        element.text if element else "" for element in elements
    )
    return facts_of("OpenDocument properties", title, first or last, created, modified)


def _styles_over(document: "Document") -> dict[str, str]:
    """Returns the style that each of the document's unnamed styles is made from."""
    return {
        style.get_attribute_string("style:name") or "": over
        for style in document.content.get_elements("//style:style")
        if (over := style.get_attribute_string("style:parent-style-name"))
    }


class _Text:
    """Adds a text document to a draft."""

    def __init__(self, draft: Draft, styles_over: dict[str, str]) -> None:
        self._draft = draft
        self._flow = Flow(draft)
        self._styles_over = styles_over
        self._title = ""

    def add(self, body: "Element") -> None:
        self._add_blocks(body, 0)
        self._flow.add_notes()
        if self._title:
            self._draft.facts.append(Fact("title", self._title, "title in the text", SURE_OF_TITLE))

    def _add_blocks(self, container: "Element", depth: int) -> None:
        """Adds what stands in an element that is so deep in lists."""
        for block in children(container):
            if block.tag in PARAGRAPHS:
                self._add_paragraph(block, depth)
            elif block.tag == TABLE:
                self._add_table(block)
            else:
                self._add_blocks(block, depth + (block.tag == "text:list"))

    def _add_paragraph(self, paragraph: "Element", depth: int) -> None:
        line = line_of(paragraph)
        style = paragraph.get_attribute_string("text:style-name") or ""
        if paragraph.tag == "text:h":
            level = int(paragraph.get_attribute_string("text:outline-level") or 1)
            self._flow.heading(line.text, _TITLE + level)
        elif self._styles_over.get(style, style) == "Title":
            self._flow.heading(line.text, _TITLE)
            self._title = self._title or tidied(line.text)
        elif depth:
            self._flow.item(line.text, depth - 1)
        else:
            self._flow.paragraph(line.text)
        self._keep_notes(line)
        for shape in line.shapes:
            self._add_blocks(shape, 0)

    def _add_table(self, table: "Element") -> None:
        rows = [*rows_of(table)]
        grid = [grid_of(row) for row, _ in rows]
        one_column = all(len(row) < 2 for row in grid)
        marked = sum(in_header for _, in_header in rows)
        header = header_rows(grid, marked if 0 < marked < len(rows) else int(is_titled(grid)))
        names = names_of(grid[:header])
        under = ""  # the cell that covers the first column's cells
        for place, (row, _) in enumerate(rows):
            cells = cells_of(row)
            if one_column or any(child.tag == TABLE for cell in cells for child in cell.children):
                for cell in cells:
                    self._add_blocks(cell, 0)
                continue
            covered = place > header and bool(cells) and is_covered(cells[0])
            if not covered:
                under = placed(grid[place])[0] if cells else ""
            columns = names if place >= header else ()
            self._flow.row(placed(grid[place]), columns, under if covered else "")
            for line in lines_in(row):
                self._keep_notes(line)

    def _keep_notes(self, line: Line) -> None:
        for note in line.notes:
            for of_note in lines_in(note):
                self._flow.note(of_note.text)


def _add_sheets(draft: Draft, body: "Element") -> None:
    left = MAX_ROWS
    for table in body.children:
        if table.tag == TABLE:
            with draft.within("sheet", table.get_attribute_string("table:name") or ""):
                left -= add_records(draft, first_of(draft, _records(table), left))


def _records(table: "Element") -> Iterator[Record]:
    number = 0
    for row, _ in rows_of(table):
        cells = [tidied(text) for text in placed(grid_of(row))]
        if any(cells):
            times = repeated(row, "table:number-rows-repeated")
            for more in range(times):
                yield Record(number + more + 1, cells)
        number += int(row.get_attribute_string("table:number-rows-repeated") or 1)


def _add_slides(draft: Draft, body: "Element") -> None:
    pages = [page for page in body.children if page.tag == "draw:page"]
    for number, page in enumerate(pages, start=1):
        titles = [shape for shape in page.children if _role(shape) == "title"]
        title = tidied(" ".join(map(text_in, titles)))
        if number == 1 and title:
            draft.facts.append(Fact("title", title, "title of the first slide", SURE_OF_TITLE))
        with (
            draft.within("slide", number),
            draft.within("heading", title) if title else nullcontext(),
        ):
            draft.paragraph(title)
            for shape in children(page):
                if _role(shape) != "title":
                    _add_shape(draft, shape)
            for notes in page.children:
                if notes.tag == "presentation:notes":
                    with draft.within("context", NOTES):
                        _add_shape(draft, notes)


def _role(shape: "Element") -> str:
    return shape.get_attribute_string("presentation:class") or ""


def _add_shape(draft: Draft, shape: "Element") -> None:
    """Adds the paragraphs of a shape, and the rows of tables in it."""
    if shape.tag == TABLE:
        grid = [grid_of(row) for row, _ in rows_of(shape)]
        header = header_rows(grid, int(is_titled(grid)))
        names = names_of(grid[:header])
        for place, row in enumerate(grid):
            draft.row(placed(row), names if place >= header else ())
    elif shape.tag in PARAGRAPHS:
        draft.paragraph(line_of(shape).text)
    elif _role(shape) not in ("footer", "date-time", "page-number", "header"):
        for child in children(shape):
            _add_shape(draft, child)
