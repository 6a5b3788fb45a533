"""Word files (DOCX): the body's paragraphs, lists and tables, with what hangs on them."""

from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from corpus.document import Fact
from corpus.draft import Draft, Extract, tidied
from corpus.formats.diagrams import diagram_texts
from corpus.formats.flow import Flow
from corpus.formats.office import (
    SURE_OF_TITLE,
    core_facts,
    damage_told,
    extract_of,
    sound_package,
)
from corpus.formats.tables import Cell, header_rows, is_titled, names_of, placed
from corpus.formats.wordstyles import TITLE, Styles
from corpus.formats.wordxml import (
    CELL,
    ROW,
    TABLE,
    Line,
    children,
    lines_in,
    related_tree,
    setting,
    tag,
    tree_of,
    with_lines,
)

if TYPE_CHECKING:
    from docx.opc.part import Part
    from docx.oxml.xmlchemy import BaseOxmlElement


# Word knows no wider tables.
_MAX_COLUMNS = 63


def read(stream: BinaryIO) -> Extract:
    """Reads a Word file.

    Text boxes and diagrams follow the paragraph they are anchored in, notes the paragraph, list
    or table that refers to them. Paragraphs are numbered as `Flow` says. Comments, deletions,
    headers and footers are left out.

    Raises:
        Unreadable: It is damaged, encrypted, unpacks to too much, or holds no text.
    """
    from docx.package import Package  # lazy: a third of a second that only Word files need

    draft = Draft()
    with damage_told("Word file", "Word or LibreOffice"):
        package = sound_package(stream)
        draft.facts.extend(core_facts(package, "Word properties"))
        _Body(draft, Package.open(package).main_document_part).add()
    return extract_of(draft)


class _Body:
    """Adds a document's body to a draft."""

    def __init__(self, draft: Draft, document: "Part") -> None:
        self._draft = draft
        self._flow = Flow(draft)
        self._document = document
        self._styles = Styles(related_tree(document, "styles"))
        self._notes = {
            kind: _texts_by_id(related_tree(document, kind)) for kind in ("footnotes", "endnotes")
        }
        self._title = ""

    def add(self) -> None:
        for body in tree_of(self._document).findall(tag("w:body")):
            self._add_blocks(body)
        self._flow.add_notes()
        if self._title:
            self._draft.facts.append(Fact("title", self._title, "title in the text", SURE_OF_TITLE))

    def _add_blocks(self, container: "BaseOxmlElement") -> None:
        for block, line in with_lines(container):
            if line:
                self._add_paragraph(block, line)
            elif block.tag == TABLE:
                self._add_table(block)

    def _add_paragraph(self, paragraph: "BaseOxmlElement", line: Line) -> None:
        level, depth = self._styles.level(paragraph), self._styles.depth(paragraph)
        if level is not None:
            self._flow.heading(line.text, level)
            if level == TITLE and not self._title:
                self._title = tidied(line.text)
        elif depth is not None:
            self._flow.item(line.text, depth)
        else:
            self._flow.paragraph(line.text)
        self._keep_notes(line)
        for box in line.boxes:
            self._add_blocks(box)
        for text in self._diagram_texts(line):
            self._flow.paragraph(text)

    def _add_table(self, table: "BaseOxmlElement") -> None:
        rows = [_Row.of(row) for row in children(table) if row.tag == ROW]
        rows = [row for row in rows if not row.is_deleted]
        one_column = all(len(row.cells) < 2 for row in rows)
        grid = [row.grid() for row in rows]
        marked = next((i for i, row in enumerate(rows) if not row.is_header), len(rows))
        header = header_rows(grid, marked if 0 < marked < len(rows) else int(is_titled(grid)))
        names = names_of(grid[:header])
        under = ""  # the cell over the first column's cells that it is merged with
        for place, row in enumerate(rows):
            if one_column or row.is_layout:
                for cell in row.cells:
                    self._add_blocks(cell)
                continue
            goes_on = place > header and bool(row.cells) and _goes_on(row.cells[0])
            if not goes_on:
                under = placed(grid[place])[0] if row.cells else ""
            columns = names if place >= header else ()
            self._flow.row(placed(grid[place]), columns, under if goes_on else "")
            for line in row.lines():
                self._keep_notes(line)

    def _keep_notes(self, line: Line) -> None:
        for kind, identifier in line.notes:
            for text in self._notes[kind].get(identifier, ()):
                self._flow.note(text)

    def _diagram_texts(self, line: Line) -> list[str]:
        parts = self._document.related_parts
        return [
            text
            for identifier in line.diagrams
            if identifier in parts
            for text in diagram_texts(tree_of(parts[identifier]))
        ]


class _Row(NamedTuple):
    """A table's row: its element, and those of its cells."""

    element: "BaseOxmlElement"
    cells: list["BaseOxmlElement"]

    @classmethod
    def of(cls, element: "BaseOxmlElement") -> "_Row":
        return cls(element, [cell for cell in children(element) if cell.tag == CELL])

    @property
    def is_deleted(self) -> bool:
        return setting(self.element, "w:trPr", "w:del") is not None

    @property
    def is_header(self) -> bool:
        return setting(self.element, "w:trPr", "w:tblHeader") in ("", "1", "true", "on")

    @property
    def is_layout(self) -> bool:
        """Whether it only lays out what stands in it: tables."""
        return any(child.tag == TABLE for cell in self.cells for child in children(cell))

    def lines(self) -> list[Line]:
        return [line for cell in self.cells for line in lines_in(cell)]

    def grid(self) -> list[Cell]:
        """Returns its cells, with an empty one for columns that it leaves out at its start."""
        before = min(int(setting(self.element, "w:trPr", "w:gridBefore") or 0), _MAX_COLUMNS)
        cells = [
            Cell(
                "" if _goes_on(cell) else " ".join(line.text for line in lines_in(cell)),
                min(int(setting(cell, "w:tcPr", "w:gridSpan") or 1), _MAX_COLUMNS),
            )
            for cell in self.cells
        ]
        return [Cell("", before), *cells] if before else cells


def _goes_on(cell: "BaseOxmlElement") -> bool:
    """Tells whether a cell is merged with the one above."""
    return setting(cell, "w:tcPr", "w:vMerge") in ("", "continue")


def _texts_by_id(notes: "BaseOxmlElement | None") -> dict[str, list[str]]:
    """Returns the paragraphs of the notes that a part holds."""
    return {
        note.get(tag("w:id")): [line.text for line in lines_in(note)]
        for note in (notes if notes is not None else ())
        if isinstance(note.tag, str)
    }
