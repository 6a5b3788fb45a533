"""Programs that talk to Readout: whatever they send, they are answered, and so is the next."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from http import HTTPStatus
from random import Random
from urllib.parse import unquote_to_bytes

import uvicorn
from fastapi import FastAPI

from assistant.feedback import Feedback
from tests.anybody import AsAnybody
from tests.benchmarks import ROOT
from tests.benchmarks.fuzz import home
from tests.benchmarks.fuzz.documents import JSON_TOKENS
from tests.benchmarks.fuzz.mutating import with_tokens
from tests.benchmarks.fuzz.target import Target, Wrong
from ui.api.app import PATHS, create_api
from ui.api.metrics import CountingAssistant
from ui.api.service import Service
from ui.asking import asking_routes
from ui.atlas.routes import atlas_routes
from ui.citing.routes import citing_routes
from ui.line import Line
from ui.rebuilding import Rebuilding
from ui.routes import page_routes
from ui.suggestions import Suggestions
from ui.watching import Watcher
from ui.writing.desk import Desk

# What may be answered to anything, besides what a request asked for.
_REFUSED = frozenset(range(400, 500)) | {HTTPStatus.SERVICE_UNAVAILABLE}

# Seconds that an answer may take; machines may be busy.
_PATIENCE = 60

_DOCUMENT = b"document=003_e53a6ec5a1052dec.txt&start=374&end=448"


class _Still(Rebuilding):
    """Rebuilds nothing: what is asked must stay."""

    def start(self) -> bool:
        """Says that one runs already."""
        return False


@cache
def _app() -> FastAPI:
    """All routes but those that change the corpus, and the page itself, which is Gradio's."""
    from ui.web import tell_errors  # lazy: gradio takes seconds to import

    assistant = CountingAssistant.open(home.home())
    rebuilding, watcher = _Still(home.home()), Watcher(assistant)
    line, desk = Line(), Desk(assistant, None)
    feedback, suggestions = Feedback(home.home()), Suggestions(assistant, line)
    app = FastAPI(openapi_url=None)
    app.add_middleware(AsAnybody)
    tell_errors(app)
    for router in (
        page_routes(assistant, rebuilding, watcher, feedback),
        asking_routes(assistant, suggestions, feedback),
        citing_routes(assistant, Line()),
        atlas_routes(assistant, Line()),
    ):
        app.include_router(router)
    api = create_api(Service(assistant, rebuilding, watcher, feedback, desk, line))
    for path in PATHS:
        app.add_route(path, api)
    return app


def _requests() -> list[bytes]:
    asked = json.dumps({"question": "Who co-chaired the 11th dialogue?", "since": "2023-01-01"})
    said = {"verdict": "up", "question": "Who?", "history": ["What?"]}
    said["place"] = {"document": "003_e53a6ec5a1052dec.txt", "start": 374, "end": 448}
    lines = [
        b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % address
        for address in (
            *(b"/api/ask?q=Who+met%3F&history=What%3F&threshold=0.5", b"/metrics", b"/readyz"),
            *(b"/api/search?q=trafficking&k=3&offset=2&since=2023-01-01", b"/openapi.json"),
            *(b"/api/documents?title=a&limit=1", b"/api/source?%s&around=10" % _DOCUMENT),
            *(b"/page/source?%s&check=a&also=b" % _DOCUMENT, b"/cite?%s" % _DOCUMENT),
        )
    ]
    lines.append(
        b"POST /api/ask HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/json\r\n\r\n3\r\n{}\n\r\n0\r\n\r\n"
    )
    for path, body in (
        *(("/api/ask", asked), ("/api/feedback", json.dumps(said)), ("/cite/check", "[]")),
        *(("/page/golden", json.dumps(said)), ("/api/rebuild", "{}")),
    ):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Readout: 1"
        lines.append(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    return lines


@cache
def _loop() -> asyncio.Runner:
    return asyncio.Runner()


def _check_api(data: bytes) -> str:
    """Asks the app itself, with whatever a server would let through and more."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, _, rest = first.partition(b" ")
    target = rest.partition(b" ")[0]
    path, _, query = target.partition(b"?")
    fields = [line.partition(b":") for line in lines]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method.decode("latin-1") or "GET",
        "raw_path": path,
        "root_path": "",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "query_string": query,
        "headers": [(name.strip().lower(), value.strip()) for name, _, value in fields],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 7860),
        "state": {},
    }
    status, headers, answer = _loop().run(_answered(scope, body))
    if status >= 500 and status not in _REFUSED:
        raise Wrong(f"status {status}")
    if headers.get(b"content-type", b"").startswith((b"application/json", b"application/problem")):
        json.loads(answer)
        answer.decode()
    return f"{status}"


async def _answered(scope: dict, body: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[dict] = []
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict:
        return next(asked, {"type": "http.disconnect"})

    async def send(message: dict) -> None:
        sent.append(message)

    await _app()(scope, receive, send)
    start = sent[0]
    return (
        start["status"],
        dict(start["headers"]),
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


class _Serving:
    """A real server, in a thread of its own."""

    def __init__(self) -> None:
        self._server = uvicorn.Server(uvicorn.Config(_app(), port=0, log_level="critical"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.05)
        self.address = self._server.servers[0].sockets[0].getsockname()[:2]

    def end(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@cache
def _server() -> _Serving:
    return _Serving()


def _check_http(data: bytes) -> str:
    """Sends bytes to a real server, in one or two pieces, and then asks whether it lives."""
    with socket.create_connection(_server().address, timeout=_PATIENCE) as connection:
        cut = Random(data).randrange(len(data) + 1)
        try:
            for piece in (data[:cut], data[cut:]):
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        except OSError:  # it was refused before all was sent
            answer = b""
    _is_alive()
    if not answer:
        return "closed"
    version, status = answer[:8], answer[9:12]
    if version != b"HTTP/1.1" or not status.isdigit():
        raise Wrong("an answer that is none")
    if int(status) >= 500 and int(status) not in _REFUSED:
        raise Wrong(f"status {int(status)}")
    return status.decode()


def _is_alive() -> None:
    with socket.create_connection(_server().address, timeout=_PATIENCE) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        if not connection.recv(64).startswith(b"HTTP/1.1 200"):
            raise Wrong("the server is well no more")


class _Client:
    """A client of ``readout mcp``, which is begun anew when it ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def send(self, data: bytes) -> list[bytes]:
        """Sends lines, then a ping; returns what was answered before the ping was."""
        process = self._started()
        self._asked += 1
        name = f"fuzz-{self._asked}"
        ping = json.dumps({"jsonrpc": "2.0", "id": name, "method": "ping"}).encode()
        return self._exchange(process, data.rstrip(b"\n") + b"\n" + ping + b"\n", name)

    def _exchange(self, process: subprocess.Popen[bytes], data: bytes, name: str) -> list[bytes]:
        assert process.stdin
        assert process.stdout
        late = threading.Timer(_PATIENCE, process.kill)
        late.start()
        try:
            process.stdin.write(data)
            process.stdin.flush()
            answers = []
            for line in process.stdout:
                if name.encode() in line:
                    return answers
                answers.append(line)
        except BrokenPipeError:
            pass
        finally:
            late.cancel()
        self.end()
        raise Wrong("the client's process ended, or answers no more")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-c", "from ui.cli import main; main()", "mcp", "--home"]
            self._process = subprocess.Popen(
                [*command, str(home.home().path)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._exchange(self._process, b"".join(_messages()[:2]), "begun")
        return self._process

    def end(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()


@cache
def _client() -> _Client:
    return _Client()


def end() -> None:
    """Ends the server, the client and the loop, if there are any."""
    for made, ended in ((_server, _Serving.end), (_client, _Client.end), (_loop, _closed)):
        if made.cache_info().currsize:
            ended(made())
        made.cache_clear()
    _app.cache_clear()


def _closed(loop: asyncio.Runner) -> None:
    loop.close()


def _messages() -> list[bytes]:
    begin = {"protocolVersion": "2025-06-18", "capabilities": {}}
    begin["clientInfo"] = {"name": "fuzz", "version": "1"}
    ask = {"name": "ask", "arguments": {"question": "Who met?", "since": "2023-01-01"}}
    search = {"name": "search", "arguments": {"query": "trafficking", "k": 2}}
    source = {"document": "003_e53a6ec5a1052dec.txt", "start": 374, "words": "the"}
    calls = [
        {"id": "begun", "method": "initialize", "params": begin},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list", "params": {}},
        {"id": 3, "method": "tools/call", "params": ask},
        {"id": 4, "method": "tools/call", "params": search},
        {"id": 5, "method": "tools/call", "params": {"name": "read_source", "arguments": source}},
        {"method": "notifications/cancelled", "params": {"requestId": 3}},
    ]
    return [json.dumps({"jsonrpc": "2.0"} | call).encode() + b"\n" for call in calls]


def _check_mcp(data: bytes) -> str:
    answers = _client().send(data)
    for line in answers:
        message = json.loads(line.decode())
        if message.get("error", {}).get("code") == -32603:  # the SDK's word for what we let through
            raise Wrong("an internal error")
    return "answered" if answers else "passed over"


_HTTP = (
    *(
        b"\r\n",
        b"\n",
        b"\r\n\r\n",
        b": ",
        b"&",
        b"=",
        b"%",
        b"%00",
        b"%ed%a0%80",
        b"+",
        b"/",
        b"../",
    ),
    *(b"?", b"#", b"GET ", b"POST ", b"HEAD ", b"OPTIONS ", b"DELETE ", b" HTTP/1.1", b" HTTP/9.9"),
    *(
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ),
    *(
        b"Expect: 100-continue\r\n",
        b"Upgrade: websocket\r\n",
        b"Range: bytes=0-\r\n",
        b"Origin: null",
    ),
    *(
        b"Content-Type: text/xml\r\n",
        b"application/json",
        b"charset=utf-7",
        b"PRI * HTTP/2.0\r\n\r\n",
    ),
    *(
        b"history=",
        b"document=",
        b"since=",
        b"k=99",
        b"threshold=nan",
        b"offset=-1",
        b"start=",
        b"0\r\n",
    ),
)
_CALLS = (b'"method"', b'"params"', b'"id"', b'"jsonrpc"', b'"arguments"', b'"name"', b"tools/call")

#: What programs reach, by name.
PROGRAMS = (
    Target("api", cache(_requests), _check_api, with_tokens(*_HTTP, *JSON_TOKENS), 1 << 14, 5.0),
    Target("http", cache(_requests), _check_http, with_tokens(*_HTTP), 1 << 14, 10.0),
    Target("mcp", cache(_messages), _check_mcp, with_tokens(*_CALLS, *JSON_TOKENS), 1 << 13, 10.0),
)
