"""The library over HTTP: documents as a table, changes to them, and what they came to."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from assistant import Assistant
from assistant.collecting import Collection
from index import roll_back
from index.differences import Differences, name_before, since
from index.outlines import Outline
from ui.errors import NotPossible
from ui.guarding import from_the_page, is_here
from ui.library.changing import (
    Correction,
    Folder,
    Source,
    add_path,
    add_uploads,
    correct,
    details,
    opening,
)
from ui.library.golden import Golden
from ui.library.holdings import Holdings, Shelf
from ui.library.rows import Column, Row, matching, ordered
from ui.library.soon import RebuildSoon
from ui.library.uploads import LIMIT, received
from ui.rebuilding import Finished, Rebuilding
from ui.terminal import review_text
from ui.watching import Watcher

# Documents named of each kind of change.
_NAMED = 200


class Question(BaseModel):
    """A golden question that is to be taken off.

    Attributes:
        question: The question.
        turns: The questions before it in its conversation, oldest first.
    """

    model_config = ConfigDict(extra="forbid")

    question: str
    turns: tuple[str, ...] = ()


def library_routes(
    assistant: Assistant, rebuilding: Rebuilding, watcher: Watcher, soon: RebuildSoon
) -> APIRouter:
    """Returns the routes below ``/page/library``; they serve the page and change with it."""
    router = APIRouter(prefix="/page/library", include_in_schema=False)
    acting = [Depends(from_the_page)]
    home = assistant.home
    shelf = Shelf(assistant)
    golden = Golden(assistant)
    collection = Collection(home)

    @router.get("/overview")
    def overview(request: Request) -> dict[str, Any]:
        """Looks at every file anew."""
        found = shelf.look()
        return _overview(found) | {
            "paths": is_here(request),
            "limit": LIMIT,
            "uploads": str(home.path / "uploads"),
        }

    @router.get("/documents")
    def documents(
        query: str = "",
        sort: Column = "title",
        descending: bool = False,
        start: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        rows = shelf.seen().rows
        found = ordered(matching(rows, query), sort, descending=descending)
        return {
            "total": len(rows),
            "matching": len(found),
            "start": start,
            "rows": list(map(_row_json, found[start : start + count])),
        }

    @router.get("/place")
    def place(document: str) -> dict[str, str]:
        return {"link": opening(assistant, document)}

    @router.get("/document")
    def document(document: str) -> dict[str, Any]:
        return details(assistant, document)

    @router.post("/upload", dependencies=acting)
    async def upload(request: Request) -> dict[str, list[dict[str, str]]]:
        with soon.hold():
            form = await received(request.headers, request.stream())
            try:
                files = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
                found = await run_in_threadpool(add_uploads, home, files)
            finally:
                await form.close()
            if found["added"]:
                soon.want()
        return found

    @router.post("/add", dependencies=acting)
    def add(request: Request, folder: Folder) -> dict[str, str]:
        if not is_here(request):
            raise NotPossible(
                "folders of the server's machine are added there, by: readout add PATH"
            )
        with soon.change():
            return {"root": add_path(home, folder.path)}

    @router.post("/correct", dependencies=acting)
    def corrected(correction: Correction) -> dict[str, bool]:
        with soon.change():
            correct(assistant, correction)
        return {"corrected": True}

    @router.post("/remove", dependencies=acting)
    def remove(source: Source) -> dict[str, str]:
        with soon.change():
            [root] = home.remove(source.root)
        return {"root": root}

    @router.get("/changes")
    def changes() -> dict[str, Any]:
        generation = assistant.generation
        before = name_before(home, generation)
        state = rebuilding.state
        return {
            "generation": generation.name,
            "created": generation.manifest.created,
            "before": before,
            "kinds": before and _changes(since(home, before, generation)),
            "review": isinstance(state, Finished) and review_text(state.review),
        }

    @router.post("/rollback", dependencies=acting)
    def rollback() -> dict[str, str]:
        name = roll_back(home)
        watcher.look()
        return {"generation": name}

    @router.get("/golden")
    def questions() -> dict[str, Any]:
        return golden.as_json()

    @router.post("/golden/ask", dependencies=acting)
    def ask() -> dict[str, bool]:
        return {"started": golden.ask()}

    @router.post("/golden/stop", dependencies=acting)
    async def stop() -> dict[str, bool]:
        golden.stop()
        return {"stopped": True}

    @router.post("/golden/remove", dependencies=acting)
    def discard(question: Question) -> dict[str, bool]:
        return {"removed": collection.remove(question.question, question.turns)}

    return router


def _overview(found: Holdings) -> dict[str, Any]:
    states: dict[str, int] = {}
    for row in found.rows:
        states[row.state] = states.get(row.state, 0) + 1
    return {
        "generation": found.generation,
        "total": len(found.rows),
        "problems": sum(bool(row.problem) for row in found.rows),
        "states": states,
        "sources": [asdict(source) | {"stale": source.is_stale} for source in found.sources],
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "source": row.source,
        "record": row.record,
        "day": row.day and row.day.isoformat(),
        "publisher": row.publisher,
        "format": row.format,
        "size": row.size,
        "passages": row.passages,
        "state": row.state,
        "problem": row.problem,
    }


def _changes(found: Differences) -> dict[str, Any]:
    """Returns how many documents each kind of change is of, and the first of their titles."""
    kinds = {
        "added": (found.added, True),
        "changed": (found.changed, True),
        "described": (found.described, True),
        "moved": (found.moved, True),
        "removed": (found.removed, False),
    }
    return {
        kind: {
            "count": len(outlines),
            "documents": [_named(outline, there) for outline in outlines[:_NAMED]],
        }
        for kind, (outlines, there) in kinds.items()
    }


def _named(outline: Outline, there: bool) -> dict[str, str | None]:
    return {"id": outline.id if there else None, "title": outline.title, "source": outline.source}
