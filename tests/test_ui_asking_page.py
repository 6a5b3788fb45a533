"""Asking in the page: suggestions, filters, questions as addresses, export, feedback."""

import json
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest
from browsing import HOSTILE, QUESTION, UNANSWERABLE, ask, open_page, serving
from builders import json_lines
from playwright.sync_api import Browser, Page, expect

from assistant import Answer, Assistant, BadQuestion
from assistant.feedback import Feedback
from assistant.golden import load_golden
from index import Filter, Home, rebuild
from ui.kinds import FORMATS
from ui.line import Line
from ui.narrowing import filter_of, link_of, query_of
from ui.suggestions import Suggestions

DEFENSE, STATE = "003_e53a6ec5a1052dec.txt", "000_fbc2b366f62d71d8.txt"
BARE = r"^http://[^/]+/$"


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
    compiled_models: Path,
    browser: Browser,  # first: Gradio leaves a loop open where none runs yet
) -> Iterator[str]:
    """A page of the bundled documents and of records by other publishers."""
    place = tmp_path_factory.mktemp("asking")
    home = Home(place / "home")
    home.path.mkdir()
    home.models.symlink_to(compiled_models, target_is_directory=True)
    records = [
        {
            "_id": f"ports-{year}",
            "title": f"Port report {year} <b>",
            "text": f"The harbour master of Port Lumen is {name}.",
            "date": f"{year}-05-01",
            "publisher": publisher,
        }
        for year, name, publisher in (
            (2019, "Ada Quill", "Port Office & Sons"),
            (2022, "Rosa Vega", "<i>Harbour Board</i>"),
        )
    ]
    (place / "ports.jsonl").write_bytes(json_lines(*records))
    home.add(place / "ports.jsonl")
    rebuild(home)
    with serving(home) as address:
        yield address


def answers(page: Page, count: int) -> None:
    expect(page.locator(".answer")).to_have_count(count)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_examples_of_the_corpus_are_shown_and_answered(served: str, page: Page):
    open_page(page, served)
    examples = page.locator("#examples .suggestion")
    expect(examples).to_have_count(4)
    question = examples.first.text_content()
    examples.first.press("Enter")
    answers(page, 1)
    expect(page.locator(".asked")).to_have_text(question)
    expect(page.locator("a.cite").first).to_be_visible()


def test_suggestions_follow_only_the_last_answer_and_are_answered(address: str, page: Page):
    open_page(page, address)
    ask(page, QUESTION)
    further = page.locator(".further .suggestion")
    expect(further.first).to_be_visible()
    assert 1 <= further.count() <= 3
    question = further.first.text_content()
    further.first.click()
    answers(page, 2)
    expect(page.locator(".asked").last).to_have_text(question)
    expect(page.locator(".answer").last.locator("a.cite").first).to_be_visible()
    expect(page.locator(".further").first.locator("button")).to_have_count(0)
    ask(page, UNANSWERABLE)
    answers(page, 3)
    expect(further).to_have_count(0)


def test_filters_narrow_are_shown_and_can_be_removed(served: str, page: Page):
    open_page(page, served)
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_label("From")).to_be_focused()
    page.get_by_label("From").fill("2020-01-01")
    page.locator("#filter-publisher").select_option("<i>Harbour Board</i>")
    page.locator("#filter-format").select_option("jsonl")
    page.keyboard.press("Escape")
    expect(page.locator("#filter-panel")).to_be_hidden()
    expect(page.get_by_role("button", name="Filter", exact=True)).to_be_focused()
    chips = page.locator(".filter-chip bdi")
    expect(chips).to_have_text(["From 2020-01-01", "<i>Harbour Board</i>", "JSON lines"])
    ask(page, "Who is the harbour master of Port Lumen?")
    answers(page, 1)
    expect(page.locator(".answer .quote")).to_have_count(1)
    expect(page.locator(".answer .quote")).to_contain_text("Rosa Vega")
    expect(page.locator(".within .limit")).to_have_text(
        ["since 1 January 2020", "by <i>Harbour Board</i>", "JSON lines"]
    )
    page.get_by_role("button", name="Remove filter: From 2020-01-01").click()
    page.get_by_role("button", name="Remove filter: <i>Harbour Board</i>").click()
    ask(page, "Who is the harbour master of Port Lumen?")
    answers(page, 2)
    expect(page.locator(".within").last.locator(".limit")).to_have_text(["JSON lines"])
    expect(page.locator(".answer").last).to_contain_text("Ada Quill")
    page.get_by_role("button", name="Remove filter: JSON lines").click()
    ask(page, QUESTION)
    answers(page, 3)
    expect(page.locator(".within")).to_have_count(2)


def test_a_document_is_found_by_its_title_and_searched_alone(served: str, page: Page):
    open_page(page, served)
    page.get_by_role("button", name="Filter", exact=True).press("Enter")
    page.get_by_label("Document", exact=True).fill("port <b> 2019")
    page.get_by_role("button", name="Port report 2019 <b>").press("Enter")
    expect(page.locator(".filter-chip bdi")).to_have_text("Port report 2019 <b>")
    page.get_by_role("button", name="Done").click()
    ask(page, "Who is the harbour master of Port Lumen?")
    answers(page, 1)
    expect(page.locator(".quote")).to_have_count(1)
    expect(page.locator(".quote")).to_contain_text("Ada Quill")
    expect(page.locator(".within .limit")).to_have_text("“Port report 2019 <b>”")


def test_only_this_document_is_searched_from_its_card_its_source_and_a_link(
    address: str, page: Page
):
    open_page(page, address)
    ask(page, QUESTION)
    page.locator(".answer a.only").first.click()
    chips = page.locator(".filter-chip bdi")
    expect(chips).to_have_text(re.compile("^Readout of the 11th"))
    ask(page, "What did Joshua Rusk announce?")
    answers(page, 2)
    expect(page.locator(".no-answer")).to_have_count(1)
    page.get_by_role("link", name="Search all documents").click()
    answers(page, 3)
    expect(page.locator(".answer").last).to_contain_text("interagency working group")
    expect(chips).to_have_count(0)
    page.locator("a.cite").last.click()
    page.locator("#source-only").click()
    expect(chips).to_have_text(re.compile("^Caribbean – U.S. Security Dialogue"))
    page.goto(f"{address}/#only?document={DEFENSE}")
    expect(chips).to_have_text(re.compile("^Readout of the 11th"))
    assert "#" not in page.url


def test_an_address_asks_its_question_once_and_follows_the_last(served: str, page: Page):
    question = "Who is the harbour master of Port Lumen?"
    page.goto(f"{served}{link_of(question, Filter(documents=frozenset({'ports-2022'})))}")
    answers(page, 1)
    expect(page.locator(".asked")).to_have_text(question)
    expect(page.locator(".quote")).to_contain_text("Rosa Vega")
    expect(page.locator(".filter-chip bdi")).to_have_text("Port report 2022 <b>")
    page.reload()
    answers(page, 1)
    expect(page.locator(".filter-chip")).to_have_count(1)
    ask(page, QUESTION)
    answers(page, 2)
    assert query(page) == {"q": [QUESTION], "document": ["ports-2022"]}
    page.reload()
    expect(page.locator(".filter-chip")).to_have_count(1)
    answers(page, 2)
    page.get_by_role("button", name="Clear conversation").click()
    expect(page.locator(".asked")).to_have_count(0)
    assert re.search(BARE, page.url)


def test_the_link_of_a_question_is_copied_with_its_filter(served: str, page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served)
    open_page(page, f"{served}/?since=2020-01-01")
    ask(page, "harbour & “sea”?")
    answers(page, 1)
    page.get_by_text("Copy link").click()
    expect(page.locator("#citing-status")).to_have_text("Copied: link to this question")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{served}/?q=")
    assert parse_qs(urlsplit(copied).query) == {"q": ["harbour & “sea”?"], "since": ["2020-01-01"]}


def test_a_filter_that_is_none_is_told(address: str, page: Page):
    page.goto(f"{address}/?q=Who%3F&since=yesterday&format=exe")
    expect(page.locator(".answer.told")).to_contain_text("the filter cannot be read")


def test_what_may_be_meant_asks_again(address: str, page: Page):
    open_page(page, address)
    ask(page, "Where is the crème forum?")
    meant = page.locator(".no-answer a.ask")
    expect(meant).to_have_text("Did you mean “crime”?")
    meant.press("Enter")
    expect(page.locator(".asked")).to_have_text(
        ["Where is the crème forum?", "Where is the crime forum?"]
    )
    answers(page, 2)


def test_a_conversation_is_saved_as_markdown_and_json(served: str, page: Page):
    open_page(page, f"{served}/?document=ports-2022")
    ask(page, "Who is the harbour master of Port Lumen?")
    answers(page, 1)
    ask(page, UNANSWERABLE)
    answers(page, 2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the conversation as Markdown").click()
    assert download.value.suggested_filename == "conversation.md"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "## Who is the harbour master of Port Lumen?" in text
    assert "> The harbour master of Port Lumen is Rosa Vega." in text
    assert f"<{served}/?q=Who+is+the+harbour+master" in text
    assert r"Port report 2022 \<b\>" in text
    assert "None of the question’s words stands in the documents." in text
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the conversation as JSON").click()
    saved = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    answered, refused = saved["exchanges"]
    assert answered["quotes"][0]["text"] == "The harbour master of Port Lumen is Rosa Vega."
    assert answered["quotes"][0]["document"]["id"] == "ports-2022"
    assert answered["within"] == "document=ports-2022"
    assert (answered["said"], refused["quotes"]) == (None, [])
    assert refused["said"].startswith("None of the question’s words")


def test_what_changed_since_is_told_in_an_export(served: str):
    place = {"document": "gone.txt", "start": 0, "end": 3, "check": "0" * 16}
    body = {"exchanges": [{"question": "Who?", "quotes": [place]}]}
    for kind in ("md", "json"):
        found = httpx.post(f"{served}/page/conversation?kind={kind}", json=body)
        assert found.status_code == 200
        assert "gone.txt: no such document" in found.text.replace("\\", "")


def test_answers_and_passages_are_judged_taken_back_and_exported(
    bundled_home: Home, page: Page, tmp_path: Path
):
    cited = Assistant.open(bundled_home).ask(QUESTION).citations[0]
    feedback = Feedback(bundled_home)

    def verdicts() -> list[str]:
        return [opinion.verdict for opinion in feedback.opinions()]

    with serving(bundled_home) as address:
        open_page(page, address)
        ask(page, QUESTION)
        good = page.get_by_role("button", name="Good answer").first
        bad = page.get_by_role("button", name="Bad answer").first
        good.click()
        expect(good).to_have_attribute("aria-pressed", "true")
        [opinion] = feedback.opinions()
        assert (opinion.question, opinion.generation) == (QUESTION, "000001")
        assert opinion.place.quote == cited.quote.text
        bad.focus()
        page.keyboard.press("Space")
        expect(bad).to_have_attribute("aria-pressed", "true")
        expect(good).to_have_attribute("aria-pressed", "false")
        assert verdicts() == ["down"]
        bad.click()
        expect(bad).to_have_attribute("aria-pressed", "false")
        assert verdicts() == []
        good.click()
        expect(good).to_have_attribute("aria-pressed", "true")
        ask(page, "What did Joshua Rusk announce?")
        answers(page, 2)
        wrong = page.locator(".answer").last.locator("a.wrong").first
        wrong.click()
        expect(wrong).to_have_attribute("aria-pressed", "true")
        expect(good).to_have_attribute("aria-pressed", "true")
        page.locator(".answer").last.locator("a.golden").first.click()
        expect(page.locator("a.golden.stored")).to_have_count(1)
        assert verdicts() == ["up", "right"]  # which takes the place of the wrong one
        ask(page, UNANSWERABLE)
        page.get_by_text("It should be answered").click()
        expect(page.locator("#citing-status")).to_contain_text("Thank you")
    target = tmp_path / "golden.jsonl"
    run = subprocess.run(
        [
            *(sys.executable, "-c", "from ui.cli import main; main()", "feedback", "--json"),
            *("--home", str(bundled_home.path), "--export", str(target)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [each["verdict"] for each in json.loads(run.stdout)["opinions"]] == [
        *("up", "right", "down")
    ]
    golden = load_golden(target)
    assert [each.question for each in golden] == [QUESTION, "What did Joshua Rusk announce?"]
    assert golden[0].answers[0].quote == cited.quote.text
    assert golden[1].turns == (QUESTION,)
    assert (tmp_path / "golden-wrong.jsonl").read_text(encoding="utf-8") == ""


def test_only_the_page_may_judge_and_only_what_was_shown(served: str):
    place = {"document": DEFENSE, "start": 0, "end": 9, "check": "0" * 16}
    said = {"verdict": "up", "question": QUESTION, "place": place}
    ours = {"X-Readout": "page"}
    with httpx.Client(base_url=served) as client:
        assert client.post("/page/feedback", json=said).status_code == 403
        assert client.post("/page/feedback", json=said, headers=ours).status_code == 404
        bare = said | {"place": None}
        assert client.post("/page/feedback", json=bare, headers=ours).status_code == 400
        odd = said | {"verdict": "right"}
        assert client.post("/page/feedback", json=odd, headers=ours).status_code == 422


def test_hostile_words_are_words_in_filters_suggestions_and_export(served: str, page: Page):
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    open_page(page, served)
    page.goto(f"{served}{link_of(HOSTILE, Filter(publishers=frozenset({HOSTILE})))}")
    answers(page, 1)
    expect(page.locator(".filter-chip bdi")).to_have_text(HOSTILE)
    expect(page.locator(".within .limit")).to_contain_text("<script>")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the conversation as Markdown").click()
    assert "<script>" not in Path(download.value.path()).read_text().replace("\\<", "")
    assert page.evaluate("window.canary") is None
    assert problems == []


@pytest.mark.parametrize("width", [1280, 390])
def test_filters_and_suggestions_fit_the_window(browser: Browser, served: str, width: int):
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = open_page(context.new_page(), f"{served}/?since=2018-01-01&document={DEFENSE}")
    page.locator("#filter-open").click()
    page.get_by_label("Document", exact=True).fill("report")
    expect(page.locator("#filter-found button").first).to_be_visible()
    panel = page.locator("#filter-panel").bounding_box()
    assert panel["y"] >= 0
    assert panel["x"] + panel["width"] <= width
    for button in page.locator("#narrowing button:visible").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    ask(page, QUESTION)
    answers(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.parametrize(
    "within",
    [
        Filter(),
        Filter(frozenset({"a & b", "c#d=e"}), since=None, publishers=frozenset({"<é>", "x+y z"})),
        filter_of("since=2020-01-01&until=2021-12-31&format=pdf&format=txt"),
    ],
)
def test_a_filter_survives_being_a_link(within: Filter):
    assert (filter_of(query_of(within)) or Filter()) == within


def test_what_is_no_filter_is_told_and_other_keys_are_passed_over():
    assert filter_of("") is None
    assert filter_of("q=Who&__theme=dark&since=") is None
    for wrong in ("since=2020-13-01", "format=exe", "a=1&" * 300, "x" * 9000):
        with pytest.raises(BadQuestion):
            filter_of(wrong)


def test_every_format_that_is_read_has_a_name():
    from corpus import detection

    read = {
        value
        for name, value in vars(detection).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str) and "/" in value
    }
    assert {each.media_type for each in FORMATS.values()} == read - {detection.ZIP}


def test_the_command_line_narrows_by_publisher_and_format(bundled_home: Home):
    def asked(*options: str) -> bool:
        run = subprocess.run(
            [
                *(sys.executable, "-c", "from ui.cli import main; main()", "ask", "--json"),
                *("--home", str(bundled_home.path), *options, QUESTION),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(run.stdout)["answered"]

    assert asked("--publisher", "U.S. Department of Defense", "--format", "txt")
    assert not asked("--format", "pdf")


def run_anew(work: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
    """Runs a coroutine in a thread of its own: Playwright has a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, work, *arguments).result()


def test_examples_are_those_of_the_index_that_serves(bundled_home: Home, tmp_path: Path):
    assistant = Assistant.open(bundled_home)
    suggestions = Suggestions(assistant, Line())
    assert run_anew(suggestions.examples, 0) == ()
    suggestions.start()
    try:
        assert len(run_anew(suggestions.examples, 60)) == 4
        note = tmp_path / "note.txt"
        note.write_text("The harbour master of Port Lumen is Ada Quill.\n", encoding="utf-8")
        bundled_home.add(note)
        rebuild(bundled_home)
        assistant.refresh()
        assert "Who is the harbour master of Port Lumen?" in run_anew(suggestions.examples, 60)
    finally:
        suggestions.stop()


def test_the_search_for_suggestions_makes_way_for_a_question(
    bundled_home: Home, monkeypatch: pytest.MonkeyPatch
):
    assistant = Assistant.open(bundled_home)
    suggestions = Suggestions(assistant, line := Line())
    assert suggestions.further([QUESTION], None, None) != ()
    answer = assistant.ask(QUESTION)

    def interrupted(*_: object, **__: object) -> Answer:
        run_anew(line.run, lambda: None)
        return answer

    monkeypatch.setattr(assistant, "ask", interrupted)
    assert suggestions.further([QUESTION], None, None) == ()
    assert suggestions.further([], None, None) == ()
