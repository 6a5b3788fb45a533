"""Rich text (RTF): paragraphs, headings, lists and the rows of tables."""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, NamedTuple

from corpus.document import Fact
from corpus.draft import Draft, Extract
from corpus.errors import Unreadable
from corpus.formats.flow import Flow, with_superscripts
from corpus.formats.office import damage_told, extract_of, facts_of
from corpus.formats.tables import Cell, is_titled, names_of

#: No file holds more bytes: pictures are written out in it, text never takes so many.
MAX_RTF_BYTES = 100 << 20

# striprtf leaves no trace of what these words say, so it is given characters that no text has a
# use for: where a table's row begins and ends, where a cell ends, a heading's level, and where
# notes and superscripts begin and end.
_ROW_BEGINS, _ROW_ENDS, _CELL_ENDS, _LEVEL = "\x1c", "\x1d", "\x1e", "\x1f"
_NOTE_BEGINS, _NOTE_ENDS, _RAISED_BEGINS, _RAISED_ENDS = "\x16", "\x17", "\x18", "\x19"
_MARKED = {"trowd": _ROW_BEGINS, "row": _ROW_ENDS, "cell": _CELL_ENDS, "line": " "}
_NOTE = re.compile(f"{_NOTE_BEGINS}([^{_NOTE_ENDS}]*){_NOTE_ENDS}?")
_MARKS = re.compile(f"{_LEVEL}\\d|[{_NOTE_BEGINS}-{_RAISED_ENDS}{_ROW_BEGINS}-{_LEVEL}]")

# A word, with its number; bytes of another kind; an escaped character; a group's edge; text.
_TOKEN = re.compile(r"\\([a-zA-Z]+)(-?\d+)?[ ]?|\\'[0-9a-fA-F]{2}|\\.|[{}]|[^\\{}]+", re.DOTALL)
# What is kept of deleted and hidden text, as it also counts for what follows.
_KEPT = ("trowd", "row", "cell", "uc", "f", "deff", "plain", "pard")

# An outline level from this one on means text.
_TEXT_LEVEL = 9

_CODE_PAGE = re.compile(rb"\\(?:ansicpg(\d+)|(mac|pca|pc)(?![a-z]))")
_CODECS = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_USUAL = "cp1252"

# All but the edges of groups.
_NO_EDGE = re.compile(r"\\[{}]|[^{}]")

_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# The sign before a list's item, which stands in the file.
_ITEM = re.compile(r"\s*(?:[•·▪◦‣\-–*]|\(?\w{1,3}[.)])\t")

_INFO = re.compile(r"\{\\info\b(.{0,20000})", re.DOTALL)
_FIELD = r"\{\\%s (?P<value>(?:[^{}\\]|\\.)*)\}"
_MOMENT = r"\{\\%s\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})"


def read(stream: BinaryIO) -> Extract:
    """Reads a rich text file; paragraphs are numbered as `Flow` says.

    Comments, deletions, hidden text, headers and footers are left out.

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
        plain = partial(plain_of, codec=codec)
        draft.facts.extend(_facts(source, plain))
        _add_text(draft, plain(_with_marks(source)))
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


def plain_of(source: str, codec: str) -> str:
    """Returns the text of a rich text."""
    from striprtf.striprtf import font_table_group, rtf_to_text  # lazy: only rich text needs it

    table: Callable[[str], str] = font_table_group
    fonts = table(source)
    # Each font ends with a semicolon: what follows the last one is none, but striprtf would look
    # for one in it, for minutes if it is long.
    end = fonts.rfind(";") + 1
    source = source.replace(fonts, fonts[:end] + _NO_EDGE.sub("", fonts[end:]), 1)
    convert: Callable[..., str] = rtf_to_text
    text = convert(source, codec, errors="replace")
    # Characters beyond the first 65,536 are written as two halves.
    return _SURROGATES.sub(
        lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
    )


class _State(NamedTuple):
    """What holds for the text of a group from some place on."""

    vanished: bool = False
    deleted: bool = False
    raised: bool = False
    in_note: bool = False  # whether the group is a note

    def after(self, word: str, number: str | None) -> "_State":
        """Returns what holds after a word."""
        on = number is None or int(number) > 0
        if word == "v":
            return self._replace(vanished=on)
        if word == "deleted":
            return self._replace(deleted=on)
        if word in ("super", "up"):
            return self._replace(raised=on)
        if word in ("nosupersub", "sub", "dn"):
            return self._replace(raised=False)
        return _State(in_note=self.in_note) if word == "plain" else self


def _with_marks(source: str) -> str:
    """Returns a rich text with marks in it, and without what was deleted or hidden."""
    written: list[str] = []
    state, over = _State(), []
    place = 0
    while token := _TOKEN.search(source, place):
        place = token.end()
        text, word, number = token[0], token[1], token[2]
        hidden = state.vanished or state.deleted
        if word == "bin":
            place += max(int(number or 0), 0)
        elif word == "footnote" and not hidden:
            state = state._replace(in_note=True, raised=False)
            written.append(_mark(_NOTE_BEGINS))
        elif word:
            state = state.after(word, number)
            written.append(_word(text, word, number) if not hidden or word in _KEPT else "")
        elif text == "{":
            over.append(state)
            state = state._replace(in_note=False)
            written.append(text)
        elif text == "}":
            written.append(f"{_mark(_NOTE_ENDS)}}}" if state.in_note else text)
            state = over.pop() if over else _State()
        elif not hidden:
            raised = state.raised and any(map(str.isdigit, text))
            written.append(
                f"{_mark(_RAISED_BEGINS)}{text}{_mark(_RAISED_ENDS)}" if raised else text
            )
    return "".join(written)


def _word(text: str, word: str, number: str | None) -> str:
    if word == "fldinst":
        return r"\fldtype "  # left out as well; striprtf would add a link's address to the text
    if word == "outlinelevel":
        is_heading = 0 <= int(number or 0) < _TEXT_LEVEL
        return f"{_mark(_LEVEL)[:-1]}{number or 0}}}" if is_heading else ""
    return _mark(_MARKED[word]) if word in _MARKED else text


def _mark(sign: str) -> str:
    return rf"{{\uc0\u{ord(sign)} }}"


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
    for paragraphs, row in _rows(_NOTE.sub(_in_one_line, text)):
        if any(map(str.strip, paragraphs)):
            _add_table(flow, table)
            table = []
        for paragraph in paragraphs:
            _add_paragraph(flow, paragraph)
        if row:
            table.append(row)
    _add_table(flow, table)
    flow.add_notes()


def _in_one_line(note: re.Match[str]) -> str:
    line = re.sub(f"[\n{_ROW_BEGINS}-{_LEVEL}]", " ", note[1])
    return f"{_NOTE_BEGINS}{line}{_NOTE_ENDS}"


def _rows(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yields the rows of tables, each with the paragraphs before it; an empty row at the end."""
    *rows, rest = text.split(_ROW_ENDS)
    for row in rows:
        before, _, after = row.partition(_ROW_BEGINS)
        if _CELL_ENDS in before or not after:  # what begins the row follows it, or is left out
            first, _, after = row.partition(_CELL_ENDS)
            before, _, cell = first.rpartition("\n")
            after = f"{cell}{_CELL_ENDS}{after}"
        cells = after.split(_CELL_ENDS)
        yield before.split("\n"), cells if any(map(str.strip, map(_unmarked, cells))) else []
    yield rest.split("\n"), []


def _add_paragraph(flow: Flow, paragraph: str) -> None:
    text = _NOTE.sub("", paragraph)
    before, marked, level = text.partition(_LEVEL)
    if marked:
        flow.heading(_unmarked(before + level[1:]), int(level[0]) + 1)
    elif _ITEM.match(text):
        flow.item(_unmarked(text), 0)
    else:
        flow.paragraph(_unmarked(text))
    _keep_notes(flow, paragraph)


def _add_table(flow: Flow, rows: Sequence[Sequence[str]]) -> None:
    texts = [[_unmarked(_NOTE.sub("", cell)) for cell in row] for row in rows]
    filled = [[Cell(text) for text in row[: _width(row)]] for row in texts]
    header = int(is_titled(filled))
    names = names_of(filled[:header])
    for place, row in enumerate(texts):
        flow.row(row, names if place >= header else ())
        for cell in rows[place]:
            _keep_notes(flow, cell)


def _keep_notes(flow: Flow, text: str) -> None:
    for note in _NOTE.findall(text):
        flow.note(_unmarked(note))


def _width(row: Sequence[str]) -> int:
    """Returns how many cells a row has: the text after its last one is none unless filled."""
    return len(row) if row[-1].strip() else len(row) - 1


def _unmarked(text: str) -> str:
    pieces = re.split(f"[{_RAISED_BEGINS}{_RAISED_ENDS}]", text)
    joined = with_superscripts((piece, bool(i % 2)) for i, piece in enumerate(pieces))
    return _MARKS.sub(" ", joined)
