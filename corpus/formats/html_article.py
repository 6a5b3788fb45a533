"""What of a page is its article, and what the site puts around every page.

Tag names alone do not tell: markup that is not balanced puts a whole article into the menu. So
each element is weighed by its prose (text of some length outside links) and by its links, and an
element that holds much of the page's prose is never dropped, whatever it is called.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from corpus.formats.html_folded import folded_in, permalinks_in
from corpus.formats.html_names import AROUND, INSIDE, is_notice, limit_of, limit_of_program
from corpus.formats.html_tree import BLOCKS, ancestors_of, is_hidden
from corpus.formats.html_weights import Weight, Weights, weigh

if TYPE_CHECKING:
    from lxml.etree import _Element

_INPUTS = ("input", "select", "textarea", "button")
_NO_TITLES = ("header", "nav", "aside", "footer", "a")  # what a site's own name stands in
_TITLES = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary")
_LONGEST_FORM = 400

# A part that says it is the main one is believed if it has this share of the page's prose;
# without such a part, the main one is the inmost that has the second share.
_SAID, _DENSE = 0.6, 0.8

# Of many elements few say anything of whether they are shown.
_MAY_BE_HIDDEN = "descendant::*[self::dialog or @hidden or @style]"

# A page with less of its text in links than this, and no part named as a site's, is an article.
_LINKED = 0.4


def unseen_in(root: "_Element") -> "set[_Element]":
    """Returns the elements of a tree that are not shown, and buttons that are no headings.

    What a click unfolds is shown, and so is the button over it. Signs that a heading puts behind
    itself for links to it are not.
    """
    hidden = {element for element in root.xpath(_MAY_BE_HIDDEN) if is_hidden(element)}
    folded, openers = folded_in(root, hidden)
    hidden -= folded
    if hidden:  # a page that its scripts show once it is loaded hides nothing
        weights = weigh(root, frozenset())
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
    return hidden | (buttons - openers) | permalinks_in(root)


def site_parts(root: "_Element", unseen: "Collection[_Element]") -> "set[_Element]":
    """Returns the elements of a page that are the site's: menus, notices, footers and such.

    Where a page has nothing that is evidently so, or little else, there are none.
    """
    weights = weigh(root, unseen)
    of_programs = {
        element
        for element, weight in weights.items()
        if element is not root
        and element.tag in BLOCKS  # a word in a sentence may be named "popup"
        and _share(weight, weights[root]) < limit_of_program(element)
    }
    weights = weigh(root, {*unseen, *of_programs})
    whole = weights[root]
    if not whole.text:
        return set()
    if not any(limit_of(element, AROUND) for element in weights) and whole.linked() < _LINKED:
        return of_programs | _columns_of_links(weights, whole)
    named = {
        element
        for element, weight in weights.items()
        if element is not root and _is_named(element, weight, whole, inside=False)
    }
    dropped = _of_site(root, _main_part(root, weights, named), weights)
    text = whole.text - sum(weights[element].text for element in dropped)
    prose = whole.prose - sum(weights[element].prose for element in dropped)
    return of_programs | dropped if text and prose >= whole.prose / 2 else of_programs


def _is_named(element: "_Element", weight: Weight, whole: Weight, inside: bool) -> bool:
    """Tells whether an element is named as the site's, and holds little enough to be.

    A word alone says little: a report has sections on social policy, on consent, on search and
    rescue. Inside the main part it is believed only of links and of forms, outside it of all but
    prose without any.
    """
    if not weight.text or _share(weight, whole) >= limit_of(element, INSIDE if inside else AROUND):
        return False
    if inside:
        return element.tag == "nav" or weight.linked() > 0.5 or _asks(element, weight)
    evidently = limit_of(element, AROUND) > limit_of(element, INSIDE)
    return evidently or not weight.prose or weight.link_count > 0 or _asks(element, weight)


def _share(weight: Weight, whole: Weight) -> float:
    """Returns how much of a page's prose, or of its text if it has none, an element holds."""
    return weight.prose / whole.prose if whole.prose else weight.text / max(whole.text, 1)


def _asks(element: "_Element", weight: Weight) -> bool:
    """Tells whether an element is a form, or a notice that asks to be agreed to."""
    if weight.text > _LONGEST_FORM and not is_notice(element):
        return False
    return any(
        not any(name in asked.attrib for name in ("aria-controls", "aria-expanded"))
        and next(asked.iterancestors(*_TITLES), None) is None
        for asked in element.iter(*_INPUTS)
        if asked.get("type") != "hidden"
    )


def _main_part(root: "_Element", weights: Weights, named: "set[_Element]") -> "_Element":
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
    main: "_Element", root: "_Element", weights: Weights, named: "set[_Element]"
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


def _of_site(root: "_Element", main: "_Element", weights: Weights) -> "set[_Element]":
    """Returns the outermost elements of a page that are the site's."""
    whole = weights[root]
    inner = {main, *main.iterdescendants("*")}
    judged = {main, root, *main.iterancestors()}

    def in_prose(element: "_Element") -> bool:
        block = next((above for above in element.iterancestors(*BLOCKS)), None)
        return block in weights and weights[block].is_prose

    def evidently(element: "_Element", weight: Weight) -> bool:
        if element.tag not in BLOCKS and in_prose(element):
            return False  # a sentence is kept or dropped whole, whatever its words are named
        if element not in inner:
            return _is_named(element, weight, whole, inside=False) or _is_scrap(element, weight)
        return (
            _is_named(element, weight, whole, inside=True)
            or (element.tag == "form" and _is_small_form(element, weight))
            or (_is_list_of_links(weight) and _is_table_of_contents(element))
        )

    found: set[_Element] = set()
    left: Weights = {}
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


def _columns_of_links(weights: Weights, whole: Weight) -> "set[_Element]":
    """Returns the cells with a menu in them that stand beside the article, on pages of old."""
    rows = {
        cell.getparent()
        for cell, weight in weights.items()
        if cell.tag == "td" and weight.prose >= _SAID * whole.prose > 0
    }
    return {
        cell
        for cell, weight in weights.items()
        if cell.tag == "td" and cell.getparent() in rows and _is_list_of_links(weight)
    }


def _is_list_of_links(weight: Weight) -> bool:
    return not weight.prose and weight.link_count >= 3 and weight.linked() > 0.8


def _is_table_of_contents(element: "_Element") -> bool:
    return all(link.get("href", "").startswith("#") for link in element.iter("a"))


def _is_small_form(element: "_Element", weight: Weight) -> bool:
    small = not weight.prose and weight.text <= _LONGEST_FORM
    return small and next(element.iter(*_INPUTS), None) is not None


def _is_scrap(element: "_Element", weight: Weight) -> bool:
    """Tells whether an element outside the main part is neither prose nor a title."""
    if element.tag in {"h1", "h2"} or next(element.iter("h1", "h2"), None) is not None:
        return weight.linked() > 0.5
    return not weight.prose or weight.linked() > 0.5
