"""Answers of several parts as people and programs meet them: page, terminal and JSON."""

import json
import os
from pathlib import Path

import pytest
from browsing import ask, open_page
from playwright.sync_api import Page, expect

from assistant import Assistant
from index import Home
from ui.contract import answer_json
from ui.markup import answer_html
from ui.terminal import show_answer

COMPARE = "Compare the ninth and eleventh dialogues"
ONE_SIDED = "Compare the ninth and tenth dialogues"
STACKED = """() => {
  const [above, below] = [...document.querySelectorAll(".group")].map(
    (group) => group.getBoundingClientRect());
  return above.x === below.x && above.bottom <= below.top;
}"""
LISTING = "Which countries belong to the CBSI?"


def shot(page: Page, name: str) -> None:
    """Keeps a picture where one is wanted."""
    if folder := os.environ.get("READOUT_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_sides_stand_beside_each_other_where_there_is_room(page: Page, address: str):
    open_page(page, address)
    ask(page, COMPARE)
    groups = page.locator(".groups.compare .group")
    expect(groups).to_have_count(2)
    expect(groups.locator("h3")).to_have_text(["the ninth dialogues", "eleventh dialogues"])
    left, right = (groups.nth(at).bounding_box() for at in range(2))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    shot(page, "compare-wide")
    page.emulate_media(color_scheme="dark")
    shot(page, "compare-dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(STACKED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(color_scheme="light")
    shot(page, "compare-phone")


def test_each_quote_of_a_part_opens_at_its_place(page: Page, address: str):
    open_page(page, address)
    ask(page, COMPARE)
    second = page.locator(".group").nth(1)
    quoted = second.locator(".quote").first.text_content()
    second.locator("a.cite").first.click()
    mark = page.locator("#source mark")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() in quoted


def test_a_side_without_an_answer_says_so_on_the_page(page: Page, address: str):
    open_page(page, address)
    ask(page, ONE_SIDED)
    expect(page.locator(".group .reason")).to_have_text("No answer was found for tenth dialogues.")
    shot(page, "one-sided-wide")


def test_a_list_tells_how_long_it_may_be(page: Page, address: str):
    open_page(page, address)
    ask(page, LISTING)
    expect(page.locator(".answer .note")).to_contain_text("at most 10 are listed")
    expect(page.locator(".groups.listing .group h3")).to_have_count(1)
    shot(page, "listing-wide")


def test_programs_get_the_parts_with_the_numbers_of_their_citations(bundled_home: Home):
    found = answer_json(Assistant.open(bundled_home).ask(ONE_SIDED))
    assert found["kind"] == "compare"
    assert found["groups"] == [
        {"label": "the ninth dialogues", "citations": [1], "reason": None},
        {
            "label": "tenth dialogues",
            "citations": [],
            "reason": "No answer was found for tenth dialogues.",
        },
    ]
    plain = answer_json(Assistant.open(bundled_home).ask("Who hosted the eleventh dialogue?"))
    assert (plain["kind"], plain["groups"], plain["note"]) == ("plain", [], None)


def test_a_terminal_shows_the_parts_under_their_labels(
    bundled_home: Home, capsys: pytest.CaptureFixture[str]
):
    show_answer(Assistant.open(bundled_home).ask(ONE_SIDED))
    lines = capsys.readouterr().out.splitlines()
    first, other = lines.index("the ninth dialogues"), lines.index("tenth dialogues")
    assert lines[first + 1].startswith("“")
    assert lines[other + 1] == "No answer was found for tenth dialogues."


def test_labels_from_documents_are_text_on_the_page(home_of):
    title = "<img src=x onerror=alert(1)> harbours"
    body = "Adaville and Beatown are the cities that have a harbour of their own."
    texts = {"a.html": f"<title>{title.replace('<', '&lt;')}</title><p>{body}</p>"}
    answer = Assistant.open(home_of(texts)).ask("Which cities have a harbour?", threshold=0.0)
    assert answer.kind == "listing"
    assert answer.groups[0].label == title
    assert "<img" not in answer_html(answer)
    json.dumps(answer_json(answer))
