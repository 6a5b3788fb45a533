"""The map and the timeline: how documents are grouped, what the routes send, the real page."""

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from browsing import HOSTILE, QUESTION, ask, open_page, serving
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from assistant import Assistant, BadQuestion, UnknownPlace
from index import Home
from index.atlas import Atlas
from index.generation import Generation
from index.outlines import Outline
from ui.atlas.grouping import OTHER, UNKNOWN, by_publisher, by_time, periods
from ui.atlas.routes import atlas_routes
from ui.atlas.showing import points_json
from ui.line import Line
from ui.reading import open_quote


def outline(day: date | None = None, publisher: str | None = None, passages: int = 1) -> Outline:
    return Outline(
        id="d",
        source="d.txt",
        record=None,
        media_type="text/plain",
        title="Title",
        published=day,
        event_date=None,
        publisher=publisher,
        author=None,
        url=None,
        sha256="",
        first=0,
        passages=passages,
        length=0,
    )


@pytest.fixture
def assistant(bundled_home: Home) -> Assistant:
    return Assistant.open(bundled_home)


@pytest.fixture
def client(assistant: Assistant) -> Iterator[TestClient]:
    """The routes by themselves: neither server nor browser."""
    app = FastAPI()
    app.include_router(atlas_routes(assistant, Line()))
    with TestClient(app) as client:
        yield client


def drawn(client: httpx.Client) -> dict:
    """The map, once it is drawn."""
    while "points" not in (found := client.get("/page/atlas/points").json()):
        time.sleep(0.05)
    return found


def opened(assistant: Assistant, href: str) -> dict:
    """What a link of the page opens in the source pane."""
    place = dict(parse_qsl(href.removeprefix("#src?")))
    return open_quote(
        assistant, place["document"], int(place["start"]), int(place["end"]), place["check"]
    )


def show_map(page: Page) -> None:
    page.locator("#tab-library").click()
    page.get_by_role("link", name="Map", exact=True).click()


def open_map(page: Page, address: str) -> Page:
    open_page(page, address)
    show_map(page)
    expect(page.locator(".atlas-about")).to_contain_text("passage")
    return page


@pytest.mark.parametrize(
    ("first", "last", "most", "labels"),
    [
        (date(2021, 5, 20), date(2021, 5, 21), 8, ["May 2021"]),
        (date(2021, 11, 30), date(2022, 1, 1), 8, ["Nov 2021", "Dec 2021", "Jan 2022"]),
        (date(2021, 5, 20), date(2021, 12, 1), 3, ["Apr–Jun 2021", "Jul–Sep 2021", "Oct–Dec 2021"]),
        (date(2019, 1, 1), date(2020, 12, 31), 4, ["2019", "2020"]),
        (date(1994, 1, 1), date(2001, 1, 1), 3, ["1990–1994", "1995–1999", "2000–2004"]),
        (date(1899, 12, 31), date(1900, 1, 1), 2, ["Dec 1899", "Jan 1900"]),
        (date(1, 1, 1), date(9999, 12, 31), 8, [f"{n}000–{n}999" for n in range(10)]),
    ],
)
def test_the_shortest_periods_are_taken_that_are_few_enough(first, last, most, labels):
    found = periods([last, None, first], most)
    shown = [found.label(period) for period in range(found.count)]
    assert shown == [label.replace("0000–0999", "0–999") for label in labels]
    assert (found.of(first), found.of(last), found.of(None)) == (0, len(labels) - 1, UNKNOWN)


def test_without_a_day_there_are_no_periods():
    assert periods([None], 8) is None
    assert by_time([outline()], 8).of == (UNKNOWN,)


def test_publishers_with_the_most_passages_have_groups_of_their_own():
    documents = [
        outline(publisher="Small"),
        outline(publisher="Large", passages=3),
        outline(publisher="Also small"),
        outline(),
        outline(publisher="Large", passages=2),
    ]
    groups = by_publisher(documents, 2)
    assert groups.labels == ("Large", "Also small")
    assert groups.of == (OTHER, 0, 1, UNKNOWN, 0)


def test_the_map_has_every_passage_in_its_groups(client: TestClient):
    found = drawn(client)
    points = found["points"]
    total = found["passages"]
    assert points["number"] == list(range(total))
    assert len(points["x"]) == len(points["y"]) == len(points["bar"]) == total
    assert min(points["x"] + points["y"]) >= 0
    assert max(points["x"] + points["y"]) <= 10_000
    for grouping in (points["time"], points["publisher"]):
        assert len(grouping["of"]) == total
        assert sum(each["points"] for each in grouping["legend"]) == total
    assert [each["label"] for each in points["time"]["legend"]] == ["2020", "2023"]
    have = client.get(f"/page/atlas/points?have={found['generation']}").json()
    assert have["generation"] == found["generation"]
    assert "points" not in have


def test_a_map_of_a_sample_says_which_passages_it_has(bundled_home):
    generation = Generation.serving(bundled_home)
    documents = tuple(generation.store.outlines())
    points = points_json(Atlas.of(generation, documents, most=3), documents)
    assert points["number"] == [0, 2, 4]
    assert sum(each["points"] for each in points["publisher"]["legend"]) == 3


def test_a_point_opens_its_passage(client: TestClient, assistant: Assistant):
    found = drawn(client)
    about = {"generation": found["generation"], "number": 2}
    passage = client.get("/page/atlas/passage", params=about).json()
    source = opened(assistant, passage["href"])
    assert source["title"] == passage["title"]
    assert source["warning"] is None
    assert " ".join(source["quote"].split()).startswith(passage["begins"].rstrip("…"))


def test_a_bar_lists_its_documents_and_they_open(client: TestClient, assistant: Assistant):
    timeline = client.get("/page/atlas/timeline").json()
    counts = {bar["label"]: bar["documents"] for bar in timeline["bars"]}
    assert counts == {"2020": 1, "2021": 0, "2022": 0, "2023": 1}
    assert timeline["undated"] == 0
    about = {"generation": timeline["generation"], "bar": 3}
    listed = client.get("/page/atlas/documents", params=about).json()
    [document] = listed["documents"]
    assert listed["total"] == 1
    assert document["about"] == "U.S. Department of Defense · 20 November 2023"
    assert opened(assistant, document["href"])["title"] == document["title"]
    rest = client.get("/page/atlas/documents", params=about | {"start": 1}).json()
    assert rest == {"documents": [], "total": 1}


def test_a_question_stands_by_what_a_search_finds_for_it(client: TestClient, assistant: Assistant):
    found = drawn(client)
    about = {"generation": found["generation"], "q": QUESTION}
    asked = client.get("/page/atlas/question", params=about).json()
    generation = assistant.generation
    hits = [hit.passage for hit in generation.search(QUESTION, 10)]
    numbered = generation.store.passages(hit["number"] for hit in asked["hits"])
    assert [numbered[hit["number"]] for hit in asked["hits"]] == hits
    assert [hit["rank"] for hit in asked["hits"]] == list(range(1, len(hits) + 1))
    points = found["points"]
    for hit in asked["hits"]:
        place = points["x"][hit["number"]], points["y"][hit["number"]]
        assert (hit["x"], hit["y"]) == place
    far = [(hit["x"] - asked["x"]) ** 2 + (hit["y"] - asked["y"]) ** 2 for hit in asked["hits"]]
    assert far.index(min(far)) == 0


@pytest.mark.parametrize(
    ("path", "error", "told"),
    [
        ("passage?generation=999999&number=0", UnknownPlace, "the index has changed"),
        ("passage?generation={name}&number=12345678901234567890", UnknownPlace, "no passage"),
        ("question?generation={name}&q=%20", BadQuestion, "the question is empty"),
    ],
)
def test_what_cannot_be_shown_is_told(client: TestClient, path: str, error: type, told: str):
    name = drawn(client)["generation"]
    with pytest.raises(error, match=told):
        client.get(f"/page/atlas/{path.format(name=name)}")


def test_the_last_question_is_shown_with_its_hits(page: Page, address: str):
    open_page(page, address)
    ask(page, QUESTION)
    expect(page.locator("#chat .answer")).to_be_visible()
    show_map(page)
    expect(page.locator("#atlas-question")).to_have_value(QUESTION)
    first = page.locator(".atlas-hits li").first
    expect(first).to_contain_text("Quoted in the answer as [1]")
    first.get_by_role("link").click()
    expect(page.locator("#source-text mark")).to_contain_text("co-chaired by Saint Lucia")


def test_a_question_can_be_placed_without_asking_it(page: Page, address: str):
    open_map(page, address)
    expect(page.locator(".atlas-hits li")).to_have_count(0)
    before = picture(page)
    page.get_by_label("Place a question on the map").fill("firearms tracing")
    page.get_by_role("button", name="Place", exact=True).click()
    expect(page.locator(".atlas-hits li").first).to_contain_text("Firearms Tracing")
    assert picture(page) != before


def picture(page: Page) -> str:
    """What the map shows, once it has been painted."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return page.evaluate("document.querySelector('.atlas-canvas').toDataURL()")


def test_the_map_is_read_and_opened_by_keyboard(page: Page, address: str):
    open_map(page, address)
    canvas = page.get_by_role("application", name="Map of passages")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    title = page.locator(".atlas-card .title a")
    expect(title).to_be_visible()
    begins = page.locator(".atlas-card .begins")
    first = begins.text_content()
    expect(page.locator(".atlas-heard")).to_contain_text(first)
    for key in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
    expect(begins).not_to_have_text("")
    whole = picture(page)
    page.keyboard.press("+")
    assert picture(page) != whole
    page.keyboard.press("0")
    assert picture(page) == whole
    page.keyboard.press("Enter")
    mark = page.locator("#source-text mark")
    expect(mark).to_be_visible()
    opened = " ".join(mark.text_content().split()[:4])
    expect(begins).to_contain_text(opened)  # the card of the last point may be on its way still
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(canvas).to_be_focused()


def test_a_click_on_a_point_opens_its_passage(page: Page, address: str):
    open_map(page, address)
    with httpx.Client(base_url=address) as client:
        found = drawn(client)
        about = {"generation": found["generation"], "number": 1}
        passage = client.get("/page/atlas/passage", params=about).json()
    box = page.locator(".atlas-canvas").bounding_box()
    scale = min(box["width"], box["height"]) - 44
    x = box["x"] + (found["points"]["x"][1] / 10_000 - 0.5) * scale + box["width"] / 2
    y = box["y"] + (found["points"]["y"][1] / 10_000 - 0.5) * scale + box["height"] / 2
    page.mouse.move(x + 3, y)
    expect(page.locator(".atlas-card .begins")).to_have_text(passage["begins"])
    page.mouse.click(x + 3, y)
    expect(page.locator("#source-title")).to_have_text(passage["title"])
    mark = page.locator("#source-text mark")
    expect(mark).to_contain_text(" ".join(passage["begins"].split()[:4]))


def test_a_group_can_be_looked_at_alone(page: Page, address: str):
    open_map(page, address)
    whole = picture(page)
    year = page.get_by_role("list", name="Show only").get_by_role("button", name="2023")
    year.click()
    expect(year).to_have_attribute("aria-pressed", "true")
    assert picture(page) != whole
    year.click()
    assert picture(page) == whole
    page.get_by_role("radio", name="publisher").check()
    expect(page.locator(".atlas-legend .label").first).to_contain_text("Department")


def test_a_bar_is_pressed_by_keyboard_and_its_documents_open(page: Page, address: str):
    open_map(page, address)
    whole = picture(page)
    bars = page.get_by_role("group", name="Documents over time").get_by_role("button")
    expect(bars).to_have_count(2)  # years without documents are none
    bars.first.focus()
    page.keyboard.press("ArrowRight")
    expect(bars.last).to_be_focused()
    page.keyboard.press("Enter")
    documents = page.get_by_role("region", name="Documents of a period")
    expect(documents.get_by_role("heading")).to_have_text("2023 · 1 document")
    assert picture(page) != whole
    documents.get_by_role("link").click()
    expect(page.locator("#source-text mark")).to_be_visible()
    documents.get_by_role("button", name="Show all on the map").click()
    expect(bars.last).to_have_attribute("aria-pressed", "false")
    page.locator(".atlas-table summary").click()
    expect(page.get_by_role("row", name="2023 1")).to_be_visible()


def test_titles_run_nothing_and_undated_documents_are_told(page: Page, home_of):
    home = home_of(
        {
            "a.txt": f"{HOSTILE}\n\nThe harbour was closed on Monday.",
            "b.md": "---\ntitle: Dated\ndate: 2021-03-02\n---\nThe harbour was open on Tuesday.",
        }
    )
    with serving(home) as address:
        open_map(page, address)
        expect(page.locator(".atlas-undated")).to_contain_text("1 document without a date")
        page.get_by_role("button", name="List them").click()
        expect(page.locator(".atlas-documents li")).to_contain_text("<script>")
        page.get_by_label("Place a question on the map").fill(f"harbour {HOSTILE}")
        page.keyboard.press("Enter")
        expect(page.locator(".atlas-hits")).to_contain_text("<script>window.canary=1</script>")
        assert page.evaluate("window.canary") is None


def test_a_sample_is_told(page: Page, address: str):
    def of_a_million(route) -> None:
        found = route.fetch().json()
        route.fulfill(json=found | {"passages": 1_000_000})

    page.route("**/page/atlas/points*", of_a_million)
    open_map(page, address)
    expect(page.locator(".atlas-about")).to_contain_text("of the 1,000,000 passages")


def test_a_narrow_page_scrolls_one_way_only(page: Page, address: str):
    page.set_viewport_size({"width": 390, "height": 800})
    open_map(page, address)
    expect(page.locator(".atlas-bars svg")).to_be_visible()
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    small = page.evaluate(
        """[...document.querySelectorAll("#library-map :is(button, [role=button] .reach, summary)")]
        .map((each) => [each, each.getBoundingClientRect()])
        .filter(([, box]) => box.width && Math.min(box.width, box.height) < 24)
        .map(([each]) => each.outerHTML)"""
    )
    assert small == []


def test_colours_stand_off_their_ground():
    folder = Path(__file__).parent.parent / "ui" / "static"
    dark = "@media (prefers-color-scheme: dark)"
    sheets = re.findall(r"--sheet: (#\w+)", (folder / "page.css").read_text("utf-8"))
    for sheet, rules in zip(
        sheets, (folder / "atlas.css").read_text("utf-8").split(dark), strict=True
    ):
        colours = re.findall(r"--atlas-(?:\d|other|unknown): (#\w+)", rules)
        assert len(set(colours)) == 10
        for colour in colours:
            lighter, darker = sorted((luminance(colour), luminance(sheet)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 3, colour


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
