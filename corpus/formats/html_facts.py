"""What a page says of itself: title, author, publisher, day and address."""

import json
import re
from collections.abc import Collection, Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from corpus.document import Fact
from corpus.draft import tidied
from corpus.metadata import parse_date

if TYPE_CHECKING:
    from lxml.etree import _Element

_METADATA = "page metadata ({})"
# In the order of how much they are worth.
_PUBLISHED = {
    "article:published_time": 0.9,
    "og:article:published_time": 0.9,
    "citation_publication_date": 0.85,
    "dcterms.issued": 0.85,
    "dc.date.issued": 0.85,
    "datepublished": 0.85,
    "parsely-pub-date": 0.8,
    "sailthru.date": 0.8,
    "publication_date": 0.8,
    "publish-date": 0.8,
    "publishdate": 0.8,
    "pubdate": 0.8,
    "dcterms.created": 0.75,
    "dcterms.date": 0.75,
    "dc.date.created": 0.75,
    "dc.date": 0.75,
    "citation_date": 0.75,
    "date": 0.75,
}
_AUTHORS = {
    "author": 0.8,
    "citation_author": 0.8,
    "parsely-author": 0.8,
    "dc.creator": 0.8,
    "dcterms.creator": 0.8,
    "article:author": 0.7,
}
_PUBLISHERS = {
    "og:site_name": 0.8,
    "dc.publisher": 0.8,
    "dcterms.publisher": 0.8,
    "citation_publisher": 0.8,
    "publisher": 0.7,
    "application-name": 0.5,
}
_DAY = re.compile(r"((?:19|20)\d\d)([-/.]?)(\d\d?)\2(\d\d?)(?!\d)")
_SEPARATORS = r"\s+[|\-–—:·•»«/]+\s+|\s*\|\s*|:\s+"
_ADDRESS = re.compile(r"https?://\S+$")
_ARTICLES = re.compile(r"Article$|^(?:Report|BlogPosting|Legislation|ScholarlyArticle)$")
# Of a page's first elements, those near its top.
_NEAR = 20
_MOST_NODES = 10_000
_LONGEST = 500


def page_facts(root: "_Element", dropped: "Collection[_Element]" = frozenset()) -> list[Fact]:
    """Returns what a page says of itself, and from where.

    Args:
        root: The page.
        dropped: Elements that are no part of its article: their headings and days are not its.
    """
    said = _said(root)
    nodes = _linked_data(root)
    publisher = said.get("og:site_name") or next(_names(nodes, "publisher"), "")
    facts = [
        *_titles(root, said, publisher, dropped),
        *_days(root, said, nodes, dropped),
        *_of(said, "author", _AUTHORS),
        *(Fact("author", name, _METADATA.format("JSON-LD"), 0.75) for name in _authors(nodes)),
        *_of(said, "publisher", _PUBLISHERS),
        *(
            Fact("publisher", name, _METADATA.format("JSON-LD"), 0.75)
            for name in _names(nodes, "publisher")
        ),
        *_addresses(root, said),
    ]
    return [fact for fact in facts if fact.value]


def day_of(text: str) -> date | None:
    """Returns the day that a date in one of the forms of the web names, in its own zone."""
    text = text.strip()
    if match := _DAY.match(text):
        year, _, month, day = match.groups()
        return parse_date(f"{year}-{month:0>2}-{day:0>2}")
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _said(root: "_Element") -> dict[str, str]:
    """Returns the page's ``meta`` elements; of those of one name, the first that says something."""
    said: dict[str, str] = {}
    for meta in root.iter("meta"):
        content = tidied(meta.get("content", ""))[:_LONGEST]
        for key in ("property", "name", "itemprop"):
            name = meta.get(key, "").strip().lower()
            if name and content:
                said.setdefault(name, content)
    return said


def _linked_data(root: "_Element") -> list[dict[str, Any]]:
    """Returns the nodes of the page's JSON-LD, articles first, references to others resolved."""
    nodes: list[dict[str, Any]] = []
    for script in root.iter("script"):
        if script.get("type", "").strip().lower() != "application/ld+json" or not script.text:
            continue
        try:
            waiting = [json.loads(script.text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and len(nodes) < _MOST_NODES:
            node = waiting.pop()
            if isinstance(node, list):
                waiting.extend(reversed(node))
            elif isinstance(node, dict):
                nodes.append(node)
                waiting.extend(node[key] for key in ("mainEntity", "@graph") if key in node)
    return sorted(nodes, key=lambda node: not _ARTICLES.search(str(node.get("@type", ""))))


def _names(nodes: list[dict[str, Any]], key: str) -> Iterator[str]:
    """Yields the names of persons or bodies that the first node to name any names."""
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    for node in nodes:
        value = node.get(key)
        found = []
        for one in value if isinstance(value, list) else [value]:
            whole = by_id.get(str(one.get("@id")), one) if isinstance(one, dict) else one
            name = whole.get("name") if isinstance(whole, dict) else whole
            if isinstance(name, str) and (name := tidied(name)) and not _ADDRESS.match(name):
                found.append(name[:_LONGEST])
        if found:
            yield from found
            return


def _authors(nodes: list[dict[str, Any]]) -> list[str]:
    names = ", ".join(_names(nodes, "author"))
    return [names] if names else []


def _of(said: dict[str, str], field: str, worth: dict[str, float]) -> Iterator[Fact]:
    for name, sure in worth.items():
        if name in said and not _ADDRESS.match(said[name]):
            yield Fact(field, said[name], _METADATA.format(name), sure)


def _titles(
    root: "_Element", said: dict[str, str], publisher: str, dropped: "Collection[_Element]"
) -> Iterator[Fact]:
    headings = _kept(root, "h1", dropped)
    heading = tidied("".join(headings[0].itertext())) if len(headings) == 1 else ""
    shared = said.get("og:title", "")
    if shared and shared != publisher:
        title = _without_site(shared, publisher, heading)
        yield Fact("title", title, _METADATA.format("og:title"), 0.8)
        # "2022 Country Reports: Jamaica" says more than "Jamaica".
        fuller = title != heading and title in heading
    else:
        fuller = True
    yield Fact("title", heading[:_LONGEST], "page heading", 0.85 if fuller else 0.7)
    for title_element in root.iter("title"):
        title = tidied("".join(title_element.itertext()))[:_LONGEST]
        yield Fact("title", _without_site(title, publisher, heading), "page title", 0.6)
        break


def _without_site(title: str, publisher: str, heading: str) -> str:
    """Returns a title without the site's name before or after it."""
    if publisher:
        name = re.escape(publisher)
        for pattern in (rf"^(.+?)(?:{_SEPARATORS}){name}$", rf"^{name}(?:{_SEPARATORS})(.+)$"):
            if match := re.match(pattern, title, re.IGNORECASE):
                return match[1]
    if heading and heading in re.split(_SEPARATORS, title):
        return heading
    first, _, rest = title.rpartition(" | ")
    return first or rest


def _days(
    root: "_Element",
    said: dict[str, str],
    nodes: list[dict[str, Any]],
    dropped: "Collection[_Element]",
) -> Iterator[Fact]:
    for name, sure in _PUBLISHED.items():
        if name in said and (day := day_of(said[name])):
            yield Fact("published", day.isoformat(), _METADATA.format(name), sure)
    for node in nodes:
        value = node.get("datePublished")
        if isinstance(value, str) and (day := day_of(value)):
            yield Fact("published", day.isoformat(), _METADATA.format("JSON-LD"), 0.85)
            break
    for time in _kept(root, "time", dropped)[:_NEAR]:
        if day := day_of(time.get("datetime", "")):
            sure = (
                0.7 if time.get("itemprop") == "datePublished" or "pubdate" in time.attrib else 0.6
            )
            yield Fact("published", day.isoformat(), "time on the page", sure)
            break


def _addresses(root: "_Element", said: dict[str, str]) -> Iterator[Fact]:
    for link in root.iter("link"):
        if link.get("rel", "").lower() == "canonical":
            address = link.get("href", "").strip()
            if _ADDRESS.match(address):
                yield Fact("url", address, "page metadata (canonical)", 0.9)
                break
    if _ADDRESS.match(said.get("og:url", "")):
        yield Fact("url", said["og:url"], _METADATA.format("og:url"), 0.8)


def _kept(root: "_Element", tag: str, dropped: "Collection[_Element]") -> "list[_Element]":
    return [
        element
        for element in root.iter(tag)
        if element not in dropped and not any(a in dropped for a in element.iterancestors())
    ]
