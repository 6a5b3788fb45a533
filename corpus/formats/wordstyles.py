"""What the styles of a Word file make of its paragraphs: titles, headings, list items."""

import re
from typing import TYPE_CHECKING, NamedTuple

from corpus.formats.wordxml import setting, tag

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement

#: The level of the document's title; headings stand under it.
TITLE = 1

# Word keeps the names of its own styles in English, whatever it shows; other programs do not
# always use lower case.
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_LIST = re.compile(r"list (?:bullet|number) ([2-5])", re.IGNORECASE)

# An outline level from this one on means text.
_TEXT_LEVEL = 9


class _Style(NamedTuple):
    level: int | None = None
    depth: int | None = None


class Styles:
    """What a file's styles say of its paragraphs.

    Args:
        root: The part that holds them, if the file has one.
    """

    def __init__(self, root: "BaseOxmlElement | None") -> None:
        elements = root.findall(tag("w:style")) if root is not None else []
        self._elements = {style.get(tag("w:styleId")): style for style in elements}
        self._known: dict[str, _Style] = {}

    def level(self, paragraph: "BaseOxmlElement") -> int | None:
        """Returns the level of a heading, `TITLE` for the title's; None if it is none."""
        outline = setting(paragraph, "w:pPr", "w:outlineLvl")
        if outline is not None:
            return _level_of(outline)
        return self._of(setting(paragraph, "w:pPr", "w:pStyle") or "").level

    def depth(self, paragraph: "BaseOxmlElement") -> int | None:
        """Returns how deep in lists an item stands, from 0; None if it is none."""
        style = self._of(setting(paragraph, "w:pPr", "w:pStyle") or "")
        number = setting(paragraph, "w:pPr", "w:numPr", "w:numId")
        if number is None:
            return style.depth
        if number == "0":  # taken out of the list of its style
            return None
        depth = setting(paragraph, "w:pPr", "w:numPr", "w:ilvl")
        return int(depth) if depth else style.depth or 0

    def _of(self, name: str) -> _Style:
        if name not in self._known:
            self._known[name] = _Style()  # ends a circle of styles that are based on each other
            element = self._elements.get(name)
            if element is not None:
                self._known[name] = self._made_of(element)
        return self._known[name]

    def _made_of(self, element: "BaseOxmlElement") -> _Style:
        base = self._of(setting(element, "w:basedOn") or "")
        name = setting(element, "w:name") or ""
        outline = setting(element, "w:pPr", "w:outlineLvl")
        level, depth = base.level, base.depth
        if outline is not None:
            level = _level_of(outline)
        elif name.lower() == "title":
            level = TITLE
        elif heading := _HEADING.fullmatch(name):
            level = TITLE + int(heading[1])
        number = setting(element, "w:pPr", "w:numPr", "w:numId")
        if number is not None:
            nested = _LIST.fullmatch(name)
            own = setting(element, "w:pPr", "w:numPr", "w:ilvl")
            depth = int(nested[1]) - 1 if nested else int(own or 0)
            depth = None if number == "0" else depth
        return _Style(level, depth)


def _level_of(outline: str) -> int | None:
    return TITLE + 1 + int(outline) if int(outline) < _TEXT_LEVEL else None
