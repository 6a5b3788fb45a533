"""Writing up in the page: only on a press, a checked sentence at a time, and back to the quotes."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import QUESTION, UNANSWERABLE, ask, open_page, serving
from chatting import ChatServer, chatting, saying, sending, stalling
from playwright.sync_api import Browser, Page, expect

from index import Home
from ui.writing.chatmodel import ChatModel

TRUE = "The Dialogue was hosted by the Government of Saint Lucia [1]."
ALSO = (
    "Mr. Daniel Erikson represented the Department of Defense at the 11th Caribbean-U.S. Security"
    " Cooperation Dialogue [1]."
)
FALSE = "The Dialogue was hosted by the Government of Barbados [1]."
HOSTILE = "<img src=x onerror='window.canary=1'> ![x](https://evil.example/q) was hosted [1]."
WRITE = re.compile("Write it up")


@pytest.fixture(scope="module")
def chat() -> Iterator[ChatServer]:
    with chatting(saying(TRUE)) as chat:
        yield chat


@pytest.fixture(scope="module")
def served(
    _bundled: Path,
    chat: ChatServer,
    browser: Browser,  # first: Gradio leaves a loop open where none runs yet
) -> Iterator[str]:
    """A page of the bundled documents with a model that may write."""
    with serving(Home(_bundled), writer=ChatModel(chat.url, "a-model", silence=1)) as address:
        yield address


@pytest.fixture
def asked(page: Page, served: str, chat: ChatServer) -> Page:
    """The page with an answer on it, before anything was sent."""
    chat.received.clear()
    open_page(page, served)
    ask(page, QUESTION)
    expect(page.get_by_role("button", name=WRITE)).to_be_visible()
    return page


def write(page: Page) -> None:
    page.get_by_role("button", name=WRITE).click()


def done(page: Page) -> None:
    expect(page.locator(".written")).to_have_attribute("aria-busy", "false")


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("READOUT_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_nothing_is_sent_before_the_press_and_the_page_says_where_it_goes(
    asked: Page, chat: ChatServer
):
    expect(asked.locator(".goes")).to_have_text(
        f"sends the question and the quoted passage to {chat.host}"
    )
    assert chat.received == []
    chat.behaviour = saying(f"{TRUE} {FALSE} {ALSO}")
    write(asked)
    done(asked)
    assert len(chat.received) == 1
    assert "Government of Saint Lucia" in chat.passages[0]["passage"]


def test_the_text_stands_over_the_quotes_with_what_does_not_hold_struck(
    asked: Page, chat: ChatServer
):
    quote = asked.locator(".quote").first
    chat.behaviour = saying(f"{TRUE} {FALSE} {ALSO}")
    write(asked)
    done(asked)
    expect(quote).to_be_hidden()
    expect(asked.locator(".written .sound")).to_have_count(2)
    struck = asked.locator(".written del")
    expect(struck).to_have_text("The Dialogue was hosted by the Government of Barbados.")
    why = "Struck out: “Barbados” does not stand in what it cites"
    expect(struck).to_have_attribute("title", why)
    expect(asked.locator(".written .why")).to_have_text(f" {why}. ")
    expect(asked.locator(".by")).to_contain_text("1 is struck out")
    assert Axe().run(asked, ".written").violations_count == 0
    struck.focus()
    assert asked.locator(".written .why").bounding_box()["width"] > 50
    asked.get_by_role("button", name="Back to the quotes").click()
    expect(quote).to_be_visible()
    expect(asked.locator(".written")).to_be_hidden()
    asked.get_by_role("button", name="Show the written text").click()
    expect(struck).to_be_visible()
    assert len(chat.received) == 1


def test_its_citations_open_the_places_of_the_quotes(asked: Page, chat: ChatServer):
    href = asked.locator(".quote a.cite").first.get_attribute("href")
    chat.behaviour = saying(TRUE)
    write(asked)
    done(asked)
    cite = asked.locator(".written a.cite")
    expect(cite).to_have_text("[1]")
    assert cite.get_attribute("href") == href
    cite.click()
    expect(asked.locator("#source-text mark")).to_contain_text("co-chaired by Saint Lucia")


def test_sentences_are_shown_one_by_one_and_none_before_its_check(asked: Page, chat: ChatServer):
    def slowly(connection) -> None:
        connection.begin()
        connection.piece(f"{TRUE} The Dialogue was hosted by the Gov")
        connection.chat.released.wait(0.6)
        connection.piece("ernment of Barbados [1].", "stop")

    chat.behaviour = slowly
    write(asked)
    expect(asked.locator(".written .sound")).to_have_count(1)
    expect(asked.get_by_role("button", name="Writing …")).to_have_attribute("aria-disabled", "true")
    expect(asked.locator(".written .by")).to_contain_text("is writing")
    assert asked.locator(".written .prose-text").text_content().count("The Dialogue") == 1
    done(asked)
    expect(asked.locator(".written del")).to_have_count(1)


@pytest.mark.parametrize(
    ("behaviour", "told", "sentences"),
    [
        (sending(b"{}", 500), "answered with status 500", 0),
        (sending(b"<html>", kind="text/html"), "rather than an event stream", 0),
        (stalling(f"{TRUE} The Dialogue was"), "was silent for 1 s", 1),
    ],
)
def test_a_failure_is_one_line_and_the_answer_stands(
    asked: Page, chat: ChatServer, behaviour, told, sentences
):
    chat.behaviour = behaviour
    write(asked)
    done(asked)
    expect(asked.locator(".written .problem")).to_contain_text(told)
    expect(asked.locator(".written .sound")).to_have_count(sentences)
    if not sentences:
        expect(asked.locator(".quote").first).to_be_visible()
    chat.behaviour = saying(ALSO)
    asked.get_by_role("button", name="Try again").click()
    expect(asked.locator(".written .prose-text")).to_contain_text("Mr. Daniel Erikson")
    done(asked)  # and nothing is left of the first try
    expect(asked.locator(".written .sound")).to_have_count(1)
    expect(asked.locator(".written .problem")).to_be_hidden()
    expect(asked.get_by_role("button", name="Try again")).to_be_hidden()
    assert len(chat.received) == 2


def test_back_to_the_quotes_sends_nothing_when_a_text_ended_with_a_problem(
    asked: Page, chat: ChatServer
):
    chat.behaviour = stalling(f"{TRUE} The Dialogue was")
    write(asked)
    done(asked)
    asked.get_by_role("button", name="Back to the quotes").click()
    expect(asked.locator(".quote").first).to_be_visible()
    expect(asked.locator(".written")).to_be_hidden()
    asked.get_by_role("button", name="Show the written text").click()
    expect(asked.locator(".written .problem")).to_contain_text("was silent")
    expect(asked.locator(".written .sound")).to_have_count(1)
    assert len(chat.received) == 1


def test_what_a_model_writes_is_text_and_nothing_else(asked: Page, chat: ChatServer):
    requests = []
    asked.on("request", lambda request: requests.append(request.url))
    chat.behaviour = saying(HOSTILE)
    write(asked)
    done(asked)
    expect(asked.locator(".written del").first).to_contain_text("<img src=x")
    assert asked.locator(".written :is(img, a:not(.cite))").count() == 0
    assert asked.evaluate("window.canary") is None
    assert not [url for url in requests if "evil" in url]


def test_what_is_written_survives_the_next_question_and_is_not_exported_twice(
    asked: Page, chat: ChatServer
):
    chat.behaviour = saying(TRUE)
    write(asked)
    done(asked)
    ask(asked, UNANSWERABLE)
    expect(asked.locator(".no-answer")).to_be_visible()
    expect(asked.locator("a.write")).to_have_count(1)
    expect(asked.locator(".written .sound")).to_have_count(1)
    with asked.expect_download() as download:
        asked.get_by_role("button", name="Save the conversation as Markdown").click()
    assert Path(download.value.path()).read_text().count("co-chaired by Saint Lucia") == 1
    asked.get_by_role("button", name="Clear conversation").click()
    ask(asked, QUESTION)
    expect(asked.get_by_role("button", name=WRITE)).to_be_visible()
    expect(asked.locator(".written")).to_have_count(0)


def test_where_no_model_is_set_there_is_no_button(address: str, page: Page):
    open_page(page, address)
    ask(page, QUESTION)
    expect(page.locator(".quote").first).to_be_visible()
    assert page.locator("a.write, .writing").count() == 0
    body = {"question": QUESTION, "host": "x", "quotes": [PLACE]}
    response = httpx.post(f"{address}/page/write", json=body, headers={"X-Readout": "page"})
    assert response.json()["error"].startswith("no language model is set")


PLACE = {"document": "003_e53a6ec5a1052dec.txt", "start": 1, "end": 2, "check": "0"}


def test_only_what_the_page_shows_is_sent_and_only_where_it_said(served: str, chat: ChatServer):
    chat.received.clear()

    def told(headers=None, **others) -> tuple[int, str]:
        body = {"question": QUESTION, "host": chat.host, "quotes": [PLACE]} | others
        headers = {"X-Readout": "page"} if headers is None else headers
        response = httpx.post(f"{served}/page/write", json=body, headers=headers)
        return response.status_code, response.text

    assert told(headers={})[0] == 403
    assert "the answer is another by now" in told()[1]
    assert "it would go to" in told(host="other.example")[1]
    assert "nothing answers this question" in told(question=UNANSWERABLE)[1]
    assert told(quotes=[])[0] == 422
    assert chat.received == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_it_fits_the_window_in_light_and_dark(
    browser: Browser, served: str, chat: ChatServer, width: int, scheme: str
):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = open_page(context.new_page(), served)
    ask(page, QUESTION)
    expect(page.locator("a.write")).to_be_visible()
    shot(page, f"writing-{width}-{scheme}-before")
    chat.behaviour = saying(f"{TRUE} {FALSE} {ALSO}")
    write(page)
    done(page)
    page.locator(".written del").hover()
    shot(page, f"writing-{width}-{scheme}-after")
    box = page.locator("a.write").bounding_box()
    assert min(box["width"], box["height"]) >= 24
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
