"""A language model's server as a test meets it: real HTTP on this machine, good or bad."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What does the answering: it may do with the connection whatever a server can.
Behaviour = Callable[["Connection"], None]


@dataclass
class ChatServer:
    """Speaks ``POST /v1/chat/completions``, and keeps what it was sent.

    Attributes:
        behaviour: How it answers; may be changed between two requests.
        received: The path, the headers and the body of each request, in order.
        released: Ends what waits in a server that stalls.
        left: Set once a client was found to have gone in the middle of an answer.
    """

    behaviour: Behaviour
    url: str = ""
    received: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return self.url.split("/")[2]

    @property
    def passages(self) -> list[dict[str, Any]]:
        """The passages that the last request sent."""
        return json.loads(self.received[-1][2]["messages"][-1]["content"])["passages"]


class Connection(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    chat: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.chat.received.append((self.path, dict(self.headers), body))
        self.close_connection = True
        try:
            self.chat.behaviour(self)
        except (BrokenPipeError, ConnectionResetError):
            self.chat.left.set()

    def begin(self, status: int = 200, kind: str | None = "text/event-stream", **headers: str):
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def send(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def event(self, event: object) -> None:
        self.send(b"data: " + json.dumps(event).encode() + b"\n\n")

    def piece(self, text: str, finished: str | None = None) -> None:
        self.event({"choices": [{"delta": {"content": text}, "finish_reason": finished}]})

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def chatting(behaviour: Behaviour) -> Iterator[ChatServer]:
    """Serves a model on this machine."""
    chat = ChatServer(behaviour)
    handler = type("Bound", (Connection,), {"chat": chat})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield chat
    finally:
        chat.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def saying(text: str, size: int = 7) -> Behaviour:
    """Streams a text in pieces of some characters, as models do in tokens, and ends well."""

    def behave(connection: Connection) -> None:
        connection.begin()
        connection.event({"choices": [{"delta": {"role": "assistant"}, "finish_reason": None}]})
        for at in range(0, len(text), size):
            connection.piece(text[at : at + size])
        connection.piece("", "stop")
        connection.event({"choices": [], "usage": {"total_tokens": 1}})
        connection.send(b"data: [DONE]\n\n")

    return behave


def stalling(text: str = "") -> Behaviour:
    """Says something, then nothing more; the connection stays open."""

    def behave(connection: Connection) -> None:
        connection.begin()
        if text:
            connection.piece(text)
        connection.chat.released.wait(60)

    return behave


def breaking(text: str) -> Behaviour:
    """Closes the connection in the middle of a text."""

    def behave(connection: Connection) -> None:
        connection.begin()
        connection.piece(text)

    return behave


def endless(piece: str) -> Behaviour:
    """Says the same for ever."""

    def behave(connection: Connection) -> None:
        connection.begin()
        while not connection.chat.released.is_set():
            connection.piece(piece)

    return behave


def sending(data: bytes, status: int = 200, kind: str | None = "text/event-stream", **headers: str):
    """Sends bytes as they are, whatever they are."""

    def behave(connection: Connection) -> None:
        connection.begin(status, kind, **headers)
        connection.send(data)

    return behave
