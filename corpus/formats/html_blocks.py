"""A tree of markup is written into a draft, block by block."""

import re
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.draft import LINE, PARAGRAPH, Draft, tidied
from corpus.formats.html_tables import holds_data, write_table
from corpus.formats.html_tree import BLOCKS, CONTROL, HEADINGS, ancestors_of, walk

if TYPE_CHECKING:
    from lxml.etree import _Element

_COLLAPSING = re.compile(r"[ \t\r\n\f]+")
_SOFT_HYPHEN = "\xad"  # where a word may break, if it must: no part of the text
_LISTS = frozenset({"ul", "ol", "menu", "dir", "dl"})
_ITEMS = frozenset({"li", "dt", "dd"})
_COLONS = (":", "：")


@dataclass(slots=True)
class _List:
    """A list that is being written."""

    context: str  # the line above it, or the item it is a part of
    item: str = ""  # the first line of the item that is being written


def write_blocks(
    draft: Draft,
    root: "_Element",
    dropped: "Collection[_Element]" = frozenset(),
    quotes: "Collection[_Element]" = frozenset(),
) -> None:
    """Adds the text of a tree: headings, paragraphs, lists and tables, each with its marks.

    Args:
        draft: Where to.
        root: What to write, with all that lies in it.
        dropped: Elements to leave out, with all that lies in them.
        quotes: Elements that quote an earlier mail; they may lie in each other.
    """
    _Writer(draft, dropped, quotes).write(root)


class _Writer:
    def __init__(
        self, draft: Draft, dropped: "Collection[_Element]", quotes: "Collection[_Element]"
    ) -> None:
        self._draft = draft
        self._dropped = dropped
        self._quotes = quotes
        self._inline: list[str] = []
        self._lists: list[_List] = []
        self._heading = 0  # the level of the heading that is being written, if one is
        self._above = ""  # the paragraph right above
        self._marks: list[ExitStack] = []  # one for each quote that is open
        self._no_lists: set[_Element] = set()  # lists by name that hold a whole page

    def write(self, root: "_Element") -> None:
        self._no_lists = ancestors_of(root.iter("h1", "h2", "h3", "article", "main", "section"))
        for event, element in walk(root, self._dropped, self._written_whole):
            if event == "start":
                self._start(element)
            elif event == "end":
                self._end(element)
            else:
                self._text(element.tail)
        self._flush()

    def _written_whole(self, element: "_Element") -> bool:
        """Writes an element that is laid out in its own way; False if it is not."""
        if element.tag == "table" and holds_data(element, self._dropped):
            self._flush()
            write_table(self._draft, element, self._text_of)
        elif element.tag == "pre" and not any(element.iter("p", "table", "li", *HEADINGS)):
            self._flush()
            self._preformatted(element)
        else:
            return False
        self._above = ""
        return True

    def _start(self, element: "_Element") -> None:
        tag = element.tag
        if tag in BLOCKS:
            self._flush()
        if element in self._quotes:
            mark = ExitStack()
            mark.enter_context(self._draft.within("quoted", len(self._marks) + 1))
            self._marks.append(mark)
        if tag in HEADINGS and not _only_leads_elsewhere(element):
            self._heading = HEADINGS[tag]
        elif tag in _LISTS and element not in self._no_lists:
            within = self._lists[-1].item if self._lists else ""
            above = self._above if self._above.endswith(_COLONS) else ""
            self._lists.append(_List(within or above))
        elif tag in _ITEMS and self._lists:
            self._start_item(tag)
        elif tag == "br":
            self._inline.append("\n")
        self._text(element.text)

    def _start_item(self, tag: str) -> None:
        inmost = self._lists[-1]
        if tag == "dt":
            inmost.context = inmost.item = ""
        elif tag == "dd":
            inmost.context = inmost.item
        else:
            inmost.item = ""

    def _end(self, element: "_Element") -> None:
        tag = element.tag
        if tag in BLOCKS:
            self._flush()
        if element in self._quotes:
            self._flush()
            self._marks.pop().close()
        if tag in HEADINGS:
            self._heading = 0
        elif tag in _LISTS and element not in self._no_lists:
            self._lists.pop()

    def _text(self, text: str | None) -> None:
        if text:
            self._inline.append(_COLLAPSING.sub(" ", text).replace(_SOFT_HYPHEN, ""))

    def _flush(self) -> None:
        """Adds the inline text that came together, if there is a word in it."""
        if not self._inline:
            return
        lines = [tidied(line) for line in "".join(self._inline).split("\n")]
        self._inline = []
        if self._heading:
            if self._draft.heading(" ".join(lines), self._heading):
                self._above = ""
            return
        for paragraph in "\n".join(lines).strip("\n").split("\n\n"):
            if text := paragraph.strip("\n"):  # two breaks part paragraphs, on pages of old
                self._block(text)

    def _block(self, text: str) -> None:
        if not self._lists:
            self._draft.add(text, PARAGRAPH)
            self._above = text
            return
        inmost = self._lists[-1]
        span = self._draft.add(text, LINE)
        if inmost.context:
            self._draft.mark(span, "context", tidied(inmost.context))
        inmost.item = inmost.item or text
        self._above = ""

    def _preformatted(self, element: "_Element") -> None:
        pieces = []
        for event, inner in walk(element, self._dropped):
            if event == "start" and inner.tag == "br":
                pieces.append("\n")
            pieces.append(_text_at(event, inner))
        whole = CONTROL.sub(" ", "".join(pieces).replace("\r\n", "\n").replace("\r", "\n"))
        lines = whole.expandtabs().split("\n")
        if text := "\n".join(line.rstrip() for line in lines).strip():
            self._draft.add(text, PARAGRAPH)

    def _text_of(self, element: "_Element") -> str:
        """Returns the text of a cell as one line."""
        pieces = []
        for event, inner in walk(element, self._dropped):
            if inner.tag in BLOCKS or inner.tag == "br":
                pieces.append(" ")
            pieces.append(_text_at(event, inner))
        return tidied("".join(pieces).replace(_SOFT_HYPHEN, ""))


def _only_leads_elsewhere(heading: "_Element") -> bool:
    """Tells whether a low heading is all link: nothing stands under "Download" or "Read more"."""
    links = list(heading.iter("a"))
    linked = "".join("".join(link.itertext()) for link in links)
    return (
        HEADINGS[heading.tag] > 3
        and "".join(linked.split()) == "".join("".join(heading.itertext()).split())
        and not any(link.get("href", "#").startswith("#") for link in links)
    )


def _text_at(event: str, element: "_Element") -> str:
    text = {"start": element.text, "end": "", "tail": element.tail}[event]
    return text or ""
