"""What people say of a document holds over what is found in it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from builders import parted, write_files

from corpus import Document, Problem, SourceFile, UnreadableSource, Worker, files_of, read_source
from corpus.errors import Unreadable
from corpus.sidecar import facts_said
from index import Changes, Generation, Home, build, rebuild, source_states

HomeOf = Callable[[dict[str, str]], Home]
SAID = 'title = "The talks"\npublished = 2021-05-03\npublisher = "A ministry"\n'


def read(folder: Path) -> tuple[list[Document], list[Problem]]:
    with Worker() as worker:
        return parted(
            [
                item
                for found in files_of(str(folder))
                for item in (
                    read_source(found, worker) if isinstance(found, SourceFile) else [found]
                )
            ]
        )


@pytest.mark.parametrize("name", ["a.txt.meta.toml", "a.meta.toml"])
def test_a_file_beside_a_document_describes_it(tmp_path: Path, name: str):
    write_files(tmp_path, {"a.txt": "A headline\n\nOn May 1, 2021, they met.", name: SAID})
    [document], problems = read(tmp_path)

    assert not problems
    assert (document.title, document.publisher) == ("The talks", "A ministry")
    assert document.published == date(2021, 5, 3)
    assert document.event_date == date(2021, 5, 1)
    origins = {fact.field: (fact.origin, fact.sure) for fact in document.facts}
    assert origins["title"] == origins["published"] == (name, 1.0)
    assert origins["event_date"] != (name, 1.0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("title = ", "not TOML"),
        ('titel = "x"', "'titel' cannot be said"),
        ('published = "soon"', "published must be a day"),
        ("title = 7", "title must be a text"),
        (b"\xff", "not TOML"),
    ],
)
def test_one_that_says_nothing_sound_is_told_and_the_document_read(
    tmp_path: Path, content: str, reason: str
):
    write_files(tmp_path, {"a.txt": "They met.", "a.txt.meta.toml": content})
    [document], [problem] = read(tmp_path)

    assert document.text == "They met."
    assert problem.source == str(tmp_path / "a.txt.meta.toml")
    assert reason in problem.reason
    assert problem.reason.endswith("what it says is not used")


def test_one_that_describes_nothing_is_told(tmp_path: Path):
    write_files(tmp_path, {"a.txt": "They met.", "b[1].txt.meta.toml": SAID})
    _, [problem] = read(tmp_path)

    assert problem.source.endswith("b[1].txt.meta.toml")
    assert "describes no file" in problem.reason


@pytest.mark.parametrize("value", ["2021-05-03", date(2021, 5, 3), "2021-05-03T10:00"])
def test_days_are_days_however_they_are_written(value: object):
    [fact] = facts_said({"published": value}, "x")
    assert fact.value == "2021-05-03"


def test_nothing_empty_can_be_said():
    with pytest.raises(Unreadable, match="title must be a text"):
        facts_said({"title": " "}, "x")


def titles(home: Home) -> dict[str, str]:
    return {document.id: document.title for document in Generation.serving(home).documents()}


def test_a_rebuild_notices_what_is_said_changed_and_taken_back(home_of: HomeOf, tmp_path: Path):
    home = home_of({"a.txt": "They met.", "b.txt": "They left."})
    folder = tmp_path / "documents"
    assert not rebuild(home).changed

    write_files(folder, {"a.txt.meta.toml": SAID})
    assert rebuild(home).changed
    assert titles(home) == {"a.txt": "The talks", "b.txt": "b"}
    assert not rebuild(home).changed

    write_files(folder, {"a.txt.meta.toml": SAID.replace("talks", "dialogue")})
    report = rebuild(home)
    assert (report.encoded, report.changes) == (1, Changes())
    assert titles(home)["a.txt"] == "The dialogue"

    (folder / "a.txt.meta.toml").unlink()
    assert rebuild(home).changed
    assert titles(home)["a.txt"] == "a"


def test_what_is_said_with_add_holds_until_it_is_taken_back(new_home: Home, tmp_path: Path):
    note = write_files(tmp_path, {"note.txt": "They met."}) / "note.txt"
    new_home.add(note, said={"title": "The talks", "published": "2021-05-03"})
    rebuild(new_home)
    assert titles(new_home)["note.txt"] == "The talks"
    assert not rebuild(new_home).changed

    new_home.add(note, said={"title": "The dialogue"})
    rebuild(new_home)
    document = Generation.serving(new_home).document("note.txt")
    assert (document.title, document.published) == ("The dialogue", date(2021, 5, 3))

    new_home.add(note, said={"title": "", "published": ""})
    rebuild(new_home)
    document = Generation.serving(new_home).document("note.txt")
    assert (document.title, document.published) == ("note", None)


def test_nothing_can_be_said_of_a_folder_nor_what_no_document_has(new_home: Home, tmp_path: Path):
    write_files(tmp_path / "in", {"a.txt": "They met."})
    with pytest.raises(UnreadableSource, match="no single file"):
        new_home.add(tmp_path / "in", said={"title": "x"})
    with pytest.raises(UnreadableSource, match="published must be a day"):
        new_home.add(tmp_path / "in" / "a.txt", said={"published": "soon"})
    assert new_home.roots() == ["bundled"]


def test_a_file_keeps_to_its_own_sidecar_beside_another_of_its_stem(
    home_of: HomeOf, tmp_path: Path
):
    home = home_of({"b.txt": "They met.", "b.md": "They left."})
    other = SAID.replace("talks", "dialogue")
    write_files(
        tmp_path / "documents", {"b.txt.meta.toml": SAID, "b.meta.toml": other, "c.meta.toml": SAID}
    )
    report = rebuild(home)
    assert titles(home) == {"b.txt": "The talks", "b.md": "The dialogue"}
    assert [Path(each.source).name for each in report.problems] == ["c.meta.toml"]
    assert not rebuild(home).changed
    [state] = source_states(home, Generation.serving(home))
    assert not state.is_stale


def test_a_new_password_is_tried_once(new_home: Home, tmp_path: Path, monkeypatch):
    note = write_files(tmp_path, {"note.txt": "They met."}) / "note.txt"
    new_home.add(note)
    rebuild(new_home)
    new_home.add(note, password="open sesame")
    assert rebuild(new_home).changed
    monkeypatch.setattr(build, "Gathering", None)  # from here on a look is enough
    assert not rebuild(new_home).changed
    new_home.add(note, password="")
    assert new_home.sources().passwords == []


def test_what_is_said_goes_with_its_file(new_home: Home, tmp_path: Path):
    write_files(tmp_path, {"a.txt": "They met.", "b.txt": "They left."})
    with pytest.raises(UnreadableSource, match="one by one"):
        new_home.add(tmp_path / "a.txt", tmp_path / "b.txt", said={"title": "x"})
    new_home.add(tmp_path / "a.txt", said={"title": "x"})
    new_home.remove(tmp_path / "a.txt")
    assert new_home.sources().said == {}


def test_passwords_are_for_their_owner_alone(new_home: Home, tmp_path: Path):
    note = write_files(tmp_path, {"note.txt": "They met."}) / "note.txt"
    new_home.add(note, password="open sesame")

    assert new_home.sources().passwords == ["open sesame"]
    assert (new_home.path / "sources.json").stat().st_mode & 0o077 == 0
