"""The documents over HTTP: lists of them, what is known of one, and what stands in it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from assistant import Quote as Place
from assistant import UnknownPlace
from index import DamagedIndex
from ui.api.models import Document, Model, Source
from ui.api.paging import address_of
from ui.api.problems import INVALID, responses
from ui.api.requests import EXAMPLE, DocumentsQuery, SourceQuery
from ui.api.service import Serving
from ui.contract import document_json, source_json

router = APIRouter(tags=["Documents"])


class Documents(Model):
    """A page of the list of documents, in the order of the corpus."""

    documents: list[Document]
    """The documents."""
    total: int
    """How many there are on all pages."""
    generation: str
    """The index that was asked."""
    next: str | None = Field(examples=["/api/documents?limit=20&offset=20"])
    """The address of the next page, or null on the last."""


class Whole(Model):
    """A document, without its text."""

    document: Document
    """What is known of it."""
    characters: int
    """How long its text is; read it with `/api/source`."""
    passages: int
    """How many passages it is cut into."""
    generation: str
    """The index that was asked."""


@router.get(
    "/api/documents",
    summary="List the documents",
    response_model=Documents,
    response_description="A page of the list",
    responses=responses(INVALID, DamagedIndex),
)
def documents(
    request: Request, query: Annotated[DocumentsQuery, Query()], service: Serving
) -> JSONResponse:
    """Lists the documents, or those with some words in their title, a page at a time."""
    generation = service.assistant.generation
    names, total = generation.store.listed(query.title, query.limit, query.offset)
    end = query.offset + len(names)
    return JSONResponse(
        {
            "documents": [document_json(generation.document(name)) for name in names],
            "total": total,
            "generation": generation.name,
            "next": address_of(request, end) if names and end < total else None,
        }
    )


@router.get(
    "/api/documents/{id:path}",
    summary="Show a document",
    response_model=Whole,
    response_description="The document",
    responses=responses(INVALID, UnknownPlace, DamagedIndex),
)
def document(
    id: Annotated[str, Path(description="The document's id.", examples=[EXAMPLE])],  # noqa: A002 (as in the address)
    service: Serving,
) -> JSONResponse:
    """Tells what is known of a document; ids are as in citations."""
    generation = service.assistant.generation
    found = service.assistant.document(id)
    return JSONResponse(
        {
            "document": document_json(found),
            "characters": len(found.text),
            "passages": len(generation.passages_of(id)),
            "generation": generation.name,
        }
    )


@router.get(
    "/api/source",
    summary="Read a place in a document",
    response_model=Source,
    response_description="The place",
    responses=responses(INVALID, UnknownPlace, DamagedIndex),
)
def source(query: Annotated[SourceQuery, Query()], service: Serving) -> JSONResponse:
    """Sends the characters from `start` to `end` of a document, checked now, and those around."""
    found = service.assistant.document(query.document)
    quote = Place.of(found, query.start, query.end)
    return JSONResponse(source_json(service.assistant, found, quote, query.around))
