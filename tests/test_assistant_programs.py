"""What programs rely on: many threads, nothing printed, nothing changed for the whole process."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

from assistant import Answer, Assistant
from index import Home, rebuild

ROOT = Path(__file__).parent.parent
QUESTIONS = (
    "Who won the regatta?",
    "When did the harbour open?",
    "Which ferry sails to Soufrière?",
    "What did the minister say about firearms?",
    "How many boats sank?",
    "Who paid for the lighthouse?",
    "What is the price of gold in Zanzibar?",
    "What happened in May 2022?",
)
TEXTS = {
    "a.txt": "Rosa Vega won the regatta in Gros Islet. Nine boats sank that day.",
    "b.txt": "The harbour of Castries opened in May 2022. The ferry Iris sails to Soufrière.",
    "c.txt": "The minister said that firearms must be traced. The bank paid for the lighthouse.",
}


def untimed(answer: Answer) -> Answer:
    return replace(answer, milliseconds=0.0)


def test_many_threads_get_what_each_would_get_alone_while_the_index_changes(
    home_of: Callable[[dict[str, str]], Home], tmp_path: Path
):
    home = home_of(TEXTS)
    shared = Assistant.open(home)
    alone = {shared.generation.name: Assistant.open(home)}
    ended = threading.Event()
    asked: list[Answer] = []

    def ask(first: int) -> None:
        for at in count(first):
            is_last = ended.is_set()
            asked.append(shared.ask(QUESTIONS[at % len(QUESTIONS)], threshold=0.2))
            if is_last:
                return

    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(ask, first) for first in range(8)]
        try:
            for number in range(2):
                news = f"News {number}: Rosa Vega won the regatta again, and the harbour closed."
                (tmp_path / "documents" / f"new{number}.txt").write_text(news)
                report = rebuild(home)
                alone[report.generation] = Assistant.open(home)
                assert shared.refresh()
        finally:
            ended.set()
        for each in running:
            each.result()

    expected = {
        (name, question): untimed(assistant.ask(question, threshold=0.2))
        for name, assistant in alone.items()
        for question in QUESTIONS
    }
    assert {answer.generation for answer in asked} == alone.keys()
    assert {answer.abstained for answer in asked} == {True, False}
    for answer in asked:
        assert untimed(answer) == expected[answer.generation, answer.question]


# All that a program does, between two looks at what belongs to the whole process.
PROGRAM = """
import gc, locale, logging, os, signal, socket, sys, tempfile, threading, time, warnings

import numpy  # sets filters of warnings


def look():
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "signals": {each: signal.getsignal(each) for each in signal.valid_signals()},
        "logging": (logging.root.level, list(logging.root.handlers), logging.raiseExceptions),
        "warnings": list(warnings.filters),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "locale": locale.setlocale(locale.LC_ALL),
        "timeout": socket.getdefaulttimeout(),
        "temporary": tempfile.gettempdir(),
        "recursion": sys.getrecursionlimit(),
    }


def use(folder, documents):
    from assistant import Assistant
    from index import Home, rebuild

    home = Home(folder)
    home.add(documents)
    home.remove("bundled")
    steps = []
    rebuild(home, on_progress=steps.append)
    assert steps
    with Assistant.open(home) as assistant:
        assert assistant.ask("Who won the regatta?", threshold=0).citations
        assert assistant.search("regatta")
        assert list(assistant.documents())
        home.add("bundled")
        rebuild(home)
        assert assistant.refresh()
        assert assistant.ask("What is the price of gold in Zanzibar?").abstained


before = look()
use(*sys.argv[1:])
after = look()
for name, value in before.items():
    assert after[name] == value, (name, value, after[name])
gc.collect()
ends = time.monotonic() + 10
# Threads end with what they work for, but for those of the reader that all assistants share.
while {thread.name.partition("_")[0] for thread in threading.enumerate()} > {"MainThread", "read"}:
    assert time.monotonic() < ends, threading.enumerate()
    time.sleep(0.01)
"""


def test_nothing_is_printed_and_nothing_is_changed_for_the_whole_process(
    new_home: Home, tmp_path: Path
):
    documents = tmp_path / "in"
    documents.mkdir()
    (documents / "a.txt").write_text(TEXTS["a.txt"])
    (documents / "b.html").write_text("<h1>News</h1><p>The harbour opened.</p>")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.7\nno more")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, new_home.path, documents],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.stderr == ""
    assert run.stdout == ""
    assert run.returncode == 0


def test_every_package_says_that_it_is_typed():
    for package in ("corpus", "index", "assistant", "ui"):
        assert (ROOT / package / "py.typed").exists()
