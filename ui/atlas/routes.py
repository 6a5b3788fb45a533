"""What the map and the timeline fetch. These routes serve the page alone."""

from typing import Any

from fastapi import APIRouter, Request, Response

from assistant import Assistant, UnknownPlace
from ui.api.waiting import in_turn
from ui.atlas.drawing import Drawing, Sheet
from ui.atlas.showing import (
    documents_json,
    passage_json,
    points_json,
    question_json,
    timeline_json,
)
from ui.line import Line


def atlas_routes(assistant: Assistant, line: Line) -> APIRouter:
    """Returns the routes below ``/page/atlas``; errors are as everywhere: ``{"error": "…"}``."""
    router = APIRouter(prefix="/page/atlas", include_in_schema=False)
    drawing = Drawing(assistant)

    def sheet_of(name: str) -> Sheet:
        sheet = drawing.outlined()
        if sheet.generation.name != name:
            raise UnknownPlace("the index has changed since this map was drawn; open it again")
        return sheet

    @router.get("/points")
    def points(have: str | None = None) -> dict[str, Any]:
        """The map, or how much of it is drawn; nothing anew if the page has this index's."""
        sheet = drawing.begun()
        told = {"generation": sheet.generation.name, "share": sheet.share}
        if sheet.atlas is None or have == sheet.generation.name:
            return told
        passages = sheet.generation.manifest.passages
        return told | {"passages": passages, "points": points_json(sheet.atlas, sheet.documents)}

    @router.get("/timeline")
    def timeline() -> dict[str, Any]:
        """The bars of the timeline."""
        sheet = drawing.outlined()
        return {"generation": sheet.generation.name} | timeline_json(sheet.documents)

    @router.get("/documents")
    def documents(generation: str, bar: int, start: int = 0) -> dict[str, Any]:
        """Documents of a bar."""
        sheet = sheet_of(generation)
        return documents_json(sheet.generation, sheet.documents, bar, start)

    @router.get("/passage")
    def passage(generation: str, number: int) -> dict[str, Any]:
        """What a point shows of its passage."""
        sheet = sheet_of(generation)
        return passage_json(sheet.generation, sheet.documents, number)

    @router.get("/question")
    async def question(request: Request, generation: str, q: str) -> Response:
        """Where a question stands, and its hits; the map must be drawn."""

        def found() -> dict[str, Any]:
            sheet = sheet_of(generation)
            if sheet.atlas is None:
                raise UnknownPlace("the map of this index is not drawn yet; open it and wait")
            return question_json(sheet.atlas, sheet.documents, q)

        return await in_turn(request, line, found)

    return router
