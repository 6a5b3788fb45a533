"""How often somebody may do something: a bucket of tokens for each, filled as time goes by."""

import math
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

# Buckets that are remembered; then the full ones, which tell nothing, are forgotten.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """How often.

    Attributes:
        times: How often at once.
        seconds: How long until so many are possible again.
    """

    times: int
    seconds: float


class Limiter:
    """Counts what each does; safe to share between threads."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[Hashable, tuple[float, float]] = {}  # tokens, and when they were told

    def wait(self, who: Hashable) -> int:
        """Returns how many seconds someone has to wait; 0 if it is possible now."""
        with self._lock:
            lacking = 1 - self._left(who)
        return math.ceil(lacking * self._rate.seconds / self._rate.times) if lacking > 0 else 0

    def count(self, who: Hashable) -> None:
        """Counts one."""
        with self._lock:
            now = self._clock()
            self._buckets[who] = (max(0.0, self._left(who) - 1), now)
            if len(self._buckets) > _REMEMBERED:
                self._forget()

    def give_back(self, who: Hashable) -> None:
        """Takes one back that was counted."""
        with self._lock:
            self._buckets[who] = (self._left(who) + 1, self._clock())

    def take(self, who: Hashable) -> int:
        """Counts one if it is possible now; returns how many seconds to wait otherwise."""
        if seconds := self.wait(who):
            return seconds
        self.count(who)
        return 0

    def _left(self, who: Hashable) -> float:
        tokens, told = self._buckets.get(who, (float(self._rate.times), 0.0))
        filled = (self._clock() - told) * self._rate.times / self._rate.seconds
        return min(float(self._rate.times), tokens + filled)

    def _forget(self) -> None:
        """Forgets the full buckets and, of more than is bearable, the oldest half of the others."""
        lacking = [who for who in self._buckets if self._left(who) < self._rate.times]
        kept = lacking[len(lacking) // 2 :] if len(lacking) > _REMEMBERED else lacking
        self._buckets = {who: self._buckets[who] for who in kept}
