"""A text as a reader puts it together, with marks that tell where each piece of it stood."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from corpus.document import Fact, Span
from corpus.marks import HEADINGS, Kind, Mark, Value

# White space that means nothing in formats that lay their text out themselves; spaces that do not
# break are the author's.
_BLANKS = re.compile(r"[ \t\r\n\f\v\x85\u2028\u2029]+")

# What no text has a use for: control characters but tab and line feed, and halves of characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

#: Parts the cells of a table row.
CELLS = " | "

#: Parts paragraphs, and lines inside one.
PARAGRAPH, LINE = "\n\n", "\n"


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader took from a file.

    Attributes:
        text: The text, with line feeds for line ends and a blank line between paragraphs.
        marks: Where its pieces stood, and under what.
        facts: What the format's own fields say of it.
        notes: What could not be read although the rest could, one line each, for people.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()


class Draft:
    """Puts a text together piece by piece.

    Attributes:
        facts: As in `Extract`; for readers to fill.
        notes: As in `Extract`; for readers to fill.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.notes: list[str] = []
        self._pieces: list[str] = []
        self._starts: list[int] = []  # where each piece begins, without what parts it
        self._length = 0
        self._marks: list[Mark] = []
        self._headings: list[tuple[int, str, int]] = []  # level, title, where it begins

    def add(self, text: str, after: str = PARAGRAPH) -> Span:
        """Adds a text as it is but for control characters, which become spaces.

        Args:
            text: Not empty, and without white space at its ends.
            after: What parts it from what is there.

        Returns:
            Where it stands.
        """
        if self._pieces:
            self._pieces.append(after)
            self._length += len(after)
        start = self._length
        self._pieces.append(_CONTROL.sub(" ", text))
        self._length += len(text)
        self._starts.append(start)
        return Span(start, self._length)

    def mark(self, span: Span, kind: Kind, value: Value) -> None:
        """Marks a stretch of what was added."""
        self._marks.append(Mark(*span, kind, value))

    @contextmanager
    def within(self, kind: Kind, value: Value) -> Iterator[None]:
        """Marks all that is added inside the block, if anything is."""
        first = len(self._starts)
        yield
        if len(self._starts) > first:
            self.mark(Span(self._starts[first], self._length), kind, value)

    def paragraph(self, text: str) -> Span | None:
        """Adds a paragraph, each run of white space as one space; None if it holds no word."""
        return self.add(words, PARAGRAPH) if (words := tidied(text)) else None

    def line(self, text: str) -> Span | None:
        """Adds a line right below what is there: of a list, a table, a poem; see `paragraph`."""
        return self.add(words, LINE) if (words := tidied(text)) else None

    def heading(self, text: str, level: int) -> Span | None:
        """Adds a heading; what follows stands under it, until one of its level or above.

        Args:
            text: The heading.
            level: 1 for the outermost.
        """
        span = self.paragraph(text)
        if span:
            self._end_headings(level, span.start)
            self._headings.append((level, tidied(text), span.start))
        return span

    def row(self, cells: Sequence[str], columns: Sequence[str] = ()) -> Span | None:
        """Adds a table's row as a line, its cells parted by `CELLS`; empty ones are left out.

        Args:
            cells: What stands in each column.
            columns: The columns' names; those of the filled cells become the row's context.
        """
        names = [*columns, *[""] * len(cells)]
        filled = [
            (tidied(name), words)
            for name, cell in zip(names, cells, strict=False)
            if (words := tidied(cell))
        ]
        span = self.line(CELLS.join(words for _, words in filled))
        context = CELLS.join(name for name, _ in filled if name)
        if span and context:
            self.mark(span, "context", context)
        return span

    def extract(self) -> Extract:
        """Returns what was put together."""
        self._end_headings(0, self._length)
        return Extract(
            "".join(self._pieces), tuple(self._marks), tuple(self.facts), tuple(self.notes)
        )

    def _end_headings(self, level: int, end: int) -> None:
        """Marks what stands under each open heading of at least a level; it ends before ``end``."""
        while self._headings and self._headings[-1][0] >= level:
            path = HEADINGS.join(title for _, title, _ in self._headings)
            _, _, start = self._headings.pop()
            self.mark(Span(start, end), "heading", path)


def tidied(text: str) -> str:
    """Returns a text with each run of white space as one space, and none at its ends."""
    return _BLANKS.sub(" ", _CONTROL.sub(" ", text)).strip()
