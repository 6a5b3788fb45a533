"""People who ask a server: over HTTP, and as the page in a browser does."""

import asyncio
import hashlib
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

# Questions that a page asks before it is opened anew.
_CONVERSATION = 5

# Seconds that an answer may take before it is an error; far beyond what a line lets wait.
_LONGEST = 120.0

# What the page shows where the line is full.
_BUSY = "Many are asking right now"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question.

    Attributes:
        question: The question.
        ms: From asking to the answer, waiting included.
        came: ``answer``, ``busy``, or ``error`` with what was wrong.
        digest: Of an answer, what can be compared: all but how long it took, and from which index.
        generation: The index that answered, where that is told.
    """

    question: str
    ms: float
    came: str
    digest: str = ""
    generation: str | None = None


class Asker:
    """Somebody who asks over HTTP, on a connection of their own."""

    way = "HTTP"

    def __init__(self, address: str) -> None:
        self.client = httpx.AsyncClient(base_url=address, timeout=_LONGEST)

    async def ask(self, question: str) -> Outcome:
        """Asks, and waits for what comes."""
        started = time.perf_counter()
        try:
            came, digest, generation = await self._ask(question)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            came, digest, generation = f"error: {error!r}", "", None
        ms = (time.perf_counter() - started) * 1000
        return Outcome(question, ms, came, digest, generation)

    async def _ask(self, question: str) -> tuple[str, str, str | None]:
        response = await self.client.post("/api/ask", json={"question": question})
        found = response.json()
        if response.status_code == 503 and int(response.headers["Retry-After"]) > 0:
            return "busy", "", None
        if response.status_code != 200:
            return f"error: {response.status_code} {found}", "", None
        generation = found.pop("generation")
        found.pop("milliseconds")
        return "answer", digest_of(found), generation


class PageAsker(Asker):
    """Somebody at the page: joins Gradio's queue and reads its events, as the browser does."""

    way = "page"

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._function = -1
        self._visit, self._asked = "", 0

    async def _ask(self, question: str) -> tuple[str, str, str | None]:
        if self._function < 0:
            config = (await self.client.get("/config")).json()
            named = {each["api_name"]: each["id"] for each in config["dependencies"]}
            self._function = named["ask_page"]
        if self._asked % _CONVERSATION == 0:
            self._visit = uuid.uuid4().hex[:12]
        self._asked += 1
        joined = await self.client.post(
            "/gradio_api/queue/join",
            json={
                # Asked afresh: it must not lean on what this page asked before.
                "data": [question, {"fresh": True}, "", None, None, []],
                "fn_index": self._function,
                "session_hash": self._visit,
                "event_data": None,
                "trigger_id": None,
            },
        )
        joined.raise_for_status()
        found = None
        async with self.client.stream(
            "GET", "/gradio_api/queue/data", params={"session_hash": self._visit}
        ) as events:
            async for line in events.aiter_lines():
                if line.startswith("data:"):
                    message = json.loads(line.removeprefix("data:"))
                    if message["msg"] == "process_completed":
                        found = message
        return _shown(found)


def _shown(message: dict[str, Any] | None) -> tuple[str, str, str | None]:
    """Returns what the page shows last."""
    if message is None or not message["success"]:
        return f"error: {message}", "", None
    last = message["output"]["data"][0][-1]
    text = last["content"][0]["text"]
    if last["role"] != "assistant" or "answer told" in text:
        return ("busy" if _BUSY in text else f"error: {text}"), "", None
    return "answer", digest_of(text), None


def digest_of(found: object) -> str:
    """Returns a checksum of what was answered."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


async def ask_until(
    asker: Asker, questions: list[str], start: int, end: float, outcomes: list[Outcome]
) -> None:
    """Asks one question after another, beginning with the one at ``start``, until a time.

    Args:
        asker: Who.
        questions: What, in turn.
        start: Where to begin.
        end: When to stop, by `time.monotonic`.
        outcomes: Where to note what came.
    """
    number = start
    while time.monotonic() < end:
        outcome = await asker.ask(questions[number % len(questions)])
        outcomes.append(outcome)
        number += 1
        if outcome.came != "answer":
            await asyncio.sleep(1)
