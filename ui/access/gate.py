"""The one door of the server: who comes, from where, and whether they may do what they ask."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus import ReadoutError
from ui.access.door import Door
from ui.access.rights import counted_as, right_to
from ui.api.problems import NOT_ALLOWED, NOT_LOGGED_IN, TOO_MANY, UNUSABLE, Kind, problem
from ui.errors import TooOften

# Bytes of the longest request that is no upload. A page sends what its browser remembers of the
# conversation with a question: forty answers of some ten thousand characters.
_LONGEST = 16 << 20

_API = re.compile(r"/(?:api(?:/.*)?|openapi\.json|readyz|metrics|mcp)")


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
