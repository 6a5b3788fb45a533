"""Writing up with a real server of a language model: honest, lying, stalling, or broken."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chatting import breaking, chatting, endless, saying, sending, stalling
from click.testing import CliRunner
from fastapi.testclient import TestClient

from assistant import Assistant
from assistant.errors import WriterFailed
from assistant.feedback import Feedback
from assistant.synthesis import Prompt
from ui.api.app import create_api
from ui.api.metrics import CountingAssistant
from ui.api.service import Service
from ui.cli import cli
from ui.errors import BadSetting
from ui.rebuilding import Rebuilding
from ui.settings import load_settings
from ui.watching import Watcher
from ui.writing.chatmodel import ChatModel, chat_model
from ui.writing.desk import Desk

ROOT = Path(__file__).parent.parent
QUESTION = "Who co-chaired the 11th dialogue?"
UNANSWERABLE = "What is the price of gold in Zanzibar?"
KEY = "sk-very-secret-1234"
TRUE = "The Dialogue was hosted by the Government of Saint Lucia [1]."
LIES = [
    "The Dialogue was hosted by the Government of Saint Lucia.",
    "The Dialogue was hosted by the Government of Saint Lucia [7].",
    "The Dialogue was hosted by the Government of Barbados [1].",
    "The 12th Dialogue was hosted by the Government of Saint Lucia [1].",
    "The Dialogue was “proudly hosted” by the Government of Saint Lucia [1].",
    "The Dialogue was not hosted by the Government of Saint Lucia [1].",
]
PROMPT = Prompt("rules", "request")


def model(chat, **options) -> ChatModel:
    return ChatModel(chat.url, "a-model", KEY, **options)


def text_of(chat, **options) -> str:
    return "".join(model(chat, **options).write(PROMPT))


def failure(chat, **options) -> str:
    with pytest.raises(WriterFailed) as caught:
        text_of(chat, **options)
    told = str(caught.value)
    assert told.startswith(f"the language model at {chat.host} ")
    assert "\n" not in told
    assert KEY not in told
    return told


def test_a_model_is_asked_as_the_protocol_says():
    with chatting(saying("It was held in Castries [1].")) as chat:
        assert text_of(chat) == "It was held in Castries [1]."
    [(path, headers, body)] = chat.received
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "model": "a-model",
        "stream": True,
        "messages": [
            {"role": "system", "content": "rules"},
            {"role": "user", "content": "request"},
        ],
    }


def test_without_a_key_none_is_sent():
    with chatting(saying("x")) as chat:
        list(ChatModel(f"{chat.url}/", "m").write(PROMPT))
    [(path, headers, _)] = chat.received
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers


def _error(status: int, said: object):
    return sending(json.dumps({"error": {"message": said}}).encode(), status, "application/json")


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (_error(401, f"Incorrect key: {KEY}"), "answered with status 401: Incorrect key: …"),
        (_error(500, "out\nof\tmemory"), "answered with status 500: out of memory"),
        (sending(b"<h1>no</h1>", 500, "text/html"), "answered with status 500"),
        (sending(b"x" * 100_000, 502, "text/html"), "answered with status 502"),
        (sending(b"", 204), "answered with status 204"),
        (sending(b"", 307, Location="http://127.0.0.1:1/"), "redirects elsewhere (status 307)"),
        (sending(b"{}", kind="application/json"), "sent 'application/json' rather than an event"),
        (sending(b"<html>", kind="text/html"), "sent 'text/html' rather than an event stream"),
        (sending(b"x", kind=None), "sent nothing that says what it is rather than"),
        (sending(b"x", Content_Encoding="gzip"), "rather than an event stream"),
        (sending(b"\x00\xff garbage\n"), "sent what is no event stream"),
        (sending(b"data: {not json\n\n"), "sent what is not JSON"),
        (sending(b"data: " + b"[" * 60_000 + b"\n\n"), "sent what is not JSON"),
        (sending(b'data: {"choices": 3}\n\n'), "sent JSON that is no piece of a text"),
        (sending(b'data: {"choices": [{"delta": {"content": 3}}]}\n\n'), "broke off"),
        (sending(b"data: []\n\n"), "sent JSON that is no piece of a text"),
        (sending(b'data: {"error": {"message": "overloaded"}}\n\n'), "failed: overloaded"),
        (sending(b""), "broke off before the end"),
        (breaking("The Dialogue was ho"), "broke off before the end"),
        (sending(b"data: " + b"x" * 100_000), "sent more than an answer can have"),
        (sending(b": \n" * 2_000_000), "sent more than an answer can have"),
        (
            sending(b'data: {"choices": [{"delta": {}, "finish_reason": "length"}]}\n\n'),
            "stopped before the end (length)",
        ),
    ],
)
def test_whatever_else_comes_back_is_one_line(behaviour, told):
    with chatting(behaviour) as chat:
        assert told in failure(chat)


def test_what_cannot_be_sent_is_one_line():
    with chatting(saying("x")) as chat:
        unsendable = ChatModel(chat.url, "a-model", "schlüssel")
        with pytest.raises(WriterFailed, match="cannot be asked; are llm_url and llm_key right"):
            list(unsendable.write(PROMPT))
        assert chat.received == []
    with pytest.raises(WriterFailed, match=r"^the language model at a\.\.b cannot be"):
        list(ChatModel("http://a..b/v1", "a-model").write(PROMPT))


def test_a_redirect_is_not_followed():
    with chatting(saying("x")) as other:
        with chatting(sending(b"", 302, Location=f"{other.url}/chat/completions")) as chat:
            assert "which is not followed" in failure(chat)
        assert other.received == []


def test_silence_is_given_up():
    for said in ("", "The Dialogue "):
        with chatting(stalling(said)) as chat:
            began = time.monotonic()
            assert "was silent for 0.3 s" in failure(chat, silence=0.3)
            assert time.monotonic() - began < 10


def test_a_text_that_drips_is_stopped():
    def dripping(connection) -> None:
        connection.begin()
        while not connection.chat.released.wait(0.02):
            connection.send(b": still here\n\n")

    with chatting(dripping) as chat:
        assert "took more than 0.3 s" in failure(chat, silence=5, whole=0.3)


def test_nobody_there_is_told():
    with chatting(saying("x")) as chat:
        pass
    assert "cannot be reached" in failure(chat)


def test_who_stops_reading_ends_the_connection():
    with chatting(endless("word ")) as chat:
        pieces = model(chat).write(PROMPT)
        assert next(pieces) == "word "
        pieces.close()
        assert chat.left.wait(30)


# ---- Settings ------------------------------------------------------------------------------------


def environment(chat, **more: str) -> dict[str, str]:
    return {
        "READOUT_LLM_URL": chat.url,
        "READOUT_LLM_MODEL": "a-model",
        "READOUT_LLM_KEY": KEY,
        "READOUT_LLM_TIMEOUT": "30",
    } | more


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_URL", "ftp://example.org/v1"),
        ("LLM_URL", "localhost:11434"),
        ("LLM_URL", "https://user:password@example.org/v1"),
        ("LLM_URL", "https://example.org/v1?key=abc"),
        ("LLM_URL", "http://host:x/v1"),
        ("LLM_URL", "http://host:99999999/v1"),
        ("LLM_URL", "http://[::1"),
        ("LLM_URL", "http://[::x]/v1"),
        ("LLM_URL", "http://xn--a/v1"),
        ("LLM_URL", "http://\u2603-.example/v1"),
        ("LLM_URL", "http://:80/v1"),
        ("LLM_KEY", "schlüssel"),
        ("LLM_KEY", "one\ntwo"),
        ("LLM_KEY", "one\x7f"),
        ("LLM_KEY", " spaced"),
        ("LLM_TIMEOUT", "0"),
        ("LLM_TIMEOUT", "601"),
    ],
)
def test_an_address_or_a_key_that_is_none_is_refused(new_home, name, value):
    said = {"READOUT_LLM_URL": "http://localhost/v1", "READOUT_LLM_MODEL": "m"}
    with pytest.raises(BadSetting, match="must be") as caught:
        load_settings(new_home, said | {f"READOUT_{name}": value})
    assert "KEY" not in name or value.strip() not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["http://[::1]:8080/v1", "https://b\u00fccher.example/v1", "http://10.0.0.1:80"]
)
def test_an_address_that_is_one_is_taken(new_home, value):
    said = {"READOUT_LLM_URL": value, "READOUT_LLM_MODEL": "m", "READOUT_LLM_KEY": KEY}
    assert load_settings(new_home, said).settings.llm_url == value
    assert chat_model(load_settings(new_home, said).settings)


def test_a_bad_address_is_told_before_anything_is_built(new_home):
    run = readout(new_home, "serve", READOUT_LLM_URL="http://host:x/v1", READOUT_LLM_MODEL="m")
    assert run.returncode == 1
    assert run.stderr.startswith('readout: READOUT_LLM_URL="http://host:x/v1": must be')
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""


def test_an_address_needs_a_model_and_a_model_an_address(new_home):
    with pytest.raises(BadSetting, match=r"^READOUT_LLM_URL: needs llm_model"):
        load_settings(new_home, {"READOUT_LLM_URL": "http://localhost/v1"})
    with pytest.raises(BadSetting, match=r"^READOUT_LLM_MODEL: needs llm_url"):
        load_settings(new_home, {"READOUT_LLM_MODEL": "m"})
    (new_home.path / "readout.toml").write_text('llm_url = "http://localhost/v1"\n')
    with pytest.raises(BadSetting, match=r"readout\.toml: llm_url: needs llm_model"):
        load_settings(new_home, {})
    assert load_settings(new_home, {"READOUT_LLM_MODEL": "m"}).settings.llm_model == "m"


def test_the_key_is_never_shown(new_home):
    runner = CliRunner(env={"READOUT_LLM_KEY": KEY})
    for options in ([], ["--json"]):
        shown = runner.invoke(cli, ["config", "--home", str(new_home.path), *options]).output
        assert "set, not shown" in shown
        assert KEY not in shown
    assert KEY not in repr(load_settings(new_home, {"READOUT_LLM_KEY": KEY}))
    (new_home.path / "readout.toml").write_text("llm_key = 12345678\n")
    with pytest.raises(BadSetting) as caught:
        load_settings(new_home, {})
    assert "llm_key" in str(caught.value)
    assert "12345678" not in str(caught.value)
    assert (
        "12345678" not in CliRunner().invoke(cli, ["doctor", "--home", str(new_home.path)]).output
    )


# ---- The command line ----------------------------------------------------------------------------


def readout(home, *arguments, chat=None, given: str | None = None, **more: str):
    said = {name: value for name, value in os.environ.items() if not name.startswith("READOUT_")}
    said |= environment(chat, **more) if chat else more
    said |= {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-c", "from ui.cli import main; main()", *arguments, "--home", home.path],
        cwd=ROOT,
        env=said,
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_a_command_writes_up_what_it_found_and_strikes_what_does_not_hold(bundled_home):
    with chatting(saying(" ".join([TRUE, *LIES]))) as chat:
        run = readout(bundled_home, "ask", QUESTION, "--write", chat=chat)
        found = readout(bundled_home, "ask", QUESTION, "--write", "--json", chat=chat)
    assert run.returncode == 0, run.stderr
    plain, _, written = run.stdout.partition(f"Written by a-model at {chat.host}")
    assert "“The Dialogue was hosted by the Government of Saint Lucia as the Chair" in plain
    assert "\nThe Dialogue was hosted by the Government of Saint Lucia. [1]\n" in written
    assert written.count("(struck out, as ") == len(LIES)
    answer = json.loads(found.stdout)
    assert answer["answered"]
    assert (answer["written"]["host"], answer["written"]["model"]) == (chat.host, "a-model")
    assert answer["written"]["problem"] is None
    first, *others = answer["written"]["sentences"]
    assert first == {
        "text": "The Dialogue was hosted by the Government of Saint Lucia.",
        "citations": [1],
        "supported": True,
        "reason": None,
        "quotations": [],
    }
    reasons = [each["reason"] for each in others]
    assert [each["supported"] for each in others] == [False] * len(LIES)
    for reason, told in zip(
        reasons,
        ["cites nothing", "[7]", "“Barbados”", "12th", "“proudly hosted”", "denies"],
        strict=True,
    ):
        assert told in reason
    for output in (run.stdout, run.stderr, found.stdout, found.stderr):
        assert KEY not in output


def test_nothing_is_sent_unless_it_is_asked_for_nor_when_nothing_answers(bundled_home):
    with chatting(saying(TRUE)) as chat:
        plain = readout(bundled_home, "ask", QUESTION, "--json", chat=chat)
        assert "written" not in json.loads(plain.stdout)
        refused = readout(bundled_home, "ask", UNANSWERABLE, "--write", chat=chat)
        assert "Written by" not in refused.stdout
        lines = readout(bundled_home, "ask", "-", "--write", chat=chat, given=f"{UNANSWERABLE}\n")
        assert json.loads(lines.stdout)["written"] is None
        assert chat.received == []
        lines = readout(bundled_home, "ask", "-", "--write", chat=chat, given=f"{QUESTION}\n")
        assert json.loads(lines.stdout)["written"]["sentences"][0]["supported"]
        assert len(chat.received) == 1


def test_without_a_model_writing_is_refused_in_one_line(bundled_home):
    run = readout(bundled_home, "ask", QUESTION, "--write")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        "readout: no language model is set; say READOUT_LLM_URL and READOUT_LLM_MODEL\n"
    )


def test_a_model_that_fails_is_one_line_and_the_quotes_stand(bundled_home):
    with chatting(stalling(f"{TRUE} The Dialogue was hosted by ")) as chat:
        more = {"READOUT_LLM_TIMEOUT": "1"}
        run = readout(bundled_home, "ask", QUESTION, "--write", chat=chat, **more)
        found = readout(bundled_home, "ask", QUESTION, "--write", "--json", chat=chat, **more)
    line = f"the language model at {chat.host} was silent for 1 s"
    assert (run.returncode, run.stderr) == (1, f"readout: {line}\n")
    assert "“The Dialogue was hosted" in run.stdout
    assert "\nThe Dialogue was hosted by the Government of Saint Lucia. [1]\n" in run.stdout
    written = json.loads(found.stdout)["written"]
    assert (found.returncode, written["problem"]) == (0, line)
    assert len(written["sentences"]) == 1


# ---- For programs --------------------------------------------------------------------------------


@pytest.fixture
def api(bundled_home):
    """A client of the API, and what sets who writes."""
    assistant = CountingAssistant.open(bundled_home)
    rebuilding = Rebuilding(bundled_home)

    def serve(writer):
        desk = Desk(assistant, writer)
        watcher, feedback = Watcher(assistant), Feedback(bundled_home)
        return TestClient(create_api(Service(assistant, rebuilding, watcher, feedback, desk)))

    return serve


def events(response) -> list[tuple[str, dict]]:
    blocks = [block.split("\n") for block in response.text.split("\n\n") if block]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in blocks
    ]


def test_programs_are_sent_the_answer_and_then_each_sentence(api):
    with chatting(saying(f"{TRUE} {LIES[0]}")) as chat:
        response = api(model(chat)).post("/api/write", json={"question": QUESTION})
        refusal = api(model(chat)).post("/api/write", json={"question": UNANSWERABLE})
    assert response.headers["content-type"].startswith("text/event-stream")
    found = events(response)
    assert [name for name, _ in found] == ["answer", "sentence", "sentence", "end"]
    assert found[0][1]["answered"]
    assert [each["supported"] for name, each in found if name == "sentence"] == [True, False]
    assert found[-1][1] == {"host": chat.host, "model": "a-model", "problem": None}
    assert [name for name, _ in events(refusal)] == ["answer", "end"]
    assert len(chat.received) == 1


def test_programs_are_told_what_went_wrong(api):
    none = api(None).post("/api/write", json={"question": QUESTION})
    assert (none.status_code, none.json()["type"]) == (409, "/docs#no-model")
    with chatting(sending(b"x", 500)) as chat:
        client = api(model(chat))
        failed = events(client.post("/api/write", json={"question": QUESTION}))
        assert client.post("/api/write", json={"question": " "}).status_code == 400
        foreign = client.post("/api/write", content=b"{}", headers={"Content-Type": "text/plain"})
        assert foreign.status_code == 415
    assert [name for name, _ in failed] == ["answer", "end"]
    assert "answered with status 500" in failed[-1][1]["problem"]


def test_only_so_many_are_written_at_once_and_places_are_given_back(bundled_home):
    with chatting(stalling(f"{TRUE} It ")) as chat, Assistant.open(bundled_home) as assistant:
        desk = Desk(assistant, model(chat, silence=5))
        answer = assistant.ask(QUESTION)
        running = [desk.events(answer) for _ in range(4)]
        assert [next(each)[0] for each in running] == ["sentence"] * 4
        [(name, told)] = desk.events(answer)
        assert (name, "too many" in told["problem"]) == ("end", True)
        for each in running:
            each.close()
        again = desk.events(answer)
        assert next(again)[0] == "sentence"
        again.close()
