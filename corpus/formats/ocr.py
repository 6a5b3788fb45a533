"""Letters read off pictures of pages by the optional package rapidocr, which brings its models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from math import ceil, floor
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING, Any

from corpus.formats.lines import Box, Line, reads_leftwards, whole_lines

if TYPE_CHECKING:
    import numpy as np


def available() -> bool:
    """Returns whether pictures can be read: whether rapidocr is installed."""
    return find_spec("rapidocr") is not None


def lines_of(image: np.ndarray) -> list[tuple[str, Box]]:
    """Reads the lines in a picture, from the top down, each with its box in pixels.

    Args:
        image: Rows of pixels of blue, green and red.
    """
    found = _engine()(image, use_det=True, use_cls=False, use_rec=True)
    if found.txts is None:
        return []
    return [
        (text.strip(), (*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()))
        for text, corners in zip(found.txts, found.boxes, strict=True)
        if text.strip()
    ]


def page_lines(image: np.ndarray, page: int, scale: float) -> list[Line]:
    """Reads the lines in a page's picture, column by column where it has two.

    A page that lies on its side or stands upside down is read as if it stood upright; the boxes
    are those in the picture as it is.

    Args:
        image: Rows of pixels of blue, green and red.
        page: Which page it is, from 0.
        scale: Pixels per point.
    """
    found = lines_of(image)
    turns = _quarter_turns(image, found)
    if turns:
        image = _turned_left(image, turns)
        found = lines_of(image)
    if not found:
        return []
    height, width = image.shape[:2]
    leftwards = reads_leftwards("".join(text for text, _ in found))
    usual = median_low(bottom - top for _, (_, top, _, bottom) in found) / scale
    lines = []
    for text, box in found:
        left, top, right, bottom = (side / scale for side in box)
        shown = _box_turned_left(box, width, height, -turns % 4)
        size = bottom - top
        lines.append(
            Line(
                text=" ".join(text.split()),
                page=page,
                box=(shown[0] / scale, shown[1] / scale, shown[2] / scale, shown[3] / scale),
                # Heights differ by chance, and with the letters that a line holds.
                size=usual if 0.6 * usual < size < 1.5 * usual else size,
                direction="left" if leftwards else "right",
                start=-right if leftwards else left,
                end=-left if leftwards else right,
                base=(top + bottom) / 2,
                first_word=(right - left) * len(text.split()[0]) / len(text),
                gapped=False,
            )
        )
    return whole_lines(_in_columns(lines))


def _quarter_turns(image: np.ndarray, found: Sequence[tuple[str, Box]]) -> int:
    """Returns how often a picture must be turned to the left by 90 degrees to stand upright."""
    boxes = [box for _, box in found]
    on_side = 2 * sum(box[3] - box[1] > 1.5 * (box[2] - box[0]) for box in boxes) > len(boxes)
    if on_side:
        height, width = image.shape[:2]
        boxes = [_box_turned_left(box, width, height, 1) for box in boxes]
        image = _turned_left(image, 1)
    upside_down = 0.0
    for left, top, right, bottom in sorted(boxes, key=lambda box: box[0] - box[2])[:9]:
        # What is longer would be squeezed out of shape.
        end = min(right, left + 4 * (bottom - top))
        crop = image[max(floor(top), 0) : ceil(bottom), max(floor(left), 0) : ceil(end)]
        told = _engine()(crop, use_det=False, use_cls=True, use_rec=False)
        [(angle, sure)] = told.cls_res
        upside_down += sure if angle == "180" else -sure
    return on_side + 2 * (upside_down > 0)


def _turned_left(image: np.ndarray, turns: int) -> np.ndarray:
    for _ in range(turns):
        image = image.transpose(1, 0, 2)[::-1]
    return image.copy()


def _box_turned_left(box: Box, width: float, height: float, turns: int) -> Box:
    for _ in range(turns):
        left, top, right, bottom = box
        box = top, width - right, bottom, width - left
        width, height = height, width
    return box


def _in_columns(lines: Sequence[Line]) -> list[Line]:
    """Puts lines in reading order, column by column where they stand in two."""
    ordered: list[Line] = []
    pending = [lines]
    while pending:
        group = pending.pop()
        parts = _columns_of_prose(group) or _upper_and_lower(group)
        if len(parts) == 1:
            ordered.extend(sorted(group, key=lambda line: line.start))
        pending.extend(reversed(parts if len(parts) > 1 else []))
    return ordered


def _columns_of_prose(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """Parts lines where white space runs down between them; empty if they are not prose."""
    groups: list[list[Line]] = []
    edge = 0.0
    for line in sorted(lines, key=lambda line: line.start):
        if groups and line.start < edge + 0.5 * line.size:
            groups[-1].append(line)
        else:
            groups.append([line])
        edge = max(edge, line.end)
    prose = all(median_low(len(line.text) for line in group) > 15 for group in groups)
    tall = all(len(group) > 2 for group in groups)
    return [*groups] if len(groups) > 1 and prose and tall else []


def _upper_and_lower(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """Parts lines at the tallest white space that runs across; one group if there is none."""
    ordered = sorted(lines, key=lambda line: line.base)
    gaps = [line.base - before.base - 0.5 * line.size for before, line in pairwise(ordered)]
    tallest = max(gaps, default=0.0)
    if tallest <= 0:
        return [ordered]
    at = gaps.index(tallest) + 1
    return [ordered[:at], ordered[at:]]


@cache
def _engine() -> Callable[..., Any]:
    import rapidocr  # lazy: a second and 200 MB that only pictures need

    models = Path(rapidocr.__file__).with_name("models")
    # Named files are used or missed, never fetched.
    parameters = {
        "Global.log_level": "critical",
        "Det.model_path": str(_model(models, "det")),
        "Cls.model_path": str(_model(models, "cls")),
        "Rec.model_path": str(_model(models, "rec")),
    }
    engine: Callable[..., Any] = rapidocr.RapidOCR(params=parameters)
    return engine


def _model(folder: Path, task: str) -> Path:
    return next(iter(sorted(folder.glob(f"*_{task}_*.onnx"))), folder / f"{task}.onnx")
