"""A server or a build that is told to end: questions are finished, and a build goes on later."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from index import Generation, Home, rebuild, verify

READOUT = Path(sys.executable).with_name("readout")
QUESTIONS = ("Who co-chaired the 11th dialogue?", "What is the price of gold in Zanzibar?")

# Seconds within which a server ends, on a machine that is busy with other tests.
BOUND_S = 60

# Seconds by which a request has reached the server.
REACHED_S = 0.2


class Server:
    """A real ``readout serve``."""

    def __init__(self, home: Home) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.process = subprocess.Popen(
            [READOUT, "serve", "--home", home.path, "--port", self.address.rpartition(":")[2]],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.get("/healthz")
            except OSError:
                time.sleep(0.2)
            else:
                return
        self.process.kill()
        pytest.fail(f"the server did not start: {self.process.communicate()[0]}")

    def get(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, headers)
        with urllib.request.urlopen(request, timeout=BOUND_S) as found:
            return json.load(found)

    def ask(self, question: str) -> Any:
        answer = self.get("/api/ask", {"question": question})
        return answer | {"milliseconds": None}

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Tells it to end; returns its status and all that it printed."""
        self.process.send_signal(how)
        try:
            output, _ = self.process.communicate(timeout=BOUND_S)
        finally:
            self.process.kill()
        return self.process.returncode, output


def many_documents(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        text = f"Report {number}. " + f"Item {number} was seen. " * 25
        (folder / f"{number}.txt").write_text(text)
    return folder


def test_a_server_told_to_end_finishes_its_questions_and_stops_its_build(
    bundled_home: Home, tmp_path: Path
):
    server = Server(bundled_home)
    expected = {question: server.ask(question) for question in QUESTIONS}
    bundled_home.add(many_documents(tmp_path / "many", 600))
    signalled = float("inf")
    answered: list[tuple[float, bool]] = []
    failed: list[tuple[float, Exception]] = []

    def ask(number: int) -> None:
        question = QUESTIONS[number % 2]
        while True:
            begun = time.monotonic()
            try:
                right = server.ask(question) == expected[question]
            except (OSError, ValueError) as error:
                failed.append((begun, error))
                return
            answered.append((time.monotonic(), right))

    server.get("/api/rebuild", {})
    while server.get("/api/rebuild").get("progress", {}).get("stage") != "encode":
        time.sleep(0.1)
    askers = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for asker in askers:
        asker.start()
    while len(answered) < len(askers):
        time.sleep(0.05)
    signalled = time.monotonic()
    status, output = server.end(signal.SIGTERM)
    for asker in askers:
        asker.join()

    assert (status, "Traceback" in output) == (0, False), output
    assert all(right for _, right in answered)
    # None that had reached the server is cut; those that came later found nobody.
    assert not [error for begun, error in failed if begun < signalled - REACHED_S]
    assert any(ended > signalled for ended, _ in answered)
    assert Generation.serving(bundled_home).name == "000001"
    assert all(entry.fault is None for entry in verify(bundled_home))
    report = rebuild(bundled_home)
    assert 0 < report.encoded < report.passages - 6
