"""The API over HTTP: what programs get, what they are refused, and how."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from anybody import AsAnybody
from browsing import QUESTION, UNANSWERABLE
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from assistant import Assistant, BadQuestion, Citation, UnknownPlace
from assistant.feedback import Feedback
from corpus import ReadoutError
from index import DamagedIndex, Home, Progress
from ui.api import rebuilds
from ui.api.app import PATHS, create_api
from ui.api.asking import Found
from ui.api.documents import Documents, Whole
from ui.api.metrics import CountingAssistant
from ui.api.models import Answered, Refused, Source
from ui.api.problems import MAX_BODY, Problem, kind_of
from ui.api.reference import operations_of, shapes_of
from ui.api.service import Service
from ui.api.standing import Standing
from ui.cli import main
from ui.errors import Busy
from ui.line import Line
from ui.rebuilding import Failed, Idle, Rebuilding, Running, Stopped
from ui.watching import Watcher
from ui.writing.desk import Desk

READOUT = "003_e53a6ec5a1052dec.txt"
ACTING = {"X-Readout": "1"}

# Questions of every form that an answer has, and how they are asked.
ASKED = {
    "answered": (QUESTION, {}),
    "refused": (UNANSWERABLE, {}),
    "compared": ("Compare the ninth and eleventh dialogues", {}),
    "one side": ("Compare the ninth and tenth dialogues", {}),
    "listed": ("Which countries belong to the CBSI?", {}),
    "said": ("What did Joshua Rusk say about firearms?", {}),
    "dated": ("Who co-chaired the dialogue in November 2023?", {}),
    "other date": ("Who co-chaired the dialogue in May 1999?", {}),
    "any date": ("Who co-chaired the dialogue in May 1999?", {"any_date": True}),
    "mistyped": ("Which topics did the dialouge cover?", {}),
    "carried": ("Where was it held?", {"history": [QUESTION]}),
    "without": (
        "Where was it held?",
        {"history": [QUESTION], "without": ["co-chaired", "11th dialogue"]},
    ),
    "strict": (QUESTION, {"threshold": 0.99}),
    "within": (QUESTION, {"document": ["000_fbc2b366f62d71d8.txt"]}),
    "until": (QUESTION, {"since": "2020-01-01", "until": "2021-12-31"}),
    "nowhere": (QUESTION, {"source": ["/nowhere"]}),
}


@contextmanager
def api_of(home: Home, **others: object) -> Iterator[TestClient]:
    """The API of a home, without the page; ``others`` replace parts of its service."""
    assistant = CountingAssistant.open(home)
    parts = {"rebuilding": Rebuilding(home, assistant.refresh), "watcher": Watcher(assistant)}
    parts |= {"feedback": Feedback(home), "desk": Desk(assistant, None)}
    service = Service(assistant, **parts | others)
    app = create_api(service)
    app.add_middleware(AsAnybody)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    assert service.rebuilding.wait(30)


@pytest.fixture
def api(bundled_home: Home) -> Iterator[TestClient]:
    with api_of(bundled_home) as client:
        yield client


def checked(type_: object, response: httpx.Response) -> dict[str, object]:
    """The body, which must be of a model's type with nothing missing and nothing more."""
    assert response.status_code in {200, 202}, response.text
    TypeAdapter(type_).validate_json(response.content, strict=True)
    return response.json()


def told(response: httpx.Response, status: int) -> Problem:
    """The problem that a response must be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate_json(response.content)
    assert found.status == status
    return found


@pytest.mark.parametrize("name", ASKED)
def test_answers_are_those_of_the_contract_and_as_described(
    api: TestClient, bundled_home: Home, name: str
):
    question, manner = ASKED[name]
    posted = checked(Answered | Refused, api.post("/api/ask", json={"question": question} | manner))
    got = checked(Answered | Refused, api.get("/api/ask", params={"q": question} | manner))
    assert {**posted, "milliseconds": 0} == {**got, "milliseconds": 0}


def test_the_questions_asked_above_have_every_form(api: TestClient):
    found = [
        api.post("/api/ask", json={"question": question} | manner).json()
        for question, manner in ASKED.values()
    ]
    assert {each["answered"] for each in found} == {True, False}
    assert {each["kind"] for each in found} >= {"plain", "compare", "listing", "said"}
    for part in ("dates", "carried", "readings", "groups", "note", "reason"):
        assert any(each[part] for each in found), part
    assert {each["dates"]["kept"] for each in found if each["dates"]} == {True, False}
    assert any(group["reason"] for each in found for group in each["groups"])


@pytest.mark.parametrize("name", ["answered", "refused", "compared", "dated"])
def test_the_command_line_and_the_api_say_the_same(
    api: TestClient, bundled_home: Home, name: str, capsys, monkeypatch
):
    question, _ = ASKED[name]
    monkeypatch.setattr(
        "sys.argv", ["readout", "ask", "--json", "--home", str(bundled_home.path), question]
    )
    main()
    printed = json.loads(capsys.readouterr().out)
    sent = api.post("/api/ask", json={"question": question}).json()
    assert {**printed, "milliseconds": 0} == {**sent, "milliseconds": 0}


def test_a_question_is_asked_as_it_was_told_to(api: TestClient):
    def ask(name: str) -> dict[str, object]:
        question, manner = ASKED[name]
        return api.post("/api/ask", json={"question": question} | manner).json()

    assert ask("answered")["answered"]
    assert not ask("strict")["answered"]
    assert ask("other date")["dates"]
    assert ask("any date")["dates"] is None
    assert ask("nowhere")["nearest"] == []
    assert ask("carried")["carried"]["standalone"].endswith("(co-chaired, 11th dialogue)")
    assert ask("without")["carried"] is None
    near = [*ask("within")["citations"], *ask("within").get("nearest", [])]
    assert {each["document"]["id"] for each in near} == {"000_fbc2b366f62d71d8.txt"}


def test_a_search_comes_in_pages(api: TestClient, bundled_home: Home):
    query = {"q": "firearms trafficking"}
    first = checked(Found, api.get("/api/search", params=query | {"k": 4}))
    rest = checked(Found, api.get(first["next"]))
    assert rest["next"] is None
    numbers = [each["number"] for each in first["passages"] + rest["passages"]]
    with Assistant.open(bundled_home) as assistant:
        hits = assistant.search(query["q"], 100)
    assert numbers == [*range(1, len(hits) + 1)]
    found = [each["passage"]["id"] for each in first["passages"] + rest["passages"]]
    assert found == [hit.passage.id for hit in hits]
    assert first["passages"][0]["quote"]["text"] == first["passages"][0]["passage"]["text"]


def test_documents_come_in_pages_and_by_title(home_of):
    titles = ["Alpha", "Beta", "Gamma", "Élan vital", "50% of_it"]
    home = home_of({f"{at}.md": f"# {name}\n\nSome words." for at, name in enumerate(titles)})
    with api_of(home) as api:
        found, address = [], "/api/documents?limit=2"
        while address:
            page = checked(Documents, api.get(address))
            assert page["total"] == 5
            found += [each["title"] for each in page["documents"]]
            address = page["next"]
        assert found == titles
        for words, expected in {
            "eta": ["Beta"],
            "ÉLAN": ["Élan vital"],
            "%": ["50% of_it"],
            "_": ["50% of_it"],
            "zeta": [],
        }.items():
            page = checked(Documents, api.get("/api/documents", params={"title": words}))
            assert [each["title"] for each in page["documents"]] == expected
            assert page["total"] == len(expected)
        filtered = api.get("/api/documents", params={"title": "a", "limit": 1}).json()
        assert "title=a" in filtered["next"]


def test_a_document_and_a_place_in_it(api: TestClient, bundled_home: Home):
    with Assistant.open(bundled_home) as assistant:
        document = assistant.document(READOUT)
    whole = checked(Whole, api.get(f"/api/documents/{READOUT}"))
    assert whole["characters"] == len(document.text)
    assert whole["document"]["sha256"] == document.sha256
    place = {"document": READOUT, "start": 374, "end": 448, "around": 30}
    found = checked(Source, api.get("/api/source", params=place))
    assert found["before"] == document.text[344:374]
    assert found["quote"]["text"] == document.text[374:448]
    assert found["after"] == document.text[448:478]
    assert (found["start"], found["end"], found["verified"]) == (344, 478, True)
    edges = api.get("/api/source", params=place | {"start": 0, "end": len(document.text)}).json()
    assert (edges["before"], edges["after"]) == ("", "")


def test_a_changed_original_is_not_verified(home_of, tmp_path: Path):
    home = home_of({"note.txt": "Rosa Vega won the regatta in Gros Islet."})
    with api_of(home) as api:
        place = {"document": "note.txt", "start": 0, "end": 9}
        assert api.get("/api/source", params=place).json()["verified"]
        (tmp_path / "documents" / "note.txt").write_text("Somebody else won the regatta.")
        assert not api.get("/api/source", params=place).json()["verified"]


def test_ids_with_slashes_name_documents(home_of):
    home = home_of({"a.jsonl": '{"_id": "x/y#1 ?", "text": "Rosa Vega won the regatta."}\n'})
    with api_of(home) as api:
        [listed] = api.get("/api/documents").json()["documents"]
        assert "/" in listed["id"]
        found = api.get("/api/documents/" + listed["id"].replace("#", "%23").replace("?", "%3F"))
        assert checked(Whole, found)["document"] == listed


@pytest.mark.parametrize(
    ("path", "options", "status", "words"),
    [
        ("/api/ask", {"params": {"q": " "}}, 400, "the question is empty"),
        ("/api/ask", {"params": {"q": "x" * 2001}}, 400, "2,001 characters"),
        ("/api/ask", {"params": {"q": "why", "history": [""]}}, 400, "the question is empty"),
        ("/api/ask", {}, 422, "query.q: Field required"),
        ("/api/ask", {"params": {"q": "x", "sinse": "2020-01-01"}}, 422, "query.sinse"),
        ("/api/ask", {"params": {"q": "x", "since": "0"}}, 422, "YYYY-MM-DD"),
        ("/api/ask", {"params": {"q": "x", "threshold": "nan"}}, 422, "query.threshold"),
        ("/api/search", {"params": {"q": "x", "k": 101}}, 422, "query.k"),
        ("/api/documents/nowhere.txt", {}, 404, "nowhere.txt: no such document"),
        (
            "/api/source",
            {"params": {"document": READOUT, "start": 9, "end": 9}},
            404,
            "no characters 9 to 9",
        ),
        ("/api/nothing", {}, 404, "/api/nothing: no such route"),
        ("/api/ask/", {}, 404, "no such route"),
    ],
)
def test_what_cannot_be_served_is_a_problem(
    api: TestClient, path: str, options: dict[str, object], status: int, words: str
):
    problem = told(api.get(path, **options), status)
    assert words in problem.detail
    assert "\n" not in problem.detail


@pytest.mark.parametrize(
    ("content", "headers", "status", "where"),
    [
        ("{", {}, 422, "body.1"),
        ("[]", {}, 422, "body"),
        ('{"question": 1}', {}, 422, "body.question"),
        ('{"question": "a", "threshold": "1"}', {}, 422, "body.threshold"),
        ('{"question": "a", "threshold": NaN}', {}, 422, "body.threshold"),
        ('{"question": "a", "any_date": "yes"}', {}, 422, "body.any_date"),
        ('{"question": "a", "since": 0}', {}, 422, "body.since"),
        ('{"question": "a", "\\ud800": 0}', {}, 422, "body"),
        ('{"question": "a"}', {"Content-Type": "text/plain"}, 415, None),
        ('{"question": "a"}', {"Content-Type": ""}, 415, None),
        (" " * (MAX_BODY + 1), {}, 413, None),
    ],
)
def test_a_body_that_is_no_question_is_a_problem(
    api: TestClient, content: str, headers: dict[str, str], status: int, where: str | None
):
    headers = {"Content-Type": "application/json"} | headers
    problem = told(api.post("/api/ask", content=content, headers=headers), status)
    assert [fault.where for fault in problem.errors or ()] == ([where] if where else [])


def test_a_body_without_a_length_is_bounded_too(api: TestClient):
    chunks = (b" " * 65_536 for _ in range(MAX_BODY // 65_536 + 1))
    told(api.post("/api/ask", content=chunks, headers={"Content-Type": "application/json"}), 413)


def test_a_method_that_is_not_there_is_told_which_are(api: TestClient):
    refused = api.put("/api/ask")
    assert told(refused, 405).detail == "PUT is not possible here; use GET, POST"
    assert refused.headers["Allow"] == "GET, POST"


def test_a_broken_server_tells_no_traceback(api: TestClient, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(CountingAssistant, "search", broken)
    response = api.get("/api/search", params={"q": "x"})
    told(response, 500)
    assert "secret" not in response.text
    assert "secret" in caplog.text  # whoever runs the server is told


def test_a_damaged_index_is_unavailable_for_a_while(api: TestClient, monkeypatch):
    def damaged(*_: object) -> None:
        raise DamagedIndex("vectors.faiss: damaged; run: readout rebuild")

    monkeypatch.setattr(CountingAssistant, "search", damaged)
    api.app.state.service.searched.clear()
    for path in ("/api/search?q=x", "/readyz"):
        response = api.get(path)
        assert "vectors.faiss" in told(response, 503).detail
        assert int(response.headers["Retry-After"]) > 0
    assert api.get("/healthz").status_code == 200


def subclasses(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_told_error_has_a_kind():
    assert kind_of(BadQuestion("")).status == 400
    assert kind_of(UnknownPlace("")).status == 404
    for error in subclasses(ReadoutError):
        assert 400 <= kind_of(error("")).status < 600


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/rebuild"), ("DELETE", "/api/rebuild"), ("POST", "/api/rebuild/approve")],
)
def test_what_another_site_could_send_changes_nothing(api: TestClient, method: str, path: str):
    for content_type in ("", "text/plain", "application/x-www-form-urlencoded"):
        told(api.request(method, path, headers={"Content-Type": content_type}), 403)
    assert api.get("/api/rebuild").json() == {"run": 0, "state": "idle"}


def test_a_rebuild_is_started_and_watched_to_its_end(
    bundled_home: Home, tmp_path: Path, api: TestClient
):
    note = tmp_path / "note.txt"
    note.write_text("Rosa Vega won the regatta in Gros Islet.")
    bundled_home.add(note)
    started = api.post("/api/rebuild", headers=ACTING)
    assert started.status_code == 202
    assert checked(Standing, started)["run"] == 1
    assert started.headers["Location"] == "/api/rebuild"
    events = sent(api.get("/api/rebuild/events"))
    for event in events:
        TypeAdapter(Standing).validate_json(event["data"], strict=True)
        assert json.loads(event["data"])["state"] == event["event"]
    assert events[-1]["event"] == "finished"
    assert len({event["id"] for event in events}) == len(events)
    ended = checked(Standing, api.get("/api/rebuild"))
    assert ended == json.loads(events[-1]["data"])
    assert ended["report"]["documents"] == 3
    answer = api.post("/api/ask", json={"question": "Who won the regatta?"}).json()
    assert answer["citations"][0]["document"]["id"] == "note.txt"


def sent(response: httpx.Response) -> list[dict[str, str]]:
    """The events of a stream that has ended."""
    assert response.headers["content-type"].startswith("text/event-stream")
    return [
        dict(line.split(": ", 1) for line in block.splitlines())
        for block in response.text.split("\n\n")
        if block
    ]


class Scripted(Rebuilding):
    """A rebuild that stands where a test puts it."""

    def start(self) -> bool:
        if isinstance(self.state, Running):
            return False
        self.runs += 1
        self.state = Running(Progress("encode", 1, 4, 2.0))
        return True

    def cancel(self) -> None:
        self.state = Stopped()

    def approve(self) -> None:
        self.state = Idle()


def test_one_rebuild_at_a_time_and_only_one_at_work_can_be_stopped(bundled_home: Home):
    rebuilding = Scripted(bundled_home)
    with api_of(bundled_home, rebuilding=rebuilding) as api:
        told(api.delete("/api/rebuild", headers=ACTING), 409)
        told(api.post("/api/rebuild/approve", headers=ACTING), 409)
        running = checked(Standing, api.post("/api/rebuild", headers=ACTING))
        assert running["progress"]["seconds_left"] == 6
        told(api.post("/api/rebuild", headers={"Content-Type": "application/json"}), 409)
        stopped = api.delete("/api/rebuild", headers=ACTING)
        assert checked(Standing, stopped) == {"run": 1, "state": "stopped"}
        assert [event["event"] for event in sent(api.get("/api/rebuild/events"))] == ["stopped"]


def test_watchers_are_told_each_change(bundled_home: Home, monkeypatch):
    monkeypatch.setattr(rebuilds, "_PAUSE", 0.01)
    rebuilding = Scripted(bundled_home)
    rebuilding.start()

    def go_on() -> None:
        for state in (Running(Progress("index", 0, 0, 0.0)), Failed("the disk is full")):
            time.sleep(0.3)
            rebuilding.state = state

    with api_of(bundled_home, rebuilding=rebuilding) as api:
        thread = threading.Thread(target=go_on)
        thread.start()
        events = [json.loads(event["data"]) for event in sent(api.get("/api/rebuild/events"))]
        thread.join()
    assert [event["state"] for event in events] == ["running", "running", "failed"]
    assert [event["progress"]["stage"] for event in events[:2]] == ["encode", "index"]
    assert events[2]["message"] == "the disk is full"


def test_a_new_index_waits_to_be_approved_and_shows_why(bundled_home: Home, tmp_path: Path):
    golden = {"question": "Who won the regatta?", "answers": []}
    (bundled_home.path / "golden.jsonl").write_text(json.dumps(golden) + "\n")
    note = tmp_path / "note.txt"
    note.write_text("Rosa Vega won the regatta in Gros Islet.")
    bundled_home.add(note)
    rebuilding = Rebuilding(bundled_home, ask_first=True)
    with api_of(bundled_home, rebuilding=rebuilding) as api:
        api.post("/api/rebuild", headers=ACTING)
        until(lambda: not isinstance(rebuilding.state, Running))
        asking = checked(Standing, api.get("/api/rebuild"))
        assert asking["state"] == "asking"
        [changed] = asking["golden"]["changed"]
        assert (changed["before"], changed["now"]["document"]["id"]) == (None, "note.txt")
        api.post("/api/rebuild/approve", headers=ACTING)
        assert rebuilding.wait(30)
        assert checked(Standing, api.get("/api/rebuild"))["state"] == "finished"


def until(is_so, seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_the_page_and_the_api_share_one_rebuild(address: str):
    with httpx.Client(base_url=address, headers=ACTING) as client:
        assert client.post("/page/rebuild").json() == {"started": True}
        until(lambda: client.get("/api/rebuild").json()["state"] == "finished")
        assert client.get("/page/state").json()["run"] == client.get("/api/rebuild").json()["run"]
        client.post("/api/rebuild")
        until(lambda: client.get("/page/state").json()["rebuild"]["is"] == "finished")
        assert client.get("/page/state").json()["run"] == 2


def test_too_many_questions_at_once_are_told_to_come_back(bundled_home: Home, monkeypatch):
    line, held, begun = Line(workers=1, waiting=1), threading.Event(), threading.Event()
    real = CountingAssistant.search

    def slow(self: CountingAssistant, *args: object) -> tuple[Citation, ...]:
        begun.set()
        assert held.wait(30)
        return real(self, *args)

    monkeypatch.setattr(CountingAssistant, "search", slow)
    with api_of(bundled_home, line=line) as api:
        statuses: list[int] = []

        def search() -> None:
            statuses.append(api.get("/api/search", params={"q": "dialogue"}).status_code)

        threads = [threading.Thread(target=search) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert begun.wait(10)
        until(lambda: line.waiting == 1)
        refused = api.get("/api/search", params={"q": "dialogue"})
        assert told(refused, 503).type == "/docs#busy"
        assert refused.headers["Retry-After"] == "2"
        assert api.get("/healthz").status_code == 200  # the event loop is free meanwhile
        held.set()
        for thread in threads:
            thread.join(30)
    assert statuses == [200, 200]


def test_a_line_works_on_as_many_things_as_it_has_workers():
    line, most, now = Line(workers=2, waiting=10), 0, 0
    counting = threading.Lock()

    def work() -> None:
        nonlocal most, now
        with counting:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with counting:
            now -= 1

    async def six() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(line.run, work)

    anyio.run(six)
    assert most == 2


def test_a_line_of_nobody_refuses_nobody_who_need_not_wait():
    line = Line(workers=1, waiting=0)
    assert anyio.run(line.run, lambda: "done") == "done"

    async def two() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(line.run, lambda: time.sleep(0.1))
            await anyio.sleep(0.02)
            with pytest.raises(Busy, match="ask again"):
                await line.run(lambda: None)

    anyio.run(two)


def test_figures_for_prometheus(bundled_home: Home):
    with api_of(bundled_home) as api, api_of(bundled_home) as other:
        api.get("/api/ask", params={"q": QUESTION})
        api.get("/api/ask", params={"q": UNANSWERABLE})
        api.get("/api/ask", params={"q": ""})
        text = api.get("/metrics").text
        for line in (
            'readout_questions_total{outcome="answered"} 1.0',
            'readout_questions_total{outcome="refused"} 1.0',
            'readout_questions_total{outcome="failed"} 1.0',
            "readout_question_seconds_count 2.0",
            "readout_rebuilds_total 0.0",
            "readout_generation 1.0",
            "readout_documents 2.0",
            "readout_passages 6.0",
        ):
            assert f"\n{line}\n" in f"\n{text}"
        assert 'outcome="answered"} 0.0' in other.get("/metrics").text  # nothing is global


def test_the_server_lives_and_is_ready(api: TestClient):
    assert api.get("/healthz").json() == {"status": "ok", "generation": "000001"}
    ready = api.get("/readyz").json()
    assert ready == {
        "status": "ready",
        "generation": "000001",
        "documents": 2,
        "passages": 6,
        "problem": None,
    }


def test_to_look_often_whether_it_is_ready_costs_one_search(api: TestClient, monkeypatch):
    searched = []
    monkeypatch.setattr(CountingAssistant, "search", lambda *_: searched.append(1))
    api.app.state.service.searched.clear()
    assert {api.get("/readyz").status_code for _ in range(5)} == {200}
    api.app.state.service.searched["000001"] -= 3  # seconds
    assert api.get("/readyz").status_code == 200
    assert len(searched) == 2


def test_the_web_app_serves_all_of_it_behind_its_guards(address: str):
    with httpx.Client(base_url=address) as client:
        for path in ("/api/documents", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics"):
            response = client.get(path)
            assert response.status_code == 200, path
            assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
            assert client.get(path, headers={"Host": "evil.example"}).status_code == 400
        told(client.get("/api"), 404)
        told(client.get("/api/nothing"), 404)
        told(client.put("/api/ask"), 405)
        client.get("/api/ask", params={"q": QUESTION})
        assert 'outcome="answered"} 1.0' in client.get("/metrics").text


def test_the_schema_describes_every_field_and_every_route():
    schema = create_api().openapi()
    for shape in shapes_of(schema):
        assert shape.description, shape.name
        for value in shape.fields:
            assert value.description, f"{shape.name}.{value.name}"
    for operation in operations_of(schema):
        assert operation.description, operation.path
        for value in operation.parameters:
            assert value.description, f"{operation.path}: {value.name}"
        assert any(operation.path.startswith(path) for path in ("/api/", *PATHS))


def test_the_page_of_the_api_needs_nothing_else_and_leads_to_all_it_names(api: TestClient):
    html = api.get("/docs").text
    assert "<script" not in html
    ids = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids
    assert set(re.findall(r'(?:href|src)="([^"#]+)"', html)) == {
        "/",
        "/openapi.json",
        "/page/favicon.svg",
    }
    kind = told(api.get("/api/ask", params={"q": ""}), 400).type
    assert kind.removeprefix("/docs#") in ids


def test_what_is_said_of_answers_is_kept_and_taken_back(api: TestClient, bundled_home: Home):
    cited = Assistant.open(bundled_home).ask(QUESTION).citations[0]
    place = {
        "document": cited.document.id,
        "start": cited.quote.start,
        "end": cited.quote.end,
    }
    said = {"verdict": "right", "question": QUESTION, "place": place}

    def told(**others: object) -> httpx.Response:
        return api.post("/api/feedback", json=said | others)

    assert told().json() == {"changed": True}
    assert told().json() == {"changed": False}
    [kept] = Feedback(bundled_home).opinions()
    assert (kept.verdict, kept.question) == ("right", QUESTION)
    assert kept.place
    assert kept.place.quote == cited.quote.text
    assert told(undo=True).json() == {"changed": True}
    assert list(Feedback(bundled_home).opinions()) == []
    assert told(place=None).status_code == 400
    assert told(verdict="nothing", place=None, history=["Who?"]).json() == {"changed": True}
    assert told(place=place | {"document": "none"}).status_code == 404
    assert told(place=place | {"end": 10**9}).status_code == 404
