"""Logging in and out in a browser, and what a page is told of the person who looks at it."""

import json
from functools import cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.requests import ClientDisconnect

from corpus import ReadoutError
from ui.access.door import Door, address_of
from ui.access.person import person_of
from ui.access.sessions import LONGEST
from ui.errors import TooOften
from ui.page import STATIC

if TYPE_CHECKING:
    from jinja2 import Template

# No script of the page's own kind runs where a password is typed, and it is sent nowhere else.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def login_routes(door: Door) -> APIRouter:
    """Returns the routes ``/login``, ``/logout`` and ``/page/you.js``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    async def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 (as in the address)
        if await _is_in(door, request):
            return RedirectResponse(_local(next), 303)
        return _page()

    @router.post("/login")
    async def enter(request: Request, next: str = "/") -> Response:  # noqa: A002
        try:
            form = await request.form(max_files=0, max_fields=10)
        except ClientDisconnect:
            return Response(status_code=400)  # it reaches nobody
        name, password = str(form.get("name", "")).strip(), str(form.get("password", ""))
        try:
            user = await door.user(name, password, address_of(request))
        except TooOften as error:
            minutes = -(-error.seconds // 60)
            told = f"Too many wrong passwords. Try again in {minutes} minutes."
            page = _page(name, told, 429)
            page.headers["Retry-After"] = str(error.seconds)
            return page
        except ReadoutError as error:
            return _page(name, str(error), 503)
        if user is None:
            return _page(name, "There is nobody of that name with that password.", 401)
        entered = RedirectResponse(_local(next), 303)
        entered.set_cookie(
            door.cookie(request.scope),
            door.sessions.begin(user),
            max_age=LONGEST,
            httponly=True,
            samesite="lax",
            secure=request.scope["scheme"] == "https",
        )
        return entered

    @router.post("/logout")
    async def leave(request: Request) -> Response:
        name = door.cookie(request.scope)
        door.sessions.end(request.cookies.get(name, ""))
        left = RedirectResponse("/login", 303)
        left.delete_cookie(
            name, httponly=True, samesite="lax", secure=request.scope["scheme"] == "https"
        )
        # Not its storage: what belongs to others lies there too; you.js takes out what is theirs.
        left.headers["Clear-Site-Data"] = '"cache"'
        return left

    @router.get("/page/you.js")
    async def you(request: Request) -> Response:
        person = person_of(request)
        # In a script, what stands in a text must not end it; names have letters and digits only.
        known = json.dumps({"name": person.name, "role": person.role})
        script = (STATIC / "you.js").read_text(encoding="utf-8").replace("YOU", known, 1)
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-store"})

    return router


async def _is_in(door: Door, request: Request) -> bool:
    try:
        return await door.person(request) is not None
    except (TooOften, ReadoutError):
        return False


def _local(address: str) -> str:
    """Returns an address of ours as it is, and the page's for any other.

    Browsers take a backslash for a slash, and leave out control characters; so two slashes, of
    whichever kind, lead elsewhere.
    """
    fit = address.startswith("/") and address.isprintable() and "\\" not in address
    return address if fit and not address.startswith("//") else "/"


def _page(name: str = "", told: str = "", status: int = 200) -> HTMLResponse:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(_template().render(name=name[:64], told=told), status, headers)


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # lazy: few pages need it

    environment = Environment(
        loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("login.html")
