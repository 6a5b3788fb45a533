"""AI clients, by the official client library, over real pipes and real HTTP."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from browsing import QUESTION, UNANSWERABLE, serving
from mcp import Client, MCPError, StdioServerParameters

from assistant import Assistant
from index import Home, rebuild
from ui import contract
from ui.errors import ExtraMissing
from ui.extras import check_extra
from ui.line import Line
from ui.mcp.endpoint import Endpoint
from ui.mcp.server import create_server
from ui.mcp.tools import TOOLS

ROOT = Path(__file__).parent.parent
COCHAIRS = "co-chaired by Saint Lucia, the Dominican Republic, and the United States"
DEFENSE = "003_e53a6ec5a1052dec.txt"
COMMAND = ["-W", "error", "-c", "from ui.cli import main; main()", "mcp", "--home"]


def by_pipe(home: Home) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=[*COMMAND, str(home.path)], cwd=ROOT)


def with_client(server: Any, work: Callable[[Client], Awaitable[None]], mode: str = "auto") -> None:
    """Does work with a client that is connected to a server."""

    async def connected() -> None:
        async with Client(server, mode=mode, read_timeout_seconds=60) as client:
            await work(client)

    anyio.run(connected)


async def told(client: Client, tool: str, **arguments: Any) -> str:
    """The one line of a tool's error."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert result.structured_content is None
    [content] = result.content
    assert "\n" not in content.text
    return content.text


async def found(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool returns; the client has compared it with the tool's schema."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    [content] = result.content
    assert json.loads(content.text) == result.structured_content
    return result.structured_content


def untimed(answer: contract.Json) -> contract.Json:
    return answer | {"milliseconds": 0}


def a_conversation(home: Home) -> Callable[[Client], Awaitable[None]]:
    """What a client does: it looks what there is, asks, searches, and reads what was cited."""

    async def work(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == ["ask", "search", "read_source"]
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)
        assert "`answered` is false" in (client.instructions or "")

        with Assistant.open(home) as assistant:
            wanted = contract.answer_json(assistant.ask(QUESTION))
            hits = [contract.citation_json(hit) for hit in assistant.search("firearms", 3)]
            text = assistant.document(DEFENSE).text
        answer = await found(client, "ask", question=QUESTION)
        assert untimed(answer) == untimed(wanted)
        assert answer["citations"][0]["verified"]
        searched = await found(client, "search", query="firearms", k=3)
        assert searched == {"query": "firearms", "passages": hits, "generation": "000001"}

        cited = next(each for each in answer["citations"] if COCHAIRS in each["quote"]["text"])
        place = {key: cited["quote"][key] for key in ("start", "end")}
        read = await found(
            client, "read_source", document=cited["document"]["id"], **place, around=20
        )
        assert read["quote"] == cited["quote"]
        assert read["verified"]
        assert (
            read["before"] + read["quote"]["text"] + read["after"]
            == (text[read["start"] : read["end"]])
        )
        assert len(read["before"]) == len(read["after"]) == 20

        refused = await found(client, "ask", question=UNANSWERABLE)
        assert refused["answered"] is False
        assert refused["citations"] == []
        assert refused["reason"]

    return work


@pytest.mark.parametrize("mode", ["auto", "legacy"])  # this year's protocol, and those before
def test_a_client_cites_verified_passages_over_pipes(bundled_home: Home, mode: str):
    with_client(by_pipe(bundled_home), a_conversation(bundled_home), mode)


def test_a_client_cites_verified_passages_over_http(bundled_home: Home):
    with serving(bundled_home) as address:
        for mode in ("auto", "legacy"):
            with_client(f"{address}/mcp", a_conversation(bundled_home), mode)
        only_those_of_this_machine_may_ask(address)


def only_those_of_this_machine_may_ask(address: str) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}

    def status(content: bytes = json.dumps(message).encode(), **given: str) -> int:
        sent = headers | {"Content-Type": "application/json"} | given
        return httpx.post(f"{address}/mcp", content=content, headers=sent).status_code

    assert status() == 200
    assert status(Origin=address) == 200
    assert status(Origin="http://evil.example") == 403
    assert status(Origin="null") == 403
    assert status(Host="evil.example") == 400
    assert status(**{"Content-Type": "text/plain"}) == 400  # what a form of another site can send
    assert status(b" " * 1_000_001) == 413
    answered = httpx.post(f"{address}/mcp", json=message, headers=headers)
    assert "access-control-allow-origin" not in answered.headers
    others = httpx.post(f"{address}/gradio_api/mcp/", json=message, headers=headers)
    assert others.status_code in {404, 405}  # Gradio's own, of the functions behind the page
    assert "mcp-session-id" not in answered.headers  # nothing that could be stolen, or run out


def test_nothing_but_the_protocol_is_printed(bundled_home: Home):
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    ask = {"name": "ask", "arguments": {"question": QUESTION}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": ask},
    ]
    # A tool that prints, as a library might.
    noisy = """
import ui.mcp.tools
read = ui.mcp.tools.Tool.call
ui.mcp.tools.Tool.call = lambda *given: print("noise") or read(*given)
"""
    for start, heard in (("", ""), (noisy, "noise\n")):
        run = subprocess.Popen(
            [sys.executable, *COMMAND[:3], start + COMMAND[3], *COMMAND[4:], bundled_home.path],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with run:
            assert run.stdin
            assert run.stdout
            assert run.stderr
            run.stdin.write("".join(f"{json.dumps(message)}\n" for message in messages))
            run.stdin.flush()
            answers = [json.loads(run.stdout.readline()) for _ in range(2)]
            run.stdin.close()
            assert run.stdout.read() == ""
            assert run.stderr.read() == heard
            assert run.wait(30) == 0
        assert [answer["id"] for answer in answers] == [1, 2]
        assert answers[1]["result"]["structuredContent"]["answered"] is True


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_it_ends_when_it_is_told_to(bundled_home: Home):
    with subprocess.Popen(
        [sys.executable, *COMMAND, bundled_home.path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdin
        assert run.stdout
        assert run.stderr
        message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        run.stdin.write(f"{json.dumps(message)}\n")
        run.stdin.flush()
        assert run.stdout.readline()
        run.send_signal(signal.SIGTERM)
        assert run.wait(30) == -signal.SIGTERM
        assert run.stderr.read() == ""


def test_a_home_without_an_index_is_told_in_one_line(new_home: Home):
    run = subprocess.run(
        [sys.executable, *COMMAND, new_home.path],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    [line] = run.stderr.splitlines()
    assert "no index here yet; run: readout rebuild" in line


def test_what_cannot_be_done_is_told_as_the_tools_error(bundled_home: Home):
    async def work(client: Client) -> None:
        assert "the question is empty" in await told(client, "ask", question=" ")
        assert await told(client, "ask") == "ask: question: Field required"
        assert "sinc: Extra inputs" in await told(client, "ask", question=QUESTION, sinc="2020")
        long = await told(client, "ask", question="secret " * 300)
        assert "at most 2000 characters" in long
        assert "secret" not in long  # a client need not be told what it said
        assert "k: " in await told(client, "search", query="regatta", k=0)
        assert "k: " in await told(client, "search", query="regatta", k=51)
        read = "read_source"
        assert "no such document" in await told(client, read, document="no\nwhere")
        assert "no characters 9999 to 10000" in await told(
            client, read, document=DEFENSE, start=9999
        )
        assert "no characters 5 to 5" in await told(client, read, document=DEFENSE, start=5, end=5)
        assert "at most 20,000" in await told(client, read, document=DEFENSE, end=20_001)
        assert "exclude each other" in await told(
            client, read, document=DEFENSE, end=9, words="The"
        )
        with pytest.raises(MCPError, match="no tool 'delete'; there are ask, search, read_source"):
            await client.call_tool("delete", {})

    with Assistant.open(bundled_home) as assistant:
        with_client(create_server(assistant, Line()), work)


def test_words_are_found_at_their_exact_place_or_not_at_all(home_of: Callable[..., Home]):
    text = "Ada spoke first. The 🚢 harbour\nof Gros Islet opened. Ada spoke first, they say."
    home = home_of({"a.txt": text})

    async def work(client: Client) -> None:
        async def place(words: str, start: int = 0) -> tuple[int, int, str]:
            [document] = assistant.documents()
            read = await found(
                client, "read_source", document=document.id, start=start, words=words, around=0
            )
            assert read["before"] == read["after"] == ""
            quote = read["quote"]
            return quote["start"], quote["end"], quote["text"]

        with Assistant.open(home) as assistant:
            [document] = assistant.documents()
            harbour = text.index("harbour")
            words = "harbour of  Gros Islet"
            assert await place(words) == (
                harbour,
                harbour + len(words) - 1,
                "harbour\nof Gros Islet",
            )
            assert (await place("Ada spoke first"))[0] == 0
            assert (await place("Ada spoke first", 1))[0] == text.rindex("Ada")
            for wrong in ("Harbour of Gros", "spoke last", ".*", "Ada  won", " "):
                message = await told(client, "read_source", document=document.id, words=wrong)
                assert "do not stand there, letter for letter" in message

    with Assistant.open(home) as served:
        with_client(create_server(served, Line()), work)


def test_a_document_is_read_in_parts(home_of: Callable[..., Home]):
    text = "".join(f"Boat number {number} won the regatta.\n" for number in range(1_000))
    home = home_of({"a.txt": text})

    async def work(client: Client) -> None:
        [document] = Assistant.open(home).documents()
        at, parts = 0, []
        while at < len(text):
            read = await found(client, "read_source", document=document.id, start=at, around=0)
            assert read["characters"] == len(text)
            parts.append(read["quote"]["text"])
            at = read["end"]
        assert "".join(parts) == text
        assert len(parts) == -(-len(text) // 4_000)

    with_client(create_server(Assistant.open(home), Line()), work)


def test_a_changed_original_is_not_verified(home_of: Callable[..., Home], tmp_path: Path):
    home = home_of({"a.txt": "Rosa Vega won the regatta in Gros Islet."})
    (tmp_path / "documents" / "a.txt").write_text("Ada Quill won the regatta in Gros Islet.")

    async def work(client: Client) -> None:
        [hit] = (await found(client, "search", query="regatta"))["passages"]
        assert hit["verified"] is False
        read = await found(client, "read_source", document=hit["document"]["id"])
        assert read["quote"]["text"].startswith("Rosa")
        assert read["verified"] is False

    with_client(create_server(Assistant.open(home), Line()), work)


def test_a_question_can_be_kept_to_a_part_of_the_corpus(bundled_home: Home):
    async def work(client: Client) -> None:
        for kept in (
            {"documents": [DEFENSE]},
            {"publishers": ["U.S. Department of Defense"]},
            {"since": "2023-11-20", "until": "2023-11-20"},
        ):
            passages = (await found(client, "search", query="dialogue", **kept))["passages"]
            assert {each["document"]["id"] for each in passages} == {DEFENSE}
        everywhere = (await found(client, "search", query="dialogue"))["passages"]
        assert {each["document"]["id"] for each in everywhere} > {DEFENSE}

    with_client(create_server(Assistant.open(bundled_home), Line()), work)


def test_a_question_that_takes_long_keeps_no_other_waiting(bundled_home: Home):
    answered = threading.Event()

    class Slow(Assistant):
        def ask(self, *arguments, **options):
            assert answered.wait(30), "nothing else was answered meanwhile"
            return super().ask(*arguments, **options)

    async def work(client: Client) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: found(client, "ask", question=QUESTION))
            await anyio.sleep(0.1)
            await found(client, "read_source", document=DEFENSE)
            answered.set()

    with_client(create_server(Slow.open(bundled_home), Line(workers=2)), work)


def test_a_rebuild_is_answered_from_without_a_new_start(new_home: Home, tmp_path: Path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Rosa Vega won the regatta in Gros Islet.")
    new_home.add(folder)
    new_home.remove("bundled")
    rebuild(new_home)

    async def work(client: Client) -> None:
        assert len((await found(client, "search", query="harbour"))["passages"]) == 1
        (folder / "b.txt").write_text("The harbour of Gros Islet opened in May.")
        await anyio.to_thread.run_sync(rebuild, new_home)
        with anyio.fail_after(30):
            while len((await found(client, "search", query="harbour"))["passages"]) == 1:
                await anyio.sleep(0.1)

    with_client(by_pipe(new_home), work)


def test_descriptions_say_how_to_cite_and_when_to_say_no():
    asking, searching, reading = (tool.description for tool in TOOLS)
    for description in (asking, searching, reading):
        assert "`verified`" in description
    assert "letter for letter" in asking
    assert "`quote.start`-`quote.end`" in asking
    assert "do not answer" in asking
    for tool in TOOLS:
        for schema in (tool.input_schema, tool.output_schema):
            assert schema["type"] == "object"
        assert all("description" in each for each in tool.input_schema["properties"].values())


def test_the_page_about_it_names_what_there_is():
    page = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
    [config] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    [server] = json.loads(config)["mcpServers"].values()
    assert server == {"command": "readout", "args": ["mcp", "--home", "/path/to/home"]}
    assert COMMAND[-2:] == server["args"][:2]  # which the tests above start
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [tool.name for tool in TOOLS]


def test_who_lacks_the_packages_is_told_how_to_get_them(
    bundled_home: Home, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ui.extras.version", lambda _: "1.26.0")
    run = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import ui.extras; ui.extras.version = lambda _: '1.26.0';" + COMMAND[3],
            *("mcp", "--home", bundled_home.path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 1
    message = "mcp needs mcp 2 or newer, here is 1.26.0; run: pip install 'readout[mcp]'"
    assert run.stderr == f"readout: {message}\n"

    async def ask() -> httpx.Response:
        endpoint = Endpoint(Assistant.open(bundled_home), Line())
        transport = httpx.ASGITransport(endpoint)
        async with (
            endpoint.running(),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return await client.post("/mcp", json={})

    answer = anyio.run(ask)
    assert answer.status_code == 501
    assert answer.json() == {"error": message}


def test_a_package_that_is_not_there_is_missing_too():
    with pytest.raises(ExtraMissing, match="needs no-such-package 2 or newer, here is none; run:"):
        check_extra("mcp", "no-such-package", 2)
