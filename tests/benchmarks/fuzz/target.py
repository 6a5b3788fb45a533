"""What is fuzzed, and what it must never do."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.benchmarks import ROOT

#: Makes another input of one, with others to take pieces of.
Mutate = Callable[[bytes, Random, Sequence[bytes]], bytes]

# What no line that people are told may hold: line ends, escapes of terminals, half characters.
_NOT_TOLD = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\ud800-\udfff]")

# Our own code, but for what only looks on.
_OURS = tuple(f"{ROOT / name}/" for name in ("corpus", "index", "assistant", "ui"))
_HERE = str(Path(__file__).parent)


class Wrong(AssertionError):
    """An input came to something that must never be; the message says what."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what others wrote.

    Attributes:
        name: What it is called on the command line.
        seeds: Inputs to begin with; all sound, or at least real.
        check: Gives it an input; returns what came of it in a word or two, and raises whatever it
            lets through that it should not.
        mutate: Makes another input of one.
        longest: Bytes of the longest input.
        seconds: CPU seconds that an input may take; while lines are counted it takes three times
            what it does otherwise.
    """

    name: str
    seeds: Callable[[], list[bytes]]
    check: Callable[[bytes], str]
    mutate: Mutate
    longest: int = 1 << 15
    seconds: float = 5.0


def one_line(text: str) -> None:
    """Raises Wrong unless a text is one line that can be shown and encoded."""
    if not text.strip():
        raise Wrong("nothing is told")
    if found := _NOT_TOLD.search(text):
        raise Wrong(f"not one line: {found[0]!r}")


def place_of(error: BaseException) -> str:
    """Returns what an error is and the innermost function of ours that it came through."""
    ours = other = ""
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        place = f"{Path(code.co_filename).name}:{code.co_name}"
        if code.co_filename.startswith(_OURS):
            ours = place
        elif not code.co_filename.startswith(_HERE):
            other = place
        trace = trace.tb_next
    if isinstance(error, Wrong):
        return re.sub(r"['\"].*", "", str(error)).strip()
    return f"{type(error).__name__} {ours or other}".strip()


def is_ours(error: BaseException) -> bool:
    """Whether an error was raised by a line of ours, rather than by a library."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return bool(trace) and trace.tb_frame.f_code.co_filename.startswith(_OURS)
