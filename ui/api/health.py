"""For those who run a server: does it live, does it answer, and how is it doing."""

import time
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from index import DamagedIndex
from ui.api.metrics import metrics_text
from ui.api.models import Model
from ui.api.problems import responses
from ui.api.service import Serving
from ui.api.waiting import in_turn
from ui.contract import Json
from ui.errors import Busy

router = APIRouter(tags=["Running"])

# Seconds for which it holds that the index answers.
_HOLDS = 2.0


class Health(Model):
    """That the server lives."""

    status: Literal["ok"]
    """Always `ok`."""
    generation: str
    """The index that answers."""


class Readiness(Model):
    """That the index answers."""

    status: Literal["ready"]
    """Always `ready`."""
    generation: str
    """The index that answers."""
    documents: int
    """Documents in it."""
    passages: int
    """Passages in it."""
    problem: str | None
    """Why a newer index cannot be opened, so that this one goes on answering; or null."""


@router.get(
    "/healthz",
    summary="Does the server live?",
    response_model=Health,
    response_description="It does",
)
async def health(service: Serving) -> JSONResponse:
    """Answers at once, whatever else there is to do."""
    return JSONResponse({"status": "ok", "generation": service.assistant.generation.name})


@router.get(
    "/readyz",
    summary="Does the index answer?",
    response_model=Readiness,
    response_description="It does",
    responses=responses(Busy, DamagedIndex),
)
async def ready(request: Request, service: Serving) -> Response:
    """Searches the index, and waits for its turn as questions do, so it tells what they meet.

    What it found holds for two seconds, so that to look often costs no more.
    """
    generation = service.assistant.generation
    found = {
        "status": "ready",
        "generation": generation.name,
        "documents": generation.manifest.documents,
        "passages": generation.manifest.passages,
        "problem": service.watcher.problem,
    }

    def is_known() -> bool:
        when = service.searched.get(generation.name, float("-inf"))
        return time.monotonic() - when < _HOLDS

    def search() -> Json:
        if not is_known():  # of many who wait, one looks for all
            service.assistant.search("ready", 1)
            service.searched[generation.name] = time.monotonic()
        return found

    return JSONResponse(found) if is_known() else await in_turn(request, service.line, search)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    response_description="The figures, in Prometheus' text format",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(service: Serving) -> Response:
    """Questions by outcome, how long they took, rebuilds, and what the index holds."""
    text = metrics_text(service.assistant, service.rebuilding)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
