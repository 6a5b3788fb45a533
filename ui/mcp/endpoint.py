"""MCP at an address of the web chat: streamable HTTP, for clients on the same machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant import Assistant
from ui.access.gate import is_foreign
from ui.errors import ExtraMissing
from ui.extras import check_extra
from ui.line import Line
from ui.mcp import EXTRA

# Bytes of the longest request: a question of the longest kind and room for a list of documents.
_LONGEST = 1_000_000


class Endpoint:
    """An ASGI app that speaks MCP while `running`.

    Who may come by name is for the app around it to check; pages of other sites are refused here.
    """

    def __init__(self, assistant: Assistant, line: Line) -> None:
        self._assistant = assistant
        self._line = line
        self._serve = _refusing(503, "the server is starting or ending; try again")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serves as long as the context lasts; without its packages it tells how to get them."""
        try:
            check_extra(*EXTRA)
        except ExtraMissing as error:
            self._serve = _refusing(501, str(error))
            yield
            return
        from mcp.server.streamable_http_manager import (
            StreamableHTTPSessionManager,  # lazy: only in the extra `mcp`
        )

        from ui.mcp.server import create_server

        # The tools remember nothing between calls, so there are no sessions to keep, to steal or
        # to run out of; and an answer is one piece, so nothing is streamed.
        sessions = StreamableHTTPSessionManager(
            create_server(self._assistant, self._line),
            stateless=True,
            json_response=True,
            max_request_body_size=_LONGEST,
        )
        ended = self._serve
        async with sessions.run():
            self._serve = sessions.handle_request
            yield
        self._serve = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        foreign = is_foreign(Headers(scope=scope))
        serve = _refusing(403, "pages of other sites may not ask") if foreign else self._serve
        await serve(scope, receive, send)


def _refusing(status: int, why: str) -> ASGIApp:
    return JSONResponse({"error": why}, status)
