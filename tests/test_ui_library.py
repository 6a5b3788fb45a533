"""The library: the table of documents, changes to it, and what they came to."""

import asyncio
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
from browsing import QUESTION, serving
from builders import json_lines, write_files
from starlette.datastructures import Headers

from assistant import Assistant, Quote
from assistant.collecting import Collection
from assistant.golden import GOLDEN, load_golden
from assistant.rightness import expectations, find
from index import Generation, Home, rebuild
from index.differences import differences, name_before, since
from index.outlines import Outline
from ui.errors import NotPossible, UploadRefused
from ui.library import uploads
from ui.library.changing import add_path, details
from ui.library.golden import Golden
from ui.library.holdings import Shelf, root_of
from ui.library.rows import matching, ordered, rows_of
from ui.library.soon import RebuildSoon
from ui.library.uploads import keep, received, safe_name

PAGE = {"X-Readout": "page"}


def outline_of(name: str, **others: object) -> Outline:
    values = {
        "id": name,
        "source": f"/d/{name}",
        "record": None,
        "media_type": "text/plain",
        "title": name,
        "published": None,
        "event_date": None,
        "publisher": None,
        "author": None,
        "url": None,
        "sha256": name,
        "first": 0,
        "passages": 1,
        "length": 10,
    }
    return Outline(**values | others)


def rows(*outlines: Outline, states=None, problems=()):
    return rows_of(outlines, states or {}, lambda _: 100, problems)


def titles(found) -> list[str]:
    return [row.title for row in found]


# ---- Rows ----


def test_a_search_knows_neither_case_nor_accents_and_wants_every_word():
    found = rows(
        outline_of("a", title="São Tomé: Ações", publisher="Ministério"),
        outline_of("b", title="Straße nach Sao Paulo"),
        outline_of("c", title="Other"),
    )
    assert titles(matching(found, "SAO")) == ["São Tomé: Ações", "Straße nach Sao Paulo"]
    assert titles(matching(found, "ministerio acoes")) == ["São Tomé: Ações"]
    assert titles(matching(found, "strasse")) == ["Straße nach Sao Paulo"]
    assert titles(matching(found, "/d/c")) == ["Other"]
    assert matching(found, "sao zanzibar") == []
    assert matching(found, " ") == found


def test_rows_are_sorted_by_any_column_and_what_is_unknown_comes_last_both_ways():
    found = rows(
        outline_of("b", published=date(2021, 1, 1), passages=3),
        outline_of("a", event_date=date(2022, 1, 1), passages=1),
        outline_of("É", passages=2, publisher="Z"),
        outline_of("d", published=date(2021, 1, 1), passages=2),
    )
    assert titles(ordered(found, "title")) == ["a", "b", "d", "É"]
    assert titles(ordered(found, "title", descending=True)) == ["É", "d", "b", "a"]
    assert titles(ordered(found, "day")) == ["b", "d", "a", "É"]
    assert titles(ordered(found, "day", descending=True)) == ["a", "b", "d", "É"]
    assert titles(ordered(found, "passages", descending=True)) == ["b", "d", "É", "a"]
    assert titles(ordered(found, "publisher")) == ["É", "a", "b", "d"]


def test_what_asks_for_attention_comes_first_by_state():
    found = rows(
        outline_of("a"),
        outline_of("b"),
        outline_of("c"),
        states={Path("/d/b"): "changed", Path("/d/n"): "new"},
        problems=[{"source": "/d/c", "reason": "page 3 is empty"}],
    )
    assert titles(ordered(found, "state")) == ["c", "b", "n", "a"]
    [broken] = [row for row in found if row.problem]
    assert (broken.title, broken.state, broken.problem) == ("c", "current", "page 3 is empty")


def test_a_problem_goes_to_its_document_or_has_a_row_of_its_own():
    found = rows(
        outline_of("one", source="/d/many.jsonl", record="1"),
        outline_of("two", source="/d/many.jsonl", record="2"),
        outline_of("mail", source="/d/a, b.eml"),
        problems=[
            {"source": "/d/many.jsonl, line 3", "reason": "not JSON"},
            {"source": "/d/many.jsonl, 2", "reason": "its date is no date"},
            {"source": "/d/a, b.eml, photo.png", "reason": "a picture"},
            {"source": "/d/new.xyz", "reason": "not a format Readout reads"},
            {"source": "all-MiniLM-L6-v2", "reason": "not compiled"},
        ],
        states={Path("/d/new.xyz"): "new"},
    )
    told = {(row.id, row.source): (row.state, row.problem) for row in found if row.problem}
    assert told == {
        ("two", "/d/many.jsonl"): ("current", "its date is no date"),
        ("mail", "/d/a, b.eml"): ("current", "photo.png: a picture"),
        (None, "/d/many.jsonl, line 3"): ("unread", "not JSON"),
        (None, "/d/new.xyz"): ("unread", "not a format Readout reads"),
    }
    assert len(found) == 5


def test_a_file_of_which_documents_are_held_is_no_new_one():
    found = rows(outline_of("a"), states={Path("/d/a"): "new", Path("/d/b"): "new"})
    assert [(row.id, row.state) for row in found] == [("a", "changed"), (None, "new")]


def test_the_size_is_that_of_the_file_or_of_the_text_of_one_among_many():
    found = rows(
        outline_of("alone"),
        outline_of("one", source="/d/many.jsonl", record="1", length=7),
        outline_of("two", source="/d/many.jsonl", record="2", length=8),
    )
    assert [row.size for row in found] == [100, 7, 8]


def test_ten_thousand_rows_are_found_and_sorted_at_once():
    found = rows(
        *(
            outline_of(
                f"{number:05}",
                title=f"Déclaration {number * 7919 % 10_000} on the Côte d’Ivoire",
                published=date.fromordinal(730_000 + number * 31 % 9000),
                publisher=f"Office {number % 97}",
            )
            for number in range(10_000)
        )
    )
    for column in ("title", "day", "publisher", "format", "size", "passages", "state"):
        taken = []
        for _ in range(3):  # of which other work of a busy machine may slow some
            started = time.thread_time()
            best = ordered(matching(found, "declaration cote"), column, descending=True)
            taken.append(time.thread_time() - started)
        assert len(best) == 10_000
        assert min(taken) < 0.1


def test_the_outermost_source_is_where_a_document_is_from():
    assert root_of("/a/b/c.txt", {"/a/b", "/a", "/a/b/c.txt"}) == "/a"
    assert root_of("/a/b/c.txt", {"/a/b/c.txt"}) == "/a/b/c.txt"
    assert root_of("/ab/c.txt", {"/a"}) is None
    assert root_of("bundled/a.txt", {"bundled"}) == "bundled"
    assert root_of("bundled/a.txt", {"/bundled"}) is None


# ---- Differences ----


def test_differences_are_told_by_document():
    before = [
        *map(outline_of, ("same", "edited", "named", "gone")),
        outline_of("old", source="/d/old", sha256="x"),
    ]
    after = [
        outline_of("same"),
        outline_of("edited", sha256="another"),
        outline_of("named", published=date(2024, 1, 1)),
        outline_of("fresh"),
        outline_of("new", source="/d/new", sha256="x"),
    ]
    found = differences(before, after)
    told = {kind: titles(getattr(found, kind)) for kind in found.__slots__}
    assert told == {
        "added": ["fresh"],
        "changed": ["edited"],
        "described": ["named"],
        "moved": ["new"],
        "removed": ["gone"],
    }


def test_two_that_are_alike_are_not_both_taken_for_one_that_moved():
    found = differences(
        [outline_of("a", sha256="x")], [outline_of("b", sha256="x"), outline_of("c", sha256="x")]
    )
    assert (titles(found.moved), titles(found.added), found.removed) == (["b"], ["c"], ())


# ---- Names and uploads ----


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "shadow"),
        ("..", "document"),
        ("", "document"),
        (".htaccess", "htaccess"),
        ("a\0b\n.txt", "ab.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\ud800x.txt", "x.txt"),
        ('a:b*c?"d<e>|.txt', "a_b_c__d_e__.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("Bericht für März.txt", "Bericht für März.txt"),
        ("u\u0308ber.txt", "über.txt"),
        ("報告書.pdf", "報告書.pdf"),
        ("trailing. . .", "trailing"),
    ],
)
def test_a_name_stays_in_its_folder_on_every_system(given, kept):
    assert safe_name(given) == kept


def test_a_long_name_keeps_its_ending():
    name = safe_name("長" * 400 + ".pdf")
    assert name.endswith("長.pdf")
    assert len(name.encode()) <= 180


def test_a_file_is_never_written_over(tmp_path: Path):
    home = Home(tmp_path / "home")
    first = keep(home, "a.txt", io.BytesIO(b"one"))
    assert keep(home, "a.txt", io.BytesIO(b"one")) == first
    assert keep(home, "x/a.txt", io.BytesIO(b"two")).name == "a (2).txt"
    assert keep(home, "a.txt", io.BytesIO(b"three")).name == "a (3).txt"
    assert keep(home, "a.txt", io.BytesIO(b"two")).name == "a (2).txt"
    kept = {path.name: path.read_bytes() for path in (home.path / "uploads").iterdir()}
    assert kept == {"a.txt": b"one", "a (2).txt": b"two", "a (3).txt": b"three"}


def test_a_link_that_leads_elsewhere_is_not_written_through(tmp_path: Path):
    home = Home(tmp_path / "home")
    keep(home, "other.txt", io.BytesIO(b"one"))
    outside = tmp_path / "outside.txt"
    (home.path / "uploads" / "a.txt").symlink_to(outside)
    assert keep(home, "a.txt", io.BytesIO(b"two")).name == "a (2).txt"
    assert not outside.exists()


async def _chunks(*chunks: bytes):
    for chunk in chunks:
        yield chunk


def form_of(*files: tuple[str, bytes]) -> httpx.Request:
    return httpx.Request("POST", "http://x", files=[("files", file) for file in files])


def receive(request: httpx.Request, limit: int, *, length: str | None):
    headers = {"content-type": request.headers["content-type"]}
    headers |= {"content-length": length} if length else {}
    body = request.read()
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    # In a thread of its own: a loop that ends here would leave Gradio to make others, unclosed.
    with ThreadPoolExecutor(1) as pool:
        form = received(Headers(headers), _chunks(*pieces), limit)
        return pool.submit(asyncio.run, form).result()


@pytest.mark.parametrize("length", [None, "7", "99999999", "²"])
def test_what_is_too_large_is_refused_whatever_it_says_of_itself(length):
    with pytest.raises(UploadRefused, match="more than 2 MB at once"):
        receive(form_of(("a.txt", b"x" * 2_000_001)), 2_000_000, length=length)


def test_what_is_no_form_is_refused_in_one_line():
    request = httpx.Request("POST", "http://x", content=b"x", headers={"content-type": "a/b"})
    with pytest.raises(UploadRefused, match="no files came"):
        receive(request, 100, length=None)
    request.headers["content-type"] = "multipart/form-data"
    with pytest.raises(UploadRefused, match="cannot be read"):
        receive(request, 100, length=None)


# ---- One rebuild for several changes ----


class Counting:
    """Stands in for a `Rebuilding`; busy while it is told to be."""

    def __init__(self) -> None:
        self.runs = 0
        self.busy = False

    def start(self) -> bool:
        if self.busy:
            return False
        self.runs += 1
        return True


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_several_changes_in_a_row_start_one_rebuild():
    rebuilding = Counting()
    soon = RebuildSoon(rebuilding, pause=0.3)
    with soon.hold():
        for _ in range(3):
            with soon.change():
                time.sleep(0.15)
        time.sleep(0.5)
        assert rebuilding.runs == 0  # one more is still on its way
    until(lambda: rebuilding.runs == 1)
    time.sleep(0.5)
    assert rebuilding.runs == 1
    with soon.change():
        pass
    until(lambda: rebuilding.runs == 2)


def test_a_change_while_a_rebuild_runs_is_read_by_another():
    rebuilding = Counting()
    rebuilding.busy = True
    soon = RebuildSoon(rebuilding, pause=0)
    with soon.change():
        pass
    time.sleep(0.3)
    assert rebuilding.runs == 0
    rebuilding.busy = False
    until(lambda: rebuilding.runs == 1)


def test_a_change_that_fails_and_one_that_was_read_already_start_none():
    rebuilding = Counting()
    soon = RebuildSoon(rebuilding, pause=0.2)
    with pytest.raises(ValueError, match="no"), soon.change():
        raise ValueError("no")
    time.sleep(0.5)
    assert rebuilding.runs == 0
    with soon.change():
        pass
    rebuilding.start()  # somebody pressed the button
    time.sleep(0.6)
    assert rebuilding.runs == 1


def test_nothing_starts_after_the_server_ends():
    rebuilding = Counting()
    soon = RebuildSoon(rebuilding, pause=0.2)
    with soon.change():
        pass
    soon.stop()
    time.sleep(0.5)
    assert rebuilding.runs == 0


# ---- A real home ----


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(
        tmp_path / "documents",
        {
            "kept.txt": "The harbour master of Port Lumen is Ada Quill.\n",
            "edited.txt": "The mayor of Port Lumen is Ben Vane.\n",
            "lost.txt": "The bridge of Port Lumen is blue.\n",
            "broken.pdf": b"%PDF-1.7\nnothing",
            "many.jsonl": json_lines(
                {"_id": "1", "title": "First", "text": "The tower of Port Lumen is old."},
                {"_id": "2", "title": "Second", "text": "The school of Port Lumen is new."},
            ),
        },
    )


@pytest.fixture
def home(new_home: Home, folder: Path) -> Home:
    new_home.add(folder)
    new_home.remove("bundled")
    rebuild(new_home)
    return new_home


def states_of(shelf: Shelf) -> dict[str, str]:
    return {row.record or Path(row.source).name: row.state for row in shelf.look().rows}


def test_each_file_is_told_as_it_stands_now(home: Home, folder: Path):
    shelf = Shelf(Assistant.open(home))
    everything = {"kept.txt": "current", "1": "current", "2": "current", "broken.pdf": "unread"}
    assert states_of(shelf) == everything | {"edited.txt": "current", "lost.txt": "current"}
    (folder / "edited.txt").write_text("The mayor of Port Lumen is Cy Drew.\n", encoding="utf-8")
    (folder / "lost.txt").unlink()
    (folder / "fresh.txt").write_text("The market is on Monday.\n", encoding="utf-8")
    changed = {"edited.txt": "changed", "lost.txt": "gone", "fresh.txt": "new"}
    assert shelf.seen().rows[0].state == "current"  # nobody looked again
    assert states_of(shelf) == everything | changed
    [source] = shelf.seen().sources
    assert (source.added, source.changed, source.removed) == (1, 1, 1)
    home.add(folder / "kept.txt", said={"title": "Harbour"})
    assert states_of(shelf)["kept.txt"] == "corrected"
    home.add("bundled")
    home.remove(folder)
    states = states_of(shelf)
    assert (states["kept.txt"], states["1"]) == ("corrected", "removed")


def test_what_changed_since_the_index_before_is_told_by_title(home: Home, folder: Path):
    first = Generation.serving(home)
    assert name_before(home, first) is None
    (folder / "fresh.txt").write_text("The market is on Monday.\n", encoding="utf-8")
    (folder / "lost.txt").unlink()
    rebuild(home)
    second = Generation.serving(home)
    assert name_before(home, second) == first.name
    found = since(home, first.name, second)
    assert (titles(found.added), titles(found.removed)) == (["fresh"], ["lost"])
    assert (found.changed, found.described, found.moved) == ((), (), ())


def test_only_a_document_with_a_file_of_its_own_is_described_or_removed(home: Home, folder: Path):
    home.add(folder / "kept.txt")
    home.add(folder.parent / "documents" / "many.jsonl")
    home.remove(folder)
    rebuild(home)
    assistant = Assistant.open(home)
    kept, record = (details(assistant, name) for name in ("kept.txt", "1"))
    assert (kept["fixed"], kept["alone"]) == (None, True)
    assert record["alone"] is False
    assert "one of many" in record["fixed"]


@pytest.mark.parametrize("path", ["", "documents", "~nobody-here/x", "/\0", "/no/such/place"])
def test_a_path_must_be_whole_and_there(tmp_path: Path, path):
    with pytest.raises(Exception, match=r"whole path|no such") as told:
        add_path(Home(tmp_path / "home"), path)
    assert "\n" not in str(told.value)


def test_a_folder_that_holds_the_home_is_not_added(tmp_path: Path):
    with pytest.raises(NotPossible, match="own index"):
        add_path(Home(tmp_path / "home"), str(tmp_path))


# ---- Golden questions ----


@pytest.fixture
def golden(bundled_home: Home) -> Assistant:
    assistant = Assistant.open(bundled_home)
    right = assistant.ask(QUESTION).citations[0]
    collection = Collection(bundled_home)
    collection.add(QUESTION, (), right.document, right.quote)
    other = Quote.of(right.document, 0, 40)
    collection.add("Who co-chaired the 11th dialogue? Tell me.", (), right.document, other)
    collection.add("What is the price of gold in Zanzibar?", (), None, None)
    place = {"document": "nowhere.txt", "start": 0, "end": 3}
    with (bundled_home.path / GOLDEN).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"question": "Where?", "answers": [place]}) + "\n")
    return assistant


def test_golden_questions_are_asked_on_demand_and_told_one_by_one(golden: Assistant):
    book = Golden(golden)
    entries = book.as_json()["entries"]
    assert [entry["asked"] for entry in entries] == [False] * 4
    assert "co-chaired" in entries[0]["expected"][0]["quote"]
    assert entries[0]["expected"][0]["link"].startswith("#src?document=003_")
    assert "nowhere.txt" in entries[3]["fault"]
    assert book.ask()
    assert book.wait(60)
    found = book.as_json()
    assert [entry["verdict"] for entry in found["entries"]] == [
        "right",
        "wrong",
        "rightly refused",
        None,
    ]
    assert [entry["right"] for entry in found["entries"]] == [True, False, True, None]
    assert found["entries"][1]["now"]["title"]
    assert (found["done"], found["total"], found["running"]) == (4, 4, False)
    assert (found["generation"], found["stale"]) == (golden.generation.name, False)


def test_a_golden_question_can_be_deleted_with_its_places(golden: Assistant):
    collection = Collection(golden.home)
    assert collection.remove(QUESTION, ())
    assert not collection.remove(QUESTION, ())
    left = [entry["question"] for entry in Golden(golden).as_json()["entries"]]
    assert left == [
        "Who co-chaired the 11th dialogue? Tell me.",
        "What is the price of gold in Zanzibar?",
        "Where?",
    ]


def test_a_quote_that_moved_is_found_again_and_counts(golden: Assistant):
    entry = load_golden(golden.home.path / GOLDEN)[0]
    [answer] = entry.answers
    moved = replace(entry, answers=(replace(answer, start=answer.start + 9, end=answer.end + 9),))
    [expected] = expectations([moved], golden.generation)
    assert expected.entry.answers[0].start == answer.start
    assert find(golden, expected.entry).verdict == "right"


def test_none_and_a_damaged_file_are_told(bundled_home: Home):
    book = Golden(Assistant.open(bundled_home))
    assert book.as_json()["entries"] == []
    (bundled_home.path / GOLDEN).write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match="not JSON"):
        book.as_json()


# ---- Over HTTP ----


@pytest.fixture
def client(home: Home) -> Iterator[httpx.Client]:
    with serving(home) as address, httpx.Client(base_url=f"{address}/page/library") as client:
        yield client


def rebuilt(client: httpx.Client, name: str) -> None:
    until(lambda: client.get("/overview").json()["generation"] == name, 60)


def test_files_are_brought_described_removed_and_rolled_back(
    client: httpx.Client, home: Home, folder: Path
):
    found = client.post(
        "/upload",
        headers=PAGE,
        files=[
            ("files", ("../../evil.txt", b"The lighthouse of Port Lumen is white.")),
            ("files", ("evil.txt", b"The lighthouse of Port Lumen is red.")),
            ("files", ("x.png", b"\x89PNG\r\n\x1a\n" + bytes(100))),
            ("files", ("none.txt", b"")),
            ("files", ("evil.txt.meta.toml", b"title = 'x'")),
        ],
    ).json()
    assert [each["name"] for each in found["added"]] == ["evil.txt", "evil (2).txt"]
    assert [each["name"] for each in found["refused"]] == [
        "x.png",
        "none.txt",
        "evil.txt.meta.toml",
    ]
    assert all(each["reason"] and "\n" not in each["reason"] for each in found["refused"])
    kept = home.path / "uploads"
    assert sorted(path.name for path in kept.iterdir()) == ["evil (2).txt", "evil.txt"]
    assert client.get("/overview").json()["states"]["new"] == 2
    rebuilt(client, "000002")
    changes = client.get("/changes").json()
    assert changes["before"] == "000001"
    assert [each["id"] for each in changes["kinds"]["added"]["documents"]] == [
        "evil.txt",
        "evil (2).txt",
    ]
    said = {
        "document": "evil.txt",
        "said": {"title": "The <b>light</b>", "published": "2024-03-01"},
    }
    assert client.post("/correct", headers=PAGE, json=said).json() == {"corrected": True}
    root = str(kept / "evil (2).txt")
    assert client.post("/remove", headers=PAGE, json={"root": root}).json() == {"root": root}
    rebuilt(client, "000003")
    kinds = client.get("/changes").json()["kinds"]
    assert {kind: each["count"] for kind, each in kinds.items()} == {
        "added": 0,
        "changed": 0,
        "described": 1,
        "moved": 0,
        "removed": 1,
    }
    assert (kept / "evil (2).txt").read_bytes()  # the original stays
    [row] = client.get("/documents", params={"query": "light"}).json()["rows"]
    assert (row["title"], row["day"]) == ("The <b>light</b>", "2024-03-01")
    assert client.post("/rollback", headers=PAGE).json() == {"generation": "000002"}
    assert client.get("/overview").json()["generation"] == "000002"
    told = client.post("/rollback", headers=PAGE)
    assert (told.status_code, "no generation before" in told.json()["error"]) == (400, True)


def test_documents_are_sorted_found_and_paged_by_the_server(client: httpx.Client):
    found = client.get("/documents", params={"sort": "title", "count": 2, "start": 1}).json()
    assert (found["total"], found["matching"], len(found["rows"])) == (6, 6, 2)
    assert [row["title"] for row in found["rows"]] == ["edited", "First"]
    assert client.get("/documents", params={"sort": "id; DROP"}).status_code == 422
    assert client.get("/documents", params={"start": -1}).status_code == 422
    assert client.get("/document", params={"document": "no"}).status_code == 404


def test_a_document_opens_at_its_beginning(client: httpx.Client):
    link = client.get("/place", params={"document": "kept.txt"}).json()["link"]
    opened = client.get(f"/../source?{link.removeprefix('#src?')}").json()
    assert opened["quote"] == "The harbour master of Port Lumen is Ada Quill."
    assert client.get("/place", params={"document": "no"}).status_code == 404


def test_a_folder_of_this_machine_is_added_by_its_path(client: httpx.Client, tmp_path: Path):
    more = write_files(tmp_path / "more", {"a.txt": "The ferry of Port Lumen is late."})
    assert client.post("/add", headers=PAGE, json={"path": f" {more} "}).json() == {
        "root": str(more)
    }
    rebuilt(client, "000002")
    told = client.post("/add", headers=PAGE, json={"path": str(tmp_path / "none")})
    assert (told.status_code, "no such file" in told.json()["error"]) == (400, True)


def test_somebody_at_another_machine_adds_no_folder_of_this_one(home: Home, tmp_path: Path):
    headers = PAGE | {"X-Forwarded-For": "203.0.113.9"}  # as a proxy on this machine tells it
    with serving(home) as address:
        told = httpx.post(f"{address}/page/library/add", headers=headers, json={"path": "/etc"})
        assert told.status_code == 400
        assert "readout add" in told.json()["error"]
        overview = httpx.get(f"{address}/page/library/overview", headers=headers).json()
        assert overview["paths"] is False
    assert "/etc" not in home.roots()


def test_no_other_site_can_change_anything(client: httpx.Client, home: Home):
    before = home.roots()
    bodies = {
        "add": {"path": "/etc"},
        "correct": {"document": "kept.txt", "said": {"title": "x"}},
        "remove": {"root": before[0]},
        "golden/remove": {"question": "Who?"},
    }
    for path in ("upload", "rollback", "golden/ask", "golden/stop", *bodies):
        told = client.post(f"/{path}", json=bodies.get(path, {}))
        assert (path, told.status_code) == (path, 403)
    assert (home.roots(), home.sources().said) == (before, {})


def test_an_upload_that_is_too_large_leaves_nothing(
    client: httpx.Client, home: Home, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(received, "__defaults__", (1_000_000,))
    told = client.post("/upload", headers=PAGE, files={"files": ("a.txt", b"x" * 1_200_000)})
    assert told.status_code == 400
    assert told.json()["error"].startswith("more than 1 MB at once")
    assert not (home.path / "uploads").exists()
    told = client.post("/upload", headers=PAGE, content=b"x")
    assert (told.status_code, "no files came" in told.json()["error"]) == (400, True)


def test_what_cannot_be_said_or_removed_is_told_in_one_line(client: httpx.Client, folder: Path):
    said = {"document": "kept.txt", "said": {"published": "soon"}}
    told = client.post("/correct", headers=PAGE, json=said)
    assert (told.status_code, "must be a day" in told.json()["error"]) == (400, True)
    told = client.post("/correct", headers=PAGE, json={"document": "1", "said": {"title": "x"}})
    assert "one of many in its file" in told.json()["error"]
    told = client.post("/remove", headers=PAGE, json={"root": "/never/added"})
    assert "was never added" in told.json()["error"]
    told = client.post("/remove", headers=PAGE, json={"root": str(folder)})
    assert "last source" in told.json()["error"]


def test_a_rollback_while_another_writes_is_told(client: httpx.Client, home: Home, folder: Path):
    (folder / "fresh.txt").write_text("The market is on Monday.\n", encoding="utf-8")
    rebuild(home)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with Home(home.path).writing():
            held.set()
            release.wait(30)

    writer = threading.Thread(target=hold)
    writer.start()
    try:
        assert held.wait(10)
        told = client.post("/rollback", headers=PAGE)
        assert (told.status_code, "another rebuild" in told.json()["error"]) == (400, True)
    finally:
        release.set()
        writer.join()


def test_uploads_have_a_limit():
    assert uploads.LIMIT == 200_000_000
