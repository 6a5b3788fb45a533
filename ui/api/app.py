"""The API as an app of its own, so that its errors and its schema are its own too."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from ui.api import asking, documents, feedback, health, rebuilds
from ui.api.guards import BodyLimit
from ui.api.problems import Problem, tell_problems
from ui.api.reference import reference_html
from ui.api.service import Service

#: The addresses that belong to the API.
PATHS = ("/api", "/api/{rest:path}", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics")

_VERSION = "1"

_ABOUT = """Ask the documents of this server and get the sentences that answer, each with the place
where it stands; or an honest no. Offsets count Unicode code points of a document's text and are
half-open. Requests that change something need the header `X-Readout` or `Content-Type:
application/json`. Errors are `application/problem+json`, as RFC 9457 has it."""


def create_api(service: Service | None = None) -> FastAPI:
    """Returns the API.

    Args:
        service: What it serves; without it, it can only tell its schema.
    """
    api = FastAPI(
        title="Readout",
        version=_VERSION,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    api.state.service = service
    parts = [each.router for each in (asking, documents, rebuilds, feedback, health)]
    for part in parts:
        api.include_router(part)
    tell_problems(api, [route for part in parts for route in part.routes])
    api.add_middleware(BodyLimit)

    def schema() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _schema(api)
        return api.openapi_schema

    api.openapi = schema  # type: ignore[method-assign]  # the way FastAPI offers

    @api.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(reference_html(api.openapi()))

    return api


def _schema(api: FastAPI) -> dict[str, Any]:
    """Returns the OpenAPI schema, with what problems look like."""
    found = get_openapi(
        title=api.title, version=api.version, description=api.description, routes=api.routes
    )
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = found["components"]["schemas"]
    schemas |= problem.pop("$defs") | {"Problem": problem}
    return found
