"""How many requests and questions are under way, so that a server that ends can finish them."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Seconds between two looks.
_PAUSE = 0.05


class UnderWay:
    """Counts what has begun and not ended; safe to share between threads."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Counts one thing while the block runs."""
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    async def ended(self, seconds: float) -> None:
        """Waits until nothing is under way, but not longer than so many seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._count and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_PAUSE)

    def _add(self, number: int) -> None:
        with self._lock:
            self._count += number


class CountRequests:
    """Middleware that counts requests until they are answered.

    Streams of events, of which every open page holds one for as long as it is open, count only
    until they begin.
    """

    def __init__(self, app: ASGIApp, under_way: UnderWay) -> None:
        self.app = app
        self._under_way = under_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with ExitStack() as counted:
            counted.enter_context(self._under_way.one())

            async def watched(message: Message) -> None:
                await send(message)
                headers = dict(message.get("headers", ()))
                if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
                    counted.close()

            await self.app(scope, receive, watched)
