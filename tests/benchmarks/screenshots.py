"""Takes the pictures of the web chat that the README shows.

Run it as ``python -m tests.benchmarks.screenshots OUT_FOLDER``: it builds a fresh home with the
bundled documents, serves it, and writes wide.png, phone.png, dark.png, refusal.png, library.png,
rebuild.png and the animated tour.webp. It needs a Chromium: the one on the PATH, or the one that
READOUT_CHROMIUM names.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from index import Home, rebuild

QUESTION = "Which countries are the thirteen CBSI countries?"
UNANSWERABLE = "What is the price of gold in Zanzibar?"

_SERVE = (
    "import sys; from index import Home; from ui.web import serve; serve(Home(sys.argv[1]), port=0)"
)

# A rebuild of two documents is over before a camera sees it; this is what a large one reports.
_REBUILD_UNDER_WAY = {
    "generation": "000001",
    "documents": 2,
    "passages": 6,
    "problems": 0,
    "problem": None,
    "run": 1,
    "rebuild": {
        "is": "running",
        "stage": "Encoding new passages",
        "done": 41_216,
        "total": 96_480,
        "rate": 812.0,
        "seconds_left": 68.1,
    },
}


@contextmanager
def served(home: Home) -> Iterator[str]:
    """Serves a home in a process of its own; yields the page's address."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", _SERVE, str(home.path)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().split()[3]
    finally:
        process.terminate()
        process.wait()


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1400, height: int = 900, scheme: str = "light"
) -> Iterator[Page]:
    """Opens the page in a window of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        device_scale_factor=2 if width < 500 else 1,
    )
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#generation")).to_contain_text("index")
    yield page
    context.close()


def ask(page: Page, question: str) -> None:
    """Asks a question and waits for its answer."""
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".asked").last).to_have_text(question)
    expect(page.locator(".message-row").last.locator(".answer")).to_be_visible()


def open_source(page: Page) -> None:
    """Opens the source of the first quote."""
    page.locator("a.cite").first.click()
    expect(page.locator("#source mark")).to_be_in_viewport()


def take(browser: Browser, address: str, folder: Path) -> None:
    """Writes the pictures."""
    with opened(browser, address) as page:
        ask(page, QUESTION)
        open_source(page)
        page.screenshot(path=folder / "wide.png")
    with opened(browser, address, scheme="dark") as page:
        ask(page, QUESTION)
        open_source(page)
        page.screenshot(path=folder / "dark.png")
    with opened(browser, address, width=390, height=844) as page:
        ask(page, QUESTION)
        page.screenshot(path=folder / "phone.png")
    with opened(browser, address) as page:
        ask(page, UNANSWERABLE)
        page.screenshot(path=folder / "refusal.png")
    with opened(browser, address) as page:
        open_library(page)
        page.screenshot(path=folder / "library.png")
    with opened(browser, address) as page:
        ask(page, QUESTION)
        page.route("**/page/state*", lambda route: route.fulfill(json=_REBUILD_UNDER_WAY))
        expect(page.locator("#stage")).to_be_visible()
        page.screenshot(path=folder / "rebuild.png")


def tour(browser: Browser, address: str, path: Path) -> None:
    """Writes an animated picture: a question, its answer, its source, a refusal, the library."""
    frames: list[tuple[Image.Image, int]] = []
    with opened(browser, address, width=1100, height=720) as page:

        def shown(milliseconds: int) -> None:
            frames.append((Image.open(io.BytesIO(page.screenshot())), milliseconds))

        expect(page.locator("#chat .suggestion").first).to_be_visible()
        shown(1500)
        box = page.get_by_label("Question", exact=True)
        for end in range(12, len(QUESTION) + 12, 12):
            box.fill(QUESTION[:end])
            shown(180)
        ask(page, QUESTION)
        shown(2500)
        open_source(page)
        shown(2500)
        page.keyboard.press("Escape")
        ask(page, UNANSWERABLE)
        shown(2500)
        open_library(page)
        shown(2500)
    pictures, milliseconds = zip(*frames, strict=True)
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0, quality=80
    )


def open_library(page: Page) -> None:
    """Opens the library at its table."""
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("a.open-document").first).to_be_visible()


def main() -> None:
    """Reads the command line and takes the pictures."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.benchmarks.screenshots OUT_FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("READOUT_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as scratch:
        home = Home(Path(scratch) / "home")
        rebuild(home)
        with served(home) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            take(browser, address, folder)
            tour(browser, address, folder / "tour.webp")
            browser.close()
    print("\n".join(str(path) for path in sorted(folder.iterdir())))


if __name__ == "__main__":
    main()
