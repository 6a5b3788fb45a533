"""Markup becomes a tree, and what of it is text."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from corpus.errors import Unreadable
from corpus.formats.charsets import text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Elements whose text no reader sees, or sees only as a part of a form or a picture. The head is
#: none: where a page does not say where it ends, the parser may put all the page into it.
UNSEEN = frozenset(
    "applet area audio base canvas colgroup datalist embed frame iframe img input link map"
    " meta noembed noframes noscript object option optgroup param progress rp rt script select"
    " style svg template textarea title track video annotation annotation-xml".split()
)
#: Elements that begin and end a paragraph.
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li"
    " main menu nav ol p pre search section summary table tbody td tfoot th thead tr ul".split()
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}

#: What no text has a use for, and what `Draft` would make spaces.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_CHARSET = re.compile(rb"<meta[^>]{1,400}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([\w.-]+)")
_XHTML = re.compile(r"\s*<\?xml|[^>]*<!DOCTYPE[^>]*XHTML|.{0,2000}?<html[^>]*/xhtml", re.DOTALL)
_EMPTY = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)"
    r"([A-Za-z][\w:.-]*)((?:\s[^<>]*)?)/>"
)
_TAG = re.compile(r"<\s*/?\s*([A-Za-z][\w:-]*)\b[^<>]*>")
_KEPT = {"html", "head", "title", "body", "meta", "script", "style", "p", "br", "pre", *HEADINGS}
_FIGURES = "0123456789+-\u2212\u2013()"
_SCRIPTS = {
    "sup": str.maketrans(_FIGURES, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾"),
    "sub": str.maketrans(_FIGURES, "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎"),
}
_STYLED_SCRIPT = re.compile(r"vertical-align\s*:\s*(su[pb])(?:er)?\b", re.IGNORECASE)
_ENDS_FIGURE = re.compile(r"[0-9][.,]?\Z")
_BEGINS_FIGURE = re.compile(r"[-+\u2212\u2013]?[0-9]")
_DISPLAY_NONE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def tree_of(markup: bytes | str) -> "_Element | None":
    """Returns the root of what a browser would make of markup; None if there is nothing in it.

    Neither comments nor processing instructions are in the tree. Nothing is fetched. A figure
    above or below the line that would run into one on it, as in 3¹ percent, is written in
    characters of its own.

    Raises:
        Unreadable: If its elements are nested too deeply.
    """
    text = markup if isinstance(markup, str) else text_of(markup, _named_encoding(markup))
    text = CONTROL.sub(" ", text.replace("\0", ""))
    if _XHTML.match(text[:4000]):
        # HTML knows no empty elements: after <title/> all of the page would be the title.
        text = _EMPTY.sub(r"<\1\2></\1>", text)
    root, too_deep = _parsed(text)
    if too_deep:  # rather the words without lists and tables than none
        root, too_deep = _parsed(_TAG.sub(_flattened, text))
    if too_deep:
        raise Unreadable("elements are nested over 2,000 deep; save the page again as text")
    if root is not None and root.xpath("boolean(descendant::*[self::sup or self::sub or @style])"):
        _part_scripts(root)
    return root


def is_hidden(element: "_Element") -> bool:
    """Tells whether an element says of itself that it is not shown."""
    attributes = element.attrib
    return (
        (element.tag == "dialog" and "open" not in attributes)
        or attributes.get("hidden", "until-found") != "until-found"
        or bool(_DISPLAY_NONE.search(attributes.get("style", "")))
    )


def ancestors_of(elements: "Iterable[_Element]") -> "set[_Element]":
    """Returns what any of the elements lies in."""
    ancestors: set[_Element] = set()
    for element in elements:
        for ancestor in element.iterancestors():
            if ancestor in ancestors:
                break
            ancestors.add(ancestor)
    return ancestors


def walk(
    root: "_Element",
    dropped: "Collection[_Element]" = frozenset(),
    written_whole: "Callable[[_Element], bool]" = lambda _: False,
) -> "Iterator[tuple[str, _Element]]":
    """Yields "start" and "end" of each element, and "tail" where the text after it comes.

    Of an element that is dropped, unseen or written whole there is only the tail. No function
    calls itself: a page may be thousands of elements deep.
    """
    from lxml import etree  # lazy: only for markup

    walker = etree.iterwalk(root, events=("start", "end"))
    passed = None
    for event, element in walker:
        if event == "start":
            if element.tag in UNSEEN or element in dropped or written_whole(element):
                walker.skip_subtree()
                passed = element
            else:
                yield event, element
        else:
            if element is not passed:
                yield event, element
            if element is not root:
                yield "tail", element


def _parsed(text: str) -> "tuple[_Element | None, bool]":
    """Returns the root, and whether the parser gave up because the elements lie too deep."""
    from lxml import etree  # lazy: only for markup

    # Without `huge_tree` a page that is 256 deep, as bad markup often is, would end there, and a
    # text of 10 MB would be left out, without a word. HTML has no entities that could explode.
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.ParserError as error:
        raise Unreadable(f"markup that cannot be read ({error}); save the page again") from None
    except etree.XMLSyntaxError:  # there is no element and no text in it
        return None, False
    limits = (entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
    return root, any(limits)


def _part_scripts(root: "_Element") -> None:
    """Writes figures above or below the line as such where they would run into those on it."""
    found: dict[_Element, str] = {}
    before = ""  # the last characters that are seen
    ended: _Element | None = None  # the script that they are the end of
    for event, element in walk(root):
        if event != "tail" and (element.tag in BLOCKS or element.tag == "br"):
            before, ended = "", None
        script = _script_of(element)
        if event == "end":
            ended = element if script else ended
            continue
        runs_on = event == "start" and script and _ENDS_FIGURE.search(before)
        if runs_on and _BEGINS_FIGURE.match("".join(element.itertext())):
            found[element] = script
        text = element.text if event == "start" else element.tail
        if text:
            if ended is not None and "0" <= text[0] <= "9" and "0" <= before[-1:] <= "9":
                found[ended] = _script_of(ended)
            before, ended = (before + text)[-2:], None
    for element, script in found.items():
        for inner in element.iter("*"):
            if inner.text:
                inner.text = inner.text.translate(_SCRIPTS[script])
            if inner.tail and inner is not element:
                inner.tail = inner.tail.translate(_SCRIPTS[script])


def _script_of(element: "_Element") -> str:
    """Returns "sup" or "sub" for an element above or below the line, else nothing."""
    if element.tag in _SCRIPTS:
        return str(element.tag)
    match = _STYLED_SCRIPT.search(element.get("style", ""))
    return match[1].lower() if match else ""


def _flattened(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    return tag[0] if name in _KEPT else "<p>" if name in BLOCKS else ""


def _named_encoding(markup: bytes) -> str | None:
    match = _XML_ENCODING.match(markup[:1000]) or _CHARSET.search(markup[:8192])
    if match is None:
        return None
    name = match[1].decode("ascii", "replace")
    # What could be read as bytes of ASCII is not UTF-16, whatever it says.
    return "utf-8" if name.lower().startswith("utf-16") else name
