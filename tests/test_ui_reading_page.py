"""Reading an answer in the page: cards, looks at passages, keys, a PDF's pages, long texts."""

import io
import json
import re
from pathlib import Path

import httpx
import pytest
from browsing import HOSTILE, QUESTION, ask, open_page, serving
from builders import drawn, pdf_of, write_files
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from index import Home, rebuild

KEEPER = "The lighthouse of Port Lumen is kept by Ada Quill, who took it over in spring."
ASKED = "Who keeps the lighthouse of Port Lumen?"
LINES = (
    "The harbour was busy. The lighthouse of Port Lumen is",
    "kept by Ada Quill, who took it over in spring. Boats came.",
)


@pytest.fixture
def asked(page: Page, address: str) -> Page:
    """The page with one answer."""
    open_page(page, address)
    ask(page, QUESTION)
    expect(page.locator("a.open[aria-label]").first).to_be_visible()
    return page


@pytest.fixture
def harbour(new_home: Home, tmp_path: Path) -> Home:
    """A home of one PDF, with a sentence on its second page that the tests ask for."""
    pages = [drawn(50, 500, "Nothing of note."), drawn(50, 400, *LINES)]
    title = "/Title (Harbour report)"
    write_files(tmp_path / "in", {"harbour.pdf": pdf_of(pages, info=title)})
    new_home.add(tmp_path / "in")
    new_home.remove(Path("bundled"))
    rebuild(new_home)
    return new_home


@pytest.fixture
def three_quotes(home_of) -> Home:
    """A home of two documents; an answer cites two passages of the first, one of the second."""
    filler = "Rain fell on the roofs of the town all day long and nobody went out. " * 12
    one = "Ada Quill opened the new harbour in May.\n\n"
    two = "Ada Quill opened the new school in June.\n\n"
    three = "Ada Quill opened the new market in July.\n\n"
    return home_of({"a.txt": f"{one}{filler}\n\n{two}{filler}\n", "b.txt": f"{three}{filler}\n"})


def test_a_card_shows_the_quote_in_its_passage_and_opens_to_all_of_it(asked: Page):
    card = asked.locator(".answer .card").first
    words = asked.locator(".said").first.text_content()
    quoted = card.locator(".context .quoted").text_content()
    assert f"“{quoted}”" in words
    expect(card.locator(".about")).to_contain_text("20 November 2023")
    expect(card.locator(".about")).to_contain_text("verified")
    before = len(card.locator(".context").text_content())
    card.get_by_text("Whole passage").click()
    expect(card.locator(".context")).to_be_hidden()
    whole = card.locator(".whole p")
    expect(whole.locator(".quoted")).to_have_text(quoted)
    assert len(whole.text_content()) > before
    card.locator("a.title").click()
    expect(asked.locator("#source mark")).to_have_text(quoted)


def test_the_number_shows_its_passage_while_pointed_at_and_escape_hides_it(asked: Page):
    cite, peek = asked.locator("a.cite").first, asked.locator("#peek")
    cite.hover()
    expect(peek).to_be_visible()
    quoted = asked.locator(".card .context .quoted").first.text_content()
    expect(peek.locator(".quoted")).to_have_text(quoted)
    expect(peek).to_contain_text(asked.locator(".card .title").first.text_content())
    expect(cite).to_have_attribute("aria-describedby", "peek")
    peek.hover()  # it stays while the pointer is on it
    asked.wait_for_timeout(500)
    expect(peek).to_be_visible()
    asked.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    cite.hover()
    expect(peek).to_be_visible()
    asked.locator("h1").hover()
    expect(peek).to_be_hidden()
    assert cite.get_attribute("aria-describedby") is None


def test_focus_shows_the_passage_too_and_a_source_that_opens_takes_its_place(asked: Page):
    asked.locator("a.cite").first.focus()
    asked.keyboard.press("Tab")
    asked.keyboard.press("Shift+Tab")
    expect(asked.locator("#peek")).to_be_visible()
    asked.keyboard.press("Enter")
    expect(asked.locator("#source")).to_be_focused()
    expect(asked.locator("#peek")).to_be_hidden()
    asked.keyboard.press("Escape")
    expect(asked.locator("#source")).to_be_hidden()
    expect(asked.locator("a.cite").first).to_be_focused()
    expect(asked.locator("#peek")).to_be_hidden()  # nobody asked to see it again


def test_keys_step_through_citations_and_an_open_source_follows(three_quotes: Home, page: Page):
    with serving(three_quotes) as address:
        open_page(page, address)
        ask(page, "What did Ada Quill open?")
        cites = page.locator("a.cite")
        expect(cites.nth(2)).to_be_visible()
        page.keyboard.type("jk/?")  # still in the box: these are words
        box = page.get_by_label("Question", exact=True)
        expect(box).to_have_value("jk/?")
        box.fill("")
        box.blur()
        page.keyboard.press("j")
        expect(cites.nth(0)).to_be_focused()
        expect(page.locator("#peek")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("k")  # there is none before
        expect(cites.nth(0)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#source")).to_be_focused()
        page.keyboard.press("j")
        expect(cites.nth(1)).to_be_focused()
        second = page.locator(".said").nth(1).text_content()
        expect(page.locator("#source mark")).to_have_count(1)
        expect(page.locator("a.cite.is-open")).to_have_text("[2]")
        assert page.locator("#source mark").text_content().strip() in second
        page.keyboard.press("/")
        expect(box).to_be_focused()
        expect(box).to_have_value("")
        page.keyboard.press("Escape")
        expect(cites.nth(1)).to_be_focused()


def test_the_keys_are_listed_and_can_be_turned_off(asked: Page):
    asked.get_by_label("Question", exact=True).blur()
    asked.keyboard.press("?")
    expect(asked.get_by_role("dialog", name="Keys")).to_be_visible()
    asked.keyboard.press("j")  # not behind the list
    asked.keyboard.press("Escape")
    expect(asked.locator("#keys")).to_be_hidden()
    asked.get_by_role("button", name="Keys").focus()
    asked.keyboard.press("Space")
    asked.get_by_label("Single keys are on").uncheck()
    asked.locator("#keys-close").click()
    asked.keyboard.press("j")
    asked.keyboard.press("?")
    expect(asked.locator("#keys")).to_be_hidden()
    expect(asked.locator("a.cite").first).not_to_be_focused()
    asked.reload()
    asked.get_by_role("button", name="Keys").click()
    expect(asked.get_by_label("Single keys are on")).not_to_be_checked()


def test_other_places_that_the_answer_cites_are_marked_too(three_quotes: Home, page: Page):
    with serving(three_quotes) as address:
        open_page(page, address)
        ask(page, "What did Ada Quill open?")
        expect(page.locator("a.cite").nth(2)).to_be_visible()
        quotes = page.locator(".said")
        first = quotes.filter(has_text="harbour")
        first.locator("a.cite").click()
        expect(page.locator("#source mark")).to_contain_text("harbour")
        also = page.locator("#source .also-cited")
        expect(also).to_have_count(1)
        expect(also).to_contain_text("school")
        quotes.filter(has_text="market").locator("a.cite").click()
        expect(page.locator("#source mark")).to_contain_text("market")
        expect(also).to_have_count(0)


def test_a_pdf_opens_as_its_page_with_the_quote_boxed_and_as_text(harbour: Home, page: Page):
    with serving(harbour) as address:
        open_page(page, address)
        ask(page, ASKED)
        page.locator("a.cite").first.click()
        picture = page.get_by_alt_text(re.compile("Page 2 of Harbour report"))
        expect(picture).to_be_visible()
        expect(page.locator("#page-number")).to_have_text("Page 2 of 2")
        boxes = page.locator("#page-leaf .box")
        expect(boxes).to_have_count(2)
        expect(boxes.first).to_be_in_viewport()
        page.wait_for_function("document.getElementById('page-picture').naturalWidth > 1000")
        leaf, box = page.locator("#page-leaf").bounding_box(), boxes.last.bounding_box()
        # The second line of the quote begins at 50 of 400 points, and the baseline is 212 of 600.
        assert (box["x"] - leaf["x"]) / leaf["width"] == pytest.approx(50 / 400, abs=0.01)
        middle = box["y"] + box["height"] / 2 - leaf["y"]
        assert middle / leaf["height"] == pytest.approx(209 / 600, abs=0.01)
        expect(page.locator("#source-scroll")).to_be_hidden()

        page.get_by_role("button", name="Page before").click()
        expect(page.locator("#page-number")).to_have_text("Page 1 of 2")
        expect(boxes).to_have_count(0)
        page.get_by_role("button", name="Page after").click()
        expect(boxes).to_have_count(2)

        page.get_by_role("tab", name="Page").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Text")).to_be_focused()
        expect(page.locator("#source mark")).to_be_in_viewport()
        expect(page.locator("#source mark")).to_have_text(KEEPER)
        expect(picture).to_be_hidden()
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")  # the text is what was chosen last
        expect(page.locator("#source mark")).to_be_in_viewport()
        page.get_by_role("tab", name="Page").click()
        expect(boxes.first).to_be_in_viewport()


def test_a_pdf_that_has_changed_is_told_and_shown_as_text(harbour: Home, page: Page):
    with serving(harbour) as address:
        open_page(page, address)
        ask(page, ASKED)
        expect(page.locator("a.cite").first).to_be_visible()
        path = harbour.path.parent / "in" / "harbour.pdf"
        path.write_bytes(pdf_of([drawn(50, 400, "The lighthouse is closed.")]))
        page.locator("a.cite").first.click()
        expect(page.locator("#source-told")).to_contain_text("the original has changed")
        expect(page.locator("#source-state")).to_have_text("source changed since it was read")
        expect(page.locator("#source mark")).to_be_in_viewport()
        expect(page.locator("#source-tabs")).to_be_hidden()
        expect(page.locator("#source-page")).to_be_hidden()


def test_http_gives_a_page_once_and_only_of_the_file_that_was_read(harbour: Home, page: Page):
    with serving(harbour) as address, httpx.Client(base_url=address) as client:
        open_page(page, address)
        ask(page, ASKED)
        place = page.locator("a.cite").first.get_attribute("href").partition("?")[2]
        found = client.get(f"/page/rendered?{place}").json()
        assert (found["page"], found["pages"], found["told"]) == (2, 2, "")
        assert all(0 <= side <= 1 for _, *box in found["boxes"] for side in box)
        document = httpx.QueryParams(place)["document"]
        asked = {"document": document, "page": 2, "edition": found["edition"]}
        sent = client.get("/page/rendered.png", params=asked)
        assert sent.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(sent.content)).size == (1400, 2100)
        again = {"If-None-Match": sent.headers["etag"]}
        assert client.get("/page/rendered.png", params=asked, headers=again).status_code == 304
        other = client.get("/page/rendered.png", params=asked | {"page": 1})
        assert other.headers["etag"] != sent.headers["etag"]
        assert client.get("/page/rendered.png", params=asked | {"page": 9}).status_code == 400
        old = client.get("/page/rendered.png", params=asked | {"edition": "0" * 64})
        assert old.status_code == 404
        outside = asked | {"document": str(harbour.path.parent / "in" / "harbour.pdf")}
        assert client.get("/page/rendered.png", params=outside).status_code == 404
        stale = re.sub("check=[0-9a-f]+", "check=0", place)
        assert client.get(f"/page/rendered?{stale}").status_code == 404


def test_a_large_text_opens_at_once_and_grows_as_one_scrolls(home_of, page: Page):
    filler = "".join(f"Line {number} 😀 says nothing much.\n" for number in range(800))
    text = f"{filler}\nAda Quill keeps the lighthouse of Port Lumen.\n\n{filler}"
    home = home_of({"long.txt": text})
    with serving(home) as address:
        open_page(page, address)
        ask(page, ASKED)
        page.locator("a.cite").first.click()
        expect(page.locator("#source mark")).to_be_in_viewport()
        shown = page.locator("#source-text")
        assert len(shown.text_content()) < 21_000
        scroll = "(end) => document.getElementById('source-scroll').scrollTo(0, end)"
        for more, end in (("#more-after", 10**9), ("#more-before", 0)):
            for _ in range(100):
                if not page.locator(more).is_visible():
                    break
                page.evaluate(scroll, end)
                page.wait_for_timeout(50)
        assert shown.text_content() == text


def test_a_text_that_is_written_to_the_left_is_shown_so(home_of, page: Page):
    arabic = "قالت الوزيرة ليلى حداد إن منارة طبرق أعيد افتتاحها في مارس."
    japanese = "港湾報告書\n\n灯台の管理者は田中花子である。\n"
    home = home_of({"ar.txt": f"تقرير الميناء\n\n{arabic}\n", "ja.txt": japanese})
    direction = "(element) => getComputedStyle(element).direction"
    with serving(home) as address:
        open_page(page, address)
        ask(page, "من هي الوزيرة التي تحدثت عن منارة طبرق؟")
        page.locator("a.cite, a.near").first.click()
        expect(page.locator("#source mark")).to_have_text(arabic)
        for name in (".said", ".card .context", "#source-text", "#source-title"):
            assert page.locator(name).first.evaluate(direction) == "rtl", name
        box = page.locator("#source mark").bounding_box()
        pane = page.locator("#source-text").bounding_box()
        assert box["x"] + box["width"] == pytest.approx(pane["x"] + pane["width"], abs=2)
        assert page.locator(".actions").first.evaluate(direction) == "ltr"
        assert page.locator("#chat .about").first.evaluate(direction) == "ltr"


def test_hostile_words_are_text_in_cards_looks_and_titles(home_of, page: Page):
    sentence = f"The lighthouse of Port Lumen is kept by Ada Quill {HOSTILE} \u202e today."
    home = home_of({"a.md": f"---\ntitle: {json.dumps(HOSTILE)}\n---\n\n{sentence}\n"})
    with serving(home) as address:
        open_page(page, address)
        ask(page, ASKED)
        page.locator("a.cite").first.hover()
        expect(page.locator("#peek .quoted")).to_contain_text("onerror='window.canary=2'")
        expect(page.locator("#peek .title")).to_contain_text("{{window.canary=4}}")
        expect(page.locator(".card .quoted").first).to_contain_text("<script>window.canary=1")
        page.locator("a.cite").first.click()
        expect(page.locator("#source mark")).to_contain_text("${window.canary=3}")
        assert page.evaluate("window.canary") is None


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_answer_look_page_and_keys_fit_the_window_and_pass_axe(
    browser: Browser, harbour: Home, width: int, scheme: str
):
    from axe_playwright_python.sync_playwright import Axe  # lazy: reads half a megabyte of script

    def check(what: str) -> None:
        found = Axe().run(page, ours).response["violations"]
        assert not found, (what, [(each["id"], each["nodes"][0]["html"]) for each in found])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what

    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    ours = {"include": [[".answer"], ["#source"], ["#peek"], ["#keys"]]}
    with serving(harbour) as address:
        page = open_page(context.new_page(), address)
        ask(page, ASKED)
        page.locator("a.cite").first.hover()
        expect(page.locator("#peek")).to_be_in_viewport(ratio=1)
        check("the answer and a look")
        page.keyboard.press("Escape")
        page.locator("a.keys").last.click()
        expect(page.locator("#keys-close")).to_be_in_viewport(ratio=1)
        check("the keys")
        page.keyboard.press("Escape")
        page.locator("a.open").first.click()
        expect(page.locator("#page-leaf .box").first).to_be_in_viewport()
        check("a page")
        page.get_by_role("tab", name="Text").click()
        expect(page.locator("#source mark")).to_be_in_viewport()
        check("its text")
    context.close()
