"""Under attack: who is let in, what each may do, and what other sites, paths and words can do."""

import asyncio
import json
import shutil
import socket
import stat
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote

import httpx
import pytest
from browsing import app_of, serving
from click.testing import CliRunner
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.routing import Mount

import ui.access.passwords
from assistant.feedback import Feedback
from corpus import ReadoutError
from index import Home, rebuild
from ui.access.door import Door
from ui.access.limits import Limiter, Rate
from ui.access.person import Person
from ui.access.rights import CLOSED, RIGHTS, counted_as, right_to
from ui.access.sessions import IDLE, LONGEST, Sessions
from ui.access.users import User, Users
from ui.addresses import names_check
from ui.api.app import create_api
from ui.cli import cli
from ui.errors import BadUser, NobodyCanLogIn, TooOften, UsersUnusable
from ui.settings import Settings
from ui.web import create_app, needs_login

ADA, BEN = "correct horse battery", "staple of the other"
CANARY = "canary-5e1f-outside"
PLACE = {"document": "003_e53a6ec5a1052dec.txt", "start": 438, "end": 675}


@pytest.fixture(autouse=True, scope="module")
def _cheap_passwords():
    """A third of a second for each guess is the point of it, and too long for tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ui.access.passwords, "_COST", 1 << 4)
        yield


def people_of(home):
    users = Users(home)
    users.add("Ada", "manage", ADA)
    users.add("ben", "ask", BEN)
    return users


@pytest.fixture(scope="module")
def served(_bundled, tmp_path_factory):
    """A home where people log in, and the address it is served at; what else lies beside it."""
    folder = tmp_path_factory.mktemp("served")
    home = Home(shutil.copytree(_bundled, folder / "home", symlinks=True))
    secret = folder / "outside"
    secret.mkdir()
    (secret / "secret.txt").write_text(f"{CANARY} Rosa Vega won.", encoding="utf-8")
    added = folder / "added"
    added.mkdir()
    (added / "regatta.txt").write_text("Rosa Vega won the regatta in 2021.", encoding="utf-8")
    (added / "link.txt").symlink_to(secret / "secret.txt")
    (added / "linked").symlink_to(secret, target_is_directory=True)
    home.add(added)
    rebuild(home)
    people_of(home)
    with serving(home, settings=Settings(auth=True)) as address:
        yield home, address


def client_of(served, *, name=None, password=None, **options):
    auth = (name, password) if name else None
    return httpx.Client(base_url=served[1], auth=auth, timeout=60, **options)


@pytest.fixture
def stranger(served):
    with client_of(served) as client:
        yield client


@pytest.fixture
def ada(served):
    with client_of(served, name="ada", password=ADA) as client:
        yield client


@pytest.fixture
def ben(served):
    with client_of(served, name="ben", password=BEN) as client:
        yield client


def log_in(client, name, password, **options):
    return client.post("/login", data={"name": name, "password": password}, **options)


# ---- Rights ----


def declared(routes):
    for context in iter_route_contexts(routes):
        route = getattr(context, "original_route", None) or context
        if isinstance(route, Mount):
            yield from declared(route.app.routes)
            continue
        path = getattr(context, "path", None) or route.path
        methods = getattr(context, "methods", None) or getattr(route, "methods", None) or {"*"}
        yield from (f"{method} {path}" for method in methods - {"HEAD"})


def test_every_route_of_the_app_is_classified_and_nothing_else_is(bundled_home):
    found = {*declared(app_of(bundled_home).routes), *declared(create_api().routes)}
    known = RIGHTS.keys() | CLOSED
    assert found - known == set(), "say in ui/access/rights.py who needs them"
    of_mcp = {f"{method} /mcp" for method in ("GET", "POST", "DELETE")}
    assert known - found - of_mcp == set(), "there are no such routes any more"
    assert not RIGHTS.keys() & CLOSED


def test_what_nobody_listed_is_closed():
    for route in CLOSED:
        method, _, path = route.partition(" ")
        assert right_to(method, path.replace("{", "").replace("}", "")) is None
    assert right_to("GET", "/page/nothing-yet") is None
    assert right_to("GET", "/api/nothing-yet") == "manage"
    assert right_to("DELETE", "/page/state") is None
    assert right_to("GET", "//page/state") is None


def filled(route):
    method, _, path = route.partition(" ")
    return ("PUT" if method == "*" else method), path.replace("{", "").replace("}", "")


@pytest.mark.parametrize("route", [each for each, right in RIGHTS.items() if right != "none"])
def test_who_has_not_logged_in_gets_nothing(stranger, route):
    refused = stranger.request(*filled(route))
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert "regatta" not in refused.text


@pytest.mark.parametrize("route", [each for each, right in RIGHTS.items() if right == "manage"])
def test_who_may_ask_may_not_manage(ben, route):
    refused = ben.request(*filled(route), headers={"X-Readout": "1"})
    assert refused.status_code == 403
    assert "ben may ask" in refused.text


def test_the_same_rights_hold_on_page_api_and_mcp(ada, ben, stranger, served):
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    for client, expected in ((ada, 200), (ben, 200), (stranger, 401)):
        assert client.get("/api/search", params={"q": "regatta"}).status_code == expected
        assert client.get("/page/state").status_code == expected
        assert client.post("/mcp", json=call, headers=accept).status_code == expected
    assert ben.post("/api/rebuild", headers={"X-Readout": "1"}).status_code == 403
    token = Users(served[0]).give_token("ben")
    bearer = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/page/state", headers=bearer).status_code == 200
    assert Users(served[0]).revoke_tokens("ben") == 1
    assert stranger.get("/page/state", headers=bearer).status_code == 401
    assert token not in Users(served[0]).path.read_text()


def test_a_browser_is_led_to_the_login_and_back(stranger):
    asked = stranger.get("/?q=a%20b", headers={"Accept": "text/html"})
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/login?next=%2F%3Fq%3Da%2520b"
    entered = log_in(stranger, "ADA", ADA, params={"next": "/?q=a%20b"})
    assert entered.headers["Location"] == "/?q=a%20b"
    assert stranger.get("/page/you.js").text.count('"ada"') == 1


@pytest.mark.parametrize("next_", ["//evil.example", "/\\evil.example", "https://evil.example",
                                   "/\t/evil.example", "javascript:alert(1)", ""])  # fmt: skip
def test_a_login_leads_nowhere_else(stranger, next_):
    entered = log_in(stranger, "ada", ADA, params={"next": next_})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/")


def test_a_session_is_kept_from_scripts_and_ends_when_it_should(served, stranger):
    home, _ = served
    Users(home).add("cleo", "ask", ADA)
    cookie = log_in(stranger, "cleo", ADA).headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert stranger.get("/page/state").headers["Cache-Control"] == "no-store"
    left = stranger.post("/logout")
    assert left.headers["Clear-Site-Data"] == '"cache"'  # in the storage is what others keep
    assert stranger.get("/page/state").status_code == 401
    log_in(stranger, "cleo", ADA)
    assert stranger.get("/page/state").status_code == 200
    Users(home).change_password("cleo", BEN)
    assert stranger.get("/page/state").status_code == 401
    log_in(stranger, "cleo", BEN)
    Users(home).remove("cleo")
    assert stranger.get("/page/state").status_code == 401


def test_sessions_end_with_time_and_a_person_has_only_so_many():
    now = [0.0]
    sessions, user = Sessions(lambda: now[0]), User("ada", "ask", "hash")

    def holds(secret):
        return sessions.find(secret, lambda _: user) is not None

    unused, used = sessions.begin(user), sessions.begin(user)
    now[0] = IDLE - 1
    assert holds(used)
    now[0] = IDLE + 1
    assert not holds(unused)
    while now[0] < LONGEST - IDLE:
        now[0] += IDLE / 2
        assert holds(used)
    now[0] = LONGEST + 1
    assert not holds(used)
    first = sessions.begin(user)
    for _ in range(20):
        now[0] += 1
        last = sessions.begin(user)
    assert not holds(first)
    assert holds(last)


def test_an_open_page_that_nobody_uses_keeps_no_session(tmp_path):
    people_of(Home(tmp_path))
    now = [0.0]
    door = Door(Users(Home(tmp_path)), 1, 1, Sessions(lambda: now[0]))
    secret = door.sessions.begin(door.users.find("ada"))

    def holds(path):
        scope = {"type": "http", "scheme": "http", "method": "GET", "path": path}
        scope |= {"server": ("127.0.0.1", 1), "query_string": b""}
        cookie = f"{door.cookie(scope)}={secret}".encode()
        return asyncio.run(door.person(Request(scope | {"headers": [(b"cookie", cookie)]})))

    for path in ("/page/state", "/gradio_api/heartbeat/x", "/page/source", "/page/state"):
        now[0] += IDLE * 0.3
        assert holds(path)
    now[0] += IDLE * 0.8  # since the source was read, more than it
    assert not holds("/page/state")


def test_guessing_is_slowed_and_tells_nothing(bundled_home):
    people_of(bundled_home)
    with (
        serving(bundled_home, settings=Settings(auth=True)) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        for name in ("ada", "nobody"):
            told = [log_in(client, name, "wrong, so very wrong") for _ in range(6)]
            assert [each.status_code for each in told] == [401] * 5 + [429]
            assert "There is nobody of that name with that password." in told[0].text
            assert 1 <= int(told[-1].headers["Retry-After"]) <= 60
        assert log_in(client, "ada", ADA).status_code == 429
        basic = client.get("/api/search", params={"q": "x"}, auth=("ada", ADA))
        assert (basic.status_code, basic.json()["type"]) == (429, "/docs#too-many")
        assert log_in(client, "ben", BEN).status_code == 303


def test_only_wrong_passwords_are_counted_and_who_was_there_before_is_let_in(tmp_path):
    people_of(Home(tmp_path))
    here, there, wrong = "2001:db8::1", "192.0.2.%d", "wrong, so very wrong"

    async def guessed():
        door = Door(Users(Home(tmp_path)), 1, 1)
        right = await asyncio.gather(*(door.user("ada", ADA, here) for _ in range(9)))
        assert [user.name for user in right] == ["ada"] * 9
        guesses = (door.user("ada", f"{wrong} {n}", there % (n // 4)) for n in range(60))
        told = await asyncio.gather(*guesses, return_exceptions=True)
        assert told.count(None) == 50
        with pytest.raises(TooOften):
            await door.user("ada", ADA, "192.0.2.200")
        assert await door.user("ada", ADA, here)
        # One machine has all addresses of such a network.
        told = [door.user("ben", f"{wrong} {n}", f"2001:db8::{n}") for n in range(9)]
        assert (await asyncio.gather(*told, return_exceptions=True)).count(None) == 5

    asyncio.run(guessed())


def test_a_bucket_fills_as_time_goes_by():
    now = [0.0]
    limiter = Limiter(Rate(2, 60), lambda: now[0])
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 30]
    assert limiter.take("b") == 0
    now[0] = 30.0
    assert limiter.take("a") == 0
    assert limiter.take("a") == 30
    now[0] = 1e9
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 30]


def test_questions_are_limited_by_person(bundled_home):
    people_of(bundled_home)
    with serving(bundled_home, settings=Settings(auth=True, questions_a_minute=2)) as address:

        def status(name, password):
            asked = httpx.get(f"{address}/api/search?q=x", auth=(name, password), timeout=60)
            return asked.status_code, "Retry-After" in asked.headers

        assert [status("ben", BEN) for _ in range(3)] == [(200, False)] * 2 + [(429, True)]
        assert status("ada", ADA) == (200, False)


def test_a_login_that_breaks_off_is_no_error(served, caplog):
    port = httpx.URL(served[1]).port
    head = f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 99\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded"
    with caplog.at_level("ERROR"):
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(f"{head}{kind}\r\n\r\nname=a".encode())
        assert httpx.get(f"{served[1]}/healthz").status_code == 200
        time.sleep(0.2)
    assert caplog.records == []


def test_what_helps_around_questions_is_counted_apart():
    assert counted_as("GET", "/api/search") == "question"
    for route in ("POST /gradio_api/queue/join", "GET /page/suggestions", "POST /cite/check"):
        assert counted_as(*route.split()) == "request"
    door = Door(Users(Home("nowhere")), 1, 1)
    ada = Person("ada", "manage")
    assert [door.wait("request", ada) for _ in range(10)] == [0] * 10
    assert door.wait("request", ada) > 0
    assert door.wait("question", ada) == 0
    assert door.wait("question", ada) > 0


# ---- Other sites ----


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://127.0.0.1:1"},
])  # fmt: skip
def test_pages_of_other_sites_change_nothing(ada, stranger, headers):
    said = {"verdict": "down", "question": "Who?"}
    assert ada.post("/page/feedback", json=said, headers=headers).status_code == 403
    assert ada.post("/api/feedback", json=said, headers=headers).status_code == 403
    assert ada.post("/page/rebuild", headers={"X-Readout": "page"} | headers).status_code == 403
    assert stranger.post("/login", data={"name": "ada"}, headers=headers).status_code == 403
    assert stranger.post("/logout", headers=headers).status_code == 403


def test_other_sites_change_nothing_where_nobody_logs_in_either(address):
    said = {"verdict": "down", "question": "Who?"}
    for path in ("/page/feedback", "/api/feedback", "/gradio_api/queue/join"):
        refused = httpx.post(f"{address}{path}", json=said, headers={"Origin": "http://a.example"})
        assert refused.status_code == 403, path
    assert httpx.post(f"{address}/api/feedback", json=said).status_code == 200


@pytest.mark.parametrize(("host", "name", "said", "ours"), [
    ("127.0.0.1", None, "127.0.0.1:7860", True), ("127.0.0.1", None, "localhost", True),
    ("127.0.0.1", None, "[::1]:80", True), ("127.0.0.1", None, "10.0.0.7", False),
    ("127.0.0.1", None, "evil.example", False), ("127.0.0.1", None, "127.0.0.1:80@evil", False),
    ("127.0.0.1", "desk.example", "desk.example", True), ("0.0.0.0", None, "10.0.0.7:80", True),
    ("0.0.0.0", None, "evil.example", False), ("::", None, "[fe80::1]", True),
    ("::", None, "[fe80::1", False), ("0.0.0.0", None, "", False),
])  # fmt: skip
def test_only_our_own_names_are_answered_to(host, name, said, ours):
    assert names_check(host, name)(said) is ours


@pytest.mark.parametrize(("host", "kept", "needed"), [
    ("127.0.0.1", Settings(), False), ("localhost", Settings(), False), ("::1", Settings(), False),
    ("127.0.0.1", Settings(auth=True), True), ("127.0.0.1", Settings(name="desk.example"), True),
    ("0.0.0.0", Settings(), True), ("::", Settings(), True), ("", Settings(), True),
    ("10.0.0.7", Settings(), True), ("desk.example", Settings(), True),
])  # fmt: skip
def test_people_log_in_wherever_others_can_come_from(host, kept, needed):
    assert needs_login(host, kept) is needed


def test_headers_keep_others_out_and_a_login_page_needs_no_inline_script(stranger):
    for path in ("/login", "/healthz", "/page/state"):
        headers = stranger.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in stranger.get("/login").headers["Content-Security-Policy"]
    assert "<script>alert" not in log_in(stranger, "<script>alert(1)</script>", "x").text


# ---- What is whose ----


def test_everybody_sees_what_they_said_themselves_and_who_manages_all(ada, ben, served):
    for client, question in ((ada, "Who of Ada?"), (ben, "Who of Ben?")):
        said = {"verdict": "up", "question": question, "place": PLACE}
        assert client.post("/api/feedback", json=said).json() == {"changed": True}

    def seen(client):
        opinions = client.get("/api/feedback").json()["opinions"]
        return {(each["person"], each["question"]) for each in opinions}

    assert seen(ben) == {("ben", "Who of Ben?")}
    assert seen(ada) == {("ben", "Who of Ben?"), ("ada", "Who of Ada?")}
    undone = {"verdict": "up", "question": "Who of Ada?", "place": PLACE, "undo": True}
    assert ben.post("/api/feedback", json=undone).json() == {"changed": False}
    assert stat.S_IMODE(Feedback(served[0]).path.stat().st_mode) == 0o600


# ---- Users ----


def user(home, *arguments, **options):
    return CliRunner().invoke(cli, ["user", *arguments, "--home", str(home.path)], **options)


def test_users_are_added_listed_changed_and_removed(tmp_path):
    home = Home(tmp_path / "home")
    typed = f"{ADA}\n{ADA}\n"
    assert user(home, "add", "Ada", "--role", "manage", input=typed).exit_code == 0
    assert user(home, "add", "ben", "--stdin", input=f"{BEN}\n").exit_code == 0
    path = home.path / "users.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert ADA not in path.read_text()
    token = user(home, "token", "ben").stdout.strip()
    listed = json.loads(user(home, "list", "--json").stdout)["users"]
    assert listed == [
        {"name": "ada", "role": "manage", "tokens": 0},
        {"name": "ben", "role": "ask", "tokens": 1},
    ]
    assert Users(home).by_token(token).name == "ben"
    assert Users(home).by_password("ADA", ADA).role == "manage"
    assert Users(home).by_password("ada", BEN) is None
    assert Users(home).by_password("nobody", BEN) is None
    assert user(home, "password", "ada", "--stdin", input=f"{BEN}\n").exit_code == 0
    assert Users(home).by_password("ada", BEN)
    assert user(home, "remove", "ben").exit_code == 0
    assert Users(home).by_token(token) is None


@pytest.mark.parametrize(("arguments", "typed", "told"), [
    (["add", "ada", "--stdin"], "short\n", "12 to 256 characters"),
    (["add", "somebody-else", "--stdin"], "Somebody-Else\n", "the password is the name"),
    (["add", "a b", "--stdin"], f"{ADA}\n", "choose another"),
    (["add", "../ada", "--stdin"], f"{ADA}\n", "choose another"),
    (["remove", "nobody"], "", "no such user; there are: none"),
    (["password", "nobody", "--stdin"], f"{ADA}\n", "no such user"),
    (["token", "nobody"], "", "no such user"),
])  # fmt: skip
def test_what_will_not_do_is_told_in_a_line(tmp_path, arguments, typed, told):
    failed = user(Home(tmp_path / "home"), *arguments, input=typed).exception
    assert isinstance(failed, BadUser)
    assert told in str(failed)
    assert "\n" not in str(failed)


@pytest.mark.parametrize("text", ["", "[]", '{"version": 9}', '{"version": 1, "users": [{}]}'])
def test_a_damaged_file_of_users_lets_nobody_in(tmp_path, text):
    home = Home(tmp_path)
    (tmp_path / "users.json").write_text(text)
    with pytest.raises(UsersUnusable, match=r"users\.json: cannot be used"):
        Users(home).find("ada")


def test_nothing_is_served_to_others_before_somebody_can_log_in(bundled_home):
    for options in (["--host", "0.0.0.0"], ["--auth"], ["--name", "desk.example"]):
        home = ["--home", str(bundled_home.path)]
        failed = CliRunner().invoke(cli, ["serve", *options, *home]).exception
        assert isinstance(failed, NobodyCanLogIn)
        assert "readout user add NAME --role manage" in str(failed)
    with pytest.raises(NobodyCanLogIn):
        create_app(bundled_home, "0.0.0.0")


# ---- Files outside ----


def _routes_with_paths():
    waits = {"GET /gradio_api/heartbeat/{session_hash}", "GET /gradio_api/queue/data", "GET /mcp"}
    fits = {each for each, right in RIGHTS.items() if right in ("ask", "none")} - waits
    return sorted({each for each in fits if each.startswith("GET ")} | {
        each for each in CLOSED if each.startswith("GET ")
    })  # fmt: skip


_PARAMETERS = "document source named q query path next within title check edition have".split()
_STEPS = st.sampled_from(
    ".. . %2e%2e ..%2f %00 \\..  ~ file: home added link.txt linked outside secret.txt".split(" ")
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_route_reads_a_file_outside(served, ada):
    home, _ = served
    outside = home.path.parent / "outside" / "secret.txt"
    whole = st.sampled_from([
        str(outside), f"{home.path.parent}/added/link.txt", f"file://{outside}",
        f"/{outside}", f"bundled/../../../..{outside}", f"{home.path}/../outside/secret.txt",
    ])  # fmt: skip
    paths = st.one_of(whole, st.lists(_STEPS, min_size=1, max_size=9).map("/".join))

    @settings(max_examples=60, deadline=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(st.sampled_from(_routes_with_paths()), paths, st.booleans())
    def fuzzed(route, path, escaped):
        shape = route.removeprefix("GET ")
        value = quote(path, safe="") if escaped else quote(path, safe="/%:~\\")
        where = shape
        while "{" in where:
            where = where[: where.index("{")] + value + where[where.index("}") + 1 :]
        asked = dict.fromkeys(_PARAMETERS, path) | {"start": 0, "end": 9}
        found = ada.get(httpx.URL(f"{ada.base_url}{where}", params=asked))
        assert CANARY not in found.text
        assert found.status_code < 500, (where, found.text)

    fuzzed()
    for path in (str(outside), str(outside.parent)):
        for way in ("source", "documents"):
            assert CANARY not in ada.get(f"/api/{way}", params={"document": path}).text
    found = ada.get("/api/search", params={"q": "Rosa Vega won", "k": 100}).json()["passages"]
    assert "Rosa Vega won the regatta" in json.dumps(found)
    assert CANARY not in json.dumps(found)


def test_a_path_is_added_neither_by_who_asks_nor_through_a_proxy(ben, ada, served):
    secret = {"path": str(served[0].path.parent / "outside")}
    act = {"X-Readout": "page"}
    assert ben.post("/page/library/add", json=secret, headers=act).status_code == 403
    for header in ({"X-Forwarded-For": "127.0.0.1"}, {"Via": "1.1 proxy"}):
        refused = ada.post("/page/library/add", json=secret, headers=act | header)
        assert refused.status_code == 400
        assert "added there" in refused.json()["error"]
    assert secret["path"] not in served[0].roots()


def test_an_upload_brings_only_so_many_files(ada):
    files = [("files", (f"{number}.txt", b"x")) for number in range(201)]
    refused = ada.post("/page/library/upload", files=files, headers={"X-Readout": "page"})
    assert refused.status_code == 400
    assert "200" in refused.json()["error"]


# ---- Addresses in what people bring ----


@pytest.fixture
def canary_server():
    """A server that notes every request, and its address."""
    asked = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_nothing_fetches_an_address_that_stands_in_documents_questions_or_settings(
    home_of, canary_server, monkeypatch
):
    url, asked = canary_server

    async def by_gradio(url):  # which refuses addresses of this machine, but no others
        asked.append(url)
        raise ValueError

    monkeypatch.setattr("gradio.processing_utils.async_ssrf_protected_get", by_gradio)
    html = (
        f'<html><head><base href="{url}/base/"><link rel="stylesheet" href="{url}/a.css">'
        f'<meta http-equiv="refresh" content="0;url={url}/b"><script src="{url}/c.js"></script>'
        f"<title>Regatta</title></head><body><p>Rosa Vega won the regatta in 2021.</p>"
        f'<img src="{url}/d.png"><iframe src="{url}/e"></iframe><object data="{url}/f"></object>'
        f'<video src="{url}/g"></video><a href="{url}/h">more</a></body></html>'
    )
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "{url}/i">'
        f'<!ENTITY % y SYSTEM "{url}/j"> %y;]><html xmlns="http://www.w3.org/1999/xhtml">'
        "<body><p>The regatta was won. &x;</p></body></html>"
    )
    home = home_of({
        "a.html": html, "b.xhtml": xml,
        "c.md": f"---\nurl: {url}/k\n---\n\n![x]({url}/l) [x]: {url}/m\n\nThe regatta is old.\n",
        "d.csv": f'name,link\nregatta,"=WEBSERVICE(""{url}/n"")"\n',
    })  # fmt: skip
    with serving(home) as address, httpx.Client(base_url=address, timeout=60) as client:
        for question in (f"What stands at {url}/o ?", f"![]({url}/p) who won the regatta?"):
            assert client.post("/api/ask", json={"question": question}).status_code == 200
        for path in ("/gradio_api/proxy=", "/gradio_api/file=", "/api/documents/"):
            assert client.get(f"{path}{url}/q").status_code == 404
        file = {"path": f"{url}/u", "url": f"{url}/v", "meta": {"_type": "gradio.FileData"}}
        config = client.get("/config").json()
        for each in config["dependencies"]:
            data = [file] * len(each["inputs"])
            body = {"data": data, "fn_index": each["id"], "session_hash": "canary"}
            assert client.post("/gradio_api/queue/join", json=body).status_code == 200
        deadline = time.monotonic() + 2  # in which Gradio looks at what was sent
        while time.monotonic() < deadline and not asked:
            time.sleep(0.05)
        add = {"path": f"{url}/w"}
        act = {"X-Readout": "page"}
        assert client.post("/page/library/add", json=add, headers=act).status_code == 400
    for command in (["add", f"{url}/x"], ["rebuild", "--encoder", f"{url}/y"],
                    ["ask", "who?", "--reranker", f"{url}/z"]):  # fmt: skip
        failed = CliRunner().invoke(cli, [*command, "--home", str(home.path)]).exception
        assert isinstance(failed, ReadoutError), command
    assert asked == []
