"""Citing in the page: the menu of a quote, the basket, links to a place, in a real browser."""

import csv
import io
import json
from pathlib import Path
from urllib.parse import urlsplit

import docx
import httpx
import pytest
from browsing import QUESTION, ask, open_page, serving
from playwright.sync_api import Browser, Page, expect

from ui.citing.formats import FORMATS
from ui.citing.receipts import receipts_of_files

DEFENSE = "003_e53a6ec5a1052dec.txt"
COCHAIRS = "co-chaired by Saint Lucia, the Dominican Republic, and the United States"
HOSTILE = (
    "<img src=x onerror='window.canary=1'> ${window.canary=2} {{window.canary=3}} $$x$$ \u202eevil"
)


@pytest.fixture
def asked(page: Page, address: str) -> Page:
    """The page with one answer, and a clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    open_page(page, address)
    ask(page, QUESTION)
    expect(page.locator("a.citing[role=button]").first).to_be_visible(timeout=20_000)
    return page


def menu_item(page: Page, name: str):
    return page.get_by_role("menuitem", name=name, exact=True)


def test_every_form_is_copied_as_it_is_made(asked: Page, address: str):
    place = asked.locator("a.citing").first.get_attribute("href").partition("?")[2]
    forms = httpx.get(f"{address}/cite?{place}").json()
    names = {
        "Text with reference": "text",
        "Markdown": "markdown",
        "APA": "apa",
        "Chicago (author-date)": "chicago",
        "BibTeX": "bibtex",
        "RIS": "ris",
        "CSL-JSON": "csl-json",
        "Link to this place": "link",
    }
    for name, form in names.items():
        asked.locator("a.citing").first.click()
        menu_item(asked, name).click()
        expect(asked.locator("#citing-status")).to_have_text(f"Copied: {name}")
        assert asked.evaluate("navigator.clipboard.readText()") == forms[form]
    asked.locator("a.citing").first.click()
    expect(menu_item(asked, "Link to the original")).to_be_hidden()  # it is of no page of the web


def test_the_menu_is_worked_by_keys_alone(asked: Page):
    cite = asked.locator("a.citing").first
    cite.focus()
    asked.keyboard.press("Space")
    expect(cite).to_have_attribute("aria-expanded", "true")
    expect(menu_item(asked, "Text with reference")).to_be_focused()
    asked.keyboard.press("ArrowDown")
    expect(menu_item(asked, "Markdown")).to_be_focused()
    asked.keyboard.press("End")
    expect(menu_item(asked, "Receipt (download)")).to_be_focused()
    asked.keyboard.press("ArrowDown")
    expect(menu_item(asked, "Text with reference")).to_be_focused()
    asked.keyboard.press("Escape")
    expect(asked.locator("#cite-menu")).to_be_hidden()
    expect(cite).to_be_focused()
    asked.keyboard.press("Enter")
    asked.keyboard.press("ArrowUp")
    with asked.expect_download() as saved:
        asked.keyboard.press("Enter")
    assert saved.value.suggested_filename == "receipt.json"
    expect(cite).to_be_focused()
    asked.keyboard.press("Tab")
    keep = asked.locator("a.keeping").first
    expect(keep).to_be_focused()
    asked.keyboard.press("Space")
    expect(keep).to_have_attribute("aria-pressed", "true")


def test_a_click_elsewhere_closes_the_menu_and_keeps_its_focus(asked: Page):
    asked.locator("a.citing").first.click()
    asked.get_by_label("Question", exact=True).click()
    expect(asked.locator("#cite-menu")).to_be_hidden()
    expect(asked.get_by_label("Question", exact=True)).to_be_focused()


def test_a_receipt_of_the_page_is_one_that_can_be_checked(asked: Page, tmp_path: Path):
    asked.locator("a.citing").first.click()
    with asked.expect_download() as saved:
        menu_item(asked, "Receipt (download)").click()
    saved.value.save_as(tmp_path / "receipt.json")
    [receipt] = receipts_of_files([tmp_path / "receipt.json"])
    assert COCHAIRS in receipt.quote.text
    assert receipt.verified


def test_a_link_opens_its_place_in_a_new_window(asked: Page):
    asked.locator("a.citing").first.click()
    menu_item(asked, "Link to this place").click()
    expect(asked.locator("#citing-status")).to_have_text("Copied: Link to this place")
    other = asked.context.new_page()
    other.goto(asked.evaluate("navigator.clipboard.readText()"))
    expect(other.locator("#source mark")).to_be_in_viewport()
    expect(other.locator("#source mark")).to_contain_text(COCHAIRS)


def test_the_basket_outlives_a_reload_and_becomes_files(asked: Page, tmp_path: Path):
    asked.locator("a.keeping").first.click()
    expect(asked.locator("#show-basket")).to_have_text("Evidence 1")
    asked.reload()
    expect(asked.locator("a.keeping").first).to_have_attribute("aria-pressed", "true")
    asked.locator("#show-basket").click()
    expect(asked.locator("#basket-list blockquote")).to_contain_text(COCHAIRS)
    asked.locator("#basket-check").click()
    expect(asked.locator("#basket-list .verified")).to_have_text("verified")

    asked.get_by_label("Bibliography in").select_option("chicago")
    texts = {}
    for kind in ("md", "docx", "csv", "receipts"):
        with asked.expect_download() as saved:
            asked.locator(f"#basket-{kind}").click()
        path = tmp_path / saved.value.suggested_filename
        saved.value.save_as(path)
        texts[kind] = path
    assert COCHAIRS in texts["md"].read_text("utf-8")
    assert "November 20." in texts["md"].read_text("utf-8")
    [row] = csv.DictReader(io.StringIO(texts["csv"].read_text("utf-8-sig")))
    assert row["state"] == "verified"
    words = [paragraph.text for paragraph in docx.Document(str(texts["docx"])).paragraphs]
    assert any(COCHAIRS in text for text in words)
    assert len(receipts_of_files([texts["receipts"]])) == 1

    asked.get_by_role("button", name="Remove: Readout").click()
    expect(asked.locator("#basket")).to_be_hidden()
    expect(asked.locator("#show-basket")).to_be_hidden()
    expect(asked.locator("a.keeping").first).to_have_attribute("aria-pressed", "false")
    asked.reload()
    expect(asked.locator("a.keeping").first).to_have_attribute("aria-pressed", "false")


def test_hostile_words_are_text_in_the_basket_and_nothing_leaves(home_of, page: Page):
    sentence = f"The lighthouse of Port Lumen is kept by Ada Quill {HOSTILE} today."
    home = home_of({"a.md": f"---\ntitle: {json.dumps(HOSTILE)}\n---\n\n{sentence}\n"})
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    with serving(home) as address:
        open_page(page, address)
        ask(page, "Who keeps the lighthouse of Port Lumen?")
        page.locator("a.keeping[role=button]").first.click()
        page.locator("#show-basket").click()
        expect(page.locator("#basket-list blockquote")).to_contain_text("onerror='window.canary=1'")
        expect(page.locator("#basket-list a.near")).to_contain_text("{{window.canary=3}}")
        with page.expect_download():
            page.locator("#basket-docx").click()
        page.keyboard.press("Escape")
        expect(page.locator("#basket")).to_be_hidden()
        assert page.evaluate("window.canary") is None
    assert hosts <= {"127.0.0.1", None, ""}  # downloads are blobs, which have no host


@pytest.mark.parametrize(("width", "scheme"), [(1400, "dark"), (390, "light")])
def test_menu_and_basket_fit_the_window(
    browser: Browser,
    address: str,
    width: int,
    scheme: str,
):
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = open_page(context.new_page(), address)
    ask(page, QUESTION)
    page.locator("a.citing[role=button]").first.click()
    expect(menu_item(page, "Receipt (download)")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.locator("a.keeping").first.click()
    expect(page.locator("#rebuild")).to_be_in_viewport(ratio=1)
    page.locator("#show-basket").click()
    for name in ("#basket-close", "#basket-clear", "#basket-list .remove"):
        expect(page.locator(name).first).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_http_cites_checks_and_exports(address: str):
    with httpx.Client(base_url=address) as client:
        place = {"document": DEFENSE, "start": 438, "end": 675}
        forms = client.get("/cite", params=place).json()
        assert list(forms) == list(FORMATS)
        assert forms["link"].startswith(f"{address}/#src?document={DEFENSE}&start=438&end=675")
        receipt = client.get("/cite/receipt", params=place).json()
        assert client.post("/cite/check", json=receipt).json()["verified"] is True
        many = client.post("/cite/check", json=[receipt] * 45).json()
        assert (many["verified"], len(many["receipts"])) == (True, 45)
        through = client.post("/cite/check", json=[receipt] * 501, headers={"Via": "1.1 proxy"})
        assert (through.status_code, "at most 500" in through.text) == (400, True)
        answer = client.post("/cite/check", json=[receipt, receipt | {"quote": 1}])
        assert answer.status_code == 400
        assert "not a receipt" in answer.json()["error"]
        sent = client.post(
            "/cite/basket", params={"kind": "csv", "style": "chicago"}, json=[receipt]
        )
        assert sent.headers["content-disposition"] == 'attachment; filename="evidence.csv"'
        assert "November 20." in sent.text
        assert (
            client.post("/cite/basket", params={"kind": "exe"}, json=[receipt]).status_code == 422
        )
        stale = client.get("/cite", params=place | {"check": "0000"})
        assert stale.status_code == 404
        assert "changed" in stale.json()["error"]
