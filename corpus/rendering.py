"""The near side of `corpus.renderer`: pages of a PDF as pictures, and where words stand on them."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.document import Document
from corpus.errors import Unreadable
from corpus.formats.lines import Box
from corpus.formats.pdfplaces import LinePart
from corpus.marks import Mark
from corpus.sources import original_path

# Where this package lies: the other process is of the same version, whatever else is installed.
_PACKAGES = str(Path(__file__).parents[1])

# Seconds and bytes of memory that a page may take.
_SECONDS = 30
_MEMORY = 2 << 30

# Lines that are looked for; no quote is longer.
_MOST_LINES = 500

# So many pages at a time: each costs a process.
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Printed:
    """Where words of a document stand in its PDF.

    Attributes:
        pages: How many pages the PDF has.
        page: The page on which the words begin, from 1; the first page if that is not known.
        boxes: The page of each line of them, from 1, and its left, top, right and bottom as
            fractions of the page; none if no place is known.
    """

    pages: int
    page: int
    boxes: tuple[tuple[int, Box], ...]


def is_paged(document: Document) -> bool:
    """Returns whether a document is a PDF, and a file of its own rather than part of another."""
    return document.media_type == "application/pdf" and document.record is None


def printed(document: Document, start: int, end: int) -> Printed:
    """Returns where the characters ``[start, end)`` of a PDF's text stand on its pages.

    Raises:
        Unreadable: If the original is no longer the file that was read, or cannot be rendered.
    """
    answer = _asked(document, {"parts": _parts(document, start, end)})
    boxes = tuple((page, tuple(box)) for page, box in answer["boxes"])
    marked = (mark.value for mark in document.marks.over(start, end) if mark.kind == "page")
    page = next((number for number in marked if isinstance(number, int)), 1)
    return Printed(answer["pages"], page, boxes)


def page_png(document: Document, page: int) -> bytes:
    """Returns a page of a PDF, from 1, as a PNG of at most four megapixels.

    Raises:
        Unreadable: If the original is no longer the file that was read, or cannot be rendered.
    """
    return base64.b64decode(_asked(document, {"page": page})["png"])


def _parts(document: Document, start: int, end: int) -> list[LinePart]:
    marks = document.marks.over(start, end)
    pages = [mark for mark in marks if mark.kind == "page"]
    lines = [mark for mark in marks if mark.kind == "box"][:_MOST_LINES]
    return [
        LinePart(
            page.value,
            line.value,
            document.text[line.start : line.end],
            max(start, line.start) - line.start,
            min(end, line.end) - line.start,
        )
        for line in lines
        for page in _holding(pages, line)
        if isinstance(page.value, int) and isinstance(line.value, tuple) and len(line.value) == 4
    ]


def _holding(pages: Sequence[Mark], line: Mark) -> list[Mark]:
    return [page for page in pages if page.start <= line.start < page.end]


def _asked(document: Document, asked: dict[str, Any]) -> dict[str, Any]:
    path = original_path(document.source)
    # To read a pipe would mean to wait for ever.
    if not is_paged(document) or not path.is_file():
        raise Unreadable("the original is not there any more, or no PDF of its own")
    asked |= {"path": str(path), "sha256": document.sha256}
    try:
        with _AT_ONCE:
            run = subprocess.run(  # noqa: S603 (our own module)
                # -P: never a module from the folder that somebody happens to be in.
                [sys.executable, "-P", "-m", "corpus.renderer", str(_MEMORY)],
                input=json.dumps(asked),
                env=os.environ | {"PYTHONPATH": _PACKAGES},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                timeout=_SECONDS,
                check=True,
            )
        answer: dict[str, Any] = json.loads(run.stdout)
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"its page took longer than {_SECONDS} seconds") from error
    except (subprocess.CalledProcessError, ValueError) as error:
        raise Unreadable("its page cannot be rendered; the program that does so crashed") from error
    if "refused" in answer:
        raise Unreadable(answer["refused"])
    return answer
