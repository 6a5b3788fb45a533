"""Errors as programs read them: ``application/problem+json`` (RFC 9457), never a traceback."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route

from assistant import BadQuestion, UnknownPlace
from assistant.errors import FeedbackUnusable
from corpus import ReadoutError, without_surrogates
from index import (
    DamagedIndex,
    EncoderError,
    EngineUnavailable,
    HomeUnusable,
    NoIndex,
    RebuildRunning,
)
from ui.api.errors import Foreign, NotJson, NotNow
from ui.api.models import Model
from ui.errors import Busy, NoWriter

_LOG = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

#: Where the page of the API describes a kind of problem; relative, so on the server itself.
TYPES = "/docs#"

#: Bytes of the longest request: forty earlier questions of the greatest length fit several times,
#: so that only mistakes and mischief are longer.
MAX_BODY = 1 << 20

# Seconds after which to ask again: a queue of questions is worked off in about two, and the
# server looks for a mended index every eight.
_SOON, _LATER = 2, 8


class Fault(Model):
    """One thing that is wrong with a request."""

    where: str
    """The field, as a path: `body.threshold`, `query.k`."""
    what: str
    """What is wrong with it."""


class Problem(Model):
    """Why a request was not served."""

    type: str
    """Which kind of problem it is; leads to its description."""
    title: str
    """The kind in words, always the same for one type."""
    status: int
    """The HTTP status."""
    detail: str
    """What, where, and what to do next, in one line."""
    errors: list[Fault] | None = Field(None)
    """Of an invalid request, each thing that is wrong."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem.

    Attributes:
        name: Its place on the page of the API.
        title: What it is, in a few words.
        status: The HTTP status.
        retry_after: Seconds after which to try again, or None if that would not help.
    """

    name: str
    title: str
    status: int
    retry_after: int | None = None


INVALID = Kind("invalid-request", "The request is not valid", 422)
TOO_LARGE = Kind("too-large", "The request is too large", 413)
INTERNAL = Kind("internal-error", "Something went wrong on the server", 500)
NOT_LOGGED_IN = Kind("not-logged-in", "Nobody is logged in", 401)
NOT_ALLOWED = Kind("not-allowed", "This may not be done by whoever asks", 403)
TOO_MANY = Kind("too-many", "This is done too often", 429)
UNUSABLE = Kind("users-unusable", "The file of users cannot be used", 503)
_TOLD = Kind("not-possible", "This cannot be done", 500)

# What `ui.access.gate` tells, before a request comes to a route.
_AT_THE_GATE = (NOT_LOGGED_IN, NOT_ALLOWED, TOO_MANY, UNUSABLE)

#: The kinds of errors that Readout tells; of an error's classes, the first that is here.
KINDS: Mapping[type[ReadoutError], Kind] = {
    BadQuestion: Kind("bad-question", "The question cannot be asked", 400),
    UnknownPlace: Kind("unknown-place", "There is no such document or place", 404),
    Foreign: Kind("foreign-request", "The request could come from another site", 403),
    NotNow: Kind("not-now", "The rebuild is not in a state for that", 409),
    RebuildRunning: Kind("rebuild-running", "Another process is rebuilding", 409, _LATER),
    NoWriter: Kind("no-model", "No language model is set", 409),
    NotJson: Kind("not-json", "The request does not say that it is JSON", 415),
    Busy: Kind("busy", "Too many questions at once", 503, _SOON),
    DamagedIndex: Kind("damaged-index", "The index is damaged", 503, _LATER),
    EngineUnavailable: Kind(
        "engine-unavailable", "The server that searches cannot be reached", 503, _SOON
    ),
    NoIndex: Kind("no-index", "There is no index", 503, _LATER),
    EncoderError: Kind("no-encoder", "The encoder cannot be loaded", 503),
    HomeUnusable: Kind("home-unusable", "The home folder cannot be used", 503),
    FeedbackUnusable: Kind("feedback-unusable", "The file of feedback cannot be used", 503),
    ReadoutError: _TOLD,
}


def kind_of(error: ReadoutError) -> Kind:
    """Returns the kind of an error that may be told."""
    return next(KINDS[base] for base in type(error).__mro__ if base in KINDS)


def all_kinds() -> list[Kind]:
    """Returns every kind that has a description of its own, in the order of their statuses."""
    return sorted(
        [*KINDS.values(), INVALID, TOO_LARGE, INTERNAL, *_AT_THE_GATE],
        key=lambda kind: (kind.status, kind.name),
    )


def problem(
    kind: Kind,
    detail: str,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Returns a problem as a response.

    Args:
        kind: Its kind.
        detail: What, where, what to do next, one line.
        faults: Of an invalid request, what is wrong.
        headers: Headers besides those of the kind.
    """
    body = {
        "type": f"{TYPES}{kind.name}" if kind.name else "about:blank",
        "title": kind.title,
        "status": kind.status,
        "detail": without_surrogates(detail),
    }
    if faults:
        body["errors"] = [fault.model_dump() for fault in faults]
    retry = {} if kind.retry_after is None else {"Retry-After": str(kind.retry_after)}
    return JSONResponse(body, kind.status, {**retry, **(headers or {})}, media_type=MEDIA_TYPE)


def tell_problems(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Makes an app, with its routes, answer every error with a problem."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):  # which Starlette's types do not promise
            raise error
        if error.status_code == TOO_LARGE.status:
            return problem(TOO_LARGE, f"send at most {MAX_BODY:,} bytes")
        status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
        detail = error.detail
        if status == HTTPStatus.NOT_FOUND:
            # Not `url`, which takes apart the query, and that may be in any encoding.
            detail = f"{request.scope['path']}: no such route; all are listed at /docs"
        elif status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = _methods(request, routes)
            detail = f"{request.method} is not possible here; use {headers['Allow']}"
        return problem(Kind("", status.phrase, status), detail, headers=headers)

    app.add_exception_handler(ReadoutError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, _unexpected)


def responses(*kinds: Kind | type[ReadoutError]) -> dict[int | str, dict[str, Any]]:
    """Returns what a route's schema says of its problems."""
    by_status: dict[int, list[str]] = {}
    for each in kinds:
        kind = each if isinstance(each, Kind) else KINDS[each]
        by_status.setdefault(kind.status, []).append(kind.title)
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": "; ".join(titles), "content": {MEDIA_TYPE: schema}}
        for status, titles in sorted(by_status.items())
    }


async def _told(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ReadoutError):
        raise error
    return problem(kind_of(error), str(error))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    faults = faults_of(error)
    return problem(INVALID, f"{in_short(faults)}; see /docs", faults)


def faults_of(error: Exception) -> list[Fault]:
    """Returns what is wrong with a request that is not valid.

    What was sent is left out: it may be long, and is known to whoever sent it.
    """
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return [
        Fault(
            where=without_surrogates(".".join(map(str, each["loc"]))),
            what=without_surrogates(str(each["msg"])),
        )
        for each in found
    ]


def in_short(faults: Sequence[Fault]) -> str:
    """Returns the first faults of a request in one line."""
    return "; ".join(f"{fault.where}: {fault.what}" for fault in faults[:3])


def _methods(request: Request, routes: Sequence[BaseRoute]) -> str:
    """Returns all methods of an address; the route that refused knows only its own."""
    found: set[str] = set()
    for route in routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE:
            found |= route.methods or set()
    return ", ".join(sorted(found))


async def _unexpected(_: Request, error: Exception) -> JSONResponse:
    _LOG.error("a request failed", exc_info=error)
    return problem(INTERNAL, "something went wrong; the server's terminal says what")
