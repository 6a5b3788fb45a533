"""What keeps the API safe: who may change something, and how much may be sent."""

from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.errors import Foreign, NotJson
from ui.api.problems import MAX_BODY


class BodyLimit:
    """Middleware that ends requests whose body is longer than `MAX_BODY`, as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; whoever reads too much of its body is stopped by a 413."""
        length = 0

        async def counted() -> Message:
            nonlocal length
            message = await receive()
            length += len(message.get("body", b""))
            if length > MAX_BODY:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


def only_json(request: Request) -> None:
    """Refuses a body that does not say it is JSON: a form of another site could have sent it.

    Raises:
        NotJson: If it does not.
    """
    if not _is_json(request.headers.get("content-type", "")):
        raise NotJson("send the header Content-Type: application/json")


#: What the schema says of routes that `from_a_program` guards.
ACTING: dict[str, Any] = {
    "parameters": [
        {
            "name": "X-Readout",
            "in": "header",
            "required": False,
            "description": "Any value; or send `Content-Type: application/json`.",
            "schema": {"type": "string"},
        }
    ]
}


def from_a_program(request: Request) -> None:
    """Lets only those act who can send such headers, which no page of another site can.

    Raises:
        Foreign: If neither is there.
    """
    if "x-readout" not in request.headers and not _is_json(request.headers.get("content-type", "")):
        raise Foreign("send the header X-Readout: 1, or Content-Type: application/json")


def _is_json(content_type: str) -> bool:
    return content_type.split(";")[0].strip().lower() == "application/json"
