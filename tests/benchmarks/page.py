"""How long people wait for the page: until it can be used, and from Enter to the answer.

Run it as ``python -m tests.benchmarks.page HOME``, on a home that is not otherwise in use; it asks
questions of ``tests/questions/press-releases.jsonl``. It needs a Chromium, as the screenshots do.
"""

import json
import os
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from index import Home
from tests.benchmarks import record
from tests.benchmarks.screenshots import served

QUESTIONS = Path(__file__).parent.parent / "questions" / "press-releases.jsonl"

# Questions asked of a page, and pages opened.
_ASKED, _OPENED = 40, 8

# Milliseconds of rest after each, in which suggestions are looked for.
_PAUSE = 1500

# Resolves to the milliseconds from the next Enter until an answer more is drawn, by the page's own
# clock.
_WAIT = """() => {
  const count = () => document.querySelectorAll("#chat .answer").length;
  const before = count();
  let started;
  const start = () => { started = performance.now(); };
  addEventListener("keydown", start, { capture: true, once: true });
  window.waited = new Promise((done) => (function look() {
    if (count() > before) requestAnimationFrame(() => done(performance.now() - started));
    else setTimeout(look, 1);
  })());
}"""


def main() -> None:
    home = Home(Path(sys.argv[1]))
    chromium = os.environ.get("READOUT_CHROMIUM") or shutil.which("chromium")
    questions = [json.loads(line)["question"] for line in QUESTIONS.open(encoding="utf-8")]
    with served(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opening = [opened(browser, address) for _ in range(_OPENED)][1:]  # the first is cold
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        ready(page, address)
        page.wait_for_timeout(8000)  # examples are looked for at the start
        waited(page, questions[-1])
        waits = []
        for question in questions[:_ASKED]:
            # A long conversation takes longer to draw; each of these is the first of its own.
            page.get_by_role("button", name="Clear conversation").click()
            expect(page.locator("#chat .answer")).to_have_count(0)
            waits.append(waited(page, question))
            page.wait_for_timeout(_PAUSE)
        browser.close()
    figures = {
        "interactive s": round(statistics.median(opening), 2),
        "answer p50 ms": round(statistics.median(waits)),
        "answer p95 ms": round(sorted(waits)[int(0.95 * len(waits))]),
    }
    record({"page": figures})
    print(figures)


def waited(page: Page, question: str) -> float:
    """Asks a question; returns the milliseconds from the Enter until its answer is drawn."""
    box = page.get_by_label("Question", exact=True)
    box.fill(question)
    page.evaluate(_WAIT)
    box.press("Enter")
    milliseconds: float = page.evaluate("window.waited")
    return milliseconds


def opened(browser: Browser, address: str) -> float:
    """Opens the page in a window of its own; returns the seconds until a question can be asked."""
    context = browser.new_context()
    page = context.new_page()
    ready(page, address)
    seconds = page.evaluate("performance.now()") / 1000
    context.close()
    return seconds


def ready(page: Page, address: str) -> None:
    """Opens the page and waits until it takes a question."""
    page.goto(address)
    page.wait_for_function("document.querySelector('#question textarea') && window.readout?.next")


if __name__ == "__main__":
    main()
