"""Who comes: by session, token or password; how often they may, and how often they may be wrong."""

import asyncio
import hmac
from base64 import b64decode
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Network, ip_address
from secrets import token_bytes

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from ui.access.limits import Limiter, Rate
from ui.access.person import ANYBODY, Person
from ui.access.rights import Counted, is_polled
from ui.access.sessions import Sessions
from ui.access.users import User, Users
from ui.errors import TooOften

# Wrong passwords: for one name from one address, from one address, and for one name from all.
# The last slows who guesses from many places; it does not hold where that person logged in before,
# so that nobody is locked out of their own places by others.
_PAIR, _ADDRESS, _NAME = Rate(5, 300), Rate(20, 300), Rate(50, 1500)

# Passwords that are checked at once: each takes 64 MB.
_AT_ONCE = 2

# Passwords found right that are remembered, as keyed hashes, so that a program that sends its own
# with each request does not wait a third of a second each time.
_REMEMBERED = 200

# Requests for what helps around questions, for each question that may be asked.
_HELP = 10

# Places from which people logged in that are remembered.
_PLACES = 10_000

_COOKIE = "readout-session"


@dataclass
class Door:
    """What the gate goes by.

    Attributes:
        users: The people who may log in; None if nobody needs to.
        questions: How many questions somebody may ask a minute.
        uploads: How many times an hour somebody may bring files.
    """

    users: Users | None
    questions: int
    uploads: int
    sessions: Sessions = field(default_factory=Sessions)

    def __post_init__(self) -> None:
        self._wrong = {
            kind: Limiter(rate)
            for kind, rate in (("pair", _PAIR), ("address", _ADDRESS), ("name", _NAME))
        }
        self._done = {
            "question": Limiter(Rate(self.questions, 60)),
            "request": Limiter(Rate(_HELP * self.questions, 60)),
            "upload": Limiter(Rate(self.uploads, 3600)),
        }
        self._key = token_bytes(32)
        self._right: dict[bytes, str] = {}  # a keyed hash of name and password: the hash it met
        self._places: dict[tuple[str, str], None] = {}  # who logged in, and from where
        self._checks: dict[bytes, asyncio.Task[User | None]] = {}  # those under way
        self._line: CapacityLimiter | None = None
        self._threads: CapacityLimiter | None = None

    def cookie(self, scope: Scope) -> str:
        """Returns how the session's cookie is called: cookies know no ports, servers share them."""
        port = (scope.get("server") or ("", ""))[1]
        return f"__Host-{_COOKIE}-{port}" if scope["scheme"] == "https" else f"{_COOKIE}-{port}"

    async def person(self, request: Request) -> Person | None:
        """Returns who sends a request, or None if nobody who may.

        Raises:
            TooOften: If too many wrong passwords came from there.
            UsersUnusable: If the file of users cannot be used.
        """
        if self.users is None:
            return ANYBODY
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        user: User | None = None
        if kind.lower() == "bearer":
            user = self.users.by_token(secret.strip())
        elif kind.lower() == "basic":
            user = await self._basic(secret, address_of(request))
        elif secret := request.cookies.get(self.cookie(request.scope), ""):
            used = not is_polled(request.method, request.scope["path"])
            user = self.sessions.find(secret, self.users.find, used=used)
        return Person(user.name, user.role) if user else None

    async def user(self, name: str, password: str, address: str) -> User | None:
        """Returns who that is, or None if the password is wrong or nobody has that name.

        Raises:
            TooOften: If there were too many wrong ones.
            UsersUnusable: If the file of users cannot be used.
        """
        if self.users is None:
            return None
        place = _place(address)
        seal = self._seal(place, name.lower(), password)
        task = self._checks.get(seal)
        if task is None:  # who sends the same at the same time waits for the same check
            task = asyncio.create_task(self._checked(self.users, name, password, place))
            self._checks[seal] = task
            task.add_done_callback(lambda _: self._checks.pop(seal))
        return await asyncio.shield(task)

    async def _checked(self, users: Users, name: str, password: str, place: str) -> User | None:
        who = name.lower()[:64]
        keys: dict[str, Hashable] = {"pair": (who, place), "address": place}
        if (who, place) not in self._places:
            keys["name"] = who
        self._hold_off(keys)
        # They belong to the event loop, which only runs now.
        line = self._line = self._line or CapacityLimiter(_AT_ONCE)
        threads = self._threads = self._threads or CapacityLimiter(_AT_ONCE)
        async with line:
            self._hold_off(keys)  # those before may have been wrong
            for kind, key in keys.items():  # before the check, so that two at once are two
                self._wrong[kind].count(key)
            user = await anyio.to_thread.run_sync(
                lambda: users.by_password(name, password), limiter=threads
            )
            if user is None:
                return None
            for kind, key in keys.items():
                self._wrong[kind].give_back(key)
        if len(self._places) >= _PLACES:
            self._places.clear()
        self._places[who, place] = None
        return user

    def _hold_off(self, keys: Mapping[str, Hashable]) -> None:
        if seconds := max(self._wrong[kind].wait(key) for kind, key in keys.items()):
            raise TooOften(seconds)

    def _seal(self, *parts: str) -> bytes:
        text = "\0".join(parts).encode(errors="surrogatepass")
        return hmac.digest(self._key, text, "sha256")

    def wait(self, kind: Counted, person: Person) -> int:
        """Counts what somebody does; returns the seconds to wait if it is too often."""
        return self._done[kind].take(person.name) if person.name else 0

    async def _basic(self, secret: str, address: str) -> User | None:
        try:
            name, colon, password = b64decode(secret, validate=True).decode().partition(":")
        except ValueError:
            return None
        if not colon or self.users is None:
            return None
        seal = self._seal(name.lower(), password)
        known = self.users.find(name)
        if known and self._right.get(seal) == known.password:
            return known
        user = await self.user(name, password, address)
        if user:
            if len(self._right) >= _REMEMBERED:
                self._right.clear()
            self._right[seal] = user.password
        return user


def address_of(request: HTTPConnection) -> str:
    """Returns from where a request comes."""
    return request.client.host if request.client else ""


def _place(address: str) -> str:
    """Returns what counts as one address: of version 6 a network, of which one machine has all."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found) >> 64 << 64, 64)))
