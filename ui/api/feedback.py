"""What somebody says of an answer or a passage, over HTTP as on the page."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from assistant import BadQuestion, UnknownPlace
from assistant.errors import FeedbackUnusable
from assistant.feedback import opinion_json
from assistant.golden import QuotedPlace
from index import HomeUnusable
from ui.access.person import person_of
from ui.api.errors import NotJson
from ui.api.guards import only_json
from ui.api.models import Model
from ui.api.problems import INVALID, TOO_LARGE, responses
from ui.api.service import Serving

router = APIRouter(tags=["Asking"])

_Offset = Annotated[int, Field(ge=0, lt=2**53)]


class Place(Model):
    """Where a quote stands: half-open offsets into its document's text."""

    document: str
    """The document's id."""
    start: _Offset
    """Where it begins."""
    end: _Offset
    """Where it ends."""


class Verdict(Model):
    """What somebody says."""

    verdict: Literal["up", "down", "right", "wrong", "nothing"]
    """Of an answer `up` or `down`, of a passage `right` or `wrong`; `nothing`: no passage of the
    documents answers."""
    question: str
    """The question as it was asked."""
    history: list[str] = Field(default_factory=list, max_length=100)
    """The questions before it in its conversation, oldest first."""
    place: Place | None = None
    """The quote it is about, of an answer its first; none of a refusal and of `nothing`."""
    undo: bool = False
    """Whether to take that back."""


class Noted(Model):
    """Whether what was said changed anything."""

    changed: bool
    """False if the same was said, or nothing was there to take back."""


class Opinions(Model):
    """What was said of answers, oldest first."""

    opinions: list[dict[str, Any]]
    """As `readout feedback --json` gives them: `verdict`, `question`, `turns`, `within`, `place`,
    `generation`, `time` and `person`."""


@router.get(
    "/api/feedback",
    summary="Show what was said of answers",
    response_model=Opinions,
    response_description="What was said",
    responses=responses(FeedbackUnusable),
)
def said(request: Request, service: Serving) -> JSONResponse:
    """Who may ask gets what they said themselves, who manages what everybody said."""
    person = person_of(request)
    whose = None if person.role == "manage" else person.name
    return JSONResponse({"opinions": list(map(opinion_json, service.feedback.opinions(whose)))})


@router.post(
    "/api/feedback",
    summary="Judge an answer or a passage",
    response_model=Noted,
    response_description="It is kept in the home",
    responses=responses(
        INVALID, BadQuestion, UnknownPlace, TOO_LARGE, NotJson, FeedbackUnusable, HomeUnusable
    ),
    dependencies=[Depends(only_json)],
)
def feedback(request: Request, body: Verdict, service: Serving) -> JSONResponse:
    """Keeps a verdict; `readout feedback --export FILE` makes golden questions of good ones."""
    if body.verdict != "down" and (body.place is None) != (body.verdict == "nothing"):
        raise BadQuestion(
            "what is said of an answer or a passage needs its place, nothing has none"
        )
    place = None
    if body.place:
        at = body.place
        quote = service.assistant.quote(at.document, at.start, at.end)
        document = service.assistant.document(at.document)
        place = QuotedPlace.of(document, quote)
    about = (body.verdict, body.question, body.history, "", place)
    person = person_of(request).name or ""
    if body.undo:
        changed = service.feedback.take_back(*about, person)
    else:
        changed = service.feedback.add(*about, service.assistant.generation.name, person)
    return JSONResponse({"changed": changed})
