"""Tables as rows of texts: which of their rows name the columns, and how they enter a draft."""

import re
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

# What stands in a cell instead of a number or word.
_NOTHING = re.compile(r"\W*|\(?n\.?/?a\.?\)?", re.IGNORECASE)

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
        number: Its number there, from 1; a gap tells of empty rows.
        cells: The texts of its cells, empty ones included.
        under: What names the row although it stands in one above: a merged cell.
        parted: Whether an empty row that is not counted stands before it.
    """

    number: int
    cells: Sequence[str]
    under: str = ""
    parted: bool = False


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


def header_rows(rows: Sequence[Sequence[Cell]], first: int) -> int:
    """Returns how many rows at a table's top name its columns.

    A row goes on with the header if it parts what a cell of the one above names together, and
    says nothing of the other columns.

    Args:
        rows: The table's rows.
        first: How many of them do so by themselves.
    """
    height = first
    while 0 < height < len(rows) - 1 and _goes_on(rows[height - 1], rows[height]):
        height += 1
    return height


def add_records(draft: Draft, records: Iterable[Record]) -> int:
    """Adds the rows of a sheet, each with its number and its columns' names.

    An empty row may part two tables: what follows gets names of its own if its first row is
    plainly a header, keeps those above if it is of their kind, and has none otherwise. Nor has
    a row of one cell: a title, a note, a source.

    Returns:
        How many rows were added.
    """
    over: Sequence[str] = ()  # the names above the block
    above: list[Sequence[str]] = []  # the data under them
    titled = False  # whether a line stands over the block
    added = 0
    for block in _blocks(records):
        rows = [record.cells for record in block]
        lone = _lone(rows)
        titled = titled or 0 < lone < len(rows)
        header = _header(rows, over, surely=True)
        goes_on = header is None and _fits(rows, over) and _alike(rows, above)
        # Two columns of words under another table are as a rule labels and what they say.
        if header is None and not goes_on and (titled or not over or max(map(_filled, rows)) > 2):
            header = _header(rows, (), surely=False)
        # A title over rows that may be data as well as a table of their own: nothing is sure.
        goes_on = goes_on and not (titled and _are_names(rows[lone:][:1], least=2))
        height, names = (
            (0, over) if goes_on else (0, ()) if header is None else _names(rows[header:])
        )
        for place, record in enumerate(block):
            heads = header is not None and header <= place < header + height
            is_data = not heads and (header is None or place > header)
            alone = _filled(record.cells) < 2 < _filled(names) + 1
            span = draft.row(record.cells, names if is_data and not alone else ())
            if span:
                draft.mark(span, "row", record.number)
                if record.under and not heads:
                    draft.mark(span, "context", record.under)
                added += 1
        if lone == len(rows) and _filled(names) != 1:
            titled = True
            continue
        # Names may stand by themselves, an empty row under them.
        if header is None and not goes_on and (named := _alone(rows[lone:])):
            over, above = named, []
        elif header is not None or not goes_on:
            over, above = names, rows[(header or 0) + height :][:_HEAD]
        titled = False
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
        if block and (record.parted or record.number > block[-1].number + 1):
            yield block
            block = []
        block.append(record)
    if block:
        yield block


def _header(rows: Sequence[Sequence[str]], over: Sequence[str], surely: bool) -> int | None:
    """Returns which row names the columns: the first full one of short texts, if data follow.

    Args:
        rows: The rows of one table, with titles above it perhaps.
        over: The names of the table above.
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
            (i, name, [other[i] for other in below if i < len(other) and other[i]])
            for i, name in enumerate(row)
            if name
        ]
        differs = any(
            _is_name(name) and cells and 2 * sum(map(_is_number, cells)) > len(cells)
            for _, name, cells in columns
        )
        years = [(i, name) for i, name, cells in columns if _is_year_over(name, cells)]
        # Other years than those above, or one after the other, begin a table.
        differs = differs or any(i < len(over) and _is_year(over[i]) for i, _ in years)
        differs = differs or (len(years) > 1 and _is_sequence([int(name) for _, name in years]))
        named = sum(map(_is_name, filter(None, row))) + len(years)
        enough = differs or (len(below) > 1 and least > 1 and not surely)
        return place if enough and named >= 0.8 * len(columns) else None
    return None


def _is_sequence(years: Sequence[int]) -> bool:
    steps = {after - before for before, after in pairwise(years)}
    return len(steps) == 1 and 0 not in steps


def _names(rows: Sequence[Sequence[str]]) -> tuple[int, Sequence[str]]:
    """Returns how many rows at the top of a table in a sheet name its columns, and the names."""
    width = max((i + 1 for row in rows[:2] for i, text in enumerate(row) if text), default=0)
    padded = [[*row, *[""] * width][:width] for row in rows[:_HEAD]]
    spread = [_spanning(row, over) for row, over in zip(padded, [padded[0], *padded], strict=False)]
    height = header_rows(spread, 1)
    return height, names_of(spread[:height]) if height > 1 else rows[0]


def _alone(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """Returns the names that a block without data holds; none if it holds anything else."""
    height, names = _names([*rows, ["…"]])
    if height < len(rows):
        names = rows[-1]
    different = [name for name in names if name]
    sound = len(set(different)) == len(different) and _are_names(rows[-1:], least=3)
    return names if sound else ()


def _spanning(row: Sequence[str], over: Sequence[str]) -> list[Cell]:
    """Returns the cells of a header's row; one covers the empty columns up to the next above."""
    cells: list[Cell] = []
    for text, above in zip(row, over, strict=True):
        if cells and cells[-1].text and not text and not above:
            cells[-1] = Cell(cells[-1].text, cells[-1].columns + 1)
        else:
            cells.append(Cell(text))
    return cells


def _goes_on(above: Sequence[Cell], row: Sequence[Cell]) -> bool:
    """Tells whether a row parts what cells of a header above it name together."""
    shared = [cell.columns > 1 for cell in above for _ in range(cell.columns)]
    texts = [(i, tidied(text)) for i, text in enumerate(placed(row)) if tidied(text)]
    return len(texts) > 1 and all(
        i < len(shared) and shared[i] and (_is_name(text) or _is_year(text)) for i, text in texts
    )


def _lone(rows: Sequence[Sequence[str]]) -> int:
    """Returns how many rows of one cell stand at a block's top."""
    return next((i for i, row in enumerate(rows) if _filled(row) > 1), len(rows))


def _fits(rows: Sequence[Sequence[str]], names: Sequence[str]) -> bool:
    """Tells whether a block stands in columns with names."""
    cells = [i for row in rows if _filled(row) > 1 for i, text in enumerate(row) if text]
    named = sum(1 for i in cells if i < len(names) and names[i])
    return bool(cells) and named >= 0.6 * len(cells)


def _alike(rows: Sequence[Sequence[str]], above: Sequence[Sequence[str]]) -> bool:
    """Tells whether numbers and words stand in the same columns in two blocks."""
    kinds, others = _kinds(rows), _kinds(above)
    return all(others.get(column, kind) == kind for column, kind in kinds.items())


def _kinds(rows: Sequence[Sequence[str]]) -> dict[int, bool]:
    """Returns, for each column in which something is said, whether it holds numbers."""
    columns: dict[int, list[bool]] = {}
    for row in rows[:_HEAD]:
        for i, text in enumerate(row):
            if _filled(row) > 1 and not _NOTHING.fullmatch(text):
                columns.setdefault(i, []).append(_is_number(text))
    return {i: 2 * sum(numbers) > len(numbers) for i, numbers in columns.items()}


def _are_names(rows: Sequence[Sequence[str]], least: int) -> bool:
    """Tells whether a row, if there is one, names so many columns by itself."""
    names = [text for row in rows for text in row if text]
    return len(names) >= least and all(map(_is_name, names))


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
