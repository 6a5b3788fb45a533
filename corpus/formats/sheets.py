"""Workbooks (XLSX): each row of each sheet, with its columns' names."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus.draft import Draft, Extract, tidied
from corpus.formats.cellvalues import shown
from corpus.formats.office import core_facts, damage_told, extract_of, sound_package
from corpus.formats.tables import MAX_ROWS, Record, add_records, first_of

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet


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
        left = MAX_ROWS
        for sheet in workbook.worksheets:
            with draft.within("sheet", sheet.title):
                records = _records(cast("ReadOnlyWorksheet", sheet))
                left -= add_records(draft, first_of(draft, records, left))
        workbook.close()
    return extract_of(draft)


def _records(sheet: "ReadOnlyWorksheet") -> Iterator[Record]:
    """Yields the rows of a sheet in which something stands."""
    sheet.reset_dimensions()  # what a sheet says of its size is often wrong, and sometimes huge
    for number, row in enumerate(sheet.rows, start=1):
        cells = [
            "" if cell.value is None else tidied(shown(cell.value, cell.number_format))
            for cell in row
        ]
        if any(cells):
            yield Record(number, cells)
