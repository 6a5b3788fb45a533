"""What part of the corpus is searched, as links say it: ``since=2023-01-01&format=pdf``."""

from collections.abc import Callable
from datetime import date
from html import escape
from urllib.parse import parse_qs, urlencode

from assistant import Assistant, BadQuestion, UnknownPlace
from corpus import without_surrogates
from index import Filter
from ui.kinds import FORMATS, format_name
from ui.told import period

# Characters of a filter; a link of more was made by no page.
_LONGEST = 8000


def filter_of(query: str) -> Filter | None:
    """Returns the filter that a link says; None if it says none. Other keys are passed over.

    Raises:
        BadQuestion: If a day is no day, or a format is none that is read.
    """
    if len(query) > _LONGEST:
        raise BadQuestion("the filter is too long; take some of it away")
    try:
        said = parse_qs(without_surrogates(query), max_num_fields=200)
        formats = [FORMATS[name].media_type for name in said.get("format", [])]
        found = Filter(
            documents=frozenset(said.get("document", [])),
            since=_day(said.get("since")),
            until=_day(said.get("until")),
            publishers=frozenset(said.get("publisher", [])),
            media_types=frozenset(formats),
        )
    except (ValueError, KeyError) as error:
        raise BadQuestion(
            f"the filter cannot be read ({error}); days are like 2023-11-20, formats like pdf"
        ) from error
    return None if found == Filter() else found


def query_of(within: Filter | None) -> str:
    """Returns a filter as links say it; empty if there is none."""
    if within is None:
        return ""
    days = {"since": within.since, "until": within.until}
    said = [(name, each.isoformat()) for name, each in days.items() if each]
    said += [("publisher", name) for name in sorted(within.publishers)]
    said += [("format", format_name(kind)) for kind in sorted(within.media_types)]
    said += [("document", name) for name in sorted(within.documents)]
    return urlencode(said)


def link_of(question: str, within: Filter | None) -> str:
    """Returns the address, on this server, that asks a question as it was asked."""
    asked = urlencode({"q": without_surrogates(question)})
    return "/?" + "&".join(filter(None, (asked, query_of(within))))


def told_filter(within: Filter | None, title_of: Callable[[str], str]) -> list[str]:
    """Returns what a filter lets through, in a few words for each thing that it asks.

    Args:
        within: The filter.
        title_of: Returns the title of a document by its id.
    """
    if within is None:
        return []
    told = [period(within.since, within.until).strip()]
    told += [f"by {name}" for name in sorted(within.publishers)]
    labels = {each.media_type: each.label for each in FORMATS.values()}
    told += [labels.get(kind, kind) for kind in sorted(within.media_types)]
    told += [f"“{title_of(name)}”" for name in sorted(within.documents)]
    return [each for each in told if each]


def title_in(assistant: Assistant) -> Callable[[str], str]:
    """Returns what gives the title of a document by its id, or the id where there is none."""

    def title(document_id: str) -> str:
        try:
            return assistant.document(document_id).title
        except UnknownPlace:
            return document_id

    return title


def within_html(told: list[str]) -> str:
    """Returns what was searched as HTML above an answer; empty if that was all."""
    if not told:
        return ""
    chips = " ".join(f'<span class="limit">{escape(each)}</span>' for each in told)
    return f'<p class="within">Searched only {chips}</p>'


def _day(said: list[str] | None) -> date | None:
    return date.fromisoformat(said[-1]) if said else None
