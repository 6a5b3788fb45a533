"""What docs/python.md shows is what happens: each example is run, on the bundled documents."""

import re
import shutil
from pathlib import Path

import pytest

from index import Home

TEXT = (Path(__file__).parent.parent / "docs" / "python.md").read_text(encoding="utf-8")
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")

# An example, and what it prints if that is shown.
_EXAMPLE = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)

EXAMPLES = _EXAMPLE.findall(TEXT) + _EXAMPLE.findall(README)


def test_the_examples_are_found():
    assert len(EXAMPLES) == TEXT.count("```python") + README.count("```python") > 5
    assert sum(bool(shown) for _, shown in EXAMPLES) == TEXT.count("```text")


@pytest.mark.parametrize(("code", "shown"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_works_and_prints_what_it_shows(
    code: str,
    shown: str,
    bundled_home: Home,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "regatta.txt").write_text("Rosa Vega won the regatta in Gros Islet in May.")
    for name, path in {"home": bundled_home.path, "documents": documents}.items():
        code = code.replace(f'"/path/to/{name}"', repr(str(path)))
    assert "/path/to" not in code
    exec(compile(code, "docs/python.md", "exec"), {"__name__": "example"})
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out
    if shown:
        assert printed.out == shown
    shutil.rmtree(documents)
