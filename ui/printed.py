"""A PDF's pages for the source pane: where a quote stands on them, and their pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Response

from assistant import Assistant
from corpus.errors import Unreadable
from corpus.rendering import page_png, printed
from ui.reading import checked_quote


def printed_routes(assistant: Assistant) -> APIRouter:
    """Returns the routes ``/rendered`` and ``/rendered.png``, to stand below the page's own."""
    router = APIRouter()

    @router.get("/rendered")
    def rendered(document: str, start: int, end: int, check: str) -> dict[str, Any]:
        """The page of a quote, how many there are, and its lines' boxes; or why not, as ``told``.

        A box is its page, and left, top, right and bottom as fractions of that page. ``edition``
        names the file, so that a picture of another one is never shown with them.
        """
        found = assistant.document(document)
        quote = checked_quote(found, start, end, check)
        try:
            place = printed(found, quote.start, quote.end)
        except Unreadable as error:
            # What to do about it is of use where files are read, not here.
            return {"told": f"Its page cannot be shown: {str(error).partition(';')[0]}"}
        return {
            "told": "" if place.boxes else "Where on the page the quote stands was not found",
            "page": place.page,
            "pages": place.pages,
            "boxes": [[page, *box] for page, box in place.boxes],
            "edition": found.sha256,
        }

    @router.get("/rendered.png")
    def picture(
        document: str,
        page: int,
        edition: str,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A page, from 1, as a picture; it never changes, as its address names the file's hash."""
        found = assistant.document(document)
        if edition != found.sha256:
            raise HTTPException(404, "the document has changed; ask the question again")
        headers = {"ETag": f'"{edition}-{page}"', "Cache-Control": "private, no-cache"}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(page_png(found, page), media_type="image/png", headers=headers)

    return router
