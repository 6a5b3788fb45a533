"""References in the styles of APA and Chicago, set by citeproc."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ui.citing.excerpt import Excerpt

#: The styles, each by its file beside this module.
Style = Literal["apa", "chicago"]

# Stand for the texts of a document while citeproc sets a reference: it would read some of them as
# markup and change the capitals of others. They are of Unicode's private use.
_STAND_INS = {"author": "\ue000", "title": "\ue001", "publisher": "\ue002", "url": "\ue003"}
_STAND_IN = re.compile("[\ue000-\ue003]")
_NAMES = {stand_in: name for name, stand_in in _STAND_INS.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a reference, in italics or not."""

    text: str
    italic: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """How a style refers to a quote.

    Attributes:
        in_text: What stands behind the quote, in brackets.
        entry: What stands in the bibliography.
    """

    in_text: tuple[Run, ...]
    entry: tuple[Run, ...]


def reference(excerpt: Excerpt, style: Style) -> Reference:
    """Returns how a style refers to a quote; a publisher without an author counts as the author."""
    author, publisher = excerpt.author or excerpt.publisher, excerpt.publisher
    texts = {
        "author": author,
        "title": excerpt.title,
        "publisher": None if publisher == author else publisher,
        "url": excerpt.url,
    }
    known = tuple(name for name, text in texts.items() if text)
    day = excerpt.published
    issued = (day.year, day.month, day.day) if day else None
    values = {name: text for name, text in texts.items() if text}
    in_text, entry = _set(style, known, issued, excerpt.locator)
    return Reference(_runs(in_text, values), _runs(entry, values))


def plain(runs: Sequence[Run]) -> str:
    """Returns a reference as plain text."""
    return "".join(run.text for run in runs)


@lru_cache(maxsize=1024)
def _set(
    style: Style,
    known: tuple[str, ...],
    issued: tuple[int, int, int] | None,
    locator: tuple[str, str] | None,
) -> tuple[str, str]:
    """Returns citation and entry as HTML in which stand-ins stand for the texts."""
    import citeproc  # lazy: takes a quarter of a second, and few questions end in a reference
    from citeproc.source.json import CiteProcJSON

    item: dict[str, Any] = {"id": "it", "type": "webpage"}
    for name in known:
        if name == "author":
            item["author"] = [{"literal": _STAND_INS[name]}]
        else:
            item["URL" if name == "url" else name] = _STAND_INS[name]
    if issued:
        item["issued"] = {"date-parts": [list(issued)]}
    path = Path(__file__).with_name(f"{style}.csl")
    bibliography = citeproc.CitationStylesBibliography(
        citeproc.CitationStylesStyle(str(path), validate=False),
        CiteProcJSON([item]),
        citeproc.formatter.html,
    )
    place = {"locator": citeproc.Locator(*locator)} if locator else {}
    citation = citeproc.Citation([citeproc.CitationItem("it", **place)])
    bibliography.register(citation)
    [entry] = bibliography.bibliography()
    return str(bibliography.cite(citation, None)), str(entry)


def _runs(markup: str, values: dict[str, str]) -> tuple[Run, ...]:
    """Returns what citeproc has set, with the texts in place of their stand-ins."""
    for name, value in values.items():
        # What ends a sentence takes no other point; an address is not part of one.
        if name != "url" and value.endswith((".", "?", "!", "…")):
            markup = re.sub(f"({_STAND_INS[name]}(?:</i>)?)\\.", r"\1", markup)
    pieces = re.split(r"(<i>|</i>)", markup)
    runs, italic = [], False
    for piece in pieces:
        if piece in {"<i>", "</i>"}:
            italic = piece == "<i>"
        elif piece:
            text = _STAND_IN.sub(lambda found: values[_NAMES[found[0]]], html.unescape(piece))
            runs.append(Run(text, italic))
    return tuple(runs)
