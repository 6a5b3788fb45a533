"""Middleware for apps that are tested without the gate: who asks is the person at this machine."""

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.person import ANYBODY


class AsAnybody:
    """Says of each request what `ui.access.gate.Gate` says where nobody needs to log in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["person"] = ANYBODY
        await self.app(scope, receive, send)
