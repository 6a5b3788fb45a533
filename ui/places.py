"""Where in the original a quote stands: for programs, and in words."""

from typing import Any

from corpus import Document

# Text whose lines are the original's own.
_BY_LINE = {"text/plain", "text/markdown", "application/jsonl"}

# What a locator tells, in the order in which people look for it.
_SINGLE = ("page", "slide", "sheet", "row", "paragraph", "part", "quoted")
_WORDS = {
    "record": "{}",
    "part": "{}",
    "page": "page {}",
    "slide": "slide {}",
    "sheet": "sheet “{}”",
    "row": "row {}",
    "paragraph": "paragraph {}",
    "line": "line {}",
    "heading": "under “{}”",
}


def locator_of(document: Document, start: int, end: int) -> dict[str, Any]:
    """Returns where the characters ``[start, end)`` of a document's text stand in its original.

    Of pages, rows and the like it is the one on which they begin. ``boxes`` has a list for each
    line of a PDF: the page, and left, top, right, bottom in points from its upper left corner.
    """
    marks = document.marks.over(start, end)
    at_start = {mark.kind: mark.value for mark in marks if mark.start <= start < mark.end}
    found: dict[str, Any] = {kind: at_start[kind] for kind in _SINGLE if kind in at_start}
    pages = [mark for mark in marks if mark.kind == "page"]
    boxes = [
        [page.value, *mark.value]
        for mark in marks
        if mark.kind == "box" and isinstance(mark.value, tuple)
        for page in pages
        if page.start <= mark.start < page.end
    ]
    if boxes:
        found["boxes"] = boxes
    if document.media_type in _BY_LINE:
        found["line"] = document.text.count("\n", 0, start) + 1
    if "heading" in at_start:
        found["heading"] = at_start["heading"]
    if document.record:
        found["record"] = document.record
    return found


def place_of(document: Document, start: int, end: int) -> str:
    """Returns the same in words, such as ``page 3, under “Budget”``; empty if there are none."""
    found = locator_of(document, start, end)
    if document.media_type == "application/jsonl":
        found.pop("line")  # of a text inside one line of the file, which nobody can go to
        found["record"] = f"record {found['record']}"
    return ", ".join(words.format(found[kind]) for kind, words in _WORDS.items() if kind in found)
