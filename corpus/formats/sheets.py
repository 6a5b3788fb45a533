"""Workbooks (XLSX): each row of each sheet, with its columns' names."""

import re
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from corpus.draft import CELLS, Draft, Extract, tidied
from corpus.errors import Unreadable
from corpus.formats.cellvalues import shown
from corpus.formats.office import core_facts, damage_told, extract_of, sound_package
from corpus.formats.tables import MAX_ROWS, Record, add_records, first_of

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

# Merged cells, and cells with a formula and no value; no such piece of XML is longer than the
# second number of bytes.
_TOLD = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=\"(?P<column>[A-Z]+)(?P<top>\d+):[A-Z]+(?P<bottom>\d+)\""
    rb"|<(?:\w+:)?c(?P<cell>\s[^<>]*)>\s*<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_BLOCK, _LONGEST = 1 << 20, 40_000

# The last row that a sheet can have; openpyxl counts up to whatever number a row says it has.
_LAST_ROW = 1 << 20


def read(stream: BinaryIO) -> Extract:
    """Reads a workbook, hidden sheets included: formulas as the values they had when saved.

    Of a workbook with more than `MAX_ROWS` rows the first are read. Comments, charts and pictures
    are left out.

    Raises:
        Unreadable: It is damaged, encrypted, unpacks to too much, or holds no text.
    """
    from openpyxl import load_workbook  # lazy: a quarter of a second that only workbooks need

    draft = Draft()
    with damage_told("workbook", "Excel or LibreOffice"), warnings.catch_warnings():
        # openpyxl warns of whatever it would not keep on saving.
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        package = sound_package(stream)
        draft.facts.extend(core_facts(package, "Excel properties"))
        workbook = load_workbook(package, read_only=True, data_only=True, keep_links=False)
        left, uncomputed = MAX_ROWS, 0
        for sheet in workbook.worksheets:
            with draft.within("sheet", sheet.title):
                about = _about(sheet)
                uncomputed += about.uncomputed
                records = _records(cast("ReadOnlyWorksheet", sheet), about.merged)
                left -= add_records(draft, first_of(draft, records, left))
        workbook.close()
        if uncomputed:
            draft.notes.append(
                f"formulas never computed, and left out: {uncomputed:,}; open it in Excel or "
                "LibreOffice and save it again"
            )
    return extract_of(draft)


class _Merged(NamedTuple):
    """Cells of some rows that are one: the column and rows of the first of them, from 1."""

    column: int
    top: int
    bottom: int


class _About(NamedTuple):
    """What openpyxl does not tell of a sheet that it reads row by row.

    Attributes:
        merged: The cells that are merged over several rows, from top to bottom.
        uncomputed: How many formulas have no value.
    """

    merged: list[_Merged]
    uncomputed: int


def _about(sheet: Any) -> _About:  # noqa: ANN401 (what it needs is not public)
    from openpyxl.utils import column_index_from_string  # lazy: see `read`

    merged, uncomputed = [], 0
    rest = b""
    with sheet._get_source() as source:
        while block := source.read(_BLOCK):
            seen = 0
            rest += block
            for found in _TOLD.finditer(rest):
                seen = found.end()
                if found["column"]:
                    top, bottom = int(found["top"]), int(found["bottom"])
                    if top < bottom:
                        column = column_index_from_string(found["column"].decode())
                        merged.append(_Merged(column, top, bottom))
                elif b't="str"' not in found["cell"]:  # that is an empty text
                    uncomputed += 1
            rest = rest[max(seen, len(rest) - _LONGEST) :]
    return _About(sorted(merged, key=lambda cells: cells.top), uncomputed)


def _records(sheet: "ReadOnlyWorksheet", merged: Sequence[_Merged]) -> Iterator[Record]:
    """Yields the rows of a sheet in which something stands."""
    sheet.reset_dimensions()  # what a sheet says of its size is often wrong, and sometimes huge
    ahead = deque(merged)
    over: list[tuple[_Merged, str]] = []  # the merged cells that reach the row, and their texts
    for number, row in enumerate(sheet.rows, start=1):
        if number > _LAST_ROW:
            raise Unreadable(
                f"damaged workbook: a row after the {_LAST_ROW:,}th, the last that a sheet can"
                " have; open it in Excel or LibreOffice and save it again"
            )
        cells = [
            "" if cell.value is None else tidied(shown(cell.value, cell.number_format))
            for cell in row
        ]
        over = [(cell, text) for cell, text in over if cell.bottom >= number]
        if any(cells):
            first = next(i for i, text in enumerate(cells, start=1) if text)
            names = sorted((cell.column, text) for cell, text in over if cell.column < first)
            yield Record(number, cells, CELLS.join(text for _, text in names))
        while ahead and ahead[0].top <= number:
            cell = ahead.popleft()
            text = cells[cell.column - 1] if cell.column <= len(cells) else ""
            if text and cell.top == number:
                over.append((cell, text))
