"""A checker that knows none of the assistant's code finds every citation true, or flagged.

This is a sample; ``python -m tests.benchmarks.honesty`` asks thousands of questions.
"""

import ast
from pathlib import Path

import pytest

from tests.benchmarks import checker
from tests.benchmarks.honesty import honesty, releases_of

ANSWERS, RELEASES = 80, 24


@pytest.mark.usefixtures("_weights_are_hashed_once")
def test_every_quote_is_where_it_is_said_to_be_and_flagged_once_its_original_changed(
    test_data: Path, tmp_path: Path, compiled_models: Path
):
    releases = releases_of(test_data)[::80][:RELEASES]
    found = honesty(tmp_path, compiled_models, releases, ANSWERS, seed=1)

    before, after = found["before"], found["after"]
    assert before["told"] == after["told"] == []
    assert before["answers without fault"] == after["answers without fault"] == ANSWERS
    assert before["affected"] == before["flagged"] == 0
    assert 0 < after["affected"] == after["flagged"] < after["citations"]
    assert min(before["answered"], ANSWERS - before["answered"]) > ANSWERS // 10
    changes = {"touched", "written anew, the same"}
    edited = sum(count for name, count in found["edits"].items() if name not in changes)
    assert after["documents affected"] == edited > 0


def test_the_checker_knows_nothing_of_what_it_checks():
    tree = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
    imported = [
        name
        for node in ast.walk(tree)
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in getattr(node, "names", [])]
            if isinstance(node, ast.Import)
            else []
        )
    ]
    assert "corpus" in imported
    assert not {name.split(".")[0] for name in imported} & {"index", "assistant", "ui", "tests"}
