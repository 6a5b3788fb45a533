"""The one door of the server: who comes, from where, and whether they may do what they ask."""

import hmac
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Literal
from urllib.parse import quote

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus import ReadoutError
from ui.access.limits import Limiter, Rate
from ui.access.person import ANYBODY, Person
from ui.access.rights import counted_as, right_to
from ui.access.sessions import Sessions
from ui.access.users import User, Users
from ui.api.problems import NOT_ALLOWED, NOT_LOGGED_IN, TOO_MANY, UNUSABLE, Kind, problem
from ui.errors import TooOften

# Wrong passwords: for one name from one address, from one address, and for one name from all.
# The last is high: it slows who guesses from many places, and must not lock the person out.
_PAIR, _ADDRESS, _NAME = Rate(5, 300), Rate(20, 300), Rate(50, 1500)

# Passwords that are checked at once: each takes 64 MB.
_AT_ONCE = 2

# Passwords found right that are remembered, as keyed hashes, so that a program that sends its own
# with each request does not wait a third of a second each time.
_REMEMBERED = 200

# Bytes of the longest request that is no upload. A page sends what its browser remembers of the
# conversation with a question: forty answers of some ten thousand characters.
_LONGEST = 16 << 20

_COOKIE = "readout-session"
_API = re.compile(r"/(?:api(?:/.*)?|openapi\.json|readyz|metrics|mcp)")


@dataclass
class Door:
    """What the gate goes by.

    Attributes:
        users: The people who may log in; None if nobody needs to.
        questions: How many questions somebody may ask a minute.
        uploads: How many files somebody may bring an hour.
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
            "upload": Limiter(Rate(self.uploads, 3600)),
        }
        self._key = token_bytes(32)
        self._right: dict[bytes, str] = {}  # a keyed hash of name and password: the hash it met
        self._line: CapacityLimiter | None = None

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
            user = self.sessions.find(secret, self.users.find)
        return Person(user.name, user.role) if user else None

    async def user(self, name: str, password: str, address: str) -> User | None:
        """Returns who that is, or None if the password is wrong or nobody has that name.

        Raises:
            TooOften: If there were too many wrong ones.
            UsersUnusable: If the file of users cannot be used.
        """
        if self.users is None:
            return None
        who = name.lower()[:64]
        keys = {"pair": (who, address), "address": address, "name": who}
        if seconds := max(self._wrong[kind].wait(key) for kind, key in keys.items()):
            raise TooOften(seconds)
        if self._line is None:  # it belongs to the event loop, which only runs now
            self._line = CapacityLimiter(_AT_ONCE)
        for kind, key in keys.items():  # before the check, so that many at once are many, too
            self._wrong[kind].count(key)
        users = self.users
        user = await anyio.to_thread.run_sync(
            lambda: users.by_password(name, password), limiter=self._line
        )
        if user is not None:
            for kind, key in keys.items():
                self._wrong[kind].give_back(key)
        return user

    def wait(self, kind: Literal["question", "upload"], person: Person) -> int:
        """Counts what somebody does; returns the seconds to wait if it is too often."""
        return self._done[kind].take(person.name) if person.name else 0

    async def _basic(self, secret: str, address: str) -> User | None:
        try:
            name, colon, password = b64decode(secret, validate=True).decode().partition(":")
        except ValueError:
            return None
        if not colon or self.users is None:
            return None
        seal = hmac.digest(self._key, f"{name.lower()}:{password}".encode(), "sha256")
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


class Gate:
    """Middleware that lets in who may do what they ask, and tells all others why not."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":  # there is none
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope, receive)
        refusal = await self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        keeping = send if self._door.users is None else _not_kept(send)
        upload = counted_as(request.method, request.url.path) == "upload"
        await self.app(scope, receive if upload else _bounded(receive), keeping)

    async def _refusal(self, request: Request) -> Response | None:
        """Returns the answer to who may not do what they ask; None to who may."""
        path, method = request.scope["path"], request.method
        right = right_to(method, path)
        if right is None:
            return JSONResponse({"error": f"{path}: nothing is there"}, 404)
        if method not in ("GET", "HEAD") and is_foreign(request.headers):
            return _told(path, NOT_ALLOWED, "pages of other sites may change nothing here")
        if int(_length(request.headers)) > _LONGEST and counted_as(method, path) != "upload":
            return JSONResponse({"error": f"send at most {_LONGEST:,} bytes"}, 413)
        if right == "none":
            return None
        try:
            person = await self._door.person(request)
        except TooOften as error:
            return _told(path, TOO_MANY, str(error), error.seconds)
        except ReadoutError as error:
            return _told(path, UNUSABLE, str(error))
        if person is None:
            return _stranger(request)
        if right == "manage" and person.role != "manage":
            why = f"{person.name} may ask, and not do this; somebody who manages can"
            return _told(path, NOT_ALLOWED, why)
        kind = counted_as(method, path)
        if kind and (seconds := self._door.wait(kind, person)):
            return _told(path, TOO_MANY, f"too many {kind}s; wait {seconds} s", seconds)
        request.state.person = person
        return None


def is_foreign(headers: Headers) -> bool:
    """Returns whether a page of another site, or of another port, sends a request.

    Browsers say from where in a header that pages cannot set; programs send none.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _stranger(request: Request) -> Response:
    """The answer to who has not logged in: a person's browser is led to where that is done."""
    path = request.scope["path"]
    navigates = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if navigates and not _API.fullmatch(path):
        after = path + (f"?{request.url.query}" if request.url.query else "")
        where = f"/login?next={quote(after, safe='')}" if after != "/" else "/login"
        return RedirectResponse(where, 303, {"Cache-Control": "no-store"})
    why = "log in, or send a token of yours: readout user token NAME makes one"
    return _told(path, NOT_LOGGED_IN, why, headers={"WWW-Authenticate": 'Bearer realm="Readout"'})


def _told(
    path: str, kind: Kind, why: str, wait: int | None = None, headers: Mapping[str, str] = {}
) -> Response:
    """Says why not, as the page or as programs read it."""
    more = dict(headers) if wait is None else {**headers, "Retry-After": str(wait)}
    if _API.fullmatch(path) and path != "/mcp":
        return problem(kind, why, headers=more)
    return JSONResponse({"error": why}, kind.status, more)


def _length(headers: Headers) -> str:
    told = headers.get("content-length", "0")
    return told if told.isascii() and told.isdecimal() else "0"


def _bounded(receive: Receive) -> Receive:
    """Cuts a body off that is longer than it said, or did not say how long it is."""
    length = 0

    async def bounded() -> Message:
        nonlocal length
        message = await receive()
        length += len(message.get("body", b""))
        return message if length <= _LONGEST else {"type": "http.disconnect"}

    return bounded


def _not_kept(send: Send) -> Send:
    """Keeps what only some may see out of caches, and out of a browser's way back."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        await send(message)

    return told
