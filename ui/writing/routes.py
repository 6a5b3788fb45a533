"""What the page sends to have an answer written up, and the button that does."""

from functools import partial
from html import escape
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant import Answer, Assistant, BadQuestion, UnknownPlace
from assistant.synthesis import Writer
from index import Filter
from ui.api.waiting import in_turn
from ui.errors import NotPossible
from ui.golden import Place
from ui.guarding import from_the_page
from ui.line import Line
from ui.linking import fingerprint
from ui.narrowing import filter_of, query_of
from ui.writing.desk import Desk, streamed

# Quotes of an answer, at most.
_QUOTES = 50


class Wanted(BaseModel):
    """An answer that is to be written up.

    Attributes:
        question: The question as it was asked in full.
        within: What part of the corpus was searched, as `ui.narrowing` writes it.
        sure: How sure an answer had to be; None for as usual.
        any_date: Whether its words about time were left unread.
        host: Where the page said that the question and the passages go.
        quotes: What the page shows as the answer, in order.
    """

    model_config = ConfigDict(extra="forbid")

    question: str
    within: str = ""
    sure: float | None = None
    any_date: bool = False
    host: str
    quotes: tuple[Place, ...] = Field(min_length=1, max_length=_QUOTES)


def writing_routes(assistant: Assistant, desk: Desk, line: Line) -> APIRouter:
    """Returns the route by which the page has answers written up; it may change with the page."""
    router = APIRouter(prefix="/page", include_in_schema=False)

    @router.post("/write", dependencies=[Depends(from_the_page)])
    async def write(request: Request, wanted: Wanted) -> Response:
        writer = desk.check()
        if writer.host != wanted.host:
            raise NotPossible(f"it would go to {writer.host} now; ask the question again first")
        shown = partial(_shown, assistant, wanted)
        return await in_turn(request, line, shown, lambda answer: streamed(desk.events(answer)))

    return router


def writing_html(
    answer: Answer, writer: Writer, within: Filter | None, sure: float | None, *, any_date: bool
) -> str:
    """Returns what writing.js makes a button that has an answer written up, and where it goes.

    Args:
        answer: An answer that has citations.
        writer: Who would write.
        within: What part of the corpus was searched.
        sure: How sure the answer had to be.
        any_date: Whether its words about time were left unread.
    """
    question = answer.carried.standalone if answer.carried else answer.question
    asked = {"question": question, "host": writer.host, "within": query_of(within)}
    asked |= {} if sure is None else {"sure": str(sure)}
    asked |= {"any_date": "1"} if any_date else {}
    count = len({citation.passage.id for citation in answer.citations})
    passages = "the quoted passage" if count == 1 else f"the {count} quoted passages"
    return (
        f'<p class="writing"><a class="write" href="#write?{escape(urlencode(asked))}">'
        f'Write it up</a> <span class="goes">sends the question and {passages} to'
        f" <bdi>{escape(writer.host)}</bdi></span></p>"
    )


def _shown(assistant: Assistant, wanted: Wanted) -> Answer:
    """Returns the answer that the page shows: asked again, as a page could send any words.

    Raises:
        BadQuestion: If nothing answers, so that nothing may be sent.
        UnknownPlace: If the answer is another now.
    """
    answer = assistant.ask(
        wanted.question, wanted.sure, filter_of(wanted.within), any_date=wanted.any_date
    )
    if answer.abstained:
        raise BadQuestion("nothing answers this question, so there is nothing to write up")
    now = [
        Place(
            document=each.document.id,
            start=each.quote.start,
            end=each.quote.end,
            check=fingerprint(each.quote),
        )
        for each in answer.citations
    ]
    if now != list(wanted.quotes):
        raise UnknownPlace("the answer is another by now; ask the question again first")
    return answer
