"""What the map and the timeline show, as JSON: points, bars, documents, passages."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from assistant import Quote, UnknownPlace
from assistant.questions import checked_question
from corpus import Document, Passage
from index import Generation
from index.atlas import Atlas
from index.outlines import Outline
from ui.atlas.grouping import OTHER, UNKNOWN, Groups, by_publisher, by_time, periods
from ui.linking import place_of_quote
from ui.told import day

#: What `json.dumps` takes.
Json = dict[str, Any]

#: Groups told apart by colour: more are not.
MOST_COLOURS = 8

# Bars of the timeline: at most as many as there are documents, between these.
_FEWEST_BARS, _MOST_BARS = 12, 60

# Documents listed at once.
_PAGE = 50

# Passages found for a question that are marked.
_HITS = 10

# Steps of a coordinate: finer than the dots of a screen, also of a part of the map.
_STEPS = 10_000

# Characters shown of a passage, and read of it to find them.
_SHOWN, _READ = 240, 2_000


def points_json(atlas: Atlas, documents: Sequence[Outline]) -> Json:
    """Returns the points of a map: in columns, as there are thousands.

    Each has the passage's ``number``, ``x`` and ``y`` from 0 to 10,000, its ``bar`` in the
    timeline, and its group by ``time`` and by ``publisher`` (-1: not known, -2: another one).
    """
    places = atlas.places.tolist()
    x, y = (atlas.points * _STEPS).round().astype(int).T.tolist()
    bars = by_time(documents, _bars(documents)).of
    return {
        "number": atlas.numbers.tolist(),
        "x": x,
        "y": y,
        "bar": [bars[place] for place in places],
        "time": _legend(by_time(documents, MOST_COLOURS), places),
        "publisher": _legend(by_publisher(documents, MOST_COLOURS), places),
    }


def _legend(groups: Groups, places: Sequence[int]) -> Json:
    of = [groups.of[place] for place in places]
    counts = Counter(of)
    names = [*enumerate(groups.labels), (OTHER, "Others"), (UNKNOWN, "Not known")]
    legend = [
        {"group": group, "label": label, "points": counts[group]}
        for group, label in names
        if counts[group]
    ]
    return {"of": of, "legend": legend}


def timeline_json(documents: Sequence[Outline]) -> Json:
    """Returns how many documents there are of each period, and how many are undated."""
    found = periods((document.day for document in documents), _bars(documents))
    if found is None:
        return {"bars": [], "undated": len(documents)}
    counts = Counter(found.of(document.day) for document in documents)
    bars = [
        {
            "label": found.label(period),
            "name": found.name(period),
            "year": found.year(period),
            "documents": counts[period],
        }
        for period in range(found.count)
    ]
    return {"bars": bars, "undated": counts[UNKNOWN]}


def _bars(documents: Sequence[Outline]) -> int:
    return min(_MOST_BARS, max(_FEWEST_BARS, len(documents)))


def documents_json(
    generation: Generation, documents: Sequence[Outline], bar: int, start: int
) -> Json:
    """Returns the next documents of a bar of the timeline, the earliest first.

    Args:
        generation: The index.
        documents: All its documents.
        bar: Which bar; `UNKNOWN` for those without a day.
        start: How many have been listed before.
    """
    bars = by_time(documents, _bars(documents)).of
    chosen = [outline for outline, place in zip(documents, bars, strict=True) if place == bar]
    chosen.sort(key=lambda outline: (str(outline.day), outline.first, outline.id))
    listed = chosen[max(0, start) :][:_PAGE]
    return {
        "documents": [
            {"title": outline.title, "about": about(outline), "href": _opening(generation, outline)}
            for outline in listed
        ],
        "total": len(chosen),
    }


def passage_json(generation: Generation, documents: Sequence[Outline], number: int) -> Json:
    """Returns a passage: title, about, beginning, and the link that opens it.

    Raises:
        UnknownPlace: If there is none of that number.
    """
    found = generation.store.passages([number]).get(number)
    if found is None:
        raise UnknownPlace(f"no passage {number} in index {generation.name}; open the map again")
    outline = next(each for each in documents if each.id == found.document_id)
    return _passage(generation, outline, found) | {"number": number}


def question_json(atlas: Atlas, documents: Sequence[Outline], question: str) -> Json:
    """Returns where a question stands on the map, and what a search finds for it, best first.

    Raises:
        BadQuestion: If it is empty or too long.
    """
    text, generation = checked_question(question), atlas.generation
    vector = generation.encoder.embed_queries([text])
    hits = generation.search_embedded(text, vector, _HITS)
    outlines = {outline.id: outline for outline in documents}
    of_hits = [outlines[hit.passage.document_id] for hit in hits]
    numbers = [
        outline.first + hit.passage.ordinal for outline, hit in zip(of_hits, hits, strict=True)
    ]
    found = [
        _passage(generation, outline, hit.passage)
        | {"rank": hit.rank, "number": number, "x": round(_STEPS * x), "y": round(_STEPS * y)}
        for hit, outline, number, (x, y) in zip(
            hits, of_hits, numbers, atlas.locate(numbers).tolist(), strict=True
        )
    ]
    [[x, y]] = atlas.locate_vector(vector).tolist()
    return {"question": text, "x": round(_STEPS * x), "y": round(_STEPS * y), "hits": found}


def _passage(generation: Generation, outline: Outline, passage: Passage) -> Json:
    document = generation.document(passage.document_id)
    return {
        "title": document.title,
        "about": about(outline),
        "begins": _beginning(document.text[passage.start : passage.end]),
        "href": _link(document, passage),
    }


def about(outline: Outline) -> str:
    """Returns publisher and day of a document, one line for people."""
    when = day(outline.day) if outline.day else "no date"
    return " · ".join(filter(None, (outline.publisher, when)))


def _opening(generation: Generation, outline: Outline) -> str | None:
    """The link that opens a document at its first passage; None if it has none."""
    first = generation.store.passages([outline.first] if outline.passages else [])
    return next((_link(generation.document(outline.id), each) for each in first.values()), None)


def _link(document: Document, passage: Passage) -> str:
    return place_of_quote(document.id, Quote.of(document, passage.start, passage.end))


def _beginning(text: str) -> str:
    words = " ".join(text[:_READ].split())
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
