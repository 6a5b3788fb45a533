"""Rebuilding over HTTP: start, watch, approve and cancel the rebuild that the page shows too."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from ui.api.errors import Foreign, NotNow
from ui.api.guards import ACTING, from_a_program
from ui.api.problems import responses
from ui.api.service import Serving
from ui.api.standing import Standing, standing_json
from ui.rebuilding import Asking, Rebuilding, Running

router = APIRouter(tags=["Rebuilding"])

_PATH = "/api/rebuild"

# Seconds between two looks at a rebuild: as often as a person can follow.
_PAUSE = 0.2

_EVENTS = """Each time something changes an event is sent: its name is the state, its data the
object that `GET /api/rebuild` returns. The stream ends when no rebuild is at work (any more);
`EventSource` would then ask again, so close it at `finished`, `stopped`, `failed` or `idle`."""


@router.get(
    _PATH, summary="Show the rebuild", response_model=Standing, response_description="How it stands"
)
async def state(service: Serving) -> JSONResponse:
    """Tells how the rebuild stands, or how the last one ended."""
    return JSONResponse(standing_json(service.rebuilding))


@router.post(
    _PATH,
    status_code=202,
    summary="Start a rebuild",
    response_model=Standing,
    response_description="It was started; `Location` tells where to look how it stands",
    responses=responses(Foreign, NotNow),
    dependencies=[Depends(from_a_program)],
    openapi_extra=ACTING,
)
async def start(service: Serving) -> JSONResponse:
    """Brings the index up to date with its documents, in the background; answers go on."""
    if not service.rebuilding.start():
        raise NotNow(f"a rebuild is at work already; watch or cancel it at {_PATH}")
    return _accepted(service.rebuilding)


@router.delete(
    _PATH,
    status_code=202,
    summary="Cancel the rebuild",
    response_model=Standing,
    response_description="It was told to stop, and does so before its next step",
    responses=responses(Foreign, NotNow),
    dependencies=[Depends(from_a_program)],
    openapi_extra=ACTING,
)
async def cancel(service: Serving) -> JSONResponse:
    """Stops the rebuild; the index stays as it was, and what is encoded is kept for the next."""
    if not isinstance(service.rebuilding.state, Running | Asking):
        raise NotNow(f"no rebuild is at work; start one with POST {_PATH}")
    service.rebuilding.cancel()
    return _accepted(service.rebuilding)


@router.post(
    f"{_PATH}/approve",
    status_code=202,
    summary="Approve the new index",
    response_model=Standing,
    response_description="It will switch to the new index",
    responses=responses(Foreign, NotNow),
    dependencies=[Depends(from_a_program)],
    openapi_extra=ACTING,
)
async def approve(service: Serving) -> JSONResponse:
    """Lets the rebuild switch to its index, where the server was told to ask first."""
    if not isinstance(service.rebuilding.state, Asking):
        raise NotNow(f"no new index waits for approval; see {_PATH}")
    service.rebuilding.approve()
    return _accepted(service.rebuilding)


@router.get(
    f"{_PATH}/events",
    summary="Watch the rebuild",
    description=_EVENTS,
    response_class=EventSourceResponse,
    response_description="Server-sent events",
)
async def events(service: Serving) -> AsyncIterator[ServerSentEvent]:
    """Sends how the rebuild stands until none is at work; see `_EVENTS`."""
    rebuilding, last, number = service.rebuilding, None, 0
    while True:
        state = rebuilding.state
        if state is not last:
            told = standing_json(rebuilding)
            last, number = state, number + 1
            yield ServerSentEvent(data=told, event=told["state"], id=f"{told['run']}-{number}")
        if not isinstance(state, Running | Asking):
            return
        await asyncio.sleep(_PAUSE)


def _accepted(rebuilding: Rebuilding) -> JSONResponse:
    return JSONResponse(standing_json(rebuilding), 202, {"Location": _PATH})
