"""The near side of `corpus.worker`: starts it, asks it, and ends it when it takes too long."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus.document import Fact
from corpus.draft import Extract
from corpus.errors import Unreadable, UnreadableNow
from corpus.marks import from_json
from corpus.parsing import Parsed, Refused
from corpus.text import without_surrogates

# Where this package lies: the worker is of the same version, whatever else is installed.
_PACKAGES = str(Path(__file__).parents[1])

#: Seconds that a file may take: enough for the text of 10,000 pages, or OCR of some hundred.
SECONDS = 300

#: Bytes of memory that a parser may map.
MEMORY = 4 << 30

# Seconds within which a process that crashed has ended, and the status of one that might as well.
_DYING, _CRASHED = 1, 1


class Worker:
    """Parses files in another process, started at the first and anew after each crash."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """Takes the limits: seconds for each file, and bytes of memory."""
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends the process."""
        self._end()

    def parse(self, path: Path, name: str, passwords: Sequence[str]) -> list[Parsed | Refused]:
        """Does what `corpus.parsing.parse` does, for the file at ``path``.

        Raises:
            Unreadable: If nothing of it can be read, or its parser crashed, and crashed again.
            UnreadableNow: If it took too long, or its parser was ended from outside; another time
                it may be read.
        """
        asked = {"path": str(path), "name": name, "passwords": list(passwords)}
        for _ in range(2):
            ended = self._ask(asked)
            if isinstance(ended, list):
                return ended
        if ended == -signal.SIGKILL:
            raise UnreadableNow("its parser was ended from outside, as for want of memory")
        raise Unreadable("its parser crashed; open it in its program and save it again")

    def _ask(self, asked: dict[str, Any]) -> list[Parsed | Refused] | int:
        """Returns what the worker answers, or its exit status if it ends without an answer.

        Raises:
            Unreadable: As `parse`.
            UnreadableNow: If it took too long, or the file cannot be read now.
        """
        process = self._started()
        late = threading.Event()

        def end() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(self._seconds, end)
        timer.daemon = True
        timer.start()
        answered = nonsense = False
        try:
            items: list[Parsed | Refused] = []
            for answer in _answers(process, asked):
                if "done" not in answer:
                    items.append(_item(answer))
                    continue
                answered = True
                if answer["done"] is None:
                    return items
                passing = UnreadableNow if answer["passing"] else Unreadable
                raise passing(answer["done"])
        except (BrokenPipeError, ValueError, KeyError, TypeError):
            # It crashed, perhaps in the middle of a line; or it goes on, and talks nonsense.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_DYING)
            nonsense = process.returncode is None
        finally:
            timer.cancel()
            if late.is_set() or not answered:
                self._end()
        if late.is_set():
            raise UnreadableNow(
                f"took longer than {self._seconds:g} seconds to read; split it into smaller files"
            )
        return _CRASHED if nonsense else process.returncode

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # noqa: S603 (our own module)
                # -P: never a module from the folder that somebody happens to be in.
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "corpus.worker",
                    str(self._memory),
                    str(self._seconds),
                ],
                env=os.environ | {"PYTHONPATH": _PACKAGES},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                # Ctrl-C is for the build, which then ends this.
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it was still to be told is lost with it
                    pipe.close()


def _kill(process: subprocess.Popen[str]) -> None:
    """Ends a worker and all that a parser in it started, which would hold its pipes open."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _answers(process: subprocess.Popen[str], asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if process.stdin is None or process.stdout is None:
        return
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    yield from map(json.loads, process.stdout)


def _item(answer: dict[str, Any]) -> Parsed | Refused:
    if "reason" in answer:
        return Refused(answer["member"], answer["reason"])
    text = without_surrogates(answer["text"])
    extract = Extract(
        text,
        tuple(
            mark for mark in from_json(answer["marks"]) if 0 <= mark.start < mark.end <= len(text)
        ),
        tuple(Fact(*fact) for fact in answer["facts"]),
        tuple(answer["notes"]),
    )
    return Parsed(answer["member"], answer["media_type"], extract)
