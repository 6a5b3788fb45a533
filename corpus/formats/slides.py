"""Presentations (PPTX): slide by slide, what stands on it and then what its speaker notes say."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING, BinaryIO

from corpus.document import Fact
from corpus.draft import Draft, Extract, tidied
from corpus.formats.diagrams import chart_tables, diagram_texts
from corpus.formats.flow import INTRODUCES, MAX_HEADING, with_superscripts
from corpus.formats.office import (
    SURE_OF_TITLE,
    core_facts,
    damage_told,
    extract_of,
    sound_package,
)
from corpus.formats.tables import Cell, header_rows, is_titled, names_of, placed
from corpus.marks import HEADINGS

if TYPE_CHECKING:
    from lxml.etree import _Element
    from pptx.shapes.base import BaseShape
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.slide import Slide
    from pptx.table import Table, _Row
    from pptx.text.text import TextFrame, _Paragraph

_OFFICE = "http://schemas.openxmlformats.org"
_BREAK = f"{{{_OFFICE}/drawingml/2006/main}}br"
_TEXTS = (
    f"{{{_OFFICE}/drawingml/2006/main}}t",
    f"{{{_OFFICE}/officeDocument/2006/math}}t",
)
_PROPERTIES = f"{{{_OFFICE}/drawingml/2006/main}}rPr"
_DIAGRAM = f"{{{_OFFICE}/drawingml/2006/diagram}}relIds"
_DATA = f"{{{_OFFICE}/officeDocument/2006/relationships}}dm"
_COMPATIBLE = f"{{{_OFFICE}/markup-compatibility/2006}}"

# Shapes whose upper edges differ by no more than this (a fifth of an inch) stand side by side.
_SIDE_BY_SIDE = 914_400 // 5

#: What speaker notes stand under.
NOTES = "Speaker notes"


def read(stream: BinaryIO) -> Extract:
    """Reads a presentation, hidden slides included.

    A slide's title is its heading. The other shapes follow from top to bottom, and from left to
    right where they stand side by side. Footers, dates, slide numbers and comments are left out.

    Raises:
        Unreadable: It is damaged, encrypted, unpacks to too much, or holds no text.
    """
    from pptx.package import Package  # lazy: a quarter of a second that only presentations need

    draft = Draft()
    with damage_told("presentation", "PowerPoint or LibreOffice"):
        package = sound_package(stream)
        draft.facts.extend(core_facts(package, "PowerPoint properties"))
        slides = Package.open(package).presentation_part.presentation.slides
        for number, slide in enumerate(slides, start=1):
            _choose_alternatives(slide)
            if number == 1 and (title := _title(slide)):
                draft.facts.append(Fact("title", title, "title of the first slide", SURE_OF_TITLE))
            with draft.within("slide", number):
                _add_slide(draft, slide)
    return extract_of(draft)


def _add_slide(draft: Draft, slide: "Slide") -> None:
    title = _title(slide)
    titled = slide.shapes.title
    with draft.within("heading", title) if title else nullcontext():
        draft.paragraph(title)
        for shape in _in_reading_order(slide.shapes):
            if not title or titled is None or shape.element is not titled.element:
                _add_shape(draft, shape)
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if notes:
            with draft.within("context", NOTES):
                _add_frame(draft, notes)


def _title(slide: "Slide") -> str:
    title = slide.shapes.title
    if title is None or not title.has_text_frame:
        return ""
    text = tidied(" ".join(map(_text, title.text_frame.paragraphs)))
    return text if len(text) <= MAX_HEADING else ""


def _choose_alternatives(slide: "Slide") -> None:
    """Puts the shapes of a newer PowerPoint where it wrote two versions of them."""
    tree = slide.shapes.element
    for alternatives in [*tree.iter(f"{_COMPATIBLE}AlternateContent")]:
        chosen = alternatives.find(f"{_COMPATIBLE}Choice")
        if chosen is not None and alternatives.getparent() is not None:
            for child in [*chosen]:
                alternatives.addprevious(child)
            alternatives.getparent().remove(alternatives)


def _in_reading_order(shapes: Iterable["BaseShape"]) -> list["BaseShape"]:
    """Returns shapes in the order in which they are read.

    Groups count as one shape; what stands in one is ordered inside it.
    """
    ordered: list[BaseShape] = []
    level: list[BaseShape] = []
    for shape in sorted(shapes, key=_top):
        if level and _top(shape) > _top(level[0]) + _SIDE_BY_SIDE:
            ordered.extend(sorted(level, key=_left))
            level = []
        level.append(shape)
    return [*ordered, *sorted(level, key=_left)]


def _top(shape: "BaseShape") -> int:
    return shape.top or 0  # a placeholder whose layout is gone has no place


def _left(shape: "BaseShape") -> int:
    return shape.left or 0


def _add_shape(draft: Draft, shape: "BaseShape") -> None:
    from pptx.enum.shapes import PP_PLACEHOLDER  # lazy: see `read`
    from pptx.shapes.autoshape import Shape  # lazy: see `read`
    from pptx.shapes.graphfrm import GraphicFrame  # lazy: see `read`
    from pptx.shapes.group import GroupShape  # lazy: see `read`

    furniture = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
    if isinstance(shape, GroupShape):
        for member in _in_reading_order(shape.shapes):
            _add_shape(draft, member)
    elif isinstance(shape, GraphicFrame):
        _add_graphic(draft, shape)
    elif isinstance(shape, Shape) and not (
        shape.is_placeholder and shape.placeholder_format.type in furniture
    ):
        _add_frame(draft, shape.text_frame)


def _add_frame(draft: Draft, frame: "TextFrame") -> None:
    """Adds the paragraphs of a shape; each keeps those it is nested in or introduced by."""
    over: list[tuple[int, str]] = []
    first = True
    for paragraph in frame.paragraphs:
        text, level = tidied(_text(paragraph)), paragraph.level
        span = draft.paragraph(text) if first else draft.line(text)
        if not span:
            continue
        introduces = text.endswith(INTRODUCES)
        over = [
            (depth, words)
            for depth, words in over
            if depth < level or (depth == level and words.endswith(INTRODUCES) and not introduces)
        ]
        if over:
            draft.mark(span, "context", HEADINGS.join(words for _, words in over))
        over.append((level, text))
        first = False


def _text(paragraph: "_Paragraph") -> str:
    """Returns a paragraph's text, formulas and fields included."""
    return with_superscripts(
        (" ", False) if piece.tag == _BREAK else (piece.text or "", _is_raised(piece))
        for piece in paragraph._p.iter(_BREAK, *_TEXTS)  # no public way to what runs leave out
    )


def _is_raised(piece: "_Element") -> bool:
    parent = piece.getparent()
    properties = parent.find(_PROPERTIES) if parent is not None else None
    return properties is not None and not (properties.get("baseline") or "0").startswith(("0", "-"))


def _add_graphic(draft: Draft, frame: "GraphicFrame") -> None:
    from pptx.oxml import parse_xml  # lazy: see `read`

    if frame.has_table:
        _add_table(draft, frame.table)
    elif frame.has_chart:
        if frame.chart.has_title and frame.chart.chart_title.has_text_frame:
            _add_frame(draft, frame.chart.chart_title.text_frame)
        # No public way tells of every kind of chart.
        for names, *rows in chart_tables(frame.chart.part._element):
            draft.row(names)
            for row in rows:
                draft.row(row, names)
    for diagram in frame.element.iter(_DIAGRAM):
        data = frame.part.related_part(diagram.get(_DATA))
        for text in diagram_texts(parse_xml(data.blob)):
            draft.paragraph(text)


def _add_table(draft: Draft, table: "Table") -> None:
    rows = [_cells(row) for row in table.rows]
    header = header_rows(rows, int(len(rows) > 1 and (table.first_row or is_titled(rows))))
    names = names_of(rows[:header])
    for place, row in enumerate(rows):
        draft.row(placed(row), names if place >= header else ())


def _cells(row: "_Row") -> list[Cell]:
    cells: list[Cell] = []
    covered = 0  # how many cells to the right the last one is merged with
    for cell in row.cells:
        if covered:
            covered -= 1
            continue
        columns = min(cell.span_width, len(row.cells)) if cell.is_merge_origin else 1
        text = "" if cell.is_spanned else " ".join(map(_text, cell.text_frame.paragraphs))
        cells.append(Cell(text, columns))
        covered = columns - 1
    return cells
