"""docs/api.md says what the API is, and its commands work."""

import json
import re
import shlex
import shutil
import subprocess

import pytest

from tests.api_tables import PAGE, with_tables

TEXT = PAGE.read_text(encoding="utf-8")


def commands() -> list[str]:
    [block] = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    return block.splitlines()


def test_the_tables_are_those_of_the_schema():
    assert "| `POST /api/ask` |" in TEXT
    assert with_tables(TEXT) == TEXT


def test_the_commands_work(address: str):
    if not shutil.which("curl"):
        pytest.skip("no curl")
    for command in commands():
        words = shlex.split(command.replace("http://127.0.0.1:7860", address))
        run = subprocess.run(
            [*words, "--fail", "--silent"], capture_output=True, text=True, timeout=60, check=False
        )
        assert run.returncode == 0, command
        if "events" in command:
            assert "event: finished" in run.stdout
        else:
            assert json.loads(run.stdout)
