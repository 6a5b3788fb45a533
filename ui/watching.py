"""Notices when another process has switched the index."""

import threading

from assistant import Assistant
from corpus import ReadoutError

# Seconds between two looks, and the longest pause after looks that failed.
_PAUSE = 0.5
_LONGEST_PAUSE = 8.0


class Watcher:
    """Keeps an assistant on the generation that its home serves.

    Attributes:
        problem: Why the newest generation cannot be opened, or None; the one before serves on.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.problem: str | None = None
        self._assistant = assistant
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch-index", daemon=True)

    def start(self) -> None:
        """Begins to look, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the looking."""
        self._ended.set()
        self._thread.join()

    def look(self) -> None:
        """Looks once."""
        try:
            self._assistant.refresh()
        except ReadoutError as error:
            self.problem = str(error)
        else:
            self.problem = None

    def _watch(self) -> None:
        pause = _PAUSE
        while not self._ended.wait(pause):
            self.look()
            # To check a damaged generation means reading it whole: not twice a second.
            pause = min(2 * pause, _LONGEST_PAUSE) if self.problem else _PAUSE
