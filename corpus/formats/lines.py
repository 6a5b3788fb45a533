"""Lines of print: made of characters, and told from what runs along the edges of pages.

Lengths are in points, and places count from the upper left corner of the page as it is shown.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median_low
from typing import Literal, NamedTuple

#: Which way a line runs: to the right, to the left, upwards, downwards or aslant.
Direction = Literal["right", "left", "up", "down", "slanted"]

#: Left, top, right, bottom.
Box = tuple[float, float, float, float]

_CLOSING = tuple(",.;:!?)]}”’»")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_FULL_STOP = re.compile(r"[.!?]['\"”’»)\]]*$")
_NUMBERED = re.compile(r"(\d{1,4})\s+\D")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.|s\.|pagina|página|pág\.)?\s*"
    r"(?:\d{1,5}|(?=[ivxl])l?x{0,4}(?:ix|iv|v?i{0,3}))"
    r"(?:\s*(?:/|of|von|de|di|sur|van|-|–)\s*\d{1,5})?\W*",
    re.IGNORECASE,
)


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


def around(boxes: Iterable[Box]) -> Box:
    """Returns the box that holds all of some boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


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
        box=around((before.box, line.box)),
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

    Lone page numbers there are among them. A single page has none. What recurs but is not parted
    from the text by a gap is text, and so is a sentence where it stands first.

    Args:
        pages: The lines of each page.
        heights: How tall each page is.
    """
    if len(pages) < 2:
        return set()
    recurring = _recurring(pages, heights)
    usual = _leading(line for lines in pages for line in lines)
    found: set[Line] = set()
    for lines, height in zip(pages, heights, strict=True):
        there = [line for line in lines if line in recurring]
        above = [line for line in there if line.box[3] < 0.15 * height]
        below = [line for line in there if line.box[1] >= 0.85 * height]
        gap = 1.5 * (_leading(lines) if len(lines) > 5 else usual)
        for outwards, edge in ((-1, above), (1, below)):
            for line in sorted(edge, key=lambda line: outwards * line.base):
                if _is_parted(line, lines, outwards, gap, recurring, found):
                    found.add(line)
    return found


def _leading(lines: Iterable[Line]) -> float:
    """Returns the most usual distance between lines; 0 where none is below another."""
    leads = Counter(
        round(2 * lead) / 2
        for before, line in pairwise(lines)
        if 0.5 * line.size < (lead := line.base - before.base) < 2.6 * line.size
    )
    return max(leads, key=lambda lead: (leads[lead], -lead), default=0.0)


def _is_parted(
    line: Line,
    lines: Sequence[Line],
    outwards: int,
    gap: float,
    recurring: Set[Line],
    found: Set[Line],
) -> bool:
    """Tells whether text stands neither between a line and the edge nor close to the line.

    Args:
        line: The line, which recurs.
        lines: All lines of its page.
        outwards: Where the edge is: 1 for the lower, -1 for the upper.
        gap: How far off text must be.
        recurring: What recurs on any page.
        found: What is known to run along an edge; further inside than the line.
    """
    level = 0.6 * line.size
    others = [
        (outwards * (other.base - line.base), other)
        for other in lines
        if other.direction == line.direction
    ]
    if any(off > level and other not in recurring for off, other in others):
        return False
    nearest = max((off for off, _ in others if off < -level), default=0.0)
    row = [other for off, other in others if nearest - level < off < -level]
    beside = [other for off, other in others if abs(off) <= level]
    in_table = _are_cells(beside) and _are_cells(row)
    if all(line.size < 0.9 * other.size for other in row):
        gap *= 0.8  # small print parts, too
    return found >= set(row) or (-nearest > gap and not in_table)


def _are_cells(row: Sequence[Line]) -> bool:
    """Tells whether lines side by side have gaps like a table's; columns of text are closer."""
    if len(row) < 2:
        return any(line.gapped for line in row)
    inked = sum(line.end - line.start for line in row)
    return inked < 0.7 * (max(line.end for line in row) - min(line.start for line in row))


def _recurring(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> set[Line]:
    """Returns the lines near an edge that say the same on several pages, and page numbers."""
    largest = 1.25 * body_size(line for lines in pages for line in lines)
    places: defaultdict[tuple[bool, str, int | None], list[_AtEdge]] = defaultdict(list)
    found = set()
    sentences = set()
    for number, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        said = [" ".join(_WORD.findall(line.text.casefold())) for line in lines]
        often = Counter(said)
        whole = hash(tuple(line.text for line in lines))  # pages that are the same count once
        first = min((line.box[3] for line in lines), default=0.0)
        last = max((line.box[1] for line in lines), default=0.0)
        for line, words in zip(lines, said, strict=True):
            above = line.box[3] < 0.15 * height
            if line.size > largest or (not above and line.box[1] < 0.85 * height):
                continue
            outermost = line.box[1] <= first if above else line.box[3] >= last
            if outermost and _PAGE_NUMBER.fullmatch(line.text):
                found.add(line)
            elif _is_sentence(line.text, above) and line.text not in sentences:
                sentences.add(line.text)
            elif words and often[words] == 1:
                # The number of a foot goes with the pages; that of a footnote does not.
                numbered = None if above else _NUMBERED.match(line.text)
                ahead = int(numbered[1]) - number if numbered else None
                places[above, words, ahead].append(_AtEdge(line, whole, line.box[1] / height))
    for (*_, ahead), lines_there in places.items():
        usual = median_low(place.down for place in lines_there)
        level = [place for place in lines_there if abs(place.down - usual) < 0.03]
        enough = 2 if len(pages) < 6 and ahead is None else 3
        if len({place.whole for place in level}) >= enough:
            found.update(place.line for place in level)
    return found


def _is_sentence(text: str, above: bool) -> bool:
    """Tells whether a text ends like a sentence or, at the lower edge, like a footnote."""
    small = sum(not word[0].isupper() for word in _WORD.findall(text))
    is_note = not above and _NUMBERED.match(text)
    return bool(_FULL_STOP.search(text) and (small > 2 or is_note))
