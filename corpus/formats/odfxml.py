"""What stands in the XML of OpenDocument files: paragraphs' texts, and tables' cells."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.formats.tables import Cell

if TYPE_CHECKING:
    from odfdo import Element

PARAGRAPHS = ("text:p", "text:h")
TABLE = "table:table"

# What is no text of the document: deletions, comments, what is said of pictures, sources of
# indexes, readings of ruby characters.
_LEFT_OUT = frozenset(
    (
        *("text:tracked-changes", "office:annotation", "text:note-citation", "text:ruby-text"),
        *("svg:title", "svg:desc", "office:forms", "text:table-of-content-source"),
        *("text:alphabetical-index-source", "text:bibliography-source", "table:tracked-changes"),
        *("text:illustration-index-source", "text:table-index-source", "text:user-index-source"),
        *("text:object-index-source", "office:dde-source", "presentation:notes"),
    )
)
_CELLS = ("table:table-cell", "table:covered-table-cell")
_ROW = "table:table-row"

# Sheets repeat their last cells and rows up to their edges; what is repeated otherwise is so no
# more often than this.
_MOST_REPEATED = 1000


@dataclass(slots=True)
class Line:
    """What a paragraph holds.

    Attributes:
        texts: The pieces of its text.
        shapes: The frames and shapes that are anchored in it.
        notes: The notes it refers to.
    """

    texts: list[str] = field(default_factory=list)
    shapes: list["Element"] = field(default_factory=list)
    notes: list["Element"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its text, line breaks and tabs included."""
        return "".join(self.texts)


def children(element: "Element") -> Iterator["Element"]:
    """Yields the elements inside one that hold text of the document."""
    return (child for child in element.children if child.tag not in _LEFT_OUT)


def line_of(paragraph: "Element") -> Line:
    """Returns what a paragraph holds."""
    line = Line()
    _gather(paragraph, line)
    return line


def lines_in(element: "Element") -> Iterator[Line]:
    """Yields the paragraphs inside an element, those of lists, tables and boxes included."""
    for child in children(element):
        if child.tag in PARAGRAPHS:
            line = line_of(child)
            yield line
            for shape in line.shapes:
                yield from lines_in(shape)
        else:
            yield from lines_in(child)


def text_in(element: "Element") -> str:
    """Returns the text of all paragraphs inside an element."""
    return " ".join(line.text for line in lines_in(element))


def rows_of(table: "Element", in_header: bool = False) -> Iterator[tuple["Element", bool]]:
    """Yields a table's rows, and whether each is marked as a header."""
    for child in children(table):
        if child.tag == _ROW:
            yield child, in_header
        elif child.tag != TABLE:
            yield from rows_of(child, in_header or child.tag == "table:table-header-rows")


def cells_of(row: "Element") -> list["Element"]:
    """Returns a row's cells, those that others cover included."""
    return [child for child in row.children if child.tag in _CELLS]


def grid_of(row: "Element") -> list[Cell]:
    """Returns what stands in each column of a row; nothing in cells that others cover."""
    grid: list[Cell] = []
    hidden = 0  # how many of the next cells the last one covers
    for cell in cells_of(row):
        times = repeated(cell, "table:number-columns-repeated")
        if is_covered(cell):
            grid.extend([Cell("")] * (times - min(hidden, times)))
            hidden -= min(hidden, times)
            continue
        hidden = repeated(cell, "table:number-columns-spanned") - 1
        grid.extend([Cell(text_in(cell), hidden + 1)] * times)
    return grid


def is_covered(cell: "Element") -> bool:
    """Tells whether a cell is merged with another one, which holds the text."""
    return cell.tag == _CELLS[1]


def repeated(element: "Element", name: str) -> int:
    """Returns how often a cell or row stands there."""
    return min(int(element.get_attribute_string(name) or 1), _MOST_REPEATED)


def _gather(element: "Element", line: Line) -> None:
    line.texts.append(element.text or "")
    for child in element.children:
        name = child.tag
        if name in ("text:s", "text:tab", "text:line-break"):
            line.texts.append(" ")
        elif name == "text:note":
            line.notes.append(child)
        elif name.startswith("draw:") and name != "draw:a":
            line.shapes.append(child)
        elif name not in _LEFT_OUT:
            _gather(child, line)
        line.texts.append(child.tail or "")
