"""Files of records (CSV, TSV): each record, with its columns' names."""

import csv
from collections import Counter
from collections.abc import Sequence
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


def read(stream: BinaryIO) -> Extract:
    """Reads a file of records, in any encoding, parted by commas, semicolons, tabs or bars.

    A record's number counts all but blank lines, from 1, the header included; of a file with more
    than `MAX_ROWS` records the first are read.

    Raises:
        Unreadable: It is too large, holds no text, or is text in no known encoding.
    """
    text = whole_text(stream)
    draft = Draft()
    records = (
        Record(number, [tidied(field) for field in fields])
        for number, fields in enumerate(_records(text), start=1)
        if any(map(tidied, fields))
    )
    add_records(draft, first_of(draft, records, MAX_ROWS))
    return extract_of(draft)


def _records(text: str) -> list[list[str]]:
    delimiter = _delimiter(text)
    quoted = _parsed(text, delimiter, csv.QUOTE_MINIMAL)
    if '"' not in text and quoted:
        return quoted
    # A lone quotation mark would swallow the lines after it.
    plain = _parsed(text, delimiter, csv.QUOTE_NONE)
    best = max(quoted, plain, key=lambda records: _regularity(records)[0])
    return best or [[line] for line in text.split("\n") if line.strip()]


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
    """Returns which share of the records has the most common number of fields, and that number."""
    if not records:
        return 0.0, 0
    [(width, count)] = Counter(map(len, records)).most_common(1)
    return count / len(records), width


def _parsed(text: str, delimiter: str, quoting: _Quoting) -> list[list[str]]:
    """Returns the records of a text, blank lines left out; none if it cannot be parsed so."""
    # In a single column, only an error tells a lone quotation mark from a text of many lines.
    strict = delimiter == _NO_DELIMITER
    lines = StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict)
    try:
        return [fields for fields in reader if fields]
    except csv.Error:  # most often a quotation mark that is never closed
        return []
