"""Paragraphs and headings of printed text, by where and how large its lines stand."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from corpus.document import Span
from corpus.formats.lines import LETTER, Line, body_size, is_beside

_BULLET = re.compile(r"[•‣▪■□●○◦◆➢➤✓✔·\uf0a7\uf0b7]\s?")
_ITEM = re.compile(r"(?:[*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])\s")
# The number before a heading: "2", "2.1", "IV.", "A.".
_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[ivxlcIVXLC]+\.|[A-Z]\.)\s*")
_FINISHED = re.compile(r"[.!?:;…。！？؟۔]['\"”’»›)\]]*$")
# So many footnotes and captions may cut a paragraph.
_MAX_NOTES = 12

_HYPHENS = "-\u2010\u00ad"
_HYPHENATED = re.compile(rf"\w[{_HYPHENS}]$")


def paragraphs(lines: Sequence[Line], apart: Mapping[int, int]) -> list[list[Line]]:
    """Puts lines in reading order together to paragraphs.

    Args:
        lines: The lines of all pages.
        apart: Where headings stand: the number of the first line of each, and how many lines it
            has. They are paragraphs of their own.
    """
    leading = _usual_leading(lines)
    joined: list[list[Line]] = []
    closed = 0  # paragraphs up to the last heading do not go on
    for column, is_heading in _columns(lines, apart):
        if is_heading:
            joined.append(column)
            closed = len(joined)
            continue
        current = _cut_before(joined[max(closed, len(joined) - _MAX_NOTES) :], column[0])
        if current is None:
            current = []
            joined.append(current)
        current.append(column[0])
        edges = _edges(column)
        for before, line, after in zip(column, column[1:], [*column[2:], None], strict=False):
            if _begins(current, before, line, after, edges, leading):
                current = []
                joined.append(current)
            current.append(line)
    return joined


def _columns(lines: Sequence[Line], apart: Mapping[int, int]) -> Iterator[tuple[list[Line], bool]]:
    """Yields stretches of lines of one size, each below the one before; and whether a heading."""
    at = 0
    while at < len(lines):
        end = at + apart.get(at, 1)
        while at not in apart and end < len(lines) and end not in apart:
            if not _is_below(lines[end - 1], lines[end]):
                break
            end += 1
        yield list(lines[at:end]), at in apart
        at = end


def _edges(column: Sequence[Line]) -> tuple[float, float]:
    """Returns where a column's lines begin and end; one line that sticks out does not count."""
    ends = sorted(line.end for line in column)
    return min(line.start for line in column), ends[-2] if len(ends) > 12 else ends[-1]


def _is_below(before: Line, line: Line) -> bool:
    size = max(before.size, line.size)
    if before.page != line.page or before.direction != line.direction:
        return False
    if is_beside(before, line):
        return True
    return (
        0.4 * size < line.base - before.base < 2.6 * size
        and line.start < before.end
        and before.start < line.end
        and abs(before.size - line.size) < 0.13 * size
    )


def _usual_leading(lines: Sequence[Line]) -> dict[int, float]:
    """Returns the most usual distance between lines of each size."""
    leads: defaultdict[int, Counter[float]] = defaultdict(Counter)
    for before, line in pairwise(lines):
        if _is_below(before, line) and not is_beside(before, line):
            leads[round(line.size)][round(2 * (line.base - before.base)) / 2] += 1
    return {
        size: _most_usual(counts, 1.6 * size)
        for size, counts in leads.items()
        if counts.total() > 2
    }


def _most_usual(counts: Mapping[float, int], wide: float) -> float:
    """Returns the most usual distance; where most lines are wide apart, rather a narrow one."""
    best = max(counts, key=lambda lead: (counts[lead], -lead))
    narrow = [lead for lead in counts if lead < wide and 5 * counts[lead] >= sum(counts.values())]
    return min(narrow, default=best) if best > wide else best


def _cut_before(joined: Sequence[list[Line]], line: Line) -> list[Line] | None:
    """Returns the paragraph that goes on with a line at the top of a column; None for none.

    Footnotes and captions, in smaller print, may stand between.
    """
    for paragraph in reversed(joined):
        if _is_cut(paragraph, line):
            return paragraph
        if paragraph[0].size > 0.94 * line.size:
            return None
    return None


def _is_cut(paragraph: Sequence[Line], line: Line) -> bool:
    """Tells whether a paragraph goes on with a line at the top of the next column or page."""
    last = paragraph[-1]
    if (
        line.page - last.page > 1
        or last.direction != line.direction
        or abs(last.size - line.size) > 0.06 * line.size
        or last.gapped
        or line.gapped
        or _FINISHED.search(last.text)
    ):
        return False
    if last.end - last.start < 0.85 * (line.end - line.start):
        return False
    first = line.text[0]
    if first.islower():
        return len(last.text) >= 25 or bool(_HYPHENATED.search(last.text))
    # Scripts without capitals: a last line that is as long as the others.
    return (
        first.isalpha()
        and not first.isupper()
        and len(paragraph) > 1
        and last.end > max(other.end for other in paragraph[-20:]) - 2 * last.size
        and len(last.text) >= 15
        and len(line.text) > len(last.text) / 2
    )


def _begins(
    paragraph: Sequence[Line],
    before: Line,
    line: Line,
    after: Line | None,
    edges: tuple[float, float],
    leading: Mapping[int, float],
) -> bool:
    """Tells whether a line of a column begins a paragraph.

    Args:
        paragraph: The lines of the paragraph so far.
        before: The line above.
        line: The line in question.
        after: The line below, if there is one.
        edges: Where the column's lines begin and end.
        leading: The usual distance of lines, by size.
    """
    if is_beside(before, line):
        return False
    in_row = len(paragraph) > 1 and is_beside(paragraph[-2], before)
    if in_row or before.gapped or line.gapped or (after and is_beside(line, after)):
        return True
    finished = bool(_FINISHED.search(before.text))
    left, right = edges
    size = line.size
    lead = line.base - before.base
    usual = leading.get(round(size))
    if lead > (1.2 * usual + 0.5 if usual else 1.6 * size) or _BULLET.match(line.text):
        return True
    short = before.end < right - 4 * size
    in_list = _ITEM.match(paragraph[0].text) or (after and _ITEM.match(after.text))
    if _ITEM.match(line.text) and (finished or short or in_list):
        return True
    indent = line.start - before.start
    middle = (line.start + line.end - before.start - before.end) / 2
    if abs(middle) < 0.6 * size < abs(indent):  # centred
        return finished
    if _has_room(before, line, edges):
        goes_on = line.text[0].islower() and not finished
        return not goes_on or before.end < (left + right) / 2
    if indent > 0.8 * size:  # a first line, or what hangs under one
        return finished and (after is None or after.start < line.start - 0.5 * size)
    return indent < -0.8 * size and len(paragraph) > 1 and paragraph[-2].page == line.page


def _has_room(before: Line, line: Line, edges: tuple[float, float]) -> bool:
    """Tells whether a line's first word could have stood on the line before."""
    if abs(before.end - line.end) < 0.3 * line.size or _HYPHENATED.search(before.text):
        return False  # both end at one edge: of text beside a picture
    left, right = edges
    slack = 0.5 * line.size + 0.03 * (right - left)
    return before.end + 0.3 * line.size + line.first_word < right - slack


def text_of(paragraph: Sequence[Line]) -> tuple[str, list[Span]]:
    """Returns a paragraph's text and where each of its lines stands in it.

    Line ends become spaces; where a hyphen cuts a word, hyphen and line feed stay.
    """
    text = ""
    spans = []
    for line, after in zip(paragraph, [*paragraph[1:], None], strict=True):
        words = line.text
        end = ""
        if after:
            cuts = _HYPHENATED.search(words) and after.text[0].isalnum()
            words, end = (words[:-1] + "-", "\n") if cuts else (words, " ")
        spans.append(Span(len(text), len(text) + len(words)))
        text += words + end
    return text, spans


def large_headings(blocks: Sequence[Sequence[Line]]) -> dict[int, int]:
    """Returns which paragraphs are headings by their size, and their level, 1 for the largest.

    Args:
        blocks: The paragraphs' lines.
    """
    body = body_size(line for block in blocks for line in block)
    sizes = {
        number: round(block[0].size)
        for number, block in enumerate(blocks)
        if block[0].size > 1.15 * body
        and block[0].direction in ("right", "left")
        and _could_be_heading(text_of(block)[0], len(block))
    }
    ranks = sorted(set(sizes.values()), reverse=True)
    return {number: min(1 + ranks.index(size), 6) for number, size in sizes.items()}


def _could_be_heading(text: str, lines: int) -> bool:
    return (
        lines <= 3
        and len(text) <= 150
        and not text.endswith((".", ",", ";"))
        and len(LETTER.findall(text)) > max(2, len(text) / 2)
    )


def outline_headings(
    lines: Sequence[Line], outline: Iterable[tuple[str, int]]
) -> dict[int, tuple[int, int]]:
    """Finds the entries of an outline among the lines.

    Args:
        lines: The lines of all pages.
        outline: The title of each entry and its page, from 0.

    Returns:
        The number of a heading's first line: which entry it is, and how many lines it has.
    """
    on_page: defaultdict[int, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        on_page[line.page].append(number)
    said: dict[int, dict[str, list[range]]] = {}
    found: dict[int, tuple[int, int]] = {}
    taken: set[int] = set()
    for entry, (title, page) in enumerate(outline):
        if page not in said:
            said[page] = _sayings(lines, on_page[page])
        places = said[page].get(_letters(title)) or []
        while places:
            place = places.pop()
            if taken.isdisjoint(place):
                taken.update(place)
                found[place.start] = (entry, len(place))
                break
    return found


def _sayings(lines: Sequence[Line], numbers: Sequence[int]) -> dict[str, list[range]]:
    """Returns which lines of a page, up to three together, say what; the last place first."""
    sayings: defaultdict[str, list[range]] = defaultdict(list)
    for number in reversed(numbers):
        text = ""
        for count, line in enumerate(lines[number : min(number + 3, numbers[-1] + 1)], 1):
            text += " " + line.text
            if words := _letters(text):
                sayings[words].append(range(number, number + count))
    return sayings


def _letters(text: str) -> str:
    """Returns a heading's letters and digits, without the number before it."""
    words = re.findall(r"\w+", _NUMBERING.sub("", text.strip()).casefold())
    return "".join(words)
