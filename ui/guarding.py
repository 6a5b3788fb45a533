"""Headers on every response that keep other sites, and hostile documents, out of the page.

And which ``Host``, and which header of its own, a request must have.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.addresses import is_loopback

# Headers by which proxies say for whom they ask.
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

# Gradio needs inline and evaluated scripts; nothing may come from, or go to, another machine.
_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


# The origin of a form's request is told to ourselves, which `ui.access.gate` looks at, and nothing
# to others. No other site shares a window or a process with the page, or shows parts of it.
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}

# Seconds for which a browser that came by TLS comes by nothing else: a year.
_STRICT = "max-age=31536000"


class SecurityHeaders:
    """Middleware that adds the headers; it passes streams on as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on and adds the headers to its response."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _STRICT
            await send(message)

        await self.app(scope, receive, send_guarded)


class OwnNames:
    """Middleware that lets only requests in that call the server by a name of its own."""

    def __init__(self, app: ASGIApp, is_ours: Callable[[str], bool]) -> None:
        self.app = app
        self._is_ours = is_ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it."""
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope).get("host", "")):
            refused = PlainTextResponse("Invalid host header: say it with --name", 400)
            await refused(scope, receive, send)
            return
        await self.app(scope, receive, send)


def from_the_page(x_readout: Annotated[str | None, Header()] = None) -> None:
    """Lets only our page act: no other site can send this header without being asked first."""
    if x_readout is None:
        raise HTTPException(403, "send the header X-Readout: page")


def is_here(request: Request) -> bool:
    """Returns whether somebody at this machine asks: others must not read its disk.

    What came through a proxy of this machine, may have come from anywhere.
    """
    if any(name in request.headers for name in _OF_PROXIES):
        return False
    return request.client is not None and is_loopback(request.client.host)
