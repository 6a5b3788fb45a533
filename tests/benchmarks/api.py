"""Measures what HTTP adds to a question: asked in the process and over HTTP, by turns.

Run as ``python -m tests.benchmarks.api HOME``, with an index of the press releases. Both run
in one process, so what differs is the server, the thread and the JSON.
"""

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import uvicorn

from assistant import Assistant
from assistant.golden import load_golden
from index import Home
from tests.benchmarks import ROOT, record
from ui.contract import answer_json
from ui.web import create_app

_ROUNDS = 3


def main() -> None:
    home = Home(sys.argv[1])
    app, assistant = create_app(home), Assistant.open(home)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    questions = [
        entry.question for entry in load_golden(ROOT / "tests/questions/press-releases.jsonl")
    ]
    alone, over, own = [], [], []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for number, question in enumerate(questions[:10] + questions * _ROUNDS):
            ways: list[Callable[[], None]] = [
                lambda q=question: alone.append(timed(lambda: answer_json(assistant.ask(q)))[0]),
                lambda q=question: asked(client, q, over, own),
            ]
            for way in ways if number % 2 else reversed(ways):
                way()
    server.should_exit = True
    thread.join()
    alone, over, own = (times[10:] for times in (alone, over, own))
    added = [http - inside for http, inside in zip(over, own, strict=True)]
    paired = [http - inside for http, inside in zip(over, alone, strict=True)]
    figures = {
        "questions": len(alone),
        "in the process p50 ms": statistics.median(alone),
        "over HTTP p50 ms": statistics.median(over),
        "above the assistant's own time p50 ms": statistics.median(added),
        "above the assistant's own time p95 ms": statistics.quantiles(added, n=20)[-1],
        "above the same in the process p50 ms": statistics.median(paired),
    }
    record({"API": {name: round(value, 2) for name, value in figures.items()}})
    print(json.dumps(figures, indent=1))


def asked(client: httpx.Client, question: str, over: list[float], own: list[float]) -> None:
    """Asks over HTTP; notes how long that took, and how long of it the assistant."""
    milliseconds, response = timed(lambda: client.post("/api/ask", json={"question": question}))
    over.append(milliseconds)
    own.append(response.json()["milliseconds"])


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what the work returns."""
    started = time.perf_counter()
    found = work()
    return (time.perf_counter() - started) * 1000, found


if __name__ == "__main__":
    main()
