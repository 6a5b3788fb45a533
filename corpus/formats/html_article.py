"""What of a page is its article, and what the site puts around every page.

Tag names alone do not tell: markup that is not balanced puts a whole article into the menu. So
each element is weighed by its prose (text of some length outside links) and by its links, and an
element that holds much of the page's prose is never dropped, whatever it is called.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.formats.html_tree import BLOCKS, HEADINGS, ancestors_of, is_hidden, walk

if TYPE_CHECKING:
    from lxml.etree import _Element

# A block with this much text outside links is prose; a letter of Chinese says as much as three.
_PROSE = 60
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")

# Names that say an element is not of the article, each with the share of the page's prose up to
# which that is believed: notices and footers may be long, and articles short.
_NOTICES = dict.fromkeys(("cookie", "cookies", "consent", "gdpr", "onetrust"), 0.5)
_MENUS = dict.fromkeys(
    "nav navbar navigation menu menubar submenu breadcrumb breadcrumbs pagination pager skip toc"
    " sitemap search".split(),
    0.1,
)
_ADVERTS = dict.fromkeys(
    "share sharing social addtoany sharedaddy addthis newsletter subscribe signup promo popup"
    " advert advertisement ads sponsored taboola outbrain related recommended recommendations"
    " readmore trending".split(),
    0.2,
)
_INSIDE = _NOTICES | _MENUS | _ADVERTS
# What an article may have of its own, but a site has, too, around it.
_AROUND = (
    _INSIDE
    | dict.fromkeys(("footer", "copyright", "disclaimer", "contentinfo"), 0.4)
    | dict.fromkeys(("sidebar", "aside", "complementary", "widget"), 0.3)
    | dict.fromkeys(("header", "masthead", "banner"), 0.1)
)
_WORD = re.compile(r"cookie|[A-Z]?[a-z]+")  # "cookiebanner" is one, too

_INPUTS = ("input", "select", "textarea", "button")
_NO_TITLES = ("header", "nav", "aside", "footer", "a")  # what a site's own name stands in
_TITLES = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary")
_LONGEST_FORM = 400

# A part that says it is the main one is believed if it has this share of the page's prose;
# without such a part, the main one is the inmost that has the second share.
_SAID, _DENSE = 0.6, 0.8

# A page with less of its text in links than this, and no part named as a site's, is an article.
_LINKED = 0.4


@dataclass(slots=True)
class _Weight:
    """What lies in an element; lengths in characters."""

    text: int = 0
    links: int = 0  # of the text, what is in links
    link_count: int = 0
    prose: int = 0
    is_prose: bool = False  # by itself, without the blocks in it

    def linked(self) -> float:
        """Returns the share of the text that is in links."""
        return self.links / self.text if self.text else 0.0


_Weights = dict["_Element", _Weight]


def unseen_in(root: "_Element") -> "set[_Element]":
    """Returns the elements of a tree that are not shown, and buttons that are no headings."""
    hidden = {element for element in root.iter("*") if is_hidden(element)} - {root}
    if hidden:  # a page that its scripts show once it is loaded hides nothing
        weights = _weigh(root, frozenset())
        half = weights[root].prose / 2
        hidden = {
            element
            for element in hidden
            if element in weights and (not half or weights[element].prose <= half)
        }
    buttons = {
        button
        for button in root.iter("button")
        if next(button.iterancestors(*_TITLES), None) is None
    }
    return hidden | buttons


def site_parts(root: "_Element", unseen: "Collection[_Element]") -> "set[_Element]":
    """Returns the elements of a page that are the site's: menus, notices, footers and such.

    Where a page has nothing that is evidently so, or little else, there are none.
    """
    weights = _weigh(root, unseen)
    whole = weights[root]
    if not any(_limit(element, _AROUND) for element in weights) and whole.linked() < _LINKED:
        return set()
    named = {
        element
        for element, weight in weights.items()
        if element is not root and _is_named(element, weight, whole, _AROUND)
    }
    dropped = _of_site(root, _main_part(root, weights, named), weights)
    text = whole.text - sum(weights[element].text for element in dropped)
    prose = whole.prose - sum(weights[element].prose for element in dropped)
    return dropped if text and prose >= whole.prose / 2 else set()


def _weigh(root: "_Element", unseen: "Collection[_Element]") -> _Weights:
    """Weighs the elements of a tree that can hold text, in document order."""
    weights: _Weights = {}
    path = [_Weight()]
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
            path.append(_Weight())
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


def _is_named(
    element: "_Element", weight: _Weight, whole: _Weight, limits: dict[str, float]
) -> bool:
    """Tells whether an element is named as the site's, and holds little enough to be."""
    share = weight.prose / whole.prose if whole.prose else weight.text / max(whole.text, 1)
    return weight.text > 0 and share < _limit(element, limits)


def _limit(element: "_Element", limits: dict[str, float]) -> float:
    """Returns up to what share of the page's prose an element's names are believed."""
    if element.tag in HEADINGS:  # named by what they head, for links to them
        return 0
    attributes = element.attrib
    said = (attributes.get("class", ""), attributes.get("id", ""), attributes.get("role", ""))
    words = {str(element.tag), *(word.lower() for name in said for word in _WORD.findall(name))}
    return max((limits.get(word, 0) for word in words), default=0)


def _main_part(root: "_Element", weights: _Weights, named: "set[_Element]") -> "_Element":
    """Returns the inmost element that holds the article."""
    whole = weights[root].prose
    if not whole:
        return root
    main = root
    for element, weight in weights.items():  # the inmost comes last
        says_so = element.tag in {"main", "article"} or element.get("role") == "main"
        if (says_so or element.get("itemprop") == "articleBody") and weight.prose >= _SAID * whole:
            main = element
    if main is root:
        # Each level is weighed once, so that this takes no longer than the tree is large.
        dense: _Element | None = root
        while dense is not None:
            main = dense
            dense = next(
                (
                    child
                    for child in main
                    if child in weights and weights[child].prose >= _DENSE * whole
                ),
                None,
            )
    main = _grown(main, root, weights, named)
    titles = ancestors_of(
        title for title in root.iter("h1") if next(title.iterancestors(*_NO_TITLES), None) is None
    )
    if main in titles:
        return main
    above = (ancestor for ancestor in main.iterancestors() if ancestor in titles)
    titled = next(above, None)
    if titled in weights and weights[titled].text <= 1.5 * weights[main].text:
        return titled
    return main


def _grown(
    main: "_Element", root: "_Element", weights: _Weights, named: "set[_Element]"
) -> "_Element":
    """Returns the outermost element around a part that adds nothing of the site's to it."""
    tainted = named | ancestors_of(named)
    while main is not root and (parent := main.getparent()) in weights:
        text = weights[parent].text - weights[main].text
        links = weights[parent].links - weights[main].links
        if links > 0.3 * text or any(child in tainted for child in parent if child is not main):
            break
        main = parent
    return main


def _of_site(root: "_Element", main: "_Element", weights: _Weights) -> "set[_Element]":
    """Returns the outermost elements of a page that are the site's."""
    whole = weights[root]
    inner = {main, *main.iterdescendants("*")}
    judged = {main, root, *main.iterancestors()}

    def in_prose(element: "_Element") -> bool:
        block = next((above for above in element.iterancestors(*BLOCKS)), None)
        return block in weights and weights[block].is_prose

    def evidently(element: "_Element", weight: _Weight) -> bool:
        if element.tag not in BLOCKS and in_prose(element):
            return False  # a sentence is kept or dropped whole, whatever its words are named
        if element not in inner:
            return _is_named(element, weight, whole, _AROUND) or _is_scrap(element, weight)
        return (
            _is_named(element, weight, whole, _INSIDE)
            or (element.tag == "form" and _is_small_form(element, weight))
            or (_is_list_of_links(weight) and _is_table_of_contents(element))
        )

    found: set[_Element] = set()
    left: _Weights = {}
    passed: set[_Element] = set()  # what is found, and all that lies in it
    for element, weight in weights.items():
        if element.getparent() in passed:
            passed.add(element)
        elif element not in judged and weight.text and evidently(element, weight):
            found.add(element)
            passed.add(element)
        elif element in inner:
            left[element] = weight
    # Lists of nothing but links before or after all of the prose lead elsewhere, too.
    places = [place for place, weight in enumerate(left.values()) if weight.is_prose]
    for place, (element, weight) in enumerate(left.items()):
        between = places and places[0] <= place <= places[-1]
        if element is main or element.tag not in BLOCKS or between or not places:
            continue
        if _is_list_of_links(weight):
            found.add(element)
    return found


def _is_list_of_links(weight: _Weight) -> bool:
    return not weight.prose and weight.link_count >= 3 and weight.linked() > 0.8


def _is_table_of_contents(element: "_Element") -> bool:
    return all(link.get("href", "").startswith("#") for link in element.iter("a"))


def _is_small_form(element: "_Element", weight: _Weight) -> bool:
    small = not weight.prose and weight.text <= _LONGEST_FORM
    return small and next(element.iter(*_INPUTS), None) is not None


def _is_scrap(element: "_Element", weight: _Weight) -> bool:
    """Tells whether an element outside the main part is neither prose nor a title."""
    if element.tag in {"h1", "h2"} or next(element.iter("h1", "h2"), None) is not None:
        return weight.linked() > 0.5
    return not weight.prose or weight.linked() > 0.5
