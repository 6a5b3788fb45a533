"""Markdown: its text stays as it is; what its marks mean goes into marks and facts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from corpus.document import Fact, Span
from corpus.draft import CELLS
from corpus.marks import HEADINGS, Mark
from corpus.sentences import trim
from corpus.structure import squeezed

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# YAML between lines of three dashes at the very top; what stands in it is no Markdown.
_FRONT_MATTER = re.compile(
    r"\ufeff?---[^\S\n]*\n(?P<fields>(?:[^\n]*\n){0,200}?)(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)"
)
_FIELD = re.compile(r"^(?P<name>[A-Za-z_-]+)[^\S\n]*:[^\S\n]*(?P<value>\S[^\n]*)$", re.MULTILINE)
_FIELDS = {
    "title": "title",
    "author": "author",
    "date": "published",
    "published": "published",
    "publisher": "publisher",
    "url": "url",
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class _Heading(NamedTuple):
    level: int
    title: str
    start: int


def text_marks(text: str) -> list[Mark]:
    """Returns the marks of a Markdown text: headings, and the contexts of lists and table rows.

    - All from a heading to the next of its level or above is marked ``heading``, with the path
      of titles as people read them.
    - A list has the line above it as its ``context`` if that ends with a colon; a list in a
      list, the item it stands in.
    - Each row of a table has the cells of its header row as its ``context``.
    """
    tokens, lines = _parsed(text)
    return [
        *_headings(text, tokens, lines),
        *_lists(text, tokens, lines),
        *_rows(text, tokens, lines),
    ]


def facts(text: str) -> list[Fact]:
    """Returns what the front matter and the first heading of level 1 say of a Markdown text.

    Only lines of the form ``key: value`` are read; days as ISO dates.
    """
    found = []
    if front := _FRONT_MATTER.match(text):
        for field in _FIELD.finditer(front["fields"]):
            kind, value = _FIELDS.get(field["name"].lower()), field["value"].strip().strip("\"'")
            if kind == "published":
                day = _DAY.match(value)
                value = day[0] if day else ""
            if kind and value and value[0] not in "[{|>&*!":
                found.append(Fact(kind, value, "the front matter", 0.9))
    tokens, _ = _parsed(text)
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1" and token.level == 0:
            if title := _plain(content.content):
                found.append(Fact("title", title, "the first heading", 0.8))
            break
    return found


def _headings(text: str, tokens: Sequence["Token"], lines: Sequence[int]) -> Iterator[Mark]:
    over: list[_Heading] = []

    def ended(level: int, end: int) -> Iterator[Mark]:
        while over and over[-1].level >= level:
            path = HEADINGS.join(heading.title for heading in over)
            if span := trim(text, over.pop().start, end):
                yield Mark(*span, "heading", path)

    for token, content in pairwise(tokens):
        if token.type != "heading_open" or token.level or not token.map:
            continue
        level, start = int(token.tag[1:]), lines[token.map[0]]
        if title := _plain(content.content):
            yield from ended(level, start)
            over.append(_Heading(level, title, start))
    yield from ended(0, len(text))


def _lists(text: str, tokens: Sequence["Token"], lines: Sequence[int]) -> Iterator[Mark]:
    items: list[str] = []  # the first words of each item that is open
    introduction = ""  # the paragraph right before, where it ends with a colon
    for at, token in enumerate(tokens):
        if token.type == "list_item_open":
            items.append("")
        elif token.type == "list_item_close":
            items.pop()
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            context = (items[-1] if items else "") or introduction
            if context and (span := _span(text, lines, token)):
                yield Mark(*span, "context", context)
        elif token.type == "paragraph_open":
            content = tokens[at + 1].content
            words = squeezed(_plain(content.rpartition("\n")[2]))
            if items and not items[-1]:
                items[-1] = squeezed(_plain(content))
            introduction = words if words.endswith(":") else ""
            continue
        elif token.type in ("inline", "paragraph_close"):
            continue
        introduction = ""


def _rows(text: str, tokens: Sequence["Token"], lines: Sequence[int]) -> Iterator[Mark]:
    header = ""
    cells: list[str] = []
    in_header = False
    for token in tokens:
        if token.type == "thead_open":
            in_header, cells = True, []
        elif token.type == "thead_close":
            in_header, header = False, CELLS.join(cell for cell in cells if cell)
        elif token.type == "inline" and in_header:
            cells.append(_plain(token.content))
        elif token.type == "tr_open" and not in_header and (span := _span(text, lines, token)):
            yield Mark(*span, "context", header)


def _span(text: str, lines: Sequence[int], token: "Token") -> Span | None:
    return trim(text, lines[token.map[0]], lines[token.map[1]]) if token.map else None


def _parsed(text: str) -> tuple[list["Token"], list[int]]:
    """Returns the blocks of a text, and where each of its lines begins, and the last ends."""
    front = _FRONT_MATTER.match(text)
    # Blank lines keep the count of lines.
    hidden = "\n" * text.count("\n", 0, front.end()) if front else ""
    source = hidden + text[front.end() :] if front else text
    ends = accumulate(len(line) + 1 for line in text.split("\n"))
    return _blocks().parse(source), [0, *(min(end, len(text)) for end in ends)]


@cache
def _blocks() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # lazy: only for Markdown

    return MarkdownIt("commonmark").enable("table").disable("inline")


@cache
def _inline() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # lazy: only for Markdown

    return MarkdownIt("commonmark")


def _plain(words: str) -> str:
    """Returns inline Markdown as people read it, on one line."""
    tokens: Iterable[Token] = _inline().parseInline(words[:2000])
    inner = (child for token in tokens for child in token.children or ())
    read = (" " if child.type.endswith("break") else child.content for child in inner)
    return " ".join("".join(read).split())
