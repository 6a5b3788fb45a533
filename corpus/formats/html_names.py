"""What the names of a page's elements say of them: tags, classes, ids and roles."""

import re
from collections.abc import Set
from typing import TYPE_CHECKING

from corpus.formats.html_tree import HEADINGS

if TYPE_CHECKING:
    from lxml.etree import _Element

# Names that say an element is not of the article, each with the share of the page's prose up to
# which that is believed: notices and footers may be long, and articles short.
_NOTICES = dict.fromkeys(("cookie", "cookies", "consent", "gdpr"), 0.5)
_MENUS = dict.fromkeys(
    "nav navbar navigation menu menubar submenu breadcrumb breadcrumbs pagination pager skip toc"
    " sitemap search ariane brotkrumen brotkrumenpfad migas suche recherche buscador".split(),
    0.1,
)
_ADVERTS = dict.fromkeys(
    "share sharing social newsletter subscribe signup promo popup advert advertisement ads"
    " sponsored related recommended recommendations readmore trending partage partager teilen"
    " compartir relacionados".split(),
    0.2,
)
#: What a site names its parts, inside an article, too; an article may have sections so named.
INSIDE = _NOTICES | _MENUS | _ADVERTS
#: What an article may have of its own, but a site has, too, around it.
AROUND = (
    INSIDE
    | dict.fromkeys(
        "footer copyright disclaimer contentinfo pied piedpage fusszeile fußzeile".split(), 0.4
    )
    | dict.fromkeys(("sidebar", "aside", "complementary", "widget"), 0.3)
    | dict.fromkeys("header masthead banner entete kopfzeile cabecera encabezado".split(), 0.1)
)
# Names that programs give, and no author: these are believed whatever the element holds.
_OF_PROGRAMS = dict.fromkeys(
    "onetrust cookiebot cybotcookiebot tarteaucitron didomi axeptio usercentrics cmplz"
    " cookieyes iubenda quantcast sharedaddy addtoany addthis relatedposts taboola outbrain"
    " disqus".split(),
    0.8,
) | {"popup": 0.2}
# The same, of a whole class or id.
_WHOLE_NAMES = dict.fromkeys(
    "comment-list commentlist comments-area comment-respond jp-relatedposts voir-aussi fil-ariane"
    " fil-d-ariane entry-footer cat-links tags-links".split(),
    0.8,
)
# With a word for cookies, what says that they are not what the element is about.
_KINDS = frozenset("banner notice bar dialog popup modal overlay message alert hinweis".split())
# What is hidden for other reasons than that a reader has yet to unfold it.
_APART = frozenset(
    "modal popup popover dialog menu submenu nav navbar navigation dropdown search cookie cookies"
    " tooltip overlay lightbox mobile share sharing loading spinner error print carousel slider"
    " slick login".split()
)
# What a reader unfolds.
_FOLDED = frozenset(
    "accordion accordions accordeon akkordeon collapse collapsible collapsed expandable expander"
    " panel panels tab tabs tabpanel toggle answer faq".split()
)
_WORD = re.compile(r"cookie|[A-Z]?[a-zß-ÿ]+")  # "cookiebanner" is one, too


def limit_of(element: "_Element", limits: dict[str, float]) -> float:
    """Returns up to what share of the page's prose an element's names are believed."""
    if element.tag in HEADINGS:  # named by what they head, for links to them
        return 0
    return max((limits.get(word, 0) for word in _words(element)), default=0)


def limit_of_program(element: "_Element") -> float:
    """Returns the same for names that can mean nothing but a part of the site; 0 if it has none."""
    if element.tag in HEADINGS:
        return 0
    words = _words(element)
    if words & _NOTICES.keys() and (words & _KINDS or element.get("role") == "alertdialog"):
        return 0.5
    names = " ".join(_said(element)).lower().split()
    return max(
        *(_OF_PROGRAMS.get(word, 0) for word in words),
        *(_WHOLE_NAMES.get(name, 0) for name in names),
        0,
    )


def is_notice(element: "_Element") -> bool:
    """Tells whether an element is named for cookies, or for consent."""
    return bool(_words(element) & _NOTICES.keys())


def is_apart(element: "_Element") -> bool:
    """Tells whether an element is named as a menu, a window over the page, or the like."""
    return element.tag == "dialog" or bool(_words(element) & _APART)


def is_folded(element: "_Element") -> bool:
    """Tells whether an element is named as one of those that a click unfolds."""
    return bool(_words(element) & _FOLDED)


def _said(element: "_Element") -> tuple[str, ...]:
    return tuple(element.get(name, "") for name in ("class", "id", "role"))


def _words(element: "_Element") -> Set[str]:
    said = (word.lower() for name in _said(element) for word in _WORD.findall(name))
    return {str(element.tag), *said}
