"""The house stands as it was drawn: imports run one way, and public names change on purpose."""

import ast
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("corpus", "index", "assistant", "ui")

PUBLIC = {
    "corpus": """BUNDLED CONTEXTS CorpusError Document FIELDS Fact MAX_BYTES Mark Marks Passage
        Problem ReadoutError SourceFile Span TokenCounter UnknownSource Unlisted UnreadableSource
        Worker cut_passages document_id facts_said files_of fingerprints holds_records joined
        original_path read_source resolve_root sentence_spans without_surrogates""",
    "index": """BuildReport Cancelled Changes ClusterError DEFAULT_MODEL DamagedIndex EmptyCorpus
        Encoder EncoderError EngineUnavailable FileStamp Filter Generation GenerationState Hit Home
        HomeUnusable IndexingError Manifest NoIndex Place Progress RebuildRunning Repeat Soundness
        SourceState Sources TITLE Vectors
        analyze content_words copy_index default_home generation_states open_sound rebuild roll_back
        source_states verify""",
    "assistant": """Answer AskingError Assistant BadGolden BadQuestion Carried CarriedItem
        Citation Dates Group MAX_QUESTION Quote RerankerError Turn UnknownPlace WordReading""",
}


def modules():
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_imports_run_from_ui_to_corpus_only():
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("package", PUBLIC)
def test_a_package_offers_the_names_it_is_known_for(package):
    assert sorted(import_module(package).__all__) == sorted(PUBLIC[package].split())


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_one_thing_and_says_which(path):
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source))
    assert path.stem != "utils"
    assert source.count("\n") <= 350


def test_the_wheel_is_told_every_package_and_data_file(tmp_path):
    shutil.copytree(
        ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns(".*", "tests", "*.egg-info", "build")
    )
    run = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "."],
        cwd=tmp_path / "copy",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    [wheel] = (tmp_path / "copy").glob("*.whl")
    packed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", wheel], capture_output=True, text=True, check=True
    ).stdout
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in packed
