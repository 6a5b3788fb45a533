"""One contract for whatever searches: FAISS, Milvus Lite, and a real cluster where there is one."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from builders import flip_a_byte, json_lines, write_files
from hypothesis import given, settings
from hypothesis import strategies as st

from index import (
    Cancelled,
    DamagedIndex,
    EngineUnavailable,
    FileStamp,
    Filter,
    Generation,
    Home,
    HomeUnusable,
    Manifest,
    Place,
    copy_index,
    milvus,
    milvus_writer,
    rebuild,
    roll_back,
    seals,
    verify,
)
from index.bm25 import TermCounts, Terms, TermStatistics
from index.engine import HERE, Query
from index.lexical import Entry, LexicalIndex, analyze
from index.milvus import MilvusEngine
from index.server import Recovering, connect
from tests.benchmarks.engines import patiently

pymilvus = pytest.importorskip("pymilvus")

CLUSTER = "http://127.0.0.1:19530"
PLACES = ("Belize", "Guyana", "Jamaica", "Haiti", "Barbados")

#: Names that a language of conditions could take for its own.
ODD = ('a "quoted" name', "back\\slash", "100%_of it", "line\nbreak", "d'Ivoire", "", "été 日本")


def records() -> bytes:
    rows = [
        {
            "_id": f"{year}-{place}",
            "title": f"Talks in {place}",
            "text": f"The ministers met in {place} in {year} to speak of patrols and of trade.",
            "date": f"{year}-06-15",
            "publisher": f"Ministry of {place}",
        }
        for year in range(2010, 2022)
        for place in PLACES
    ]
    rows += [
        {
            "_id": f"odd-{number}",
            "title": f"Odd {number}",
            "text": f"An odd letter, the number {number}, tells of fisheries.",
            "publisher": name or None,
        }
        for number, name in enumerate(ODD)
    ]
    return json_lines(*rows)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, compiled_models: Path) -> Home:
    """A home that is searched by FAISS."""
    place = tmp_path_factory.mktemp("engines")
    write_files(place / "documents", {"records.jsonl": records()})
    home = Home(place / "home")
    home.path.mkdir()
    home.models.symlink_to(compiled_models, target_is_directory=True)
    home.add(place / "documents")
    home.remove("bundled")
    rebuild(home)
    return home


def cluster() -> Place:
    """The cluster, started beforehand in the folder that the environment names."""
    if not os.environ.get("READOUT_MILVUS_CLUSTER"):
        pytest.skip("no cluster; READOUT_MILVUS_CLUSTER names the folder of one")
    return Place(CLUSTER, shards=2)


def copied(home: Home, to: Path, place: Place) -> Home:
    subprocess.run(["cp", "-aT", home.path, to], check=True)
    other = Home(to)
    copy_index(other, place)
    return other


@pytest.fixture(scope="module", params=["faiss", "lite", "cluster"])
def home(request, built: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    if request.param == "faiss":
        return built
    folder = tmp_path_factory.mktemp(request.param)
    place = cluster() if request.param == "cluster" else Place(str(folder / "milvus.db"))
    return copied(built, folder / "home", place)


@pytest.fixture(scope="module")
def generation(home: Home) -> Generation:
    return Generation.serving(home)


@pytest.fixture
def lite(built: Home, tmp_path: Path) -> Home:
    """A home of its own that Milvus Lite searches."""
    return copied(built, tmp_path / "home", Place(str(tmp_path / "milvus.db")))


def test_meaning_finds_what_numpy_finds(generation: Generation):
    count = generation.manifest.passages
    vectors = generation.vectors_of(range(count))
    for text in ("talks about fish", "Haiti", "patrols in 2014"):
        query = generation.encoder.embed_queries([text])
        cosines = vectors @ query[0]
        found = generation._engine.candidates(Query(query, []), 20, None).dense
        best = np.argsort(-cosines, kind="stable")[:20]
        assert sorted(found.values(), reverse=True) == pytest.approx(cosines[best], abs=1e-5)
        assert found == pytest.approx({number: cosines[number] for number in found}, abs=1e-5)
        assert generation._engine.nearest(query) == pytest.approx(cosines.max(), abs=1e-5)


def test_vectors_texts_and_words_are_those_that_were_built(generation: Generation, built: Home):
    first = Generation.serving(built)
    assert generation.manifest.passages == first.manifest.passages
    numbers = [5, 0, 5, 61]
    assert np.array_equal(generation.vectors_of(numbers), first.vectors_of(numbers))
    for term in analyze("talks ministers Jamaica fisheries zeppelin"):
        assert generation.rarity(term) == first.rarity(term)


def test_the_hits_are_those_of_faiss(generation: Generation, built: Home):
    first = Generation.serving(built)
    weight = None if generation.manifest.collection is None or _words(generation) else 1.0
    for query in ("ministers in Guyana", "fisheries", "trade with Haiti in 2015", "zeppelin"):
        wanted = first.search(query, 10, weight)
        found = generation.search(query, 10, weight)
        # Texts that differ in a year are all but equally near: in the last digits engines differ.
        assert [hit.score for hit in found] == pytest.approx(
            [hit.score for hit in wanted], abs=1e-4
        )
        near = {hit.passage.id: hit for hit in first.search(query, 67, weight)}
        for hit in found:
            assert hit.dense_score == pytest.approx(near[hit.passage.id].dense_score, abs=1e-5)
            assert hit.lexical_score == pytest.approx(near[hit.passage.id].lexical_score, rel=1e-5)


def _words(generation: Generation) -> bool:
    collection = generation.manifest.collection
    return collection is not None and collection.words


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_within_a_filter_is_found_what_it_lets_through(generation: Generation, data: st.DataObject):
    documents = list(generation.documents())
    names = st.sets(st.sampled_from([document.id for document in documents]), max_size=4)
    publishers = [document.publisher for document in documents if document.publisher]
    days = st.none() | st.dates(date(2009, 1, 1), date(2023, 1, 1))
    source = documents[0].source
    within = Filter(
        frozenset(data.draw(names)),
        frozenset(data.draw(st.sets(st.sampled_from([source, str(Path(source).parent), "/no"])))),
        data.draw(days),
        data.draw(days),
        frozenset(data.draw(st.sets(st.sampled_from(publishers), max_size=3))),
        frozenset(data.draw(st.sets(st.just("application/jsonl")))),
    )
    chosen = generation.store.select(within).numbers

    found = generation.search("ministers", 100, within=within)

    allowed = {passage.id for passage in generation.store.passages(chosen.tolist()).values()}
    assert {hit.passage.id for hit in found} == allowed


def test_no_name_is_taken_for_a_condition(generation: Generation):
    odd = {each.publisher for each in generation.documents() if each.id.startswith("odd-")} - {None}
    assert len(odd) == len(ODD) - 1
    for name in (*odd, *ODD):
        found = generation.search("letter", 100, within=Filter(publishers=frozenset({name})))
        assert len(found) == (name in odd)
        never = Filter(documents=frozenset({f'{name}"] or "1" in ["1'}))
        assert not generation.search("letter", 9, within=never)


def test_verify_reads_every_row_and_finds_one_that_changed(home: Home, generation: Generation):
    assert {found.fault for found in verify(home)} == {None}
    collection = generation.manifest.collection
    if collection is None:
        return
    client = connect(Place(collection.uri)).client
    [row] = client.query(collection.name, filter="number == 7", output_fields=["*"])
    row = {name: value for name, value in row.items() if name != "words"}
    client.upsert(collection.name, [row | {"published": 1}])
    try:
        time.sleep(6 if collection.uri == CLUSTER else 0)  # what a Bounded question may lag behind
        assert collection.name in [found.fault or "" for found in verify(home)][-1]
    finally:
        client.upsert(collection.name, [row])


def test_a_rebuild_writes_a_collection_moves_the_alias_and_drops_what_nobody_needs(
    lite: Home, tmp_path: Path
):
    collection = Generation.serving(lite).manifest.collection
    client = connect(Place(collection.uri)).client
    note = write_files(tmp_path / "more", {"note.txt": "Rosa Vega won the regatta."})
    lite.add(note)
    assert rebuild(lite).encoded == 1
    second = Generation.serving(lite)
    assert second.search("regatta", 1)[0].passage.document_id == "note.txt"

    def alias() -> str:
        return client.describe_alias(collection.alias)["collection_name"]

    assert alias() == second.manifest.collection.name != collection.name
    assert roll_back(lite) == "000002"
    assert alias() == collection.name
    assert rebuild(lite).encoded == 1
    (note / "note.txt").write_text("Rosa Vega lost the regatta.", encoding="utf-8")
    rebuild(lite)
    (note / "note.txt").write_text("Rosa Vega lost another regatta.", encoding="utf-8")
    rebuild(lite)
    kept = [
        found.name
        for name in lite.names()
        if (found := Generation(lite.generations / name, lite.models).manifest.collection)
    ]
    assert sorted(client.list_collections()) == sorted(kept)
    assert len(kept) == 2
    assert not rebuild(lite).changed


def test_a_copy_comes_back_as_it_went(lite: Home, built: Home):
    client = connect(Place(Generation.serving(lite).manifest.uri)).client
    back = copy_index(lite, HERE)
    first = Generation.serving(built)
    every = range(first.manifest.passages)
    assert np.array_equal(back.vectors_of(every), first.vectors_of(every))
    assert back.manifest.vectors == first.manifest.vectors
    assert copy_index(lite, HERE).name == back.name
    assert not rebuild(lite).changed
    assert len(client.list_collections()) == 1  # of the generation to roll back to


def test_a_copy_that_was_stopped_goes_on_where_it_was(
    built: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(milvus_writer, "BATCH", 20)
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)
    home, place = Home(tmp_path / "home"), Place(str(tmp_path / "milvus.db"))
    sent: list[int] = []
    really = milvus_writer._write

    def noting(server: object, name: str, batch: list[milvus.Row]) -> None:
        sent.extend(row["number"] for row in batch)
        really(server, name, batch)

    monkeypatch.setattr(milvus_writer, "_write", noting)
    with pytest.raises(Cancelled):
        copy_index(home, place, is_cancelled=lambda: len(sent) >= 40)
    assert Generation.serving(home).manifest.collection is None
    generation = copy_index(home, place)
    assert sent == list(range(generation.manifest.passages))


def test_what_rotted_is_not_copied_and_sealed_as_sound(built: Home, tmp_path: Path):
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)
    home = Home(tmp_path / "home")
    Generation.serving(home)
    folder = home.generations / home.current()
    stamps = {name: FileStamp.of(folder / name) for name in Manifest.load(folder).files}
    flip_a_byte(folder / "documents.sqlite")
    stamps["documents.sqlite"] = FileStamp.of(folder / "documents.sqlite")
    seals._note(folder, stamps)  # as if the disk alone had changed it
    with pytest.raises(DamagedIndex, match=r"documents\.sqlite"):
        copy_index(home, Place(str(tmp_path / "milvus.db")))


def test_a_copy_that_was_stopped_goes_with_the_generation_it_was_of(built: Home, tmp_path: Path):
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)
    home, place = Home(tmp_path / "home"), Place(str(tmp_path / "milvus.db"))
    home.add(write_files(tmp_path / "more", {"note.txt": "Rosa Vega won the regatta."}))
    rebuild(home)
    told: list[str] = []
    with pytest.raises(Cancelled):
        copy_index(home, place, lambda step: told.append(step.stage), lambda: "index" in told)
    assert (home.generations / "copying").exists()
    roll_back(home)
    assert not (home.generations / "copying").exists()


_MAIN = "from ui.cli import main; main()"

_DYING = """
import os, signal, sys
from index import Home, Place, copy_index
where, name = sys.argv[3].rsplit(".", 1)
module = __import__(where, fromlist=["x"])
owner = module if hasattr(module, name) else getattr(module, sys.argv[4])
setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
copy_index(Home(sys.argv[1]), Place(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "moment",
    ["index.milvus_writer._finish", "index.milvus.announce", "index.home.switch_to"],
)
def test_a_process_that_dies_leaves_the_old_one_serving_and_nothing_behind(
    built: Home, tmp_path: Path, moment: str
):
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)
    home, uri = Home(tmp_path / "home"), str(tmp_path / "milvus.db")
    owner = {"index.milvus.announce": "MilvusEngine"}.get(moment, "Home")
    run = subprocess.run(
        [sys.executable, "-c", _DYING, home.path, uri, moment, owner],
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL
    assert Generation.serving(home).manifest.collection is None
    assert Generation.serving(home).search("fisheries", 1)

    generation = copy_index(home, Place(uri))

    assert generation.search("fisheries", 1)[0].passage.document_id.startswith("odd")
    assert verify(home)[-1].fault is None
    assert connect(Place(uri)).client.list_collections() == [generation.manifest.collection.name]


def test_another_process_answers_from_what_this_one_wrote(built: Home, tmp_path: Path):
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)

    def readout(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", _MAIN, *arguments, "--home", tmp_path / "home"],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=False,
        )

    told = readout("copy", "--json", "--to", str(tmp_path / "milvus.db"))
    assert (told.returncode, json.loads(told.stdout)["vectors"]) == (0, "Milvus, FLAT")
    stages = [json.loads(line)["stage"] for line in told.stderr.splitlines()]
    assert list(dict.fromkeys(stages)) == ["copy", "index", "check"]
    found = json.loads(readout("search", "--json", "-k", "1", "fisheries").stdout)
    assert found["passages"][0]["verified"]
    with Home(tmp_path / "home").writing():
        Generation.serving(Home(tmp_path / "home"))
        locked = readout("search", "fisheries")
    assert (locked.returncode, locked.stdout) == (1, "")
    assert "only one process may have it open" in locked.stderr
    assert locked.stderr.count("\n") == 1


def test_who_asks_faiss_waits_for_no_client_of_a_server(built: Home):
    code = (
        "import sys; from index import Generation, Home;"
        "Generation.serving(Home(sys.argv[1])).search('x', 1);"
        "sys.exit('pymilvus' in sys.modules or 'grpc' in sys.modules)"
    )
    root = Path(__file__).parent.parent
    run = subprocess.run([sys.executable, "-c", code, built.path], cwd=root, check=False)
    assert run.returncode == 0


def test_a_server_that_is_down_is_told_and_the_old_one_goes_on_serving(built: Home, tmp_path: Path):
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)
    home = Home(tmp_path / "home", Place("http://127.0.0.1:1"))
    for work in (rebuild, lambda home: copy_index(home, home.engine)):
        with pytest.raises(
            EngineUnavailable, match=r"^http://127.0.0.1:1: Milvus does not"
        ) as told:
            work(home)
        assert "\n" not in str(told.value)
    assert Generation.serving(home).search("fisheries", 1)


def test_a_server_that_goes_down_is_told_in_the_middle_of_a_question_and_of_a_rebuild(
    lite: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from milvus_lite.server_manager import server_manager_instance

    generation = Generation.serving(lite)
    lite.add(write_files(tmp_path / "more", {"note.txt": "Rosa Vega won the regatta."}))
    really = milvus_writer._write

    def stopping(*arguments: object) -> None:
        server_manager_instance.release_server(generation.manifest.uri)
        really(*arguments)

    monkeypatch.setattr(milvus, "QUICK", 0.5)
    monkeypatch.setattr(milvus_writer, "SLOW", 0.5)
    monkeypatch.setattr(milvus_writer, "_write", stopping)
    with pytest.raises(EngineUnavailable, match="Milvus Lite fails"):
        rebuild(lite)
    with pytest.raises(EngineUnavailable, match="Milvus Lite fails"):
        generation.search("fisheries", 1)
    assert lite.current() == "000002"
    # The old vectors are with the server, the texts are not: there is a way without it.
    lite.engine = HERE
    assert rebuild(lite).encoded == generation.manifest.passages
    assert Generation.serving(lite).search("regatta", 1)[0].passage.document_id == "note.txt"


def test_nothing_is_answered_from_a_part_of_a_collection(
    lite: Home, monkeypatch: pytest.MonkeyPatch
):
    generation = Generation.serving(lite)
    engine, whole = generation._engine, generation.manifest.passages
    counts = iter([whole - 9, whole - 9, whole])
    monkeypatch.setattr(milvus, "count_rows", lambda *_: next(counts))
    engine._whole_at = -1e9
    assert generation.search("fisheries", 1)
    assert next(counts, None) is None  # it waited until all was there
    monkeypatch.setattr(milvus, "count_rows", lambda *_: whole - 9)
    monkeypatch.setattr(milvus, "QUICK", 0.3)
    engine._whole_at = -1e9
    with pytest.raises(Recovering, match="58 of 67 passages at hand"):
        generation.search("fisheries", 1)


def test_a_collection_that_is_gone_or_another_is_not_served_and_made_again(lite: Home):
    generation = Generation.serving(lite)
    collection = generation.manifest.collection
    client = connect(Place(collection.uri)).client
    client.drop_alias(collection.alias)
    client.drop_collection(collection.name)
    with pytest.raises(DamagedIndex, match=f"{collection.name} is gone"):
        Generation.serving(lite)
    client.create_collection(collection.name, dimension=8)  # by an encoder of other vectors
    with pytest.raises(DamagedIndex, match="is not the one"):
        Generation.serving(lite)
    client.drop_collection(collection.name)
    assert rebuild(lite).encoded == generation.manifest.passages
    assert Generation.serving(lite).search("fisheries", 1)


def _change_a_row(generation: Generation, number: int) -> None:
    name = generation.manifest.collection.name
    client = connect(Place(generation.manifest.uri)).client
    [row] = client.query(name, filter="number == 7", output_fields=["*"])
    row = {field: value for field, value in row.items() if field != "words"}
    client.upsert(name, [row | {"number": number, "published": 1}])


@pytest.mark.parametrize("fault", ["wrong", "too many"])
def test_a_collection_that_is_wrong_is_made_anew_by_a_rebuild(lite: Home, fault: str):
    generation = Generation.serving(lite)
    _change_a_row(generation, 7 if fault == "wrong" else 999)
    assert "run: readout rebuild" in (verify(lite)[-1].fault or "")
    assert rebuild(lite).encoded == generation.manifest.passages
    assert verify(lite)[-1].fault is None
    healed = Generation.serving(lite).manifest.collection
    assert healed.name != generation.manifest.collection.name
    assert not rebuild(lite).changed


def test_vectors_that_fail_their_check_are_not_lent_again(
    lite: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lite.add(write_files(tmp_path / "more", {"note.txt": "Rosa Vega won the regatta."}))
    passages = Generation.serving(lite).manifest.passages
    really = MilvusEngine.get
    with monkeypatch.context() as patch:
        patch.setattr(MilvusEngine, "get", lambda self, numbers: -really(self, numbers))
        with pytest.raises(DamagedIndex):
            rebuild(lite)
    assert rebuild(lite).encoded == passages + 1
    assert verify(lite)[-1].fault is None


def test_a_list_of_collections_that_cannot_be_read_is_not_begun_anew(lite: Home):
    path = lite.generations / "collections.json"
    whole = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(HomeUnusable, match=r"collections\.json: cannot be read"):
        rebuild(lite)
    path.rmdir()
    path.write_bytes(whole)
    assert not rebuild(lite).changed


def test_a_server_whose_disk_is_full_is_told(
    built: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)
    home = Home(tmp_path / "home")
    place = Place(str(tmp_path / "milvus.db"))

    def full(*_: object, **__: object) -> None:
        raise pymilvus.MilvusException(message="write failed: no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(connect(place).client, "upsert", full, raising=False)
        with pytest.raises(EngineUnavailable, match="no space left on device"):
            copy_index(home, place)
    assert Generation.serving(home).manifest.collection is None
    assert copy_index(home, place).search("fisheries", 1)


@pytest.mark.parametrize("message", ["auth check failure, please check token", "unauthenticated"])
def test_a_token_that_is_refused_is_told_with_where_it_stands(tmp_path: Path, message: str):
    place = Place(str(tmp_path / "milvus.db"), token="root:secret")
    server = connect(place)
    with pytest.raises(EngineUnavailable, match="READOUT_ENGINE_TOKEN") as told, server.told():
        raise pymilvus.MilvusException(message=message)
    assert "secret" not in str(told.value) + repr(place)


def test_a_refusal_that_waiting_does_not_mend_is_told_at_once(tmp_path: Path):
    server = connect(Place(str(tmp_path / "milvus.db")))
    with pytest.raises(EngineUnavailable, match="does not take") as told, server.told():
        raise pymilvus.MilvusException(code=1100, message="topk [25600] is invalid")
    assert not isinstance(told.value, Recovering)
    with pytest.raises(EngineUnavailable) as told, server.told():
        raise pymilvus.MilvusException(message="no such tokenizer: by its author")
    assert "READOUT_ENGINE_TOKEN" not in str(told.value)


def test_no_search_asks_for_more_than_a_server_gives(lite: Home, monkeypatch: pytest.MonkeyPatch):
    generation = Generation.serving(lite)
    asked: list[int] = []
    client = generation._engine._server.client
    really = client.search

    def noting(*arguments: object, **named: object):
        asked.append(named["limit"])
        return really(*arguments, **named)

    monkeypatch.setattr(client, "search", noting, raising=False)
    vector = generation.encoder.embed_queries(["ministers"])
    generation._engine.candidates(Query(vector, ["ministers"]), 25_600, None)
    assert asked == [16_384, 16_384]


def test_an_answer_during_which_a_part_went_missing_is_not_given(
    lite: Home, monkeypatch: pytest.MonkeyPatch
):
    generation = Generation.serving(lite)
    engine, whole = generation._engine, generation.manifest.passages
    counts = iter([whole, whole - 9, whole, whole])
    answers = iter(["of a part", "of all"])
    monkeypatch.setattr(milvus, "count_rows", lambda *_: next(counts))
    monkeypatch.setattr(milvus, "_WHOLE_FOR", -1.0)  # as if every answer took long
    assert engine._patiently(lambda: next(answers)) == "of all"


def test_a_wanted_server_that_is_down_is_not_told_as_damage_of_another(
    lite: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    collection = Generation.serving(lite).manifest.collection
    elsewhere = replace(collection, uri=str(tmp_path / "empty.db"))
    folder = lite.generations / lite.current()
    monkeypatch.setattr(milvus, "QUICK", 0.5)
    with pytest.raises(EngineUnavailable, match=r"^http://127\.0\.0\.1:1: "):
        milvus.open_collection(folder, elsewhere, 67, Place("http://127.0.0.1:1"))


def test_statistics_that_nobody_needs_are_closed_at_once(tmp_path: Path):
    TermCounts().write(tmp_path / "terms.sqlite")
    statistics = TermStatistics(tmp_path / "terms.sqlite")
    assert statistics.frequency("sea") == 0
    gone = weakref.ref(statistics)
    gc.disable()
    try:
        del statistics
        assert gone() is None
    finally:
        gc.enable()


def test_rows_that_went_missing_are_sent_again(
    built: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    subprocess.run(["cp", "-a", built.path, tmp_path / "home"], check=True)
    home, place = Home(tmp_path / "home"), Place(str(tmp_path / "milvus.db"))
    with monkeypatch.context() as patch:
        really = milvus_writer._write
        patch.setattr(milvus_writer, "_write", lambda s, n, rows: really(s, n, rows[:-3]))
        with pytest.raises(EngineUnavailable, match="holds 64 of 67 passages"):
            copy_index(home, place)
    assert Generation.serving(home).manifest.collection is None
    assert copy_index(home, place).search("fisheries", 1)


def _few(draw: st.DrawFn, most: int) -> list[str]:
    words = st.sampled_from(["sea", "land", "patrols", "covid-19", "ünï", "the", "U.S."])
    return draw(st.lists(words, max_size=most))


@st.composite
def _entries(draw: st.DrawFn) -> list[Entry]:
    count = draw(st.integers(1, 12))
    pairs = [(_few(draw, 4), _few(draw, 90)) for _ in range(count)]
    return [Entry(" ".join(title), " ".join(text), None, None) for title, text in pairs]


@settings(max_examples=25, deadline=None)
@given(entries=_entries())
def test_words_count_as_tantivy_counts_them(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
):
    folder = tmp_path_factory.mktemp("words")
    (folder / "lexical").mkdir()
    LexicalIndex.build(folder / "lexical", entries)
    tantivy = LexicalIndex.load(folder / "lexical")
    counts, packed = TermCounts(), {}
    for number, entry in enumerate(entries):
        terms = Terms(analyze(entry.title), analyze(entry.text))
        counts.add(terms)
        packed[number] = Terms.unpacked(terms.packed(milvus.LONGEST))
    counts.write(folder / "terms.sqlite")
    ours = TermStatistics(folder / "terms.sqlite")
    terms, forms = analyze("sea patrols moon"), [("land", "us"), ("covid", "moon"), ("19",)]
    wanted = tantivy.score(terms, list(packed), forms)
    assert ours.scores(packed, terms, forms) == pytest.approx(wanted, rel=1e-5)
    assert [ours.frequency(term) for term in terms] == [tantivy.frequency(t) for t in terms]


@given(st.integers(3, 60))
def test_terms_that_are_too_long_for_a_field_lose_their_end(most: int):
    terms = Terms(["one"], ["two", "drei", "été", "日本", "five"])
    packed = terms.packed(most)
    found = Terms.unpacked(packed)
    assert len(packed.encode()) <= most
    assert list(found.text) == terms.text[: len(found.text)]


@pytest.fixture
def nodes() -> Iterator[Path]:
    """The folder of a cluster; a query node that a test ends is started again if that can be."""
    cluster()
    folder = Path(os.environ["READOUT_MILVUS_CLUSTER"])
    yield folder
    tool = folder / "milvus-cluster"
    if tool.exists():
        subprocess.run(["bash", tool, "start", folder, "qn1"], check=True)


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_node_that_dies_makes_nobody_an_answer_from_what_is_left(
    built: Home, tmp_path: Path, nodes: Path, replicas: int
):
    """What the user sees is the right answer, later, or that there is none just now."""
    place = Place(CLUSTER, shards=2, replicas=replicas)
    home = patiently(lambda: copied(built, tmp_path / "home", place))
    generation = Generation.serving(home)
    problems = [problem["reason"] for problem in generation.manifest.problems]
    assert any("no BM25" in problem for problem in problems)

    def ids() -> list[str]:
        return [hit.passage.id for hit in generation.search("talks of fisheries", 20)]

    wanted = ids()
    os.kill(int((nodes / "qn1.pid").read_text()), signal.SIGKILL)
    right_since, deadline = None, time.monotonic() + 90
    while time.monotonic() < deadline and (right_since is None or right_since < 20):
        try:
            assert ids() == wanted
            right_since = (right_since or 0) + 1
            time.sleep(0.2)
        except EngineUnavailable:
            right_since = None
    assert right_since is not None
