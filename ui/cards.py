"""The cited passages as HTML: where each is from, and its quotes where they stand in it."""

from collections.abc import Iterable, Sequence
from html import escape

from assistant import Citation
from corpus import Document
from index import Repeat
from ui.linking import CHANGED, place_link
from ui.places import place_of
from ui.told import day
from ui.tools import only_html

# Characters shown of a passage on either side of its quotes.
_AROUND = 140

# Documents named of those in which a passage recurs.
_NAMED = 12


def cards_html(citations: Iterable[Citation]) -> str:
    """Returns a list with a card for each passage that is cited, in the order of its numbers."""
    by_passage: dict[str, list[Citation]] = {}
    for citation in citations:
        by_passage.setdefault(citation.passage.id, []).append(citation)
    return f'<ul class="sources">{"".join(map(_card, by_passage.values()))}</ul>'


def _card(group: Sequence[Citation]) -> str:
    """The card of a passage with all its quotes."""
    first = group[0]
    numbers = " ".join(f"[{citation.number}]" for citation in group)
    verified = all(citation.verified for citation in group)
    return (
        f'<li class="card"><p class="origin"><span class="numbers">{numbers}</span> '
        f'<a class="title" dir="auto" href="{escape(place_link(first))}">'
        f"{escape(first.document.title)}</a></p>"
        f'<p class="about">{_about(group)}{_state(verified)}'
        f"{only_html(first.document.id)}</p>"
        f"{_passage(group)}{_repeats(group)}</li>"
    )


def _about(group: Sequence[Citation]) -> str:
    """Publisher, the best date there is, the places of the quotes, and how strongly they answer."""
    document = group[0].document
    places = dict.fromkeys(
        place_of(document, citation.quote.start, citation.quote.end) for citation in group
    )
    place = "; ".join(escape(place) for place in places if place)
    evidence = max(citation.score for citation in group)
    parts = [
        escape(document.publisher) if document.publisher else "",
        _date(document),
        f'<span class="place">{place}</span>' if place else "",
        f'<span class="strength">evidence {evidence:.0%}</span>',
    ]
    return " · ".join(filter(None, parts))


def _date(document: Document) -> str:
    if document.published:
        return day(document.published)
    return f"event of {day(document.event_date)}" if document.event_date else ""


def _state(verified: bool) -> str:
    if verified:
        return ' · <span class="verified">verified</span>'
    return f' · <strong class="changed">{CHANGED}</strong>'


def _passage(group: Sequence[Citation]) -> str:
    """The quotes with some words around them; opened, the whole passage."""
    text, passage = group[0].document.text, group[0].passage
    first, last = passage.start, passage.end
    start = min(each.quote.start for each in group) - _AROUND
    end = max(each.quote.end for each in group) + _AROUND
    # Between words, unless a word is so long that nothing would be left.
    if start > first:
        space = text.find(" ", start, start + _AROUND // 2)
        first = start if space < 0 else space + 1
    if end < last:
        last = max(text.rfind(" ", 0, end), end - _AROUND // 2)
    if (first, last) == (passage.start, passage.end):
        return f'<p class="context" dir="auto">{_marked(group, first, last)}</p>'
    before = "… " if first > passage.start else ""
    after = " …" if last < passage.end else ""
    return (
        f'<p class="context" dir="auto">{before}{_marked(group, first, last)}{after}</p>'
        '<details class="whole"><summary>Whole passage</summary>'
        f'<p dir="auto">{_marked(group, passage.start, passage.end)}</p></details>'
    )


def _marked(group: Sequence[Citation], start: int, end: int) -> str:
    """The stretch ``[start, end)`` of a text with the quotes of its group marked, none twice."""
    text = group[0].document.text
    parts = []
    at = start
    for citation in sorted(group, key=lambda each: each.quote.start):
        quote = citation.quote
        if quote.end <= at:
            continue
        words = escape(text[max(at, quote.start) : quote.end])
        parts.append(escape(text[at : quote.start]))
        parts.append(f'<span class="quoted q{citation.number}">{words}</span>')
        at = quote.end
    return "".join(parts) + escape(text[at:end])


def _repeats(citations: Iterable[Citation]) -> str:
    """In how many other documents the passage stands; opened, it names them."""
    others = {repeat.document_id: repeat for each in citations for repeat in each.also_in}
    if not others:
        return ""
    named = [
        f'<li dir="auto">{escape(_dated(repeat))}</li>' for repeat in list(others.values())[:_NAMED]
    ]
    if len(others) > _NAMED:
        named.append(f"<li>and {len(others) - _NAMED:,} more</li>")
    count = f"{len(others):,} other document{'' if len(others) == 1 else 's'}"
    return (
        f'<details class="repeats"><summary>also in {count}</summary>'
        f"<ul>{''.join(named)}</ul></details>"
    )


def _dated(repeat: Repeat) -> str:
    return f"{repeat.title} ({repeat.published})" if repeat.published else repeat.title
