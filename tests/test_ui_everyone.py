"""The whole page, by the rules of WCAG 2.2 AA as axe checks them, in each of its main states."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import QUESTION, UNANSWERABLE, ask, open_page, serving
from playwright.sync_api import Browser, Page, expect

WCAG = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}


def check(page: Page, state: str) -> None:
    found = Axe().run(page, options=WCAG).response["violations"]
    told = [(each["id"], [node["html"][:160] for node in each["nodes"]][:4]) for each in found]
    assert told == [], state
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_every_state_of_the_page_is_for_everyone_and_asks_nobody_else(
    browser: Browser, address: str, width: int, scheme: str
):
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    open_page(page, address)
    expect(page.locator("#chat .suggestion").first).to_be_visible()
    check(page, "empty")
    ask(page, QUESTION)
    expect(page.locator("#chat .further .suggestion").first).to_be_visible()
    check(page, "answered")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator("#filter-panel")).to_be_visible()
    check(page, "filtering")
    page.locator("#filter-close").click()
    page.get_by_role("button", name="Cite").first.click()
    expect(page.get_by_role("menu")).to_be_visible()
    check(page, "citing")
    page.keyboard.press("Escape")
    page.locator("a.keeping").first.click()
    page.locator("#show-basket").click()
    expect(page.locator("#basket")).to_be_visible()
    check(page, "the basket")
    page.keyboard.press("Escape")
    expect(page.locator("#basket")).to_be_hidden()
    ask(page, UNANSWERABLE)
    expect(page.locator(".no-answer")).to_be_visible()
    check(page, "refused")
    page.locator("a.near, .near a").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    check(page, "a source")
    page.keyboard.press("Escape")
    page.locator("#tab-library").click()
    page.locator("#library-map").scroll_into_view_if_needed()
    expect(page.locator(".atlas-hits li").first).to_be_visible()
    check(page, "the library")
    assert {place.netloc for place in asked if place.scheme not in ("data", "blob")} == {
        urlsplit(address).netloc
    }
    context.close()


OVERLAY = (
    '<div style="position:fixed;inset:0;z-index:9999;background:red">pay here</div>'
    "<style>body{display:none}</style>"
    '<img src="http://canary.invalid/a.png"><link rel="stylesheet" href="http://canary.invalid/b">'
    '<svg onload="window.canary=1"></svg><iframe src="http://canary.invalid/c"></iframe>'
    "[x](http://canary.invalid/d) ![y](http://canary.invalid/e) \u202egnp.exe\u2066"
)


def test_documents_and_questions_that_would_cover_the_page_or_fetch_are_shown_as_text(
    home_of, page: Page
):
    sentence = f"The lighthouse of Port Lumen is kept by Ada Quill {OVERLAY} today."
    title = f"Lighthouse {OVERLAY}"
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    with serving(home_of({"a.md": f"---\ntitle: '{title}'\n---\n\n{sentence}\n"})) as address:
        open_page(page, address)
        ask(page, "Who keeps the lighthouse of Port Lumen?")
        page.locator("a.cite").first.click()
        expect(page.locator("#source mark")).to_contain_text("position:fixed")
        page.keyboard.press("Escape")
        ask(page, OVERLAY)
        expect(page.locator(".asked").last).to_contain_text("pay here")
        expect(page.locator(".answer")).to_have_count(2)
        page.locator("#tab-library").click()
        expect(page.locator("a.open-document").first).to_contain_text("position:fixed")
        assert page.evaluate("window.canary") is None
        assert page.locator("body").is_visible()
        # Nothing that covers a point of the page came from a text.
        covering = page.evaluate(
            "document.elementFromPoint(640, 450).closest('iframe, [style*=red]')"
        )
        assert covering is None
        found = {place.netloc for place in asked if place.scheme not in ("data", "blob")}
        assert found == {urlsplit(address).netloc}
