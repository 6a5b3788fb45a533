"""Tables as rows of texts: which of their rows name the columns, and how they enter a draft."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from corpus.draft import Draft, tidied

#: No more rows of one file are read: its tables are data then, not text.
MAX_ROWS = 200_000

#: A column's name is no longer than this many characters.
MAX_NAME = 80

# What names a column without a letter.
_SIGNS = ("#", "%", "$", "€", "£")

# So many rows at a table's top tell whether it has a header.
_HEAD = 20


class Cell(NamedTuple):
    """A table's cell.

    Attributes:
        text: What it holds.
        columns: How many columns it covers.
    """

    text: str
    columns: int = 1


class Record(NamedTuple):
    """A row of a sheet or of a file of records.

    Attributes:
        number: Its number there, from 1.
        cells: The texts of its cells, empty ones included.
    """

    number: int
    cells: Sequence[str]


def placed(row: Sequence[Cell]) -> list[str]:
    """Returns what stands in each column; a cell over several columns stands in the first."""
    return [text for cell in row for text in (cell.text, *[""] * (cell.columns - 1))]


def names_of(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Returns the columns' names, where so many rows at a table's top hold them."""
    spread = [[cell.text for cell in row for _ in range(cell.columns)] for row in rows]
    width = max(map(len, spread), default=0)
    columns = ([row[i] for row in spread if i < len(row)] for i in range(width))
    return [" ".join(filter(None, dict.fromkeys(map(tidied, column)))) for column in columns]


def is_titled(rows: Sequence[Sequence[Cell]]) -> bool:
    """Tells whether the first row of a table in a text looks like a header."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    names = [tidied(cell.text) for cell in rows[0]]
    # A colon ends the name of a row: that table has no header.
    return all(_is_name(name) and not name.endswith(":") for name in names)


def add_records(draft: Draft, records: Iterable[Record]) -> int:
    """Adds the rows of a sheet, each with its number and its columns' names.

    An empty row may part two tables: what follows gets names of its own if its first row is
    plainly a header, and keeps those above if it fits under them.

    Returns:
        How many rows were added.
    """
    over: Sequence[str] = ()  # the names above the block
    added = 0
    for block in _blocks(records):
        rows = [record.cells for record in block]
        fits = _fits(rows, over)
        header = _header(rows, surely=fits)
        names = over if fits and header is None else ()
        for place, record in enumerate(block):
            span = draft.row(record.cells, () if place == header else names)
            if span:
                draft.mark(span, "row", record.number)
                added += 1
            if place == header:
                names = record.cells
        # Names may stand by themselves, an empty row under them.
        alone = header is None and not fits and _are_names(rows[-1])
        over = rows[-1] if alone else names or over
    return added


def first_of(draft: Draft, records: Iterable[Record], most: int) -> Iterator[Record]:
    """Passes on as many rows as may be read, and notes where it stops."""
    for count, record in enumerate(records):
        if count == most:
            note = f"only the first {MAX_ROWS:,} rows were read"
            if note not in draft.notes:
                draft.notes.append(note)
            return
        yield record


def _blocks(records: Iterable[Record]) -> Iterator[list[Record]]:
    block: list[Record] = []
    for record in records:
        if block and record.number > block[-1].number + 1:
            yield block
            block = []
        block.append(record)
    if block:
        yield block


def _header(rows: Sequence[Sequence[str]], surely: bool) -> int | None:
    """Returns which row names the columns: the first full one of short texts, if data follow.

    Args:
        rows: The rows of one table, with titles above it perhaps.
        surely: Whether only a difference in kind between names and data counts, or already
            that enough rows follow.
    """
    head = rows[: 2 * _HEAD]
    widths = [count for row in head if (count := _filled(row)) > 1]
    least = max(2.0, 0.5 * median(widths)) if widths else 1
    for place, row in enumerate(head[:_HEAD]):
        if _filled(row) < least:
            continue
        below = [list(other) for other in head[place + 1 :] if _filled(other)]
        columns = [
            (name, [other[i] for other in below if i < len(other) and other[i]])
            for i, name in enumerate(row)
            if name
        ]
        differs = any(
            _is_name(name) and cells and 2 * sum(map(_is_number, cells)) > len(cells)
            for name, cells in columns
        )
        named = sum(_is_name(name) or _is_year_over(name, cells) for name, cells in columns)
        enough = differs or (len(below) > 1 and least > 1 and not surely)
        return place if enough and named >= 0.8 * len(columns) else None
    return None


def _fits(rows: Sequence[Sequence[str]], names: Sequence[str]) -> bool:
    """Tells whether most of a block stands in columns with names."""
    cells = [i for row in rows if _filled(row) > 1 for i, text in enumerate(row) if text]
    named = sum(1 for i in cells if i < len(names) and names[i])
    return bool(cells) and named >= 0.6 * len(cells)


def _are_names(row: Sequence[str]) -> bool:
    """Tells whether a row names columns by itself; two words may just as well be data."""
    return _filled(row) > 2 and all(map(_is_name, filter(None, row)))


def _filled(row: Sequence[str]) -> int:
    return sum(1 for text in row if text)


def _is_name(text: str) -> bool:
    says_something = text in _SIGNS or any(map(str.isalpha, text))
    return says_something and len(text) <= MAX_NAME and not _is_number(text)


def _is_number(text: str) -> bool:
    """Tells whether a text is a number, a date or the like: digits, and no word."""
    return any(map(str.isdigit, text)) and not any(
        one.isalpha() and other.isalpha() for one, other in pairwise(text)
    )


def _is_year_over(text: str, cells: Sequence[str]) -> bool:
    """Tells whether a number names a column: a year over other numbers."""
    return _is_year(text) and any(_is_number(cell) and not _is_year(cell) for cell in cells)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and 1800 <= int(text) <= 2200
