"""A damaged generation is never served, and a sound one opens without being read whole."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import flip_a_byte

from index import DamagedIndex, FileStamp, Generation, Home, rebuild, seals, verify

HomeOf = Callable[[dict[str, str]], Home]
TEXT = "The coast guard will patrol the waters of the Caribbean."


@pytest.fixture
def home(home_of: HomeOf, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose files count as written long ago, opened once."""
    built = home_of({"sea.txt": TEXT, "land.txt": "The ministers met in Saint Lucia."})
    monkeypatch.setattr(FileStamp, "is_settled", lambda _: True)
    Generation.serving(built)
    return built


@pytest.fixture
def hashed(home: Home, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read whole from now on."""
    names: list[str] = []
    really = seals.sha256_of

    def noting(path: Path) -> str:
        names.append(path.name)
        return really(path)

    monkeypatch.setattr(seals, "sha256_of", noting)
    return names


def folder_of(home: Home) -> Path:
    return home.generations / home.current()


def test_files_that_look_as_when_they_were_last_read_are_not_read_again(
    home: Home, hashed: list[str]
):
    assert Generation.serving(home).search("patrol", 1)
    assert hashed == []

    (folder_of(home) / "vectors.faiss").touch()
    Generation.serving(home)
    assert "vectors.faiss" in hashed

    hashed.clear()
    Generation.serving(home)
    assert hashed == []


@pytest.mark.parametrize("name", ["documents.sqlite", "vectors.faiss"])
def test_a_change_that_hides_its_time_and_size_is_found(home: Home, name: str):
    path = folder_of(home) / name
    before = path.stat()
    flip_a_byte(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    with pytest.raises(DamagedIndex, match=name):
        Generation.serving(home)


def test_a_file_that_is_gone_is_found(home: Home):
    next((folder_of(home) / "lexical").glob("*.store")).unlink()

    with pytest.raises(DamagedIndex, match=r"lexical/.*\.store"):
        Generation.serving(home)


def rot(home: Home, name: str, position: int) -> None:
    """Changes a file as a failing disk does: no time or size of it shows that."""
    flip_a_byte(folder_of(home) / name, position)
    notes = folder_of(home).with_name(f"{home.current()}.checked.json")
    noted = json.loads(notes.read_text())
    stamp = FileStamp.of(folder_of(home) / name)
    noted[name] = [stamp.size, stamp.modified, stamp.changed]
    notes.write_text(json.dumps(noted))


def test_a_text_that_rots_on_the_disk_is_never_shown(home: Home):
    content = (folder_of(home) / "documents.sqlite").read_bytes()
    rot(home, "documents.sqlite", content.index(b"Caribbean"))
    generation = Generation.serving(home)

    with pytest.raises(DamagedIndex, match=r"text of sea\.txt is damaged.*readout rebuild"):
        generation.document("sea.txt")
    assert generation.document("land.txt").text


def test_verify_finds_what_rots_and_a_rebuild_mends_it(home: Home):
    rot(home, "vectors.faiss", -5)
    Generation.serving(home)

    [found] = verify(home)
    assert "vectors.faiss" in (found.fault or "")

    assert rebuild(home).changed
    assert verify(home)[-1].fault is None


@pytest.mark.parametrize("notes", ["", "[]", "not JSON", '{"documents.sqlite": 7}', "{}"])
def test_notes_that_are_none_mean_that_everything_is_read(
    home: Home, hashed: list[str], notes: str
):
    folder_of(home).with_name(f"{home.current()}.checked.json").write_text(notes)

    Generation.serving(home)

    assert "documents.sqlite" in hashed


def test_the_notes_of_a_generation_go_with_it(home_of: HomeOf, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(FileStamp, "is_settled", lambda _: True)
    home = home_of({"sea.txt": TEXT})
    for number in range(3):
        (tmp_path / "documents" / "sea.txt").write_text(f"{TEXT} {number}")
        rebuild(home)
        Generation.serving(home)

    assert {path.name for path in home.generations.iterdir()} == {
        *home.names(),
        *(f"{name}.checked.json" for name in home.names()),
    }


def test_the_encoder_is_shared_with_the_generation_before(home: Home, tmp_path: Path):
    before = Generation.serving(home)
    (tmp_path / "documents" / "new.txt").write_text("The navy sails.")
    rebuild(home)

    after = Generation.serving(home, before)

    assert after.name != before.name
    assert after.encoder is before.encoder
