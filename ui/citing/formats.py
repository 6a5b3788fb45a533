"""The forms in which a quote can be taken away, by name."""

import json
from collections.abc import Callable, Mapping

from ui.citing.excerpt import Excerpt
from ui.citing.exchange import bibtex, csl_item, ris
from ui.citing.styles import Style, plain, reference
from ui.citing.wording import markdown
from ui.told import day


def as_text(excerpt: Excerpt) -> str:
    """Returns a quote with its source, as plain text."""
    return f"“{excerpt.text}” — {', '.join(_source(excerpt))}" + (
        f". {excerpt.url}" if excerpt.url else ""
    )


def as_markdown(excerpt: Excerpt) -> str:
    """Returns a quote as a block of Markdown, with its source and a link to its place."""
    title, *facts = map(markdown, _source(excerpt))
    if excerpt.original:
        title = f"[{title}](<{excerpt.original}>)"
    source = ", ".join([title, *facts])
    return f"> {markdown(excerpt.text)}\n>\n> — {source} ([place](<{excerpt.link}>))"


def _styled(style: Style) -> Callable[[Excerpt], str]:
    """Makes the form of a style: the quote with what stands behind it, and the entry below."""

    def form(excerpt: Excerpt) -> str:
        found = reference(excerpt, style)
        return f"“{excerpt.text}” {plain(found.in_text)}\n\n{plain(found.entry)}"

    return form


def _csl_json(excerpt: Excerpt) -> str:
    return json.dumps([csl_item(excerpt)], ensure_ascii=False, indent=2)


#: Every form of text, in the order of the menu. ``original`` is empty where a source has no URL.
FORMATS: Mapping[str, Callable[[Excerpt], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "apa": _styled("apa"),
    "chicago": _styled("chicago"),
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": _csl_json,
    "link": lambda excerpt: excerpt.link,
    "original": lambda excerpt: excerpt.original or "",
}


def _source(excerpt: Excerpt) -> list[str]:
    """Returns title, who, when and where, each once."""
    when = excerpt.published and day(excerpt.published)
    if excerpt.published is None and excerpt.event:
        when = f"event of {day(excerpt.event)}"
    facts = [excerpt.title, excerpt.author, excerpt.publisher, when, excerpt.place]
    return list(dict.fromkeys(fact for fact in facts if fact))
