"""The state of a home: its generations, and how far they lag behind the sources."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import flip_a_byte, write_files

from index import Generation, Home, SourceState, generation_states, rebuild, source_states

HomeOf = Callable[[dict[str, str]], Home]
TEXTS = {"arms.txt": "On firearms.", "sea.txt": "On the sea.", "talks.txt": "On the talks."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `home_of` puts its texts."""
    return tmp_path / "documents"


def states(home: Home) -> list[SourceState]:
    return list(source_states(home, Generation.serving(home)))


def test_a_source_is_up_to_date_until_its_files_change(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    assert states(home) == [SourceState(str(folder), 3)]

    (folder / "arms.txt").unlink()
    (folder / "talks.txt").touch()
    write_files(folder, {"sea.txt": "On the land.", "new.txt": "New.", "newer.txt": "Newer."})
    [stale] = states(home)
    assert stale == SourceState(str(folder), 3, added=2, changed=1, removed=1)
    assert stale.is_stale

    rebuild(home)
    assert states(home) == [SourceState(str(folder), 4)]


def test_sources_added_or_removed_since_the_last_build_are_told(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    home.add("bundled")
    home.remove(folder)

    assert states(home) == [
        SourceState("bundled", 0, added=2),
        SourceState(str(folder), 3, removed=3),
    ]


def test_a_source_that_cannot_be_looked_at_is_no_reason_to_rebuild(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    shutil.rmtree(folder)

    [state] = states(home)

    assert "is not there" in (state.trouble or "")
    assert not state.is_stale


def test_generations_are_told_with_what_they_hold(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "New."})
    rebuild(home)
    flip_a_byte(home.generations / "000001" / "manifest.json")

    damaged, serving = generation_states(home)

    assert (damaged.name, damaged.serves, damaged.manifest) == ("000001", False, None)
    assert (serving.name, serving.serves) == ("000002", True)
    assert serving.manifest is not None
    assert serving.manifest.documents == 4
    files = (home.generations / "000002").rglob("*")
    assert serving.bytes == sum(path.stat().st_size for path in files if path.is_file())
