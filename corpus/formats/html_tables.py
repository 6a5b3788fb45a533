"""Tables in markup: which hold data, and their rows."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.draft import CELLS, Draft
from corpus.formats.tables import Cell, is_titled

if TYPE_CHECKING:
    from lxml.etree import _Element

# What only a table that lays out a page has in its cells.
_OF_PAGES = ("table", "h1", "h2", "h3", "article", "nav", "form", "pre", "blockquote", "hr")
_LONGEST_CELL = 2000
# As browsers have it, more or less; a span of a million columns is no one's table.
_WIDEST_SPAN = 100
# What stands beside several rows names them if it has no more characters.
_LONGEST_NAME = 120
_NOT_BOLD = "descendant::text()[normalize-space() and not(ancestor::b or ancestor::strong)]"

TextOf = Callable[["_Element"], str]


@dataclass(frozen=True, slots=True)
class _Cell:
    column: int
    width: int
    height: int
    text: str
    heads: bool
    bold: bool  # all of its text, if it has any


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[_Cell]
    in_head: bool
    under: list[_Cell]  # cells of rows above that reach into this one


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

    A cell that reaches into the rows below names them, too.

    Args:
        draft: Where to.
        table: One that holds data.
        text_of: Returns the text of a cell or caption.
    """
    for caption in table.iterchildren("caption"):
        draft.paragraph(text_of(caption))
    rows = list(_grid(table, text_of))
    untold = _untold_heads(rows)
    names: dict[int, list[str]] = {}
    in_head = True  # until the first row of data
    for place, row in enumerate(rows):
        cells = row.cells
        heads = row.in_head or place < untold or (bool(cells) and all(c.heads for c in cells))
        wide = len(cells) + len(row.under) > 1
        if heads and not in_head and wide:
            names = {}  # a second head, for what is below
        columns = names if wide and not heads else {}  # a cell alone is a title, or a source
        in_head = heads
        span = draft.row(
            [cell.text for cell in cells],
            [" ".join(columns.get(cell.column, ())) for cell in cells],
        )
        under = CELLS.join(c.text for c in row.under if 0 < len(c.text) <= _LONGEST_NAME)
        if span and under and not heads:
            draft.mark(span, "context", under)
        if heads and wide:
            for cell in filter(lambda cell: cell.text, cells):
                for column in range(cell.column, cell.column + cell.width):
                    names.setdefault(column, []).append(cell.text)


def _untold_heads(rows: list[_Row]) -> int:
    """Returns how many rows at a table's top are its head, if the markup names no head at all."""
    if any(row.in_head or any(cell.heads for cell in row.cells) for row in rows):
        return 0
    first = rows[0].cells if rows else []
    below = [cell for row in rows[1:] for cell in row.cells]
    told_by_weight = (
        len(first) > 1
        and all(cell.bold for cell in first)
        and any(cell.text for cell in first)
        and not all(cell.bold for cell in below)
    )
    if not told_by_weight and not is_titled([_plain(row) for row in rows]):
        return 0
    height = max(cell.height for cell in first)
    return height if height < len(rows) else 1


def _plain(row: _Row) -> list[Cell]:
    return [Cell(cell.text, cell.width) for cell in row.cells]


def _grid(table: "_Element", text_of: TextOf) -> Iterator[_Row]:
    """Yields each row with its own cells in their columns."""
    spanned: dict[int, tuple[int, _Cell]] = {}  # by column: the rows a cell above still takes
    for row, of_head in _rows(table):
        above = spanned
        spanned = {at: (left - 1, cell) for at, (left, cell) in above.items() if left > 1}
        cells = []
        column = 0
        for element in _cells(row):
            while column in above:
                column += 1
            cell = _Cell(
                column,
                _span(element, "colspan"),
                _span(element, "rowspan"),
                text_of(element),
                element.tag == "th",
                not element.xpath(_NOT_BOLD),
            )
            cells.append(cell)
            if cell.height > 1:
                columns = range(column, column + cell.width)
                spanned |= dict.fromkeys(columns, (cell.height - 1, cell))
            column += cell.width
        under = [cell for at, (_, cell) in sorted(above.items()) if at == cell.column]
        yield _Row(cells, of_head, under)


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
    value = cell.get(name, "1").strip()[:9]  # Python reads no number of thousands of digits
    return min(max(int(value), 1), _WIDEST_SPAN) if value.isascii() and value.isdigit() else 1
