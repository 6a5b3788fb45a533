"""Waiting in the line for a client, as long as that is there."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from anyio import CancelScope
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from ui.line import Line

_T = TypeVar("_T")

# What servers note of a client that closed the connection; it reaches nobody.
_GONE = 499


async def in_turn(
    request: Request,
    line: Line,
    work: Callable[[], _T],
    respond: Callable[[_T], Response] = JSONResponse,
) -> Response:
    """Does work when it is its turn; a client that goes before leaves its place to the next.

    Args:
        request: Whose body was read: what comes next is that its client is gone.
        line: Where to wait.
        work: What to do.
        respond: Makes a response of what the work returned; else that is JSON.

    Raises:
        HTTPException: If the client sends more than it may while it waits.
        Busy: If too many wait already, or if its turn does not come in time.
    """
    with CancelScope() as waiting:
        watch = asyncio.create_task(_leave(request, waiting))
        try:
            return respond(await line.run(work))
        finally:
            watch.cancel()
    if not watch.cancelled() and (error := watch.exception()):
        raise error
    return Response(status_code=_GONE)


async def _leave(request: Request, waiting: CancelScope) -> None:
    try:
        while (await request.receive())["type"] != "http.disconnect":
            pass
    except HTTPException:
        waiting.cancel()
        raise
    waiting.cancel()
