"""The near side of `corpus.worker`: starts it, asks it, and ends it when it takes too long."""

import json
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
from corpus.marks import Mark
from corpus.parsing import Parsed, Refused

#: Seconds that a file may take: enough for the text of 10,000 pages, or OCR of some hundred.
SECONDS = 300

#: Bytes of memory that a parser may map.
MEMORY = 4 << 30


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

    def parse(self, path: Path, name: str, passwords: Sequence[str]) -> Iterator[Parsed | Refused]:
        """Does what `corpus.parsing.parse` does, for the file at ``path``.

        Raises:
            Unreadable: If nothing of it can be read, or its parser crashed.
            UnreadableNow: If it took too long, which another time it might not.
        """
        process = self._started()
        if process.stdin is None or process.stdout is None:
            raise Unreadable("its parser cannot be asked")
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, end)
        timer.start()
        finished = False
        try:
            asked = {"path": str(path), "name": name, "passwords": list(passwords)}
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                answer = json.loads(line)
                if "done" in answer:
                    finished = True
                    if answer["done"]:
                        raise Unreadable(answer["done"])
                    return
                yield _item(answer)
        except (BrokenPipeError, ValueError):
            pass  # it crashed, perhaps in the middle of a line
        finally:
            timer.cancel()
            if not finished:
                self._end()
        if late.is_set():
            raise UnreadableNow(
                f"took longer than {self._seconds:g} seconds to read; split it into smaller files"
            )
        raise Unreadable("its parser crashed; open it in its program and save it again")

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", "corpus.worker", str(self._memory)],
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
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it was still to be told is lost with it
                    pipe.close()


def _item(answer: dict[str, Any]) -> Parsed | Refused:
    if "reason" in answer:
        return Refused(answer["member"], answer["reason"])
    extract = Extract(
        answer["text"],
        tuple(
            Mark(start, end, kind, tuple(value) if isinstance(value, list) else value)
            for start, end, kind, value in answer["marks"]
        ),
        tuple(Fact(*fact) for fact in answer["facts"]),
        tuple(answer["notes"]),
    )
    return Parsed(answer["member"], answer["media_type"], extract)
