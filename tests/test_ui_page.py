"""The web chat as people meet it: a real server, a real index, a real browser."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browsing import HOSTILE, QUESTION, UNANSWERABLE, ask, open_page, serving
from builders import drawn, json_lines, pdf_of, write_files
from playwright.sync_api import Browser, Page, expect

from assistant import Assistant
from assistant.review import rebuild_and_review
from index import Home, NoIndex, rebuild
from ui import rebuilding as rebuilding_module
from ui.errors import AddressUnusable, PortInUse
from ui.web import check_port, create_app


def test_a_question_that_gradio_did_not_hear_is_asked_once_all_the_same(page: Page, address: str):
    open_page(page, address)
    page.evaluate(
        "document.querySelector('#question').addEventListener("
        "'keydown', (event) => event.stopPropagation(), { capture: true, once: true })"
    )
    ask(page, QUESTION)
    expect(page.locator(".answer")).to_have_count(1)
    ask(page, UNANSWERABLE)
    expect(page.locator(".no-answer")).to_have_count(1)
    expect(page.locator(".asked")).to_have_text([QUESTION, UNANSWERABLE])


def test_an_answer_opens_at_the_exact_sentence(bundled_home: Home, address: str, page: Page):
    expected = Assistant.open(bundled_home).ask(QUESTION).citations[0]
    open_page(page, address)
    ask(page, QUESTION)
    expect(page.locator(".answer .quote").first).to_contain_text(expected.quote.text)
    page.locator("a.cite").first.click()
    mark = page.locator("#source mark")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == expected.quote.text
    assert page.locator("#source-text").text_content() == expected.document.text
    expect(page.locator("#source-title")).to_have_text(expected.document.title)
    expect(page.locator("#source-about")).to_contain_text("published 20 November 2023")
    expect(page.locator("#source-about")).to_contain_text("event of 16 November 2023")
    expect(page.locator("#source-path")).to_have_text(expected.document.source)
    expect(page.locator("#source-state")).to_have_text("Verified just now against the original")


def test_everything_works_from_the_keyboard(address: str, page: Page):
    open_page(page, address)
    box = page.get_by_label("Question", exact=True)
    expect(box).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(box).to_have_value("")
    cite = page.locator("a.cite").first
    expect(cite).to_be_visible()
    cite.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(cite).to_be_focused()


def test_a_refusal_is_no_answer_and_its_passages_open(address: str, page: Page):
    open_page(page, address)
    ask(page, UNANSWERABLE)
    refusal = page.locator(".no-answer")
    expect(refusal).to_contain_text("No answer in these documents")
    expect(refusal.locator(".unknown")).to_contain_text("Zanzibar")
    expect(page.locator("a.cite")).to_have_count(0)
    refusal.locator("a.near").first.click()
    expect(page.locator("#source mark")).to_be_in_viewport()


def test_the_button_asks_and_so_do_the_examples(address: str, page: Page):
    open_page(page, address)
    example = page.locator("#chat .suggestion").first
    question = example.inner_text()
    example.click()
    expect(page.locator(".asked")).to_have_text(question)
    expect(page.locator(".answer a.cite").first).to_be_visible()
    page.get_by_label("Question", exact=True).fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer")).to_have_count(2)


def greetings(home_of) -> Home:
    """A home of two greetings that differ by year."""
    return home_of(
        {
            f"{year}.md": f"---\ntitle: Kiribati National Day\ndate: {year}-07-11\n---\n\n"
            f"The United States thanks the people of Kiribati for {what}.\n"
            for year, what in ((2021, "the care of the Pacific tuna"), (2022, "the new harbour"))
        }
    )


def test_dates_that_were_read_are_shown_and_can_be_removed_by_mouse_or_key(home_of, page: Page):
    question = "What does the United States thank Kiribati for since 2022 <b>?"
    with serving(greetings(home_of)) as address:
        open_page(page, address)
        ask(page, question)
        chip = page.locator(".answer .dates")
        expect(chip).to_have_text("Looked since 1 January 2022 since 2022 ×")
        expect(page.locator(".answer").first).not_to_contain_text("tuna")
        page.reload()
        page.get_by_role("button", name="Ask again without these dates").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".answer")).to_have_count(2)
        expect(page.locator(".asked")).to_have_text([question, question])
        expect(page.locator(".answer").last.locator(".dates")).to_have_count(0)
        ask(page, question)  # a question of its own is read again
        expect(page.locator(".answer").last.locator(".dates")).to_have_count(1)
        page.locator("a.undate").first.focus()
        page.keyboard.press("Space")
        expect(page.locator(".answer")).to_have_count(4)
        expect(page.locator(".answer").last.locator(".dates")).to_have_count(0)
        page.locator("a.undate").last.click()
        expect(page.locator(".answer")).to_have_count(5)


def test_questions_in_a_row_are_all_answered_once(address: str, page: Page):
    open_page(page, address)
    questions = [QUESTION, UNANSWERABLE, "What did Joshua Rusk announce?"]
    for question in questions:
        ask(page, question)
        page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(3)
    assert sorted(page.locator(".asked").all_text_contents()) == sorted(questions)


def test_errors_are_one_plain_line(address: str, page: Page):
    open_page(page, address)
    ask(page, "   ")
    ask(page, "why " * 25_000)
    told = page.locator(".answer.told")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("ask in at most 2,000")
    expect(page.locator(".asked")).to_have_count(1)
    expect(page.locator("body")).not_to_contain_text("Traceback")


def test_a_conversation_outlives_a_reload_until_it_is_cleared(address: str, page: Page):
    open_page(page, address)
    ask(page, QUESTION)
    expect(page.locator("a.cite").first).to_be_visible()
    page.reload()
    page.locator("a.cite").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear conversation").click()
    expect(page.locator(".asked")).to_have_count(0)
    page.reload()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator(".asked")).to_have_count(0)


def test_a_rebuild_while_asking(
    bundled_home: Home, tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch
):
    note = tmp_path / "note.txt"
    note.write_text("The harbour master of Port Lumen is Ada Quill.\n", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    shutil.move(note, tmp_path / "sub" / "note.txt")
    (tmp_path / "sub" / "broken.pdf").write_bytes(b"%PDF-1.4 not really")
    bundled_home.add(tmp_path / "sub")
    held = threading.Event()

    def held_rebuild(home: Home, encoder, on_progress, is_cancelled, decide):
        def hold(progress) -> None:
            on_progress(progress)
            if progress.stage == "encode":
                assert held.wait(60)

        return rebuild_and_review(home, encoder, hold, is_cancelled, decide)

    monkeypatch.setattr(rebuilding_module, "rebuild_and_review", held_rebuild)
    with serving(bundled_home) as address:
        open_page(page, address)
        page.get_by_role("button", name="Rebuild index").click()
        expect(page.locator("#stage")).to_have_text("Encoding new passages")
        expect(page.get_by_role("button", name="Rebuild index")).to_be_disabled()
        ask(page, QUESTION)
        expect(page.locator("a.cite").first).to_be_visible()
        ask(page, "Who is the harbour master of Port Lumen?")
        expect(page.locator(".no-answer")).to_have_count(1)
        held.set()
        expect(page.locator("#outcome")).to_contain_text("Index 000002: 3 documents")
        expect(page.locator("#problems")).to_contain_text("broken.pdf")
        expect(page.locator("#documents")).to_have_text("3 documents")
        ask(page, "Who is the harbour master of Port Lumen?")
        expect(page.locator(".answer .quote").last).to_contain_text("Ada Quill")
        page.get_by_role("button", name="Dismiss").click()
        expect(page.locator("#outcome")).to_be_hidden()


def test_a_pdf_is_cited_by_its_page_with_the_other_documents_that_say_the_same(
    bundled_home: Home, tmp_path: Path, page: Page
):
    sentence = "The lighthouse of Port Lumen is kept by Ada Quill, who took it over in spring."
    pages = [drawn(50, 500, "The harbour was busy."), drawn(40, 400, sentence, size=9)]
    write_files(
        tmp_path / "in",
        {
            "a.pdf": pdf_of(pages, info="/Title (Harbour report)"),
            "b.jsonl": json_lines(
                {
                    "_id": "b",
                    "title": "Again <b>and</b> again",
                    "text": f"The harbour was busy.\n\n{sentence}",
                }
            ),
            "c.png": b"\x89PNG\r\n",
        },
    )
    bundled_home.add(tmp_path / "in")
    rebuild(bundled_home)
    with serving(bundled_home) as address:
        open_page(page, address)
        ask(page, "Who keeps the lighthouse of Port Lumen?")
        expect(page.locator(".sources .place").first).to_have_text("page 2")
        page.get_by_text("also in 1 other document").click()
        expect(page.locator(".repeats li")).to_have_text("Again <b>and</b> again")
        page.locator("a.cite").first.click()
        expect(page.locator("mark")).to_have_text(sentence)
        expect(page.locator("#source-about")).to_contain_text("page 2")
        expect(page.locator("#source-state")).to_contain_text("Verified just now")

        page.get_by_role("button", name="1 problem").click()
        expect(page.locator("#problem-list li")).to_contain_text("c.png: a picture")
        page.get_by_role("button", name="Close", exact=True).last.click()
        expect(page.locator("#all-problems")).to_be_hidden()


def test_a_rebuild_can_be_cancelled(
    bundled_home: Home, tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch
):
    write_files(tmp_path, {"note.txt": "Ada Quill keeps the lighthouse."})
    bundled_home.add(tmp_path / "note.txt")
    held = threading.Event()

    def held_rebuild(home: Home, encoder, on_progress, is_cancelled, decide):
        def hold(progress) -> None:
            on_progress(progress)
            held.wait(60)

        return rebuild_and_review(home, encoder, hold, is_cancelled, decide)

    monkeypatch.setattr(rebuilding_module, "rebuild_and_review", held_rebuild)
    with serving(bundled_home) as address:
        open_page(page, address)
        page.get_by_role("button", name="Rebuild index").click()
        with page.expect_response(re.compile("/page/cancel")):
            page.get_by_role("button", name="Cancel").click()
        held.set()
        expect(page.locator("#outcome")).to_contain_text("Rebuild cancelled")
        expect(page.locator("#generation")).to_have_text("index 000001")


def test_before_a_switch_the_page_shows_which_golden_questions_change(
    bundled_home: Home, tmp_path: Path, page: Page
):
    question = "Who keeps the lighthouse of Port Lumen?"
    golden = json.dumps({"question": question, "answers": []})
    (bundled_home.path / "golden.jsonl").write_text(golden, encoding="utf-8")
    note = "Ada Quill keeps the lighthouse of Port Lumen <b>.\n"
    (tmp_path / "note.txt").write_text(note, encoding="utf-8")
    bundled_home.add(tmp_path / "note.txt")
    with serving(bundled_home, ask_first=True) as address:
        open_page(page, address)
        page.get_by_role("button", name="Rebuild index").click()
        expect(page.locator("#outcome")).to_contain_text("Switch to it?")
        expect(page.locator("#changed dt")).to_have_text(question)
        expect(page.locator("#changed dd").first).to_have_text("before: no answer")
        expect(page.locator("#changed dd").last).to_contain_text(note.strip())
        page.get_by_role("button", name="Keep the old index").click()
        expect(page.locator("#outcome")).to_contain_text("Rebuild cancelled")
        assert bundled_home.current() == "000001"
        page.get_by_role("button", name="Dismiss").click()

        page.get_by_role("button", name="Rebuild index").click()
        page.reload()  # whoever comes later is asked as well
        page.get_by_role("button", name="Switch", exact=True).click()
        expect(page.locator("#outcome")).to_contain_text("Index 000002: 3 documents")
        expect(page.locator("#golden")).to_contain_text("1 of 1 golden questions")
        expect(page.locator("#changed dt")).to_have_text(question)
        ask(page, question)
        expect(page.locator(".answer .quote")).to_contain_text("Ada Quill")


def test_a_switch_by_another_process_is_noticed(
    bundled_home: Home, address: str, tmp_path: Path, page: Page
):
    open_page(page, address)
    (tmp_path / "note.txt").write_text("Ada Quill keeps the lighthouse.\n", encoding="utf-8")
    bundled_home.add(tmp_path / "note.txt")
    rebuild(bundled_home)
    expect(page.locator("#documents")).to_have_text("3 documents")
    ask(page, "Who keeps the lighthouse?")
    expect(page.locator(".answer .quote")).to_contain_text("Ada Quill")


def test_a_broken_switch_is_told_and_the_old_index_answers(
    bundled_home: Home, address: str, page: Page
):
    open_page(page, address)
    bundled_home.switch_to("000009")
    expect(page.locator("#trouble")).to_contain_text("the one before answers")
    ask(page, QUESTION)
    expect(page.locator("a.cite").first).to_be_visible()


def test_a_source_that_changed_is_flagged(new_home: Home, tmp_path: Path, page: Page):
    note = tmp_path / "note.txt"
    note.write_text("Ada Quill keeps the lighthouse.\n", encoding="utf-8")
    new_home.add(note)
    rebuild(new_home)
    with serving(new_home) as address:
        open_page(page, address)
        ask(page, "Who keeps the lighthouse?")
        expect(page.locator(".sources")).to_contain_text("verified")
        note.write_text("Somebody else keeps the lighthouse.\n", encoding="utf-8")
        page.locator("a.cite").first.click()
        expect(page.locator("#source-state")).to_have_text("source changed since it was read")
        ask(page, "Who keeps the lighthouse?")
        expect(page.locator(".sources .changed")).to_be_visible()
        rebuild(new_home)
        expect(page.locator("#generation")).to_have_text("index 000002")
        page.locator("a.cite").first.click()
        expect(page.locator("#source-about")).to_contain_text("its text has changed")
        expect(page.locator("#source mark")).to_have_count(0)


def test_hostile_text_runs_nothing(new_home: Home, tmp_path: Path, page: Page):
    text = f"The lighthouse keeper writes {HOSTILE} on every wall.\n"
    (tmp_path / "hostile.txt").write_text(text, encoding="utf-8")
    new_home.add(tmp_path / "hostile.txt")
    rebuild(new_home)
    with serving(new_home) as address:
        open_page(page, address)
        ask(page, HOSTILE)
        expect(page.locator(".answer")).to_have_count(1)
        assert page.locator(".asked").text_content() == " ".join(HOSTILE.split())
        ask(page, "What does the lighthouse keeper write on every wall?")
        expect(page.locator(".answer")).to_have_count(2)
        page.locator("a.cite").last.click()
        expect(page.locator("#source mark")).to_be_visible()
        assert page.locator("#source-text").text_content() == text
        page.reload()
        expect(page.locator(".answer")).to_have_count(2)
        assert page.evaluate("window.canary") is None


def test_a_long_text_comes_in_windows(new_home: Home, tmp_path: Path, page: Page):
    filler = "".join(f"Line {number} 😀 says nothing much.\n" for number in range(1500))
    text = f"{filler}\nAda Quill keeps the lighthouse of Port Lumen.\n\n{filler}"
    (tmp_path / "long.txt").write_text(text, encoding="utf-8")
    new_home.add(tmp_path / "long.txt")
    new_home.remove(Path("bundled"))
    rebuild(new_home)
    quote = Assistant.open(new_home).ask("Who keeps the lighthouse?").citations[0].quote
    with serving(new_home) as address:
        open_page(page, address)
        ask(page, "Who keeps the lighthouse?")
        page.locator("a.cite").first.click()
        mark = page.locator("#source mark")
        expect(mark).to_be_in_viewport()
        assert mark.text_content() == quote.text
        shown = page.locator("#source-text")
        window = text[quote.start - 10_000 : quote.end + 10_000]
        assert shown.text_content() == window
        for button in (page.locator("#more-before"), page.locator("#more-after")):
            for _ in range(200):
                if not button.is_visible():
                    break
                button.evaluate("(button) => button.click()")
                page.wait_for_timeout(50)
        expect(shown).to_have_text(text, use_inner_text=False)
        assert shown.text_content() == text
        assert mark.text_content() == quote.text


@pytest.mark.parametrize("width", [1400, 900, 390])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int):
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = open_page(context.new_page(), address)

    def fits() -> bool:
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert fits()
    ask(page, QUESTION)
    ask(page, f"What is {'x' * 300}?")
    expect(page.locator(".answer")).to_have_count(2)
    assert fits()
    page.locator("a.cite").first.click()
    expect(page.locator("#source mark")).to_be_in_viewport()
    assert fits()
    context.close()


def test_no_request_leaves_the_machine(address: str, page: Page):
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    open_page(page, address)
    ask(page, QUESTION)
    page.locator("a.cite").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    assert hosts == {"127.0.0.1"}
    assert problems == []


def test_the_guards_at_the_door(address: str):
    with httpx.Client(base_url=address) as client:
        health = client.get("/healthz")
        assert health.json() == {"status": "ok", "generation": "000001"}
        assert "frame-ancestors 'none'" in health.headers["Content-Security-Policy"]
        assert health.headers["X-Content-Type-Options"] == "nosniff"
        assert health.headers["Referrer-Policy"] == "same-origin"
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
        elsewhere = client.get("/healthz", headers={"Origin": "http://evil.example"})
        assert "Access-Control-Allow-Origin" not in elsewhere.headers
        assert client.post("/page/rebuild").status_code == 403
        assert client.post("/page/cancel").status_code == 403
        place = {"document": "nowhere.txt", "start": 0, "end": 1, "check": ""}
        missing = client.get("/page/source", params=place)
        assert missing.status_code == 404
        assert "nowhere.txt" in missing.json()["error"]


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/upload/"])
def test_no_file_can_be_uploaded(address: str, path: str):
    files = {"files": ("note.txt", b"Rosa Vega won the regatta.")}
    refused = httpx.post(f"{address}{path}", files=files, follow_redirects=True)
    assert refused.status_code == 404
    assert "nothing is there" in refused.text


def test_without_an_index_there_is_no_page(tmp_path: Path):
    with pytest.raises(NoIndex):
        create_app(Home(tmp_path))


def test_serve_says_where_it_is_and_ends_quietly(bundled_home: Home, tmp_path: Path, page: Page):
    program = (
        "import sys; from index import Home; from ui.web import serve;"
        " serve(Home(sys.argv[1]), port=0)"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(bundled_home.path)],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert address, line
        assert httpx.get(f"{address[0]}/healthz").status_code == 200
        with pytest.raises(PortInUse, match=f"127.0.0.1:{address[1]}: the port is in use"):
            check_port("127.0.0.1", int(address[1]))
        open_page(page, address[0])  # an open page must not keep it from ending
    finally:
        process.send_signal(2)  # as Ctrl-C does
        rest, _ = process.communicate(timeout=30)
    assert rest == ""
    assert process.returncode == 0
    assert list(elsewhere.iterdir()) == []


def test_an_address_of_another_machine_is_told():
    with pytest.raises(AddressUnusable, match="choose another"):
        check_port("192.0.2.1", 7860)


def test_a_damaged_index_is_told_and_the_one_before_answers(bundled_home: Home, tmp_path: Path):
    note = tmp_path / "note.txt"
    note.write_text("Rosa Vega won the regatta in Gros Islet.")
    bundled_home.add(note)
    rebuild(bundled_home)
    broken = bundled_home.generations / "000002" / "vectors.faiss"
    broken.write_bytes(broken.read_bytes()[:-1])

    with serving(bundled_home) as address:
        deadline = threading.Event()
        for _ in range(100):
            state = httpx.get(f"{address}/page/state").json()
            if state["problem"]:
                break
            deadline.wait(0.1)

    assert state["generation"] == "000001"
    assert "vectors.faiss" in state["problem"]


def test_an_answer_that_is_not_sure_enough_is_refused_until_less_is_asked(page, address):
    open_page(page, address)
    ask(page, QUESTION)
    expect(page.locator("#chat a.cite").first).to_be_visible()
    slider = page.get_by_label("Answer if at least")
    slider.fill("0.95")
    expect(page.locator("#sure-shown")).to_have_text("95%")
    ask(page, QUESTION)
    expect(page.locator("#chat .no-answer")).to_contain_text("95% is required")

    page.reload()
    expect(page.locator("#sure-shown")).to_have_text("95%")
    slider.fill("0")
    ask(page, "What is the best recipe for bread rolls with garlic?")
    expect(page.locator("#chat .answer").last.locator("a.cite").first).to_be_visible()


def test_the_slider_is_moved_by_keys_and_says_what_it_stands_at(page, address):
    open_page(page, address)
    ask(page, QUESTION)
    slider = page.get_by_label("Answer if at least")
    expect(slider).to_be_visible()
    before = float(slider.input_value())
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert float(slider.input_value()) > before
    expect(page.locator("#sure-shown")).to_have_text(f"{float(slider.input_value()):.0%}")
