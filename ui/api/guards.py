"""What keeps the API safe and quick: who may change something, and how many may wait."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.errors import Busy, Foreign, NotJson
from ui.api.problems import MAX_BODY

_T = TypeVar("_T")

# Questions that may wait, for each one that is being answered. An answer takes a tenth of a
# second, so the last of these waits about two: longer, people and programs have given up or asked
# again, and the answers are for nobody.
_WAITING = 20


class Line:
    """Where work waits that takes a processor, so that the event loop, and the page, do not.

    The engines use one thread for each question: to work on more at once than there are
    processors would only make all of them slow.
    """

    def __init__(self, workers: int | None = None, waiting: int | None = None) -> None:
        """Takes the numbers.

        Args:
            workers: How many things are worked on at once; else one for each processor.
            waiting: How many more may wait; else twenty for each worker.
        """
        self._workers = workers or os.cpu_count() or 1
        self._longest = _WAITING * self._workers if waiting is None else waiting
        self._limiter: CapacityLimiter | None = None

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return self._limiter.statistics().tasks_waiting if self._limiter else 0

    async def run(self, work: Callable[[], _T]) -> _T:
        """Does work in a thread when it is its turn, and returns what it returns.

        Raises:
            Busy: If too many wait already.
        """
        if self._limiter is None:  # it belongs to the event loop, which only runs now
            self._limiter = CapacityLimiter(self._workers)
        if self.waiting >= self._longest and self._limiter.available_tokens <= 0:
            raise Busy(f"{self.waiting} questions wait already; ask again in a moment")
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


class BodyLimit:
    """Middleware that ends requests whose body is longer than `MAX_BODY`, as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; whoever reads too much of its body is stopped by a 413."""
        length = 0

        async def counted() -> Message:
            nonlocal length
            message = await receive()
            length += len(message.get("body", b""))
            if length > MAX_BODY:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


def only_json(request: Request) -> None:
    """Refuses a body that does not say it is JSON: a form of another site could have sent it.

    Raises:
        NotJson: If it does not.
    """
    if not _is_json(request.headers.get("content-type", "")):
        raise NotJson("send the header Content-Type: application/json")


#: What the schema says of routes that `from_a_program` guards.
ACTING: dict[str, Any] = {
    "parameters": [
        {
            "name": "X-Readout",
            "in": "header",
            "required": False,
            "description": "Any value; or send `Content-Type: application/json`.",
            "schema": {"type": "string"},
        }
    ]
}


def from_a_program(request: Request) -> None:
    """Lets only those act who can send such headers, which no page of another site can.

    Raises:
        Foreign: If neither is there.
    """
    if "x-readout" not in request.headers and not _is_json(request.headers.get("content-type", "")):
        raise Foreign("send the header X-Readout: 1, or Content-Type: application/json")


def _is_json(content_type: str) -> bool:
    return content_type.split(";")[0].strip().lower() == "application/json"
