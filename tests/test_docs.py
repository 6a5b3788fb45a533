"""What the documents state is what the code does."""

import json
import re
import shlex
import shutil
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant import Assistant
from tests.benchmarks.figures import PAGES, tables_of, with_tables
from ui.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_show_the_measured_figures(page):
    figures = json.loads((ROOT / "docs" / "measurements.json").read_text(encoding="utf-8"))
    text = page.read_text(encoding="utf-8")
    tables = tables_of(page, text, figures)
    assert tables
    assert all(table in text for table in tables)
    assert len(tables) == len(PAGES[page])
    assert with_tables(text, tables) == text


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_the_readme_names_every_command(command):
    assert re.search(rf"(?:`readout |, `(?:readout )?){command}\b", README)


def test_every_command_in_the_readme_exists():
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL):
        for command in re.findall(r"readout (\w+)", block):
            assert command in cli.commands


def test_the_questions_of_the_readme_are_answered_and_refused_as_it_says(bundled_home):
    asked = re.findall(r'readout ask "([^"]+)"(.*not there)?', README)
    with Assistant.open(bundled_home) as assistant:
        answered = [not assistant.ask(question).abstained for question, _ in asked]
    assert answered == [not refused for _, refused in asked] == [True, False]


def test_links_and_pictures_are_there():
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *map(str, Path("docs").glob("*.md")),
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", text):
            assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}"


def test_versions_are_pinned_for_all_that_is_declared():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    declared = re.findall(
        r'^\s+"([a-z][\w.-]*)[>=\[]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert {name.lower() for name in declared} - {"readout"} <= pinned
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text()


@pytest.mark.parametrize("page", ["asking.md", "citing.md", "rebuilding.md"])
def test_every_command_of_the_pages_works(page, bundled_home, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("READOUT_HOME", str(bundled_home.path))
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    assert lines
    before = signal.getsignal(signal.SIGTERM)
    try:
        for line in lines:
            command, _, written = line.partition(" > ")
            program, *words = shlex.split(command, comments=True)
            found = CliRunner().invoke(cli, words, catch_exceptions=False)
            assert (program, found.exit_code) == ("readout", 0), line
            if "nothing answers" in line:
                assert "Nothing here answers that" in found.stdout
            if written:
                Path(written).write_text(found.stdout, encoding="utf-8")
    finally:
        signal.signal(signal.SIGTERM, before)
