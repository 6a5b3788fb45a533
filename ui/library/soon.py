"""One rebuild for all changes that come shortly after each other."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ui.rebuilding import Rebuilding

# Seconds without a further change after which a rebuild starts, and between two looks.
_PAUSE = 1.5
_TICK = 0.1


class RebuildSoon:
    """Starts a rebuild a moment after the last change; safe to share between threads.

    A rebuild that began before a change has not seen it: then another follows when it has ended.
    """

    def __init__(self, rebuilding: Rebuilding, pause: float = _PAUSE) -> None:
        """Takes what rebuilds, and how many seconds to wait for further changes."""
        self._rebuilding = rebuilding
        self._pause = pause
        self._lock = threading.Lock()
        self._under_way = 0  # changes that have begun and not ended
        self._due: float | None = None
        self._runs = 0
        self._ended = threading.Event()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Holds rebuilds back while a change is being made, and starts one after it.

        None is started for a change that fails.
        """
        with self.hold():
            yield
            self.want()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Holds rebuilds back while something is being made that may be a change."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def want(self) -> None:
        """Says that something changed: a rebuild starts when nothing more has for a moment."""
        with self._lock:
            waiting = self._due is not None
            self._due = time.monotonic() + self._pause
            self._runs = self._rebuilding.runs
        if not waiting:
            # A daemon: it only waits, and must not keep the server from ending.
            threading.Thread(target=self._wait, name="rebuild-soon", daemon=True).start()

    def stop(self) -> None:
        """Starts no rebuild any more."""
        self._ended.set()

    def _wait(self) -> None:
        while not self._ended.wait(_TICK):
            with self._lock:
                if self._under_way or self._due is None or time.monotonic() < self._due:
                    continue
                # One that somebody started after the last change has read it already.
                if self._rebuilding.runs > self._runs or self._rebuilding.start():
                    self._due = None
                    return
