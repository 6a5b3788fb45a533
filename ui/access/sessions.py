"""Who is logged in, as long as the server runs: a browser holds a random secret, we its hash."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from secrets import token_urlsafe

from ui.access.passwords import token_hash
from ui.access.users import User

#: Seconds after which a session ends: unused, and in any case.
IDLE, LONGEST = 12 * 3600, 7 * 24 * 3600

# Sessions that one person may have; of more, those longest unused end.
_EACH = 20


@dataclass(frozen=True, slots=True)
class _Session:
    name: str
    password: str  # the hash it was begun with
    begun: float
    used: float


class Sessions:
    """The sessions of a server; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}

    def begin(self, user: User) -> str:
        """Begins a session of somebody and returns its secret."""
        secret, now = token_urlsafe(32), self._clock()
        with self._lock:
            self._sessions = {
                key: each for key, each in self._sessions.items() if self._holds(each, now)
            }
            mine = [key for key, each in self._sessions.items() if each.name == user.name]
            mine.sort(key=lambda key: self._sessions[key].used)
            for key in mine[: len(mine) + 1 - _EACH]:
                del self._sessions[key]
            self._sessions[token_hash(secret)] = _Session(user.name, user.password, now, now)
        return secret

    def find(
        self, secret: str, person: Callable[[str], User | None], *, used: bool = True
    ) -> User | None:
        """Returns whose session that is.

        Args:
            secret: What the browser holds.
            person: Finds somebody by name; a session of who is not there any more, or has another
                password by now, has ended.
            used: Whether this is a use of it, or only an open page that looks how things stand.
        """
        key, now = token_hash(secret), self._clock()
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                return None
            user = person(session.name)
            if user is None or user.password != session.password or not self._holds(session, now):
                del self._sessions[key]
                return None
            if used:
                self._sessions[key] = replace(session, used=now)
        return user

    def end(self, secret: str) -> None:
        """Ends a session."""
        with self._lock:
            self._sessions.pop(token_hash(secret), None)

    def _holds(self, session: _Session, now: float) -> bool:
        return now - session.used < IDLE and now - session.begun < LONGEST
