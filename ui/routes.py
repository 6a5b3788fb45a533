"""What the page fetches besides Gradio's own: style, sources, and the state of the index.

These routes serve the page alone and may change with it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse

from assistant import Assistant
from assistant.collecting import Collection
from assistant.feedback import Feedback
from assistant.review import Review
from index import BuildReport
from ui.access.person import person_of
from ui.contract import progress_json
from ui.golden import Found, record
from ui.guarding import from_the_page
from ui.opinions import note_golden
from ui.page import STATIC
from ui.printed import printed_routes
from ui.reading import open_quote, read_more
from ui.rebuilding import Asking, Failed, Finished, Idle, Rebuilding, Running, State, Stopped
from ui.terminal import STAGES, first_quote, review_text
from ui.watching import Watcher

#: What the page is made of, besides what Gradio draws.
FILES = (
    *("page.css", "page.js", "drafts.js", "favicon.svg"),
    *("access.css", "login.css", "login.js"),
    *("citing.css", "citing.js", "taking.js", "basket.js"),
    *("atlas.css", "atlas.js", "atlas-map.js", "atlas-timeline.js"),
    *("asking.css", "asking.js", "filters.js", "feedback.js"),
    *("reading.css", "reading.js", "source.js", "pages.js"),
    *("writing.css", "writing.js"),
    *("library.css", "library.js", "shelving.js", "proving.js"),
)

# Other places that are cited with one; an answer has no more.
Also = Annotated[Sequence[str], Query(max_length=50)]

# Problems of a rebuild that the page lists; the report on disk has all of them.
_PROBLEMS = 20

# Problems of the index that it lists when asked to.
_ALL_PROBLEMS = 500


def page_routes(
    assistant: Assistant, rebuilding: Rebuilding, watcher: Watcher, feedback: Feedback
) -> APIRouter:
    """Returns the routes below ``/page``."""
    router = APIRouter(prefix="/page", include_in_schema=False)
    collection = Collection(assistant.home)
    for name in FILES:
        router.add_api_route(f"/{name}", _file(name), methods=["GET"], response_model=None)

    @router.get("/state")
    async def state() -> dict[str, Any]:
        generation = assistant.generation
        return {
            "generation": generation.name,
            "documents": generation.manifest.documents,
            "passages": generation.manifest.passages,
            "problems": len(generation.manifest.problems),
            "problem": watcher.problem,
            "run": rebuilding.runs,
            "rebuild": state_json(rebuilding.state),
        }

    @router.get("/problems")
    async def problems() -> dict[str, Any]:
        return _listed(assistant.generation.manifest.problems, _ALL_PROBLEMS)

    @router.post("/rebuild", dependencies=[Depends(from_the_page)])
    async def start() -> dict[str, bool]:
        return {"started": rebuilding.start()}

    @router.post("/approve", dependencies=[Depends(from_the_page)])
    async def approve() -> dict[str, bool]:
        rebuilding.approve()
        return {"approved": True}

    @router.post("/cancel", dependencies=[Depends(from_the_page)])
    async def cancel() -> dict[str, bool]:
        rebuilding.cancel()
        return {"cancelled": True}

    @router.post("/golden", dependencies=[Depends(from_the_page)])
    def golden(request: Request, found: Found) -> dict[str, bool]:
        recorded = record(assistant, collection, found)
        note_golden(assistant, feedback, found, person_of(request).name or "")
        return recorded

    @router.get("/source")
    def source(document: str, start: int, end: int, check: str, also: Also = ()) -> dict[str, Any]:
        return open_quote(assistant, document, start, end, check, also)

    @router.get("/more")
    def more(
        document: str, edition: str, start: int, forward: bool, also: Also = ()
    ) -> dict[str, Any]:
        return read_more(assistant, document, edition, start, forward, also)

    router.include_router(printed_routes(assistant))
    return router


def state_json(state: State) -> dict[str, Any]:
    """Returns how a rebuild stands, in the words the page shows."""
    match state:
        case Idle():
            return {"is": "idle"}
        case Running(progress):
            return progress_json(progress) | {"is": "running", "stage": STAGES[progress.stage]}
        case Asking(review):
            text = "The new index is ready, and the one before goes on serving. Switch to it?"
            return {"is": "asking", "text": text} | _golden(review)
        case Stopped():
            text = "Rebuild cancelled. Nothing changed; what was encoded is kept for the next one."
            return {"is": "stopped", "text": text}
        case Failed():
            return {"is": "failed", "text": f"Rebuild failed: {state.message}"}
        case Finished():
            problems = [asdict(problem) for problem in state.report.problems]
            return {
                "is": "finished",
                "text": outcome(state.report),
                **_listed(problems, _PROBLEMS),
                **_golden(state.review),
            }


def _listed(problems: Sequence[Mapping[str, str]], most: int) -> dict[str, Any]:
    """Returns the first of the problems, a line each, and how many more there are."""
    lines = [f"{problem['source']}: {problem['reason']}" for problem in problems]
    return {"problems": lines[:most], "more_problems": len(lines[most:])}


def _golden(review: Review) -> dict[str, Any]:
    """Returns what golden questions told of a new index, in the words the page shows."""
    changed = [
        {
            "question": entry.question,
            "before": first_quote(entry.before),
            "now": first_quote(entry.now),
        }
        for entry in review.changed
    ]
    return {"golden": review_text(review), "changed": changed}


def outcome(report: BuildReport) -> str:
    """Returns what a build did, in one line for people."""
    holds = f"{_count(report.documents, 'document')}, {_count(report.passages, 'passage')}"
    if not report.changed:
        text = f"Nothing changed: index {report.generation} already holds {holds}."
    else:
        text = (
            f"Index {report.generation}: {holds}, {report.encoded:,} newly encoded,"
            f" in {report.seconds:.1f} s."
        )
    if report.problems:
        text += f" {_count(len(report.problems), 'problem')}:"
    return text


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _file(name: str) -> Callable[[], Awaitable[FileResponse]]:
    async def send() -> FileResponse:
        return FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})

    return send
