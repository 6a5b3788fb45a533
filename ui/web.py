"""The web chat as a server: the page, what the page fetches, and who may reach them."""

import errno
import logging
import os
import socket
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import click
import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from gradio import processing_utils
from starlette.routing import Route

from assistant import UnknownPlace
from assistant.feedback import Feedback
from assistant.ranking import Ranking
from assistant.synthesis import Writer
from corpus import ReadoutError
from index import Home
from ui.access.door import Door
from ui.access.gate import Gate
from ui.access.login import login_routes
from ui.access.users import Users
from ui.addresses import address_of, is_loopback, names_check
from ui.api.app import PATHS, create_api
from ui.api.metrics import CountingAssistant
from ui.api.problems import faults_of, in_short
from ui.api.service import Service
from ui.asking import asking_routes
from ui.atlas.routes import atlas_routes
from ui.citing.routes import citing_routes
from ui.errors import AddressUnusable, Busy, NobodyCanLogIn, PortInUse
from ui.finishing import CountRequests, UnderWay
from ui.guarding import OwnNames, SecurityHeaders
from ui.library.routes import library_routes
from ui.library.soon import RebuildSoon
from ui.line import Line
from ui.look import HEAD, theme
from ui.mcp.endpoint import Endpoint
from ui.page import build_page
from ui.rebuilding import Rebuilding
from ui.routes import page_routes
from ui.settings import DEFAULTS, Settings
from ui.suggestions import Suggestions
from ui.watching import Watcher
from ui.writing.desk import Desk
from ui.writing.routes import writing_routes

# Gradio reads these where no argument reaches. Without the first it calls home; without the second
# it makes statistics of all past events, with pandas, after each; without the third it keeps
# ten thousand of them, and copies them after each.
_GRADIO = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
}

# Events of pages that Gradio begins at once, for each place in the line.
_ROOM = 4

# Open pages whose state Gradio keeps; one beyond them takes its conversation from its browser.
_VISITS = 500

# Seconds that questions are given to be answered when the server ends; then those that open
# pages, and a rebuild that was told to stop, are given.
_PATIENCE, _GRACE = 10, 1


def create_app(
    home: Home,
    host: str = "127.0.0.1",
    ranking: Ranking | None = None,
    *,
    ask_first: bool = False,
    encoder: str | None = None,
    writer: Writer | None = None,
    settings: Settings = DEFAULTS,
) -> FastAPI:
    """Returns the web chat of a home that has an index.

    Args:
        home: Where the index is.
        host: The name or address it will be served at; requests to any other are refused, so
            that no site can reach it under a name of its own.
        ranking: How what is found is ranked; else as usual.
        ask_first: Whether the page asks before a rebuild's switch; see `Rebuilding`.
        encoder: The model that a rebuild of the page uses; else the home's own.
        writer: Who writes answers up when asked to; None if nobody does.
        settings: Who may come, by which name, and how often; see `needs_login`.

    Raises:
        NobodyCanLogIn: If people must log in, and there is nobody who could.
        ReadoutError: If the home has no index, or one that cannot be opened.
    """
    check_people(home, host, settings)
    assistant = CountingAssistant.open_sound(home, ranking)
    watcher = Watcher(assistant)
    rebuilding = Rebuilding(home, watcher.look, ask_first=ask_first, encoder=encoder)
    line = Line()
    suggestions = Suggestions(assistant, line)
    feedback = Feedback(home)
    soon = RebuildSoon(rebuilding)
    mcp = Endpoint(assistant, line)
    desk = Desk(assistant, writer)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watcher.start()
        suggestions.start()
        async with mcp.running():
            yield
        soon.stop()
        rebuilding.cancel()
        suggestions.stop()
        watcher.stop()
        rebuilding.wait(_GRACE)

    app = FastAPI(title="Readout", lifespan=lifespan, openapi_url=None)
    tell_errors(app)
    door = Door(
        Users(home) if needs_login(host, settings) else None,
        settings.questions_a_minute,
        settings.uploads_an_hour,
    )
    # The last is the first that a request meets.
    app.state.under_way = assistant.under_way
    app.add_middleware(CountRequests, under_way=assistant.under_way)
    app.add_middleware(Gate, door=door)
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(OwnNames, is_ours=names_check(host, settings.name))
    app.add_middleware(SecurityHeaders)
    app.include_router(login_routes(door))
    app.include_router(page_routes(assistant, rebuilding, watcher, feedback))
    app.include_router(asking_routes(assistant, suggestions, feedback))
    app.include_router(citing_routes(assistant, line))
    app.include_router(writing_routes(assistant, desk, line))
    app.include_router(atlas_routes(assistant, line))
    app.include_router(library_routes(assistant, rebuilding, watcher, soon))
    app.router.routes.append(Route("/mcp", mcp))

    api = create_api(Service(assistant, rebuilding, watcher, feedback, desk, line))
    for path in PATHS:
        app.router.routes.append(Route(path, api))

    os.environ.update(_GRADIO)
    # A question's request may name a file by its address, which Gradio would fetch if it is public.
    processing_utils.async_ssrf_protected_download = _fetch_nothing
    page = build_page(assistant, line, writer, partial(door.wait, "question"))
    page.max_threads = _ROOM * line.most  # so that it is the line that sends away
    page.state_session_capacity = _VISITS
    page.queue(api_open=False, default_concurrency_limit=None)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=theme(),
        head=HEAD,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=False,  # Gradio's own, which its environment variable would turn on
    )
    return mounted


def needs_login(host: str, settings: Settings) -> bool:
    """Returns whether people must log in: wherever others than this machine may come from."""
    reached = not is_loopback(host) or (settings.name and not is_loopback(settings.name))
    return settings.auth or bool(reached)


def check_people(home: Home, host: str, settings: Settings) -> None:
    """Tells now, rather than after a long build, whether anybody could log in who must.

    Raises:
        NobodyCanLogIn: If nobody could.
        UsersUnusable: If the file of users cannot be used.
    """
    if needs_login(host, settings) and not Users(home).all():
        raise NobodyCanLogIn(
            f"{settings.name or host}: people must log in there, and nobody can yet; first run:"
            " readout user add NAME --role manage"
        )


def check_port(host: str, port: int) -> None:
    """Tells now, rather than after a long build, whether the page could be served there.

    Raises:
        PortInUse: If another program listens there.
        AddressUnusable: If this machine cannot listen there.
    """
    _listen(host, port).close()


def serve(
    home: Home,
    host: str = "127.0.0.1",
    port: int = 7860,
    ranking: Ranking | None = None,
    *,
    open_browser: bool = False,
    ask_first: bool = False,
    encoder: str | None = None,
    writer: Writer | None = None,
    settings: Settings = DEFAULTS,
) -> None:
    """Serves the web chat until Ctrl-C; prints its address once it can be opened.

    Args:
        home: Where the index is.
        host: The address to listen at; of this machine alone unless changed.
        port: The port; 0 takes a free one.
        ranking: How what is found is ranked; else as usual.
        open_browser: Whether to open the page in the user's browser.
        ask_first: Whether the page asks before a rebuild's switch.
        encoder: The model that a rebuild of the page uses; else the home's own.
        writer: Who writes answers up when asked to; None if nobody does.
        settings: Who may come, by which name, and how often; see `needs_login`.

    Raises:
        NobodyCanLogIn: If people must log in, and there is nobody who could.
        PortInUse: If another program listens there.
        AddressUnusable: If this machine cannot listen there.
        ReadoutError: If the home has no index, or one that cannot be opened.
    """
    with _listen(host, port) as listener:
        app = create_app(
            home,
            host,
            ranking,
            ask_first=ask_first,
            encoder=encoder,
            writer=writer,
            settings=settings,
        )
        config = uvicorn.Config(
            app, log_level="error", access_log=False, timeout_graceful_shutdown=_GRACE
        )
        port = listener.getsockname()[1]
        try:
            _Server(config, address_of(host, port), open_browser, app.state.under_way).run(
                sockets=[listener]
            )
        except KeyboardInterrupt:
            return  # how people end it; uvicorn has shut down by now


class _Server(uvicorn.Server):
    """Says where it is once, when it really accepts connections; ends when all is answered."""

    def __init__(
        self, config: uvicorn.Config, address: str, open_browser: bool, under_way: UnderWay
    ) -> None:
        super().__init__(config)
        self._under_way = under_way
        self._address = address
        self._open_browser = open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        click.echo(f"Readout is at {self._address} (Ctrl-C ends it)")
        if self._open_browser:
            webbrowser.open(self._address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Every open page holds a connection; that each is cut now is no error to print.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        # Whoever comes now is told so, rather than left waiting.
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        await self._under_way.ended(_PATIENCE)
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens, so that nobody can take the port from here on."""
    try:
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        where = f"{host}:{port}"
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise PortInUse(f"{where}: the port is in use; choose another with --port") from error
        raise AddressUnusable(
            f"{where}: cannot listen there ({error}); choose another with --host or --port"
        ) from error


async def _fetch_nothing(url: str, cache_dir: str) -> str:  # noqa: ARG001 (as Gradio calls it)
    raise ValueError("no address is fetched")


def tell_errors(app: FastAPI) -> None:
    """Makes an app answer errors of the page's routes in one line: ``{"error": "…"}``."""
    app.add_exception_handler(ReadoutError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _told(_: Request, error: Exception) -> JSONResponse:
    """An error a user may be told, as the page and programs get it."""
    kinds = {UnknownPlace: 404, Busy: 503}
    status = next((kinds[kind] for kind in kinds if isinstance(error, kind)), 400)
    return JSONResponse({"error": str(error)}, status)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """A request of no form that a route takes; FastAPI's own words would repeat what was sent."""
    return JSONResponse({"error": in_short(faults_of(error))}, 422)
