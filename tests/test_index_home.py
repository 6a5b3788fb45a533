"""The home remembers what was added and which generation serves, whatever happens."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from builders import write_files

import index.durable
from corpus import BUNDLED, UnknownSource, UnreadableSource
from index import Home, HomeUnusable, NoIndex, default_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    write_files(tmp_path, {"docs/a.txt": "x", "b.txt": "x"})
    return Home(tmp_path / "home")


def test_a_new_home_has_the_bundled_documents_and_writes_nothing(home: Home):
    assert home.roots() == [BUNDLED]
    assert home.names() == []
    assert not home.path.exists()


def test_roots_are_kept_in_the_order_they_were_added(home: Home, tmp_path: Path):
    docs, file = str(tmp_path / "docs"), str(tmp_path / "b.txt")
    assert home.add(docs, file) == [docs, file]
    assert Home(home.path).roots() == [BUNDLED, docs, file]


def test_what_is_added_twice_is_there_once(home: Home, tmp_path: Path):
    home.add(tmp_path / "docs", tmp_path / "docs")
    home.add(tmp_path / "docs/../docs")

    assert home.roots() == [BUNDLED, str(tmp_path / "docs")]


def test_roots_can_be_removed_by_the_path_they_were_added_by(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home.add(tmp_path / "docs", tmp_path / "b.txt")
    monkeypatch.chdir(tmp_path)

    assert home.remove(Path("docs"), BUNDLED) == [str(tmp_path / "docs"), BUNDLED]
    assert home.roots() == [str(tmp_path / "b.txt")]


def test_the_bundled_documents_can_be_added_again(home: Home, tmp_path: Path):
    home.add(tmp_path / "docs")
    home.remove(BUNDLED)

    assert home.add(BUNDLED) == [BUNDLED]
    assert home.roots() == [str(tmp_path / "docs"), BUNDLED]


def test_a_folder_named_bundled_is_not_mistaken_for_the_bundled_documents(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_files(tmp_path / "bundled", {"a.txt": "Mine."})
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnreadableSource, match=r"write \./bundled"):
        home.add("bundled")
    assert home.add("./bundled") == [str(tmp_path / "bundled")]


def test_the_last_source_is_not_removed(home: Home, tmp_path: Path):
    home.add(tmp_path / "docs")
    with pytest.raises(UnknownSource, match="last source"):
        home.remove(BUNDLED, tmp_path / "docs")
    assert home.roots() == [BUNDLED, str(tmp_path / "docs")]


def test_of_several_paths_all_are_added_or_removed_or_none(home: Home, tmp_path: Path):
    with pytest.raises(UnreadableSource):
        home.add(tmp_path / "docs", tmp_path / "nowhere")
    assert home.roots() == [BUNDLED]
    home.add(tmp_path / "docs")
    with pytest.raises(UnknownSource):
        home.remove(tmp_path / "docs", tmp_path / "nowhere")
    assert home.roots() == [BUNDLED, str(tmp_path / "docs")]


def test_sources_added_at_once_are_all_recorded(home: Home, tmp_path: Path):
    paths = [write_files(tmp_path / f"many{number}", {"a.txt": "x"}) for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda path: Home(home.path).add(path), paths))
    assert set(home.roots()) == {BUNDLED, *map(str, paths)}


def test_a_root_can_be_removed_after_it_vanished(home: Home, tmp_path: Path):
    home.add(tmp_path / "b.txt")
    (tmp_path / "b.txt").unlink()

    assert home.remove(tmp_path / "b.txt") == [str(tmp_path / "b.txt")]


def test_a_home_of_nobody_is_told():
    with pytest.raises(HomeUnusable, match="no such user"):
        Home("~nosuchuser/x")


def test_removing_what_was_never_added_tells_what_was(home: Home, tmp_path: Path):
    with pytest.raises(UnknownSource, match="docs: was never added; added are: bundled"):
        home.remove(tmp_path / "docs")
    assert home.roots() == [BUNDLED]


def test_adding_what_cannot_be_read_changes_nothing(home: Home, tmp_path: Path):
    with pytest.raises(UnreadableSource):
        home.add(tmp_path / "nowhere")
    assert home.roots() == [BUNDLED]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b"\xff"])
def test_a_damaged_list_of_sources_is_told_and_not_replaced(
    home: Home, tmp_path: Path, content: bytes
):
    write_files(home.path, {"sources.json": content})

    with pytest.raises(HomeUnusable, match=r"sources\.json: cannot be read"):
        home.add(tmp_path / "docs")
    assert (home.path / "sources.json").read_bytes() == content


def test_the_list_of_sources_is_a_file_people_can_read(home: Home, tmp_path: Path):
    home.add(tmp_path / "docs")

    listing = json.loads((home.path / "sources.json").read_text(encoding="utf-8"))
    assert listing == {"schema": 1, "roots": [BUNDLED, str(tmp_path / "docs")]}


def test_the_default_home_is_the_one_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("READOUT_HOME", str(tmp_path / "mine"))
    assert default_home() == tmp_path / "mine"

    monkeypatch.setenv("READOUT_HOME", "")
    assert default_home().name == "readout"
    assert default_home().is_absolute()


def test_a_home_is_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert Home("x").path == tmp_path / "x"
    assert Home("~/x").path == tmp_path / "x"


def test_a_home_without_a_generation_says_what_to_run(home: Home):
    with pytest.raises(NoIndex, match="no index here yet; run: readout rebuild"):
        home.current()


@pytest.mark.parametrize("content", [b"", b"../../etc", b"latest\n", b"000001 000002", b"\xff\xfe"])
def test_a_pointer_to_no_generation_is_told(home: Home, content: bytes):
    write_files(home.path, {"CURRENT": content})

    with pytest.raises(HomeUnusable, match="CURRENT"):
        home.current()


def test_generations_are_numbered_in_order_and_half_built_ones_do_not_count(home: Home):
    for name in ("000002", "000010", "1000000", "building", "000003.tmp"):
        (home.generations / name).mkdir(parents=True)

    assert home.names() == ["000002", "000010", "1000000"]
    assert home.next_name() == "1000001"


def test_the_first_generation_has_the_number_one(home: Home):
    assert home.next_name() == "000001"


@pytest.mark.parametrize("step", ["sync", "replace"])
def test_a_switch_that_fails_leaves_the_old_generation_serving(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str
):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    home.path.mkdir()
    home.switch_to("000001")
    owner = index.durable if step == "sync" else Path
    with monkeypatch.context() as patch:
        patch.setattr(owner, step, fail)
        with pytest.raises(OSError, match="No space left"):
            home.switch_to("000002")

    assert home.current() == "000001"
    home.switch_to("000002")
    assert home.current() == "000002"


def test_only_the_named_generations_are_kept(home: Home):
    for name in ("000001", "000002", "000005", "000006"):
        (home.generations / name).mkdir(parents=True)
    home.switch_to("000005")

    home.keep_only({"000005", "000002", None})

    assert home.names() == ["000002", "000005"]


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path):
    write_files(tmp_path, {"file": "x", "a.txt": "x"})

    with pytest.raises(HomeUnusable, match="cannot be written"):
        Home(tmp_path / "file/home").add(tmp_path / "a.txt")


def test_a_full_disk_is_told_and_nothing_is_lost(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    home.add(tmp_path / "docs")
    monkeypatch.setattr(index.durable, "sync", fail)

    with pytest.raises(HomeUnusable, match="No space left on device"):
        home.add(tmp_path / "b.txt")
    assert home.roots() == [BUNDLED, str(tmp_path / "docs")]


def test_a_home_to_throw_away_has_its_own_sources_and_shares_the_encoders(
    home: Home, tmp_path: Path
):
    with home.throw_away([tmp_path / "b.txt"]) as thrown:
        assert thrown.roots() == [str(tmp_path / "b.txt")]
        assert thrown.models == home.models
        place = thrown.path
        assert place.is_dir()

    assert not place.exists()
    assert home.roots() == [BUNDLED]
