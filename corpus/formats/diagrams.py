"""Diagrams (SmartArt) of Word files and presentations, and charts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.formats.cellvalues import shown

if TYPE_CHECKING:
    from lxml.etree import _Element

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def chart_tables(chart: "_Element") -> Iterator[list[list[str]]]:
    """Yields what a chart shows as tables: a row of the series' names, then one a category.

    Series with the same categories make one table. What has neither, as points have, gives only
    the names.

    Args:
        chart: The part that holds it.
    """
    above: dict[int, str] = {}
    columns: list[tuple[str, dict[int, str]]] = []
    for series in chart.iter(f"{_CHART}ser"):
        title = series.find(f"{_CHART}tx")
        name = " ".join(_points(title).values())
        if title is not None and not name:
            name = title.findtext(f"{_CHART}v") or ""
        categories = _points(series.find(f"{_CHART}cat"))
        if columns and categories != above:
            yield _table(above, columns)
            columns = []
        above = categories
        columns.append((name, _points(series.find(f"{_CHART}val"))))
    if columns:
        yield _table(above, columns)


def _table(
    categories: dict[int, str], columns: list[tuple[str, dict[int, str]]]
) -> list[list[str]]:
    places = sorted({*categories, *(place for _, values in columns for place in values)})
    return [
        ["", *(name for name, _ in columns)],
        *(
            [categories.get(place, ""), *(values.get(place, "") for _, values in columns)]
            for place in places
        ),
    ]


def _points(data: "_Element | None") -> dict[int, str]:
    """Returns the texts and numbers that a chart keeps of its data, by their places."""
    points: dict[int, str] = {}
    for cache in data.iter() if data is not None else ():
        number_format = cache.findtext(f"{_CHART}formatCode") or "General"
        for point in cache.findall(f"{_CHART}pt"):
            text = point.findtext(f"{_CHART}v") or ""
            if cache.tag == f"{_CHART}numCache":
                text = _number(text, point.get("formatCode") or number_format)
            # Levels of categories come from the innermost one on.
            place = int(point.get("idx") or 0)
            points[place] = f"{text}, {points[place]}" if place in points else text
    return points


def _number(text: str, number_format: str) -> str:
    from openpyxl.styles.numbers import is_date_format  # lazy: only charts need it
    from openpyxl.utils.datetime import from_excel  # lazy: as above

    try:
        value = float(text)
        return shown(from_excel(value) if is_date_format(number_format) else value, number_format)
    except (ValueError, OverflowError):  # an error such as #N/A, or no day
        return text


def diagram_texts(data: "_Element") -> list[str]:
    """Returns the texts of a diagram's shapes, in the order in which its author listed them.

    Args:
        data: The part that holds its data.
    """
    return [
        "".join(piece.text or "" for piece in paragraph.iter(f"{_DRAWING}t"))
        for point in data.iter(f"{_DIAGRAM}pt")
        # Other points are layout; they repeat no text but placeholders.
        if point.get("type", "node") in ("node", "asst")
        for paragraph in point.iter(f"{_DRAWING}p")
    ]
