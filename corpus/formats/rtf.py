"""Rich text (RTF): paragraphs, headings, lists and the rows of tables."""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO

from corpus.document import Fact
from corpus.draft import Draft, Extract
from corpus.errors import Unreadable
from corpus.formats.flow import Flow
from corpus.formats.office import damage_told, extract_of, facts_of
from corpus.formats.tables import Cell, is_titled, names_of

#: No file holds more bytes: pictures are written out in it, text never takes so many.
MAX_RTF_BYTES = 100 << 20

# striprtf leaves no trace of what these words say, so it is given characters that no text has a
# use for: where a table's row begins and ends, where a cell ends, and a heading's level.
_ROW_BEGINS, _ROW_ENDS, _CELL_ENDS, _LEVEL = "\x1c", "\x1d", "\x1e", "\x1f"
_MARKED = {"trowd": _ROW_BEGINS, "row": _ROW_ENDS, "cell": _CELL_ENDS, "line": " "}
_WORD = re.compile(
    r"\\\\|\\(trowd|row|cell|line|fldinst|outlinelevel)(?![a-zA-Z])(-?\d+)?[ ]?", re.DOTALL
)

# An outline level from this one on means text.
_TEXT_LEVEL = 9

_CODE_PAGE = re.compile(rb"\\(?:ansicpg(\d+)|(mac|pca|pc)(?![a-z]))")
_CODECS = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_USUAL = "cp1252"

_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# The sign before a list's item, which stands in the file.
_ITEM = re.compile(r"\s*(?:[•·▪◦‣\-–*]|\(?\w{1,3}[.)])\t")

_INFO = re.compile(r"\{\\info\b(.{0,20000})", re.DOTALL)
_FIELD = r"\{\\%s (?P<value>(?:[^{}\\]|\\.)*)\}"
_MOMENT = r"\{\\%s\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})"


def read(stream: BinaryIO) -> Extract:
    """Reads a rich text file; paragraphs are numbered as `Flow` says.

    Footnotes, comments, headers and footers are left out.

    Raises:
        Unreadable: It is too large, damaged, or holds no text.
    """
    data = stream.read(MAX_RTF_BYTES + 1)
    if len(data) > MAX_RTF_BYTES:
        raise Unreadable(f"larger than {MAX_RTF_BYTES >> 20} MiB; save it without its pictures")
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("no rich text; open it in Word or LibreOffice and save it again")
    draft = Draft()
    with damage_told("rich text file", "Word or LibreOffice"):
        codec = _codec(data)
        source = data.decode(codec, "replace")
        plain = partial(_plain, codec=codec)
        draft.facts.extend(_facts(source, plain))
        _add_text(draft, plain(_WORD.sub(_with_marks, source)))
    if not data.rstrip(b"\0\r\n\t ").endswith(b"}"):
        draft.notes.append("it ends in the middle; what followed is lost")
    return extract_of(draft)


def _codec(data: bytes) -> str:
    found = _CODE_PAGE.search(data[:1000])
    if not found:
        return _USUAL
    name = _CODECS[found[2]] if found[2] else f"cp{int(found[1])}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return _USUAL


def _plain(source: str, codec: str) -> str:
    """Returns the text of a rich text."""
    from striprtf.striprtf import rtf_to_text  # lazy: only rich text needs it

    convert: Callable[..., str] = rtf_to_text
    text = convert(source, codec, errors="replace")
    # Characters beyond the first 65,536 are written as two halves.
    return _SURROGATES.sub(
        lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
    )


def _with_marks(word: re.Match[str]) -> str:
    name, number = word[1], word[2]
    if name is None:  # an escaped backslash
        return word[0]
    if name == "fldinst":
        return r"\fldtype "  # left out as well; striprtf would add a link's address to the text
    if name == "outlinelevel":
        is_heading = 0 <= int(number or 0) < _TEXT_LEVEL
        return rf"{{\uc0\u{ord(_LEVEL)} {number or 0}}}" if is_heading else ""
    return rf"{{\uc0\u{ord(_MARKED[name])} }}"


def _facts(source: str, plain: Callable[[str], str]) -> list[Fact]:
    info = _INFO.search(source[:200_000])
    if not info:
        return []
    title, author = (
        plain(rf"{{\rtf1 {found['value']}}}") if found else ""
        for found in (re.search(_FIELD % name, info[1]) for name in ("title", "author"))
    )
    created, changed = (
        f"{int(found[1]):04}-{int(found[2]):02}-{int(found[3]):02}" if found else ""
        for found in (re.search(_MOMENT % name, info[1]) for name in ("creatim", "revtim"))
    )
    return facts_of("RTF properties", title, author, created, changed)


def _add_text(draft: Draft, text: str) -> None:
    flow = Flow(draft)
    table: list[list[str]] = []
    for paragraphs, row in _rows(text):
        if any(map(str.strip, paragraphs)):
            _add_table(flow, table)
            table = []
        for paragraph in paragraphs:
            _add_paragraph(flow, paragraph)
        if row:
            table.append(row)
    _add_table(flow, table)


def _rows(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yields the rows of tables, each with the paragraphs before it; an empty row at the end."""
    *rows, rest = text.split(_ROW_ENDS)
    for row in rows:
        before, _, after = row.partition(_ROW_BEGINS)
        if _CELL_ENDS in before or not after:  # what begins the row follows it, or is left out
            first, _, after = row.partition(_CELL_ENDS)
            before, _, cell = first.rpartition("\n")
            after = f"{cell}{_CELL_ENDS}{after}"
        cells = [_unmarked(cell) for cell in after.split(_CELL_ENDS)]
        yield before.split("\n"), cells if any(map(str.strip, cells)) else []
    yield rest.split("\n"), []


def _add_paragraph(flow: Flow, paragraph: str) -> None:
    before, marked, level = paragraph.partition(_LEVEL)
    if marked:
        flow.heading(_unmarked(before + level[1:]), int(level[0]) + 1)
    elif _ITEM.match(paragraph):
        flow.item(_unmarked(paragraph), 0)
    else:
        flow.paragraph(_unmarked(paragraph))


def _add_table(flow: Flow, rows: Sequence[Sequence[str]]) -> None:
    filled = [[Cell(text) for text in row[: _width(row)]] for row in rows]
    header = int(is_titled(filled))
    names = names_of(filled[:header])
    for place, row in enumerate(rows):
        flow.row(row, names if place >= header else ())


def _width(row: Sequence[str]) -> int:
    """Returns how many cells a row has: the text after its last one is none unless filled."""
    return len(row) if row[-1].strip() else len(row) - 1


def _unmarked(text: str) -> str:
    return re.sub(f"{_LEVEL}\\d|[{_ROW_BEGINS}-{_LEVEL}]", " ", text)
