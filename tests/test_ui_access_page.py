"""Logging in, in a browser: for everyone, and so that the next person sees nothing of the last."""

import http.server
import re
import threading
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import QUESTION, ask, open_page, serving
from playwright.sync_api import Page, expect

import ui.access.passwords
from assistant.feedback import Feedback
from ui.access.users import Users
from ui.settings import Settings

ADA, BEN = "correct horse battery", "staple of the other"


@pytest.fixture
def home(bundled_home, monkeypatch):
    """A home with somebody who manages and somebody who asks."""
    monkeypatch.setattr(ui.access.passwords, "_COST", 1 << 4)
    Users(bundled_home).add("ada", "manage", ADA)
    Users(bundled_home).add("ben", "ask", BEN)
    return bundled_home


# What of the page's head lies on something else of it.
OVERLAPS = """() => {
  const parts = [...document.querySelectorAll("#top h1, .holdings, #top button, #top [role=tab]")]
    .filter((part) => part.checkVisibility()).map((part) => [part, part.getBoundingClientRect()]);
  return parts.flatMap(([one, a], at) => parts.slice(at + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
    .map(([other]) => `${one.outerHTML} | ${other.outerHTML}`));
}"""


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_each_person_sees_what_they_may_and_nothing_of_the_one_before(home, page: Page):
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    with serving(home, settings=Settings(auth=True)) as address:
        page.goto(f"{address}/?x=1#library")
        expect(page).to_have_title("Log in – Readout")
        assert Axe().run(page).response["violations"] == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.set_viewport_size({"width": 1280, "height": 900})
        log_in(page, "ada", "something quite else")
        expect(page.get_by_role("alert")).to_contain_text("nobody of that name")
        log_in(page, "ada", ADA)
        expect(page.locator("#generation")).to_have_text(re.compile("index"))
        assert page.url == f"{address}/?x=1#library"
        expect(page.locator("#rebuild")).to_be_visible()
        expect(page.locator("#library-add")).to_be_visible()
        open_page(page, address)
        expect(page.locator("#person")).to_have_text("ada")
        for width in (900, 700, 390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(OVERLAPS) == []
        page.set_viewport_size({"width": 1280, "height": 900})
        ask(page, QUESTION)
        expect(page.locator("#chat a.cite").first).to_be_visible()
        expect(page.locator("#chat a.golden").first).to_be_visible()
        expect(page.locator("#chat .asked")).to_have_count(1)
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_title("Log in – Readout")
        assert page.evaluate("Object.keys(localStorage)") == ["readout-person"]
        assert page.evaluate("localStorage['readout-person']") == "?"
        log_in(page, "ben", BEN)
        expect(page.locator("#person")).to_have_text("ben")
        expect(page.locator("#generation")).to_have_text(re.compile("index"))
        expect(page.locator("#chat .asked")).to_have_count(0)
        expect(page.locator("#rebuild")).to_be_hidden()
        ask(page, QUESTION)
        expect(page.locator("#chat a.cite").first).to_be_visible()
        expect(page.locator("#chat a.golden").first).to_be_hidden()
        page.locator("#tab-library").click()
        expect(page.locator("a.open-document").first).to_be_visible()
        expect(page.locator("#library-add")).to_be_hidden()
        expect(page.locator("#library-golden")).to_be_hidden()
        expect(page.locator("#library-roots button").first).to_be_hidden()
        # A session that ended elsewhere: the next person finds the login, and then an empty page.
        page.context.clear_cookies()
        expect(page).to_have_title("Log in – Readout")
        log_in(page, "ada", ADA)
        expect(page.locator("#person")).to_have_text("ada")
        expect(page.locator("#generation")).to_have_text(re.compile("index"))
        expect(page.locator("#chat .asked")).to_have_count(0)
    assert problems == []


@contextmanager
def another_site(html: str):
    class Sending(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Sending) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("auth", [True, False])
def test_a_page_of_another_site_changes_nothing(home, page: Page, auth: bool):
    with serving(home, settings=Settings(auth=auth)) as address:
        page.goto(address)
        if auth:
            log_in(page, "ada", ADA)
        expect(page.locator("#generation")).to_have_text(re.compile("index"))
        body = '{"verdict":"down","question":"Who?","x":"'
        html = (
            f"<form id=f method=post enctype=text/plain action='{address}/page/feedback'>"
            f"""<input name='{body}' value='"}}'></form><script>
            const send = (path, options) => fetch('{address}' + path,
              {{method: 'POST', credentials: 'include', mode: 'no-cors', ...options}});
            Promise.allSettled([
              send('/page/feedback', {{body: '{{"verdict": "down", "question": "Who?"}}'}}),
              send('/page/library/rollback'), send('/page/rebuild'), send('/logout'),
            ]).then(() => {{ document.title = 'sent'; document.getElementById('f').submit(); }});
            </script>"""
        )
        with another_site(html) as evil:
            statuses = []
            # The page itself, which is being left, may still say something.
            page.on(
                "response",
                lambda found: (
                    "/gradio_api/" in found.url
                    or statuses.append((found.request.method, found.status))
                ),
            )
            page.goto(evil, wait_until="commit")
            page.wait_for_url(f"{address}/page/feedback")
            sent = [status for method, status in statuses if method == "POST"]
            assert sent
            assert set(sent) == {403}
        page.goto(address)
        expect(page.locator("#generation")).to_have_text(re.compile("000001"))
    assert Feedback(home).opinions() == []


def keep_in_browser(page: Page, value: str) -> None:
    page.evaluate("value => localStorage.setItem('readout-basket', value)", value)


def kept_in_browser(page: Page) -> str | None:
    return page.evaluate("localStorage.getItem('readout-basket')")


def test_a_login_deletes_nothing_that_others_or_nobody_kept_in_the_browser(home, page: Page):
    with serving(home) as address:
        port = int(address.rpartition(":")[2])
        open_page(page, address)
        keep_in_browser(page, '["of nobody"]')
    with serving(home, port=port, settings=Settings(auth=True)) as address:
        page.goto(address)
        for name, password in (("ada", ADA), ("ben", BEN)):
            log_in(page, name, password)
            expect(page.locator("#person")).to_have_text(name)
            assert kept_in_browser(page) is None
            keep_in_browser(page, f'["of {name}"]')
            page.context.clear_cookies()  # the session ends, which the page notices
            expect(page).to_have_title("Log in – Readout")
        log_in(page, "ada", ADA)
        expect(page.locator("#person")).to_have_text("ada")
        assert kept_in_browser(page) == '["of ada"]'
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_title("Log in – Readout")
    with serving(home, port=port) as address:
        open_page(page, address)
        assert kept_in_browser(page) == '["of nobody"]'
        assert "of ada" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_question_that_is_not_taken_is_in_the_box_again(home, page: Page):
    def too_soon(route) -> None:
        if "too soon" in route.request.post_data:
            route.fulfill(status=429, json={"error": "too many questions; wait 9 s"})
        else:
            route.continue_()

    page.route("**/queue/join*", too_soon)
    with serving(home, settings=Settings(auth=True)) as address:
        page.goto(address)
        log_in(page, "ben", BEN)
        expect(page.locator("#generation")).to_have_text(re.compile("index"))
        box = page.get_by_label("Question", exact=True)
        ask(page, "Who is asked too soon?")
        expect(page.locator("#trouble")).to_contain_text("not asked: too many questions")
        expect(box).to_have_value("Who is asked too soon?")
        page.context.clear_cookies()  # the session ends while the next one is typed
        expect(page).to_have_title("Log in – Readout")
        page.goto(address)  # without the question, which the address of the page had
        log_in(page, "ada", ADA)
        expect(page.locator("#generation")).to_have_text(re.compile("index"))
        expect(box).to_have_value("")
        page.context.clear_cookies()
        expect(page).to_have_title("Log in – Readout")
        log_in(page, "ben", BEN)
        expect(box).to_have_value("Who is asked too soon?")
        ask(page, box.input_value())  # as Gradio has it, too
        expect(box).to_have_value("Who is asked too soon?")
