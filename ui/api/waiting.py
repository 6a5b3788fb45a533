"""Waiting in the line for a client, as long as that is there."""

import asyncio
from collections.abc import Callable

from anyio import CancelScope
from fastapi import Request
from fastapi.responses import JSONResponse, Response

from ui.contract import Json
from ui.line import Line

# What servers note of a client that closed the connection; it reaches nobody.
_GONE = 499


async def in_turn(request: Request, line: Line, work: Callable[[], Json]) -> Response:
    """Does work when it is its turn; a client that goes before leaves its place to the next.

    Args:
        request: Whose body was read: what comes next is that its client is gone.
        line: Where to wait.
        work: What to do.

    Returns:
        What the work returned.

    Raises:
        Busy: If too many wait already, or if its turn does not come in time.
    """
    with CancelScope() as waiting:
        watch = asyncio.create_task(_leave(request, waiting))
        try:
            return JSONResponse(await line.run(work))
        finally:
            watch.cancel()
    return Response(status_code=_GONE)


async def _leave(request: Request, waiting: CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    waiting.cancel()
