"""Citing over HTTP: the forms of a quote, its receipt, the check of receipts, baskets as files."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from starlette.concurrency import run_in_threadpool

from assistant import Assistant, Quote, UnknownPlace
from ui.citing.basket import EXPORTS, Kind, kept
from ui.citing.checking import Check, check, checks_json
from ui.citing.excerpt import excerpt_of
from ui.citing.formats import FORMATS
from ui.citing.receipts import Receipt, receipt_of, receipts_from
from ui.citing.styles import Style
from ui.errors import BadReceipt
from ui.guarding import is_here
from ui.line import Line
from ui.linking import fingerprint

# Receipts that are checked in one turn: of a displaced one, passages are searched.
_IN_TURN = 20

# Receipts of one request that comes through a network.
_MOST = 500


def citing_routes(assistant: Assistant, line: Line) -> APIRouter:
    """Returns the routes below ``/cite``; errors are as everywhere: ``{"error": "…"}``."""
    router = APIRouter(prefix="/cite")

    def receipt_at(document: str, start: int, end: int, check: str | None) -> Receipt:
        found = assistant.document(document)
        quote = Quote.of(found, start, end)
        if check is not None and fingerprint(quote) != check:
            raise UnknownPlace(
                f"{found.title}: its text has changed since that answer; ask the question again"
            )
        return receipt_of(assistant, found, quote)

    @router.get("")
    def forms(
        request: Request, document: str, start: int, end: int, check: str | None = None
    ) -> dict[str, str]:
        """Every form of a quote by name; ``check`` is the page's own."""
        excerpt = excerpt_of(receipt_at(document, start, end, check), str(request.base_url))
        return {name: form(excerpt) for name, form in FORMATS.items()}

    @router.get("/receipt")
    def receipt(document: str, start: int, end: int, check: str | None = None) -> dict[str, Any]:
        """The receipt of a quote; see `ui.citing.receipts`."""
        return receipt_at(document, start, end, check).model_dump(mode="json")

    @router.post("/check")
    async def checked(request: Request, body: Annotated[object, Body()]) -> dict[str, Any]:
        """Checks the receipt, or the list of receipts, that is the body, some in each turn."""
        receipts = await run_in_threadpool(receipts_from, body, "the request")
        if len(receipts) > _MOST and not is_here(request):
            raise BadReceipt(f"{len(receipts):,} receipts; through a network give at most {_MOST}")
        found: list[Check] = []
        for start in range(0, len(receipts), _IN_TURN):
            if await request.is_disconnected():
                break  # it reaches nobody
            some = receipts[start : start + _IN_TURN]
            found += await line.run(partial(_checks, assistant, some))
        return checks_json(found)

    @router.post("/basket", response_class=Response)
    def basket(
        request: Request, body: Annotated[object, Body()], kind: Kind, style: Style = "apa"
    ) -> Response:
        """The receipts that are the body as a file of quotes with a bibliography."""
        receipts = receipts_from(body, "the basket")
        export = EXPORTS[kind]
        quotes = kept(assistant, receipts, str(request.base_url))
        name = f'attachment; filename="evidence.{kind}"'
        return Response(
            export.write(quotes, style),
            headers={"Content-Disposition": name},
            media_type=export.media_type,
        )

    return router


def _checks(assistant: Assistant, receipts: Sequence[Receipt]) -> list[Check]:
    return [check(assistant, each) for each in receipts]
