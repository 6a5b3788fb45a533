"""How much text, prose and links the elements of a page hold."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.formats.html_tree import BLOCKS, walk

if TYPE_CHECKING:
    from lxml.etree import _Element

# A block with this much text outside links is prose; a letter of Chinese says as much as three.
_PROSE = 60
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")


@dataclass(slots=True)
class Weight:
    """What lies in an element; lengths in characters."""

    text: int = 0
    links: int = 0  # of the text, what is in links
    link_count: int = 0
    prose: int = 0
    is_prose: bool = False  # by itself, without the blocks in it

    def linked(self) -> float:
        """Returns the share of the text that is in links."""
        return self.links / self.text if self.text else 0.0


Weights = dict["_Element", Weight]


def weigh(root: "_Element", unseen: "Collection[_Element]") -> Weights:
    """Weighs the elements of a tree that can hold text, in document order."""
    weights: Weights = {}
    path = [Weight()]
    blocks = [0]  # of each open block: the length of its own text outside links
    links = 0

    def count(text: str | None) -> None:
        length = _length(text)
        path[-1].text += length
        if links:
            path[-1].links += length
        else:
            blocks[-1] += length

    for event, element in walk(root, unseen):
        if event == "tail":
            count(element.tail)
        elif event == "start":
            path.append(Weight())
            weights[element] = path[-1]
            if element.tag == "a":
                links += 1
                path[-1].link_count = 1
            if element.tag in BLOCKS:
                blocks.append(0)
            count(element.text)
        else:
            weight = path.pop()
            if element.tag == "a":
                links -= 1
            if element.tag in BLOCKS and (length := blocks.pop()) >= _PROSE:
                weight.is_prose = True
                weight.prose += length
            above = path[-1]
            above.text += weight.text
            above.links += weight.links
            above.link_count += weight.link_count
            above.prose += weight.prose
    return weights


def _length(text: str | None) -> int:
    if not text or text.isspace():
        return 0
    length = len(" ".join(text.split()))
    return length if text.isascii() else length + 2 * len(_WIDE.findall(text))
