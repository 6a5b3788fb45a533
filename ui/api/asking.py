"""Questions and searches over HTTP."""

from collections.abc import Generator
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from assistant import Answer, BadQuestion
from assistant.followups import turns_of
from assistant.questions import checked_question
from index import DamagedIndex, EngineUnavailable
from index.generation import POOL
from ui.api.errors import NotJson
from ui.api.guards import only_json
from ui.api.models import Answered, Citation, Model, Refused
from ui.api.paging import address_of
from ui.api.problems import INVALID, TOO_LARGE, responses
from ui.api.requests import AskBody, AskQuery, Manner, SearchQuery
from ui.api.service import Service, Serving
from ui.api.waiting import in_turn
from ui.contract import Json, answer_json, citation_json
from ui.errors import Busy, NoWriter
from ui.writing.desk import Desk, EventStream, streamed

router = APIRouter(tags=["Asking"])

_WRITTEN = """The question and the cited passages go to the language model that the server was
given (`llm_url`, `llm_model`); without one this is refused. First an event `answer` is sent, whose
data is what `/api/ask` returns; then a `sentence` each time one was written and checked, with
`text`, `citations` (numbers of the answer's), `supported`, `reason` (why not) and `quotations`
(`number`, `document`, `start`, `end`); at last `end` with `host`, `model` and `problem`, null
unless the model failed. Of a refusal nothing goes to the model: `end` follows at once. Show no
sentence as true that is not `supported`."""


class Found(Model):
    """The passages that a search found, best first."""

    query: str
    """What was looked for."""
    passages: list[Citation]
    """The passages; `quote` is the whole of each."""
    generation: str
    """The index that was searched."""
    next: str | None = Field(examples=["/api/search?q=firearms&offset=10"])
    """The address of the next page, or null on the last. In all there are at most 100 passages:
    those behind them would change places from page to page."""


@router.post(
    "/api/ask",
    summary="Ask a question",
    response_model=Answered | Refused,
    response_description="The answer, or the honest no",
    responses=responses(
        INVALID, BadQuestion, TOO_LARGE, NotJson, Busy, DamagedIndex, EngineUnavailable
    ),
    dependencies=[Depends(only_json)],
)
async def ask(request: Request, body: AskBody, service: Serving) -> Response:
    """Answers with quotes that can be checked, or says that nothing in the documents answers."""
    return await _answer(request, service, body.question, body)


@router.get(
    "/api/ask",
    summary="Ask a question, by address",
    response_model=Answered | Refused,
    response_description="The answer, or the honest no",
    responses=responses(INVALID, BadQuestion, Busy, DamagedIndex, EngineUnavailable),
)
async def ask_by_address(
    request: Request, query: Annotated[AskQuery, Query()], service: Serving
) -> Response:
    """Does the same with all in the address, where that is handier."""
    return await _answer(request, service, query.q, query)


@router.get(
    "/api/search",
    summary="Search for passages",
    response_model=Found,
    response_description="What was found",
    responses=responses(INVALID, BadQuestion, Busy, DamagedIndex, EngineUnavailable),
)
async def search(
    request: Request, query: Annotated[SearchQuery, Query()], service: Serving
) -> Response:
    """Lists the passages that come closest to a query, best first, a page at a time."""
    end = min(query.offset + query.k, POOL)

    def found() -> Json:
        hits = service.assistant.search(query.q, end, query.filter())
        return {
            "query": query.q,
            "passages": [citation_json(hit) for hit in hits[query.offset :]],
            "generation": service.assistant.generation.name,
            "next": address_of(request, end) if len(hits) == end < POOL else None,
        }

    return await in_turn(request, service.line, found)


@router.post(
    "/api/write",
    summary="Ask, and have the answer written up",
    description=_WRITTEN,
    response_class=EventStream,
    response_description="Server-sent events",
    responses=responses(INVALID, BadQuestion, TOO_LARGE, NotJson, NoWriter, Busy, DamagedIndex),
    dependencies=[Depends(only_json)],
)
async def write(request: Request, body: AskBody, service: Serving) -> Response:
    """Answers, and lets the language model that is set write the answer up; see `_WRITTEN`."""
    service.desk.check()
    return await in_turn(
        request,
        service.line,
        partial(_asked, service, body.question, body),
        lambda answer: streamed(_events(service.desk, answer)),
    )


def _events(desk: Desk, answer: Answer) -> Generator[tuple[str, Json]]:
    yield "answer", answer_json(answer)
    yield from desk.events(answer)


async def _answer(request: Request, service: Service, question: str, manner: Manner) -> Response:
    return await in_turn(
        request, service.line, lambda: answer_json(_asked(service, question, manner))
    )


def _asked(service: Service, question: str, manner: Manner) -> Answer:
    today = date.today()
    earlier = turns_of(map(checked_question, manner.history), today=today)
    return service.assistant.ask_counted(
        question,
        manner.threshold,
        manner.filter(),
        any_date=manner.any_date,
        today=today,
        history=earlier,
        without=manner.without,
    )
