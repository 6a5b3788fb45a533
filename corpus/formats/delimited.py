"""Files of records (CSV, TSV): each record, with its columns' names."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import BinaryIO, Literal

from corpus.draft import Draft, Extract, tidied
from corpus.formats.office import extract_of
from corpus.formats.tables import MAX_ROWS, Record, add_records, first_of
from corpus.formats.text import whole_text

# Of two that part a file equally well, the first does: commas and bars also stand inside fields.
_DELIMITERS = ("\t", ";", "|", ",")

_Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE

# A character that no text holds, for files of one column.
_NO_DELIMITER = "\x1f"

# So many characters at a file's start tell what parts its fields.
_SAMPLE = 100_000

# At least this share of the records has as many fields as the others, or it is no table.
_REGULAR = 0.6

# Between titles and sources, so many records are a table if so large a share of them is alike.
_LEAST, _EVEN = 3, 0.9


def read(stream: BinaryIO) -> Extract:
    """Reads a file of records, in any encoding, parted by commas, semicolons, tabs or bars.

    A record's number counts all but blank lines, from 1, the header included; of a file with more
    than `MAX_ROWS` records the first are read.

    Raises:
        Unreadable: It is too large, holds no text, or is text in no known encoding.
    """
    text = whole_text(stream)
    draft = Draft()
    add_records(draft, first_of(draft, _numbered(_records(text)), MAX_ROWS))
    return extract_of(draft)


def _numbered(records: Sequence[Sequence[str]]) -> Iterator[Record]:
    """Yields records in which something stands; what parts every other one parts no tables."""
    blank = sum(1 for fields in records if not fields)
    parts = 3 * blank < len(records)
    number, parted = 0, False
    for fields in records:
        number += bool(fields)
        if any(map(tidied, fields)):
            yield Record(number, [tidied(field) for field in fields], parted=parted)
        parted = parts and not fields


def _records(text: str) -> list[list[str]]:
    delimiter = _delimiter(text)
    quoted = _parsed(text, delimiter, csv.QUOTE_MINIMAL)
    if '"' not in text and quoted:
        return quoted
    # A lone quotation mark would swallow the lines after it.
    plain = _parsed(text, delimiter, csv.QUOTE_NONE)
    best = max(quoted, plain, key=lambda records: _regularity(records)[0])
    return best or [[line] if line.strip() else [] for line in text.split("\n")]


def _delimiter(text: str) -> str:
    """Returns what parts a text into the same number of fields on most lines."""
    cut = text.rfind("\n", 0, _SAMPLE) if len(text) > _SAMPLE else len(text)
    sample = text[: cut if cut > 0 else _SAMPLE]
    regular = {}
    for delimiter in _DELIMITERS:
        records = max(
            (
                _parsed(sample, delimiter, quoting)
                for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
            ),
            key=lambda records: _regularity(records)[0],
        )
        share, width = _regularity(records)
        if width > 1 and share >= _REGULAR:
            regular[delimiter] = share
    return max(regular, key=lambda delimiter: regular[delimiter], default=_NO_DELIMITER)


def _regularity(records: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Returns which share of the records has the most common number of fields, and that number.

    Lines above and below a table, its title and source, do not count.
    """
    filled = [fields for fields in records if fields]
    widths = [len(fields) for fields in filled]
    share, width = _most_common(widths)
    # A field over many lines is no title, but what a lone quotation mark swallowed.
    wide = [place for place, fields in enumerate(filled) if len(fields) > 1 or "\n" in fields[0]]
    if wide:
        table = widths[wide[0] : wide[-1] + 1]
        of_table, columns = _most_common(table)
        if len(table) >= max(_LEAST, len(widths) - len(table)) and of_table >= _EVEN:
            return of_table, columns
    return share, width


def _most_common(widths: Sequence[int]) -> tuple[float, int]:
    if not widths:
        return 0.0, 0
    [(width, count)] = Counter(widths).most_common(1)
    return count / len(widths), width


def _parsed(text: str, delimiter: str, quoting: _Quoting) -> list[list[str]]:
    """Returns the records of a text, those of blank lines empty; none if it cannot be parsed so."""
    # In a single column, only an error tells a lone quotation mark from a text of many lines.
    strict = delimiter == _NO_DELIMITER
    lines = StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict)
    try:
        return list(reader)
    except csv.Error:  # most often a quotation mark that is never closed
        return []
