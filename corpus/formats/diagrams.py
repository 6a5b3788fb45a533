"""Diagrams (SmartArt) of Word files and presentations."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


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
