"""The page as a test meets it: a server of its own, and what a person does first."""

import asyncio
import os
import re
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from index import Home

# The browser that drives the page; the fixture `browser` skips where there is none.
CHROMIUM = os.environ.get("READOUT_CHROMIUM") or shutil.which("chromium")

QUESTION = "Who co-chaired the 11th dialogue?"
UNANSWERABLE = "What is the price of gold in Zanzibar?"
# What a page must show as it stands.
HOSTILE = (
    "<script>window.canary=1</script> <img src=x onerror='window.canary=2'>"
    " ${window.canary=3} {{window.canary=4}} $$x$$"
)

expect.set_options(timeout=30_000)  # the first answer of a server waits for its models


def app_of(home: Home, **options: Any) -> FastAPI:
    """Returns the app of a home's page."""
    from ui.web import create_app  # lazy: gradio takes seconds to import

    async def created():
        return create_app(home, **options)

    # Where no loop runs, Gradio makes some and leaves them unclosed.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, created()).result()


@contextmanager
def serving(home: Home, *, port: int = 0, **options: Any) -> Iterator[str]:
    """Serves a home's page in a thread of its own; yields its address."""
    app = app_of(home, **options)
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    started = threading.Event()
    startup = server.startup

    async def told_startup(*args, **kwargs) -> None:
        await startup(*args, **kwargs)
        started.set()

    server.startup = told_startup
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(60)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


def open_page(page: Page, address: str) -> Page:
    """Opens the page and waits until it knows its index."""
    page.goto(address)
    expect(page.locator("#generation")).to_have_text(re.compile("index"))
    return page


def ask(page: Page, question: str) -> None:
    """Types a question and presses Enter."""
    box = page.get_by_label("Question", exact=True)
    box.fill(question)
    box.press("Enter")
