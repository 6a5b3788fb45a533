"""What the page fetches to ask better: suggestions, what can be filtered by, the conversation."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from assistant import Assistant
from assistant.feedback import Feedback
from ui.access.person import person_of
from ui.exporting import EXPORTS, Conversation
from ui.guarding import from_the_page
from ui.kinds import FORMATS, format_name
from ui.narrowing import filter_of
from ui.opinions import Said, say
from ui.suggestions import Suggestions

# Seconds that a page waits for examples, and documents that it is offered to choose from.
_PATIENCE = 15.0
_OFFERED = 12

# Earlier questions that suggestions may lean on.
_EARLIER = 6


def asking_routes(assistant: Assistant, suggestions: Suggestions, feedback: Feedback) -> APIRouter:
    """Returns the routes below ``/page`` that serve asking; they may change with the page."""
    router = APIRouter(prefix="/page", include_in_schema=False)

    @router.get("/examples")
    async def examples() -> dict[str, Any]:
        return {"questions": await suggestions.examples(_PATIENCE)}

    @router.get("/suggestions")
    def further(
        q: Annotated[list[str], Query()], within: str = "", sure: float | None = None
    ) -> dict[str, Any]:
        return {"questions": suggestions.further(q[-_EARLIER:], filter_of(within), sure)}

    @router.get("/facets")
    def facets() -> dict[str, Any]:
        store = assistant.generation.store
        kinds = store.facet("media_type")
        labels = {each.media_type: each.label for each in FORMATS.values()}
        return {
            "publishers": [
                {"value": name, "label": name, "documents": count}
                for name, count in store.facet("publisher").items()
            ],
            "formats": [
                {"value": format_name(kind), "label": labels[kind], "documents": count}
                for kind, count in kinds.items()
                if kind in labels
            ],
        }

    @router.get("/titles")
    def titles(named: str) -> dict[str, Any]:
        found = assistant.generation.store.titled(named[:200], _OFFERED)
        return {
            "documents": [{"id": name, "title": title, "day": day} for name, title, day in found]
        }

    @router.get("/title")
    def title(document: str) -> dict[str, str]:
        return {"title": assistant.document(document).title}

    @router.post("/feedback", dependencies=[Depends(from_the_page)])
    def opinion(request: Request, said: Said) -> dict[str, bool]:
        return {"changed": say(assistant, feedback, said, person_of(request).name or "")}

    @router.post("/conversation", response_class=Response)
    def conversation(
        request: Request, shown: Conversation, kind: Literal["md", "json"]
    ) -> Response:
        export = EXPORTS[kind]
        return Response(
            export.write(assistant, shown, str(request.base_url)), media_type=export.media_type
        )

    return router
