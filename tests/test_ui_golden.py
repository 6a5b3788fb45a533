"""Golden questions are collected in the page with one click, and can be taken back."""

import json
import re

import httpx
from browsing import QUESTION, UNANSWERABLE, ask, open_page, serving
from playwright.sync_api import Page, expect

from assistant import Assistant
from assistant.evaluation import evaluate_golden
from assistant.golden import GOLDEN, GoldenQuestion, QuotedPlace, load_golden
from index import Home, rebuild

STORED = "✓ Stored as a golden question – undo"


def test_a_citation_becomes_a_golden_question_and_can_be_taken_back(bundled_home: Home, page: Page):
    cited = Assistant.open(bundled_home).ask(QUESTION).citations[0]
    golden = bundled_home.path / GOLDEN
    with serving(bundled_home) as address:
        open_page(page, address)
        ask(page, QUESTION)
        right = page.locator(".answer .quote a.golden").first
        expect(right).to_have_text("This is the right passage")
        right.click()
        expect(right).to_have_text(STORED)
        expect(right).to_have_attribute("aria-pressed", "true")

        document, quote = cited.document, cited.quote
        answer = QuotedPlace(document.id, quote.start, quote.end, quote.text, document.sha256)
        assert load_golden(golden) == [GoldenQuestion(QUESTION, (answer,))]
        with Assistant.open(bundled_home) as assistant:
            assert evaluate_golden(assistant, load_golden(golden)).outcomes[0].quote_rank == 1

        ask(page, UNANSWERABLE)  # Gradio redraws the answers
        expect(page.locator(".no-answer")).to_be_visible()
        expect(right).to_have_text(STORED)
        right.focus()
        page.keyboard.press("Space")
        expect(right).to_have_text("This is the right passage")
        assert not golden.exists()


def test_a_refusal_is_confirmed_or_set_right_after_the_turns_before_it(
    bundled_home: Home, page: Page
):
    golden = bundled_home.path / GOLDEN
    with serving(bundled_home) as address:
        open_page(page, address)
        ask(page, QUESTION)
        expect(page.locator(".answer")).to_have_count(1)
        ask(page, UNANSWERABLE)
        refusal = page.locator(".no-answer")
        nothing = refusal.get_by_text("Nothing here answers this")
        nothing.click()
        expect(refusal.locator("a.golden.stored")).to_have_text(STORED)
        assert load_golden(golden) == [GoldenQuestion(UNANSWERABLE, (), turns=(QUESTION,))]

        near = refusal.locator(".nearest a.golden").first
        near.click()  # which contradicts it
        expect(near).to_have_text(re.compile("^Not stored: you said that nothing here answers"))
        refusal.locator("a.golden.stored").click()
        expect(refusal.locator("a.golden.stored")).to_have_count(0)
        near.click()
        expect(near).to_have_text(STORED)
        [stored] = load_golden(golden)
        nearest = Assistant.open(bundled_home).ask(UNANSWERABLE).nearest[0]
        [answer] = stored.answers
        assert isinstance(answer, QuotedPlace)
        assert (answer.start, answer.end) == (nearest.passage.start, nearest.passage.end)
        assert answer.quote == nearest.passage_text


def test_a_question_of_hostile_words_is_stored_as_it_was_typed(bundled_home: Home, page: Page):
    hostile = 'Who <img src=x onerror="window.canary=1"> said "{{canary}}" & \\n in Zanzibar?'
    with serving(bundled_home) as address:
        open_page(page, address)
        ask(page, hostile)
        page.get_by_text("Nothing here answers this").click()
        expect(page.locator("a.golden.stored")).to_be_visible()
        assert page.evaluate("window.canary") is None
    assert load_golden(bundled_home.path / GOLDEN) == [GoldenQuestion(hostile, ())]


def test_the_route_takes_only_what_the_page_sends(bundled_home: Home):
    place = {"document": "003_e53a6ec5a1052dec.txt", "start": 0, "end": 9, "check": "0" * 16}
    found = {"question": QUESTION, "turns": [], "place": place}
    page = {"X-Readout": "page"}
    with serving(bundled_home) as address, httpx.Client(base_url=address) as client:
        assert client.post("/page/golden", json=found).status_code == 403
        changed = client.post("/page/golden", json=found, headers=page)
        gone = client.post(
            "/page/golden", json=found | {"place": place | {"document": "x"}}, headers=page
        )
        empty = client.post("/page/golden", json={"question": " "}, headers=page)
        more = client.post("/page/golden", json=found | {"path": "/"}, headers=page)
    assert (changed.status_code, gone.status_code) == (404, 404)
    assert "has changed" in changed.json()["error"]
    assert empty.json() == {"error": "the question is empty; type what you want to know"}
    assert more.status_code == 422
    assert not (bundled_home.path / GOLDEN).exists()


def test_what_was_collected_is_measured_after_the_document_was_edited(home_of, page: Page):
    home = home_of({"sea.txt": "The harbour master of Port Lumen is Ada Quill."})
    question = "Who is the harbour master of Port Lumen?"
    with serving(home) as address:
        open_page(page, address)
        ask(page, question)
        page.get_by_text("This is the right passage").first.click()
        expect(page.locator("a.golden.stored")).to_be_visible()
    edited = home.path.parent / "documents" / "sea.txt"
    edited.write_text(f"The coast guard patrols.\n\n{edited.read_text()}", encoding="utf-8")
    rebuild(home)
    stored = json.loads((home.path / GOLDEN).read_text(encoding="utf-8"))
    assert stored["answers"][0]["start"] == 0
    with Assistant.open(home) as assistant:
        [outcome] = evaluate_golden(assistant, load_golden(home.path / GOLDEN)).outcomes
    assert outcome.right
