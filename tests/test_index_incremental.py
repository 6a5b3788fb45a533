"""A rebuild reads and cuts only what changed, and there is a way back from it."""

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from builders import flip_a_byte, json_lines, write_files

from corpus import Span, reading
from index import (
    Changes,
    DamagedIndex,
    FileStamp,
    Generation,
    Home,
    NoIndex,
    build,
    cutting,
    gathering,
    open_sound,
    rebuild,
    roll_back,
    verify,
)

TEXTS = {
    "arms.txt": "A working group will improve the tracing of illegal firearms.",
    "sea.txt": "The coast guard will patrol the waters of the Caribbean.",
    "talks.txt": "The ministers met in Saint Lucia for the annual dialogue.",
}
HomeOf = Callable[[dict[str, str]], Home]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `home_of` puts its texts."""
    return tmp_path / "documents"


@pytest.fixture
def _fine_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are long for a test; here every change of a file shows in its times."""
    monkeypatch.setattr(FileStamp, "is_settled", lambda _: True)


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read."""
    names: list[str] = []
    really = gathering.read_source

    def noting(file, *others):
        names.append(file.name)
        return really(file, *others)

    monkeypatch.setattr(gathering, "read_source", noting)
    return names


@pytest.fixture
def cut_documents(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the documents that were cut."""
    ids: list[str] = []
    really = cutting.passages_for

    def noting(document, encoder):
        ids.append(document.id)
        return really(document, encoder)

    monkeypatch.setattr(cutting, "passages_for", noting)
    return ids


def texts_in(home: Home) -> dict[str, str]:
    return {document.id: document.text for document in Generation.serving(home).documents()}


@pytest.mark.usefixtures("_fine_clock")
def test_only_files_that_look_changed_are_read(
    home_of: HomeOf, folder: Path, read_files: list[str]
):
    home = home_of(TEXTS)
    assert read_files == sorted(TEXTS)
    read_files.clear()
    write_files(folder, {"sea.txt": "The navy will patrol the harbour."})

    rebuild(home)

    assert read_files == ["sea.txt"]
    assert texts_in(home) == TEXTS | {"sea.txt": "The navy will patrol the harbour."}


def test_a_file_that_changed_moments_ago_is_known_by_its_content_alone(
    home_of: HomeOf, folder: Path, read_files: list[str]
):
    home = home_of(TEXTS)
    read_files.clear()

    assert not rebuild(home).changed
    assert read_files == []

    before = (folder / "sea.txt").stat()
    write_files(folder, {"sea.txt": TEXTS["sea.txt"].replace("guard", "gourd")})
    os.utime(folder / "sea.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rebuild(home).changes == Changes(changed=1)
    assert read_files == ["sea.txt"]


@pytest.mark.usefixtures("_fine_clock")
def test_a_file_that_was_only_touched_or_renamed_is_neither_cut_nor_encoded_again(
    home_of: HomeOf, folder: Path, read_files: list[str], cut_documents: list[str]
):
    home = home_of(TEXTS | {"titled.md": "# Patrols\n\nThe navy sails."})
    read_files.clear()
    cut_documents.clear()
    (folder / "sea.txt").touch()
    assert not rebuild(home).changed
    assert read_files == cut_documents == []

    (folder / "titled.md").rename(folder / "elsewhere.md")
    report = rebuild(home)

    assert (report.changes, report.encoded) == (Changes(renamed=1), 0)
    assert read_files == ["elsewhere.md"]


def test_a_build_tells_what_changed(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    (folder / "arms.txt").unlink()
    (folder / "talks.txt").rename(folder / "dialogue.txt")
    write_files(folder, {"sea.txt": "The navy sails.", "new.txt": "New.", "newer.txt": "Newer."})

    assert rebuild(home).changes == Changes(added=2, changed=1, renamed=1, removed=1)
    assert rebuild(home).changes == Changes()


@pytest.mark.usefixtures("_fine_clock")
def test_a_look_is_enough_to_see_that_nothing_changed(
    home_of: HomeOf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    home = home_of(
        TEXTS | {"notes.xyz": "of no\0known format", "r.jsonl": '{"_id": "a", "text": "A."}\n{'}
    )
    problems = rebuild(home).problems
    assert len(problems) == 2
    monkeypatch.setattr(build, "Gathering", None)

    report = rebuild(home)
    assert (report.changed, report.problems) == (False, problems)

    (folder / "notes.xyz").unlink()  # then a problem less is to be told
    with pytest.raises(TypeError, match="NoneType"):
        rebuild(home)


@pytest.mark.parametrize(("age", "settled"), [(1, False), (3, True)])
def test_a_stamp_settles_when_every_clock_has_ticked(monkeypatch, age: int, settled: bool):
    monkeypatch.setattr("index.stamps.time.time_ns", lambda: (100 + age) * 10**9)
    assert FileStamp(size=1, modified=100 * 10**9, changed=0).is_settled() is settled
    assert FileStamp(size=1, modified=0, changed=100 * 10**9).is_settled() is settled


@pytest.mark.usefixtures("_fine_clock")
def test_what_was_skipped_in_an_unread_file_is_still_told(home_of: HomeOf, read_files: list[str]):
    lines = json_lines({"_id": "a", "text": TEXTS["sea.txt"]}, b"not json")
    home = home_of({"records.jsonl": lines.decode()})
    read_files.clear()

    report = rebuild(home)

    assert read_files == []
    assert not report.changed
    [problem] = report.problems
    assert problem.source.endswith("records.jsonl, line 2")


def test_of_many_records_only_the_edited_one_is_cut_again(
    home_of: HomeOf, folder: Path, cut_documents: list[str]
):
    records = [{"_id": name, "text": text} for name, text in TEXTS.items()]
    home = home_of({"records.jsonl": json_lines(*records).decode()})
    cut_documents.clear()
    records[1]["text"] = "The navy will patrol the harbour."
    write_files(folder, {"records.jsonl": json_lines(*records)})

    assert rebuild(home).encoded == 1
    assert cut_documents == ["sea.txt"]


def test_of_many_records_only_the_edited_one_is_read_again(
    home_of: HomeOf, folder: Path, monkeypatch
):
    records = [{"_id": name, "text": text} for name, text in TEXTS.items()]
    home = home_of({"records.jsonl": json_lines(*records).decode()})
    texts: list[str] = []
    really = reading.opening_facts

    def noting(text, *others):
        texts.append(text)
        return really(text, *others)

    monkeypatch.setattr(reading, "opening_facts", noting)
    records[1]["text"] = "The navy will patrol the harbour."
    write_files(folder, {"records.jsonl": json_lines(*records)})
    rebuild(home)
    assert texts == [records[1]["text"]]

    # What is said of them now holds for all of them.
    texts.clear()
    home.add(folder / "records.jsonl", said={"publisher": "The Navy"})
    rebuild(home)
    assert set(texts) == {record["text"] for record in records}
    publishers = {document.publisher for document in Generation.serving(home).documents()}
    assert publishers == {"The Navy"}


@pytest.mark.usefixtures("_fine_clock")
def test_another_version_of_readout_reads_and_cuts_everything_again(
    home_of: HomeOf, read_files: list[str], cut_documents: list[str], monkeypatch
):
    home = home_of(TEXTS)
    read_files.clear()
    cut_documents.clear()
    for module in ("index.build", "index.earlier", "index.manifest"):
        monkeypatch.setattr(f"{module}.SOFTWARE", "99")

    assert rebuild(home).changed
    assert read_files == cut_documents == sorted(TEXTS)


@pytest.mark.usefixtures("_fine_clock")
def test_an_id_that_gave_way_is_itself_again_when_the_other_is_gone(new_home: Home, tmp_path: Path):
    first, second = (write_files(tmp_path / name, {"a.txt": f"Of {name}."}) for name in "xy")
    for path in (first, second):
        new_home.add(path)
    rebuild(new_home)
    new_home.remove(first)

    rebuild(new_home)

    assert texts_in(new_home)["a.txt"] == "Of y."


def test_rolling_back_serves_the_generation_before(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "Rosa Vega won the regatta."})
    rebuild(home)

    assert roll_back(home) == "000001" == home.current()
    assert texts_in(home) == TEXTS
    assert rebuild(home).changed
    assert "new.txt" in texts_in(home)
    assert home.names() == ["000001", home.current()]


def test_there_is_no_way_back_from_the_first_generation(bundled_home: Home):
    with pytest.raises(NoIndex, match="no generation before 000001"):
        roll_back(bundled_home)


def test_a_damaged_generation_is_not_rolled_back_to(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "Rosa Vega won the regatta."})
    rebuild(home)
    flip_a_byte(home.generations / "000001" / "vectors.faiss")

    with pytest.raises(DamagedIndex, match=r"vectors\.faiss"):
        roll_back(home)
    assert home.current() == "000002"


def test_verify_tells_of_every_generation_whether_it_is_sound(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "Rosa Vega won the regatta."})
    rebuild(home)
    flip_a_byte(home.generations / "000001" / "documents.sqlite")

    before, now = verify(home)

    assert (before.generation, before.serves) == ("000001", False)
    assert "documents.sqlite" in (before.fault or "")
    assert (now.serves, now.fault, now.documents, now.passages) == (True, None, 4, 4)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda passage: replace(passage, end=passage.end + 10**6),
        lambda passage: replace(passage, start=passage.start + 1),
        lambda passage: replace(passage, sentences=(Span(5, 2),)),
    ],
)
def test_the_check_of_places_finds_a_passage_that_lies_elsewhere(
    bundled_home: Home, spoil, monkeypatch
):
    generation = Generation.serving(bundled_home)
    generation.check_places()
    really = generation.passages_of
    monkeypatch.setattr(generation, "passages_of", lambda name: [spoil(p) for p in really(name)])

    with pytest.raises(DamagedIndex, match=r"documents\.sqlite"):
        generation.check_places()


def damaged_after_a_rebuild(home: Home, folder: Path) -> Home:
    write_files(folder, {"new.txt": "Rosa Vega won the regatta."})
    rebuild(home)
    flip_a_byte(home.generations / "000002" / "vectors.faiss")
    return home


def test_where_the_newest_is_damaged_the_last_sound_one_is_opened(home_of: HomeOf, folder: Path):
    home = damaged_after_a_rebuild(home_of(TEXTS), folder)
    assert open_sound(home).name == "000001"


def test_where_none_is_sound_the_serving_one_is_told(home_of: HomeOf, folder: Path):
    home = damaged_after_a_rebuild(home_of(TEXTS), folder)
    flip_a_byte(home.generations / "000001" / "documents.sqlite")
    with pytest.raises(DamagedIndex, match=r"000002/vectors\.faiss"):
        open_sound(home)


def test_a_home_without_an_index_has_none_to_fall_back_to(new_home: Home):
    with pytest.raises(NoIndex):
        open_sound(new_home)


def test_a_reader_in_any_thread_outlives_the_files_of_its_generation(bundled_home: Home):
    generation = Generation.serving(bundled_home)
    expected = generation.search("firearms", 3)
    shutil.rmtree(bundled_home.generations / generation.name)
    found: list[object] = []

    reader = threading.Thread(target=lambda: found.extend(generation.search("firearms", 3)))
    reader.start()
    reader.join()

    assert found == expected
    assert generation.document("000_fbc2b366f62d71d8.txt").text
