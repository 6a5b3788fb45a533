"""Lines of print: made of characters, and told from what runs along the edges of pages.

Lengths are in points, and places count from the upper left corner of the page as it is shown.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from statistics import median_low
from typing import Literal, NamedTuple

#: Which way a line runs: to the right, to the left, upwards or downwards.
Direction = Literal["right", "left", "up", "down"]

#: Left, top, right, bottom.
Box = tuple[float, float, float, float]

_LEADERS = re.compile(r"(?:\.\s?){5,}|_{5,}")
_CLOSING = tuple(",.;:!?)]}”’»")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.|s\.|pagina|página|pág\.)?\s*"
    r"(?:\d{1,5}|(?=[ivxl])l?x{0,4}(?:ix|iv|v?i{0,3}))"
    r"(?:\s*(?:/|of|von|de|di|sur|van|-|–)\s*\d{1,5})?\W*",
    re.IGNORECASE,
)


class Glyph(NamedTuple):
    """A character with the box of its ink, and the box that its font allows for it."""

    text: str
    ink: Box
    font: Box


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print.

    Attributes:
        text: What it says, each run of white space as one space.
        page: Which page it stands on, from 0.
        box: Left, top, right, bottom; holds all its ink.
        size: How tall its font is.
        direction: Which way it runs.
        start: Where it begins, along its direction.
        end: Where it ends, along its direction.
        base: Where its letters stand, across its direction; grows from line to line.
        first_word: How long its first word is.
        gapped: Whether a gap parts it like the cells of a table.
    """

    text: str
    page: int
    box: Box
    size: float
    direction: Direction
    start: float
    end: float
    base: float
    first_word: float
    gapped: bool


def reads_leftwards(text: str) -> bool:
    """Returns whether most letters of a text are of a script that is written to the left."""
    return 2 * len(_RIGHT_TO_LEFT.findall(text)) > len(LETTER.findall(text))


def unbroken(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """Parts characters where one stands neither on the line of the one before nor close to it."""
    piece: list[Glyph] = []
    before: Glyph | None = None
    for glyph in glyphs:
        if not glyph.text.isspace():
            if before and _is_away(before, glyph):
                yield piece
                piece = []
            before = glyph
        piece.append(glyph)
    yield piece


def _is_away(before: Glyph, glyph: Glyph) -> bool:
    across, down = (
        abs(glyph.font[side] + glyph.font[side + 2] - before.font[side] - before.font[side + 2]) / 2
        for side in (0, 1)
    )
    left, top, right, bottom = before.font
    return min(across, down) > 0.9 * max(right - left, bottom - top)


def line_of(glyphs: Sequence[Glyph], page: int, leftwards: bool) -> Line | None:
    """Makes a line of its characters in their order; None if it has no ink.

    Args:
        glyphs: What it is made of.
        page: Which page it stands on, from 0.
        leftwards: Whether the page's script is written to the left.
    """
    text = " ".join("".join(glyph.text for glyph in glyphs).split())
    shown = [glyph for glyph in glyphs if not glyph.text.isspace()]
    if not shown:
        return None
    direction = _direction(shown, leftwards)
    flat = direction in ("right", "left")
    inked = [glyph for glyph in shown if glyph.ink[2] > glyph.ink[0] or glyph.ink[3] > glyph.ink[1]]
    extents = [_extent(glyph.ink, direction) for glyph in inked or shown]
    start, end = min(extent[0] for extent in extents), max(extent[1] for extent in extents)
    size = median_low(
        glyph.font[3] - glyph.font[1] if flat else glyph.font[2] - glyph.font[0]
        for glyph in inked or shown
    )
    first_word = extents[: len(text.split(" ", 1)[0])]
    return Line(
        text=text,
        page=page,
        box=_around(glyph.ink for glyph in inked or shown),
        size=size,
        direction=direction,
        start=start,
        end=end,
        base=median_low(extent[2] for extent in extents),
        first_word=max(extent[1] for extent in first_word) - start,
        gapped=_widest_gap(extents) > 2.2 * size or bool(_LEADERS.search(text)),
    )


def _direction(glyphs: Sequence[Glyph], leftwards: bool) -> Direction:
    first, last = glyphs[0].font, glyphs[-1].font
    along = abs(last[0] - first[0])
    down = (last[1] + last[3] - first[1] - first[3]) / 2
    if len(glyphs) > 2 and abs(down) > 2 * along:
        return "down" if down > 0 else "up"
    return "left" if leftwards else "right"


def _extent(box: Box, direction: Direction) -> tuple[float, float, float]:
    """Returns where a box begins and ends along a direction, and where it stands across it."""
    left, top, right, bottom = box
    match direction:
        case "right":
            return left, right, bottom
        case "left":
            return -right, -left, bottom
        case "up":
            return -bottom, -top, right
        case "down":
            return top, bottom, -left


def _widest_gap(extents: Sequence[tuple[float, float, float]]) -> float:
    """Returns the widest gap between characters; one behind a bullet or a number is none."""
    widest, edge = 0.0, float("inf")
    for at, (start, end, _) in enumerate(sorted(extents)):
        if at > 4:
            widest = max(widest, start - edge)
        edge = end if at == 0 else max(edge, end)
    return widest


def _around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def rounded(box: Box) -> Box:
    """Returns a box with its sides moved outwards to tenths of a point."""
    left, top, right, bottom = box
    return (
        floor(left * 10) / 10,
        floor(top * 10) / 10,
        ceil(right * 10) / 10,
        ceil(bottom * 10) / 10,
    )


def whole_lines(lines: Iterable[Line]) -> list[Line]:
    """Joins pieces of one line that a raised or lowered sign has cut apart."""
    joined: list[Line] = []
    for line in lines:
        if joined and _touches(joined[-1], line):
            joined[-1] = _beside(joined[-1], line)
        else:
            joined.append(line)
    return joined


def _touches(before: Line, line: Line) -> bool:
    size = max(before.size, line.size)
    gap = line.start - before.end
    if is_beside(before, line):
        return gap < size
    # Raised and lowered signs may stand one above the other.
    return (
        min(len(before.text), len(line.text)) < 5
        and before.page == line.page
        and before.direction == line.direction
        and abs(before.base - line.base) < 0.9 * size
        and -0.9 * size < gap < 0.3 * size
    )


def is_beside(before: Line, line: Line) -> bool:
    """Tells whether a line stands behind another, at about the same height."""
    size = max(before.size, line.size)
    return (
        before.page == line.page
        and before.direction == line.direction
        and abs(before.base - line.base) < 0.6 * size
        and line.start > before.end - 0.3 * size
    )


def _beside(before: Line, line: Line) -> Line:
    touches = line.start - before.end < 0.1 * max(before.size, line.size)
    if before.text[-1].isdigit() and line.text[0].isdigit():
        touches = False  # the number of a footnote is no part of a sum
    longer = before if len(before.text) >= len(line.text) else line
    return replace(
        before,
        text=before.text + ("" if touches or line.text.startswith(_CLOSING) else " ") + line.text,
        box=_around((before.box, line.box)),
        size=longer.size,
        base=longer.base,
        end=max(before.end, line.end),
        gapped=before.gapped or line.gapped,
    )


def body_size(lines: Iterable[Line]) -> float:
    """Returns the size in which most is set; 0 for no lines."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[round(2 * line.size) / 2] += len(line.text)
    return max(letters, key=lambda size: (letters[size], -size), default=0.0)


class _AtEdge(NamedTuple):
    line: Line
    whole: int  # what its page says
    down: float  # how far down the page, 0 to 1


def running(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> set[Line]:
    """Returns the lines that recur at an edge of several pages, digits disregarded.

    Lone page numbers there are among them. A single page has none.

    Args:
        pages: The lines of each page.
        heights: How tall each page is.
    """
    if len(pages) < 2:
        return set()
    largest = 1.25 * body_size(line for lines in pages for line in lines)
    places: defaultdict[tuple[bool, str], list[_AtEdge]] = defaultdict(list)
    numbers = set()
    for lines, height in zip(pages, heights, strict=True):
        said = [" ".join(_WORD.findall(line.text.casefold())) for line in lines]
        often = Counter(said)
        whole = hash(tuple(line.text for line in lines))  # pages that are the same count once
        first = min((line.box[3] for line in lines), default=0.0)
        last = max((line.box[1] for line in lines), default=0.0)
        for line, words in zip(lines, said, strict=True):
            above = line.box[3] < 0.15 * height
            if not above and line.box[1] < 0.85 * height:
                continue
            outermost = line.box[1] <= first if above else line.box[3] >= last
            if line.size > largest:
                continue
            if outermost and _PAGE_NUMBER.fullmatch(line.text):
                numbers.add(line)
            elif words and often[words] == 1:
                places[above, words].append(_AtEdge(line, whole, line.box[1] / height))
    enough = 2 if len(pages) < 6 else 3
    found = set(numbers)
    for lines_there in places.values():
        usual = median_low(place.down for place in lines_there)
        level = [place for place in lines_there if abs(place.down - usual) < 0.03]
        if len({place.whole for place in level}) >= enough:
            found.update(place.line for place in level)
    return found
