"""The one queue for all that takes a processor: the page, the API and the MCP tools wait in it."""

import os
from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from ui.errors import Busy

_T = TypeVar("_T")

# Things that may wait: 64 people who ask again as soon as they are answered are never sent away,
# and with more processors more are served in the same time.
_LEAST, _FOR_EACH = 64, 20

# Seconds that something waits at most. Longer, people and programs have given up or asked again,
# and the answers are for nobody.
_PATIENCE = 30.0

# What whoever is sent away is told.
_TELL = "many are asking right now; ask again in a moment"


class Line:
    """Where work waits that takes a processor, so that the event loop does not.

    First come, first served, whichever way it came. The engines use a thread for each processor:
    to work on more things at once than there are processors would only make all of them slow
    (docs/reliability.md has the figures).

    Attributes:
        taken: How many things were let in so far.
    """

    def __init__(
        self, workers: int | None = None, waiting: int | None = None, patience: float = _PATIENCE
    ) -> None:
        """Takes the numbers.

        Args:
            workers: How many things are worked on at once; else one for each processor.
            waiting: How many more may wait; else 64, or twenty for each worker if that is more.
            patience: Seconds that one waits at most.
        """
        self.taken = 0
        self._workers = workers or os.cpu_count() or 1
        self._longest = max(_LEAST, _FOR_EACH * self._workers) if waiting is None else waiting
        self._patience = patience
        self._places: CapacityLimiter | None = None
        self._threads: CapacityLimiter | None = None

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return self._places.statistics().tasks_waiting if self._places else 0

    @property
    def working(self) -> int:
        """How many are worked on now."""
        return self._places.borrowed_tokens if self._places else 0

    @property
    def most(self) -> int:
        """How many may be in it, those that are worked on included."""
        return self._workers + self._longest

    async def run(self, work: Callable[[], _T]) -> _T:
        """Does work in a thread when it is its turn, and returns what it returns.

        To cancel it while it waits frees its place; once it is worked on it is done to the end,
        and only then lets the next one in.

        Raises:
            Busy: If too many wait already, or if its turn does not come in time.
        """
        # They belong to the event loop, which only runs now.
        places = self._places = self._places or CapacityLimiter(self._workers)
        threads = self._threads = self._threads or CapacityLimiter(self._workers)
        if self.waiting >= self._longest and places.available_tokens <= 0:
            raise Busy(_TELL)
        self.taken += 1
        place = object()
        with anyio.move_on_after(self._patience) as wait:
            await places.acquire_on_behalf_of(place)
        if wait.cancelled_caught:
            raise Busy(_TELL)
        try:
            return await anyio.to_thread.run_sync(work, limiter=threads)
        finally:
            places.release_on_behalf_of(place)
