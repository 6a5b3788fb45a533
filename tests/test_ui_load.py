"""Many ask at once: nobody gets a wrong answer, too many are told, and nothing is held for ever."""

import asyncio
import gc
import json
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import anyio
import httpx
import pytest
from browsing import QUESTION, UNANSWERABLE, serving
from mcp import Client

from assistant import Answer, Assistant
from index import Home, rebuild
from tests.benchmarks.askers import Asker, Outcome, PageAsker, ask_until
from tests.benchmarks.load import is_right
from tests.benchmarks.soak import verdict
from ui.api.metrics import CountingAssistant
from ui.errors import Busy
from ui.line import Line
from ui.writing.chatmodel import ChatModel

QUESTIONS = [QUESTION, UNANSWERABLE, "When did the 11th dialogue take place?", "firearms"]
NOTE = "The harbour master of Port Lumen is Ada Quill.\n"

# Those who ask in `test_many_who_ask_…`, and for how many seconds.
ASKERS, SECONDS = 8, 2


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_many_who_ask_during_rebuilds_get_the_answers_given_alone(
    bundled_home: Home, tmp_path: Path
):
    # It stays on the disk: of an index that has it, it can be verified whenever that answers.
    note = tmp_path / "note.txt"
    note.write_text(NOTE)
    rebuild(bundled_home)

    async def all_of_it(address: str) -> None:
        async def rebuilt(state: int) -> str:
            change = bundled_home.add if state else bundled_home.remove
            await asyncio.to_thread(change, note)
            await client.post("/api/rebuild", headers={"X-Readout": "1"})
            while (standing := (await client.get("/api/rebuild")).json())["state"] == "running":
                await asyncio.sleep(0.02)
            return standing["report"]["generation"]

        async def asked_alone(state: int) -> None:
            async with asking([Asker(address), PageAsker(address)]) as askers:
                for asker in askers:
                    for question in QUESTIONS:
                        outcome = await asker.ask(question)
                        assert outcome.came == "answer"
                        alone.setdefault((asker.way, question), {})[state] = outcome.digest

        async def rebuilds() -> None:
            for state in (1, 0):
                states[await rebuilt(state)] = state

        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            alone: dict[tuple[str, str], dict[int, str]] = {}
            states = {bundled_home.current(): 0}
            await asked_alone(0)
            states[await rebuilt(1)] = 1
            await asked_alone(1)
            states[await rebuilt(0)] = 0
            outcomes: list[list[Outcome]] = [[] for _ in range(ASKERS)]
            async with asking(
                [(PageAsker if n % 2 else Asker)(address) for n in range(ASKERS)]
            ) as askers:
                end = time.monotonic() + SECONDS
                await asyncio.gather(
                    rebuilds(),
                    *(
                        ask_until(asker, QUESTIONS, n, end, outcomes[n])
                        for n, asker in enumerate(askers)
                    ),
                )
            for asker, found in zip(askers, outcomes, strict=True):
                assert found, "somebody was never answered"
                for outcome in found:
                    assert outcome.came == "answer"
                    assert is_right(asker.way, outcome, alone, states)
            # What is compared does differ from question to question.
            assert len({digests[0] for digests in alone.values()}) == len(alone)
            assert len(states) == 5

    with serving(bundled_home) as address:
        asyncio.run(all_of_it(address))


class asking(AbstractAsyncContextManager[list[Asker]]):  # noqa: N801 (reads as a function)
    """Those who ask, until the block ends."""

    def __init__(self, askers: list[Asker]) -> None:
        self.askers = askers

    async def __aenter__(self) -> list[Asker]:
        return self.askers

    async def __aexit__(self, *_: object) -> None:
        for asker in self.askers:
            await asker.client.aclose()


class Held:
    """A server whose answers wait until `let_go`."""

    def __init__(self, address: str, line: Line, let_go: threading.Event) -> None:
        self.address, self.line, self._let_go = address, line, let_go
        self._people: list[threading.Thread] = []
        self.outcomes: list[Outcome] = []

    def ask(self, way: type[Asker] = Asker) -> None:
        """Lets one more person ask, in a thread."""
        before = self.line.taken
        self._people.append(threading.Thread(target=lambda: asyncio.run(self._ask(way))))
        self._people[-1].start()
        until(lambda: self.line.taken > before)

    async def _ask(self, way: type[Asker]) -> None:
        async with asking([way(self.address)]) as [asker]:
            self.outcomes.append(await asker.ask(QUESTION))

    def let_go(self) -> None:
        """Lets all be answered."""
        self._let_go.set()
        for person in self._people:
            person.join(60)


@pytest.fixture
def held(bundled_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """A server that answers one question at a time, and lets two wait."""
    line, let_go, real = (
        Line(workers=1, waiting=2, patience=600),
        threading.Event(),
        CountingAssistant.ask,
    )

    def slow(self: CountingAssistant, *args: object, **options: object) -> Answer:
        assert let_go.wait(60)
        return real(self, *args, **options)

    monkeypatch.setattr("ui.web.Line", lambda: line)
    monkeypatch.setattr(CountingAssistant, "ask", slow)
    writer = ChatModel("http://localhost/v1", "a-model")  # asked for nothing
    with serving(bundled_home, writer=writer) as address:
        server = Held(address, line, let_go)
        yield server
        server.let_go()


def test_page_api_and_mcp_wait_in_one_line_and_each_is_told_when_it_is_full(held: Held):
    async def by_mcp() -> str:
        async with Client(f"{held.address}/mcp", read_timeout_seconds=60) as client:
            result = await client.call_tool("ask", {"question": QUESTION})
            assert result.is_error
            return result.content[0].text

    held.ask(Asker)
    held.ask(PageAsker)
    held.ask(Asker)
    assert (held.line.working, held.line.waiting) == (1, 2)
    refused = httpx.post(f"{held.address}/api/ask", json={"question": QUESTION})
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["detail"] == "many are asking right now; ask again in a moment"
    assert "many are asking right now" in anyio.run(by_mcp)

    async def at_the_page() -> Outcome:
        async with asking([PageAsker(held.address)]) as [asker]:
            return await asker.ask(QUESTION)

    assert asyncio.run(at_the_page()).came == "busy"  # told in the chat, no error
    assert httpx.get(f"{held.address}/healthz").status_code == 200
    held.let_go()
    assert [outcome.came for outcome in held.outcomes] == ["answer"] * 3


def test_a_program_that_goes_while_it_waits_leaves_its_place(held: Held):
    held.ask()
    port = httpx.URL(held.address).port
    body = json.dumps({"question": QUESTION}).encode()
    head = f"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        until(lambda: held.line.waiting == 1)
    until(lambda: held.line.waiting == 0)
    assert held.line.working == 1  # nobody else lost theirs


def test_who_sends_too_much_while_they_wait_is_told_and_leaves_their_place(held: Held):
    held.ask()
    port = httpx.URL(held.address).port
    head = f"GET /api/ask?q=Who HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 4000000"
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(f"{head}\r\n\r\n".encode())
        until(lambda: held.line.waiting == 1)
        client.sendall(b"x" * 1_500_000)
        assert b" 413 " in client.recv(100)
    until(lambda: held.line.waiting == 0)
    assert held.line.working == 1


def test_what_the_page_has_written_up_or_finds_on_the_map_waits_in_the_line(held: Held):
    for _ in range(3):
        held.ask()
    place = {"document": "x", "start": 0, "end": 1, "check": "x"}
    wanted = {"question": QUESTION, "host": "localhost", "quotes": [place]}
    act = {"X-Readout": "page"}
    written = httpx.post(f"{held.address}/page/write", json=wanted, headers=act)
    found = httpx.get(f"{held.address}/page/atlas/question", params={"generation": "x", "q": "x"})
    for refused in (written, found):
        assert (refused.status_code, "many are asking" in refused.text) == (503, True)


def test_a_page_that_is_closed_while_it_waits_leaves_its_place(held: Held):
    held.ask()

    async def visit() -> None:
        async with asking([PageAsker(held.address)]) as [asker]:
            asker._visit, asker._asked = "closed", 1
            async with asker.client.stream("GET", "/gradio_api/heartbeat/closed") as beats:
                lines = beats.aiter_lines()  # dropped, it would end the heartbeat
                await anext(lines)
                question = asyncio.create_task(asker.ask(QUESTION))
                while held.line.waiting != 1:
                    await asyncio.sleep(0.02)
                question.cancel()
            await asyncio.gather(question, return_exceptions=True)

    asyncio.run(visit())
    until(lambda: held.line.waiting == 0)
    assert held.line.working == 1


def test_clients_that_send_slowly_keep_nobody_waiting(bundled_home: Home):
    head = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with serving(bundled_home) as address:
        where = ("127.0.0.1", httpx.URL(address).port)
        slow = [socket.create_connection(where) for _ in range(100)]
        try:
            for number, client in enumerate(slow):  # half of a head, or of a body
                client.sendall(head if number % 2 else head + b"Content-Length: 99\r\n\r\n{")
            answer = httpx.post(f"{address}/api/ask", json={"question": QUESTION}, timeout=60)
            assert answer.json()["answered"]
        finally:
            for client in slow:
                client.close()


def test_nobody_waits_longer_than_the_line_has_patience():
    line, let_go = Line(workers=1, patience=0.05), threading.Event()

    async def two() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(line.run, lambda: let_go.wait(30))
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(Busy, match="ask again"):
                await line.run(lambda: None)
            assert line.waiting == 0
            let_go.set()

    anyio.run(two)


def test_replaced_generations_hold_neither_files_nor_threads(bundled_home: Home, tmp_path: Path):
    note = tmp_path / "note.txt"
    note.write_text(NOTE)
    bundled_home.add(note)
    with Assistant.open(bundled_home) as assistant:
        taken = []
        gc.collect()
        gc.disable()  # what is freed must not have to wait for it
        try:
            for number in range(4):
                note.write_text(f"{NOTE}It is so for {number} years.\n")
                before = weakref.ref(assistant.generation)
                rebuild(bundled_home)
                assert assistant.refresh()
                assistant.ask(QUESTION)
                assert before() is None
                taken.append((len(os.listdir("/proc/self/fd")), threading.active_count()))  # noqa: PTH208
        finally:
            gc.enable()
    assert taken[1:] == taken[:1] * 3
    assert len(bundled_home.names()) == 2


def test_a_soak_is_flat_only_if_nothing_grows():
    steady = [
        {"questions": 100 * n, "own_mb": 500.0 + n % 3, "fds": 30, "threads": 12, "home_mb": 90.0}
        | {"temporary_mb": 0.0}
        for n in range(20)
    ]
    assert verdict(steady) == []
    for name, step in {"own_mb": 4.0, "fds": 1, "threads": 1, "home_mb": 5.0}.items():
        grown = [each | {name: each[name] + step * n} for n, each in enumerate(steady)]
        [told] = verdict(grown)
        assert name in told
