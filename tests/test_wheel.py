"""The wheel holds all that Readout needs, and works where only the wheel is."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from index import Home

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, source]
    subprocess.run(command, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_would_be_taken_by_an_index(wheel: Path):
    told = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", wheel], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout


def test_the_wheel_alone_answers_and_has_every_file(
    wheel: Path, bundled_home: Home, tmp_path: Path
):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    environment = os.environ | {"PYTHONPATH": str(site), "READOUT_HOME": str(bundled_home.path)}

    def ran(*words: str) -> str:
        return subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    places = ran("-c", "import ui, assistant.reader; print(ui.__file__, assistant.reader.__file__)")
    assert [place.startswith(str(site)) for place in places.split()] == [True, True]
    run = "from ui.cli import main; main()"
    answer = json.loads(ran("-c", run, "ask", "--json", "Who co-chaired the 11th dialogue?"))
    assert "co-chaired" in answer["citations"][0]["quote"]["text"]
    for package in ("corpus", "index", "assistant", "ui"):
        kept = {path.relative_to(ROOT) for path in (ROOT / package).rglob("*") if path.is_file()}
        kept = {path for path in kept if path.suffix != ".pyc"}
        assert kept == {
            path.relative_to(site)
            for path in (site / package).rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }
    ran("-c", "import ui.web")
