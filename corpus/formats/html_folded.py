"""What of a page is for clicks: texts that unfold, and signs that are links to headings."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from corpus.formats.html_names import is_apart, is_folded
from corpus.formats.html_tree import HEADINGS

if TYPE_CHECKING:
    from lxml.etree import _Element

_TITLES = frozenset({*HEADINGS, "button", "summary", "dt"})
_TARGETS = ("aria-controls", "data-target", "data-bs-target")
_OPENERS = f"descendant-or-self::*[{' or '.join(f'@{name}' for name in _TARGETS)}]"
_PERMALINKS = frozenset({"¶", "#", "§", "🔗"})
# What unfolds a text is a question or a title: no longer than this many characters.
_LONGEST_TITLE = 300


def folded_in(
    root: "_Element", hidden: "Collection[_Element]"
) -> "tuple[set[_Element], set[_Element]]":
    """Returns which of the hidden elements a click unfolds, and the buttons over any such text.

    The text of such a button, a question often, is a title.
    """
    targets = _targets(root)
    opened = set(targets.values())
    folded: set[_Element] = set()
    buttons = {button for button in targets if button.tag == "button"}
    for element in hidden:
        if is_apart(element):
            continue
        title = _title_of(element)
        if element in opened or title is not None or is_folded(element):
            folded.add(element)
            buttons.update(title.iter("button") if title is not None else ())
    return folded, buttons


def permalinks_in(root: "_Element") -> "set[_Element]":
    """Returns the signs in headings that are links to those headings."""
    return {
        link
        for link in root.iter("a")
        if link.get("href", "").startswith("#")
        and "".join(link.itertext()).strip() in _PERMALINKS
        and next(link.iterancestors(*_TITLES, "caption", "figcaption"), None) is not None
    }


def _targets(root: "_Element") -> "dict[_Element, _Element]":
    """Returns the elements that say they show or hide another one, with that one."""
    by_id = {element.get("id"): element for element in root.xpath("descendant-or-self::*[@id]")}
    targets = {}
    for element in root.xpath(_OPENERS):
        for attribute in _TARGETS:
            name = element.get(attribute, "").removeprefix("#")
            target = by_id.get(name) if name else None
            if target is not None and not is_apart(target):
                targets[element] = target
    return targets


def _title_of(element: "_Element") -> "_Element | None":
    """Returns what stands right before an element, if it is or holds a title and little else."""
    before = element.getprevious()
    if before is None or (before.tail or "").strip():
        return None
    length, last = 0, ""
    for text in map(str.strip, before.itertext()):
        length, last = length + len(text), text or last
        if length > _LONGEST_TITLE:
            return None
    is_title = last.endswith(("?", "？")) or any(inner.tag in _TITLES for inner in before.iter("*"))
    return before if last and is_title else None
