"""What the original says of stretches of a text: where they stand in it, and under what."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

#: What a mark tells of its stretch:
#:
#: - ``page`` of a PDF or ``slide`` of a presentation, from 1 (int)
#: - ``box``: a line's place on that page: left, top, right, bottom in points, from the upper left
#:   corner of the page as it is shown (floats)
#: - ``sheet`` of a workbook (str), ``row`` in it or in a CSV file, from 1 (int)
#: - ``paragraph`` of a Word or OpenDocument text, from 1 (int)
#: - ``part`` of a mail or chapter of a book, as its file names it (str)
#: - ``heading``: the headings over it, outermost first, joined by `` › `` (str)
#: - ``context``: words without which it makes no sense, such as a table row's column names, the
#:   line above a list, or the question that a reply answers (str); embedded and shown, not quoted
#: - ``quoted``: it is quoted from an earlier mail; how deep (int)
Kind = Literal[
    "page",
    "slide",
    "box",
    "sheet",
    "row",
    "paragraph",
    "part",
    "heading",
    "context",
    "quoted",
]
Value = str | int | tuple[float, ...]

HEADINGS = " › "


class Mark(NamedTuple):
    """What the original says of the characters ``[start, end)`` of a document's text."""

    start: int
    end: int
    kind: Kind
    value: Value


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a document, packed: most of them are never looked at.

    Attributes:
        packed: What `Marks.of` made of them; empty if there are none.
    """

    packed: bytes = b""

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> "Marks":
        """Packs marks, in the order of their places."""
        # Not a set: of marks of one kind and place it would keep another order each time.
        rows = sorted(dict.fromkeys(marks), key=lambda mark: (mark.start, -mark.end, mark.kind))
        return cls(zlib.compress(json.dumps(rows, ensure_ascii=False).encode()) if rows else b"")

    def all(self) -> tuple[Mark, ...]:
        """Returns every mark, in the order of their places."""
        return _unpacked(self.packed)

    def over(self, start: int, end: int) -> tuple[Mark, ...]:
        """Returns the marks that share a character with ``[start, end)``, in their order."""
        return tuple(mark for mark in self.all() if mark.start < end and start < mark.end)


def from_json(rows: Iterable[Sequence[Any]]) -> Iterator[Mark]:
    """Yields the marks that JSON has as lists."""
    for start, end, kind, value in rows:
        yield Mark(start, end, kind, tuple(value) if isinstance(value, list) else value)


@lru_cache(maxsize=64)
def _unpacked(packed: bytes) -> tuple[Mark, ...]:
    if not packed:
        return ()
    return tuple(from_json(json.loads(zlib.decompress(packed))))
