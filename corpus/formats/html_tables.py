"""Tables in markup: which hold data, and their rows."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.draft import Draft

if TYPE_CHECKING:
    from lxml.etree import _Element

# What only a table that lays out a page has in its cells.
_OF_PAGES = ("table", "h1", "h2", "h3", "article", "nav", "form", "pre", "blockquote", "hr")
_LONGEST_CELL = 2000
# As browsers have it, more or less; a span of a million columns is no one's table.
_WIDEST_SPAN = 100

TextOf = Callable[["_Element"], str]


@dataclass(frozen=True, slots=True)
class _Cell:
    column: int
    width: int
    text: str
    heads: bool


def holds_data(table: "_Element", dropped: "Collection[_Element]") -> bool:
    """Tells whether a table is one, and not a way to lay out a page."""
    if table.get("role") in {"presentation", "none"} or any(
        element is not table for element in table.iter(*_OF_PAGES)
    ):
        return False
    rows = list(_rows(table))
    if any(element in dropped for row, _ in rows for element in row):
        return False
    sizes = [[len("".join(cell.itertext())) for cell in _cells(row)] for row, _ in rows]
    return (
        max(map(len, sizes), default=0) > 1 and max(map(max, filter(None, sizes))) < _LONGEST_CELL
    )


def write_table(draft: Draft, table: "_Element", text_of: TextOf) -> None:
    """Adds a table's caption and rows; header cells name the columns of the rows below them.

    Args:
        draft: Where to.
        table: One that holds data.
        text_of: Returns the text of a cell or caption.
    """
    for caption in table.iterchildren("caption"):
        draft.paragraph(text_of(caption))
    names: dict[int, list[str]] = {}
    in_head = True  # until the first row of data
    for cells, of_head in _grid(table, text_of):
        heads = of_head or (bool(cells) and all(cell.heads for cell in cells))
        if heads and not in_head and len(cells) > 1:
            names = {}  # a second head, for what is below
        columns = {} if heads else names
        in_head = heads
        draft.row(
            [cell.text for cell in cells],
            [" ".join(columns.get(cell.column, ())) for cell in cells],
        )
        if heads and len(cells) > 1:
            for cell in filter(lambda cell: cell.text, cells):
                for column in range(cell.column, cell.column + cell.width):
                    names.setdefault(column, []).append(cell.text)


def _grid(table: "_Element", text_of: TextOf) -> Iterator[tuple[list[_Cell], bool]]:
    """Yields each row's own cells in their columns, and whether it stands in the table's head."""
    spanned: dict[int, int] = {}  # the rows that a cell above still takes of a column
    for row, of_head in _rows(table):
        taken = set(spanned)
        spanned = {column: left - 1 for column, left in spanned.items() if left > 1}
        cells = []
        column = 0
        for element in _cells(row):
            while column in taken:
                column += 1
            width = _span(element, "colspan")
            height = _span(element, "rowspan")
            cells.append(_Cell(column, width, text_of(element), element.tag == "th"))
            if height > 1:
                spanned |= dict.fromkeys(range(column, column + width), height - 1)
            column += width
        yield cells, of_head


def _rows(table: "_Element") -> "Iterator[tuple[_Element, bool]]":
    for child in table:
        if child.tag == "tr":
            yield child, False
        elif child.tag in {"thead", "tbody", "tfoot"}:
            for row in child.iterchildren("tr"):
                yield row, child.tag == "thead"


def _cells(row: "_Element") -> "Iterator[_Element]":
    return (cell for cell in row if cell.tag in {"td", "th"})


def _span(cell: "_Element", name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), _WIDEST_SPAN) if value.isascii() and value.isdigit() else 1
