"""The doctor: each thing that can be wrong is told, with what to do, and nothing is changed."""

import json
import shutil
from collections import namedtuple
from dataclasses import replace
from importlib import metadata

import pytest
from click.testing import CliRunner
from filelock import FileLock

from index import Home, Manifest
from ui.cli import cli


def run(home, *options):
    return CliRunner().invoke(cli, ["doctor", "--home", str(home.path), *options])


def findings(home):
    """What is found, by name, and the exit status."""
    ended = run(home, "--json")
    shown = json.loads(ended.stdout)
    assert shown["sound"] == (ended.exit_code == 0)
    return {each["name"]: each for each in shown["checks"]}, ended.exit_code


def found(home, name):
    """The state of one thing, and all that is told of it."""
    each = findings(home)[0][name]
    return each["state"], f"{each['detail']}; {each['remedy']}"


def look_of(home):
    return {path: path.stat().st_mtime_ns for path in home.path.rglob("*")}


def test_all_is_well_with_a_home_that_was_just_built(bundled_home):
    before = look_of(bundled_home)
    ended = run(bundled_home)
    assert ended.exit_code == 0
    *lines, empty, summary = ended.stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"ok"}
    assert (empty, summary) == ("", "All is well.")
    assert any("000001: 2 documents, 6 passages, sound" in line for line in lines)
    assert look_of(bundled_home) == before
    versions = json.loads(run(bundled_home, "--json").stdout)["versions"]
    assert versions["readout"] == metadata.version("readout")
    assert versions["faiss-cpu"] == metadata.version("faiss-cpu")


def test_a_home_that_is_not_there_yet_is_no_problem_and_is_not_made(tmp_path):
    told, status = findings(Home(tmp_path / "new"))
    assert status == 0
    assert "the first build makes it" in told["home"]["detail"]
    assert "the first build compiles it" in told["encoder"]["detail"]
    assert (told["index"]["state"], told["index"]["remedy"]) == (
        "attention",
        "run: readout rebuild",
    )
    assert "sources" not in told
    assert not (tmp_path / "new").exists()


def test_a_damaged_index_is_a_problem_with_what_to_do(bundled_home):
    with (bundled_home.generations / "000001" / "documents.sqlite").open("r+b") as file:
        file.write(b"rot")
    told, status = findings(bundled_home)
    assert status == 1
    assert told["index"]["state"] == "problem"
    assert "documents.sqlite: damaged or missing" in told["index"]["detail"]
    assert told["index"]["remedy"] == "run: readout rebuild"
    ended = run(bundled_home)
    assert ended.stdout.endswith("\n1 problem; all else is well.\n")


def test_an_index_that_says_nothing_of_itself_is_a_problem(bundled_home):
    (bundled_home.generations / "000001" / "manifest.json").unlink()
    told, status = findings(bundled_home)
    assert status == 1
    assert told["index"]["state"] == "problem"
    assert told["encoder"]["detail"] == "not looked at, for the index is damaged"


def test_an_encoder_that_is_gone_is_one_problem(bundled_home, tmp_path):
    models = bundled_home.models.resolve()
    bundled_home.models.unlink()
    told, status = findings(bundled_home)
    assert status == 1
    assert told["encoder"]["state"] == "problem"
    assert "all-MiniLM-L6-v2 is missing" in told["encoder"]["detail"]
    assert told["index"]["state"] == "attention"

    shutil.copytree(models, bundled_home.models)
    [network] = bundled_home.models.glob("*/model.onnx")
    network.write_bytes(network.read_bytes()[:-1] + b"x")
    state, text = found(bundled_home, "encoder")
    assert state == "problem"
    assert "not the encoder that made the index; delete that folder" in text


def test_weights_that_are_gone_are_a_problem(bundled_home, monkeypatch):
    def gone(name):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("ui.doctor.find_model", gone)
    state, text = found(bundled_home, "encoder")
    assert state == "problem"
    assert "the weights of all-MiniLM-L6-v2 cannot be read (No such file or directory)" in text


def test_an_encoder_that_could_not_be_compiled_wants_attention(bundled_home, monkeypatch):
    models = bundled_home.models.resolve()
    bundled_home.models.unlink()
    shutil.copytree(models, bundled_home.models)
    folder = bundled_home.generations / "000001"
    manifest = Manifest.load(folder)
    identity = replace(manifest.encoder, runtime="sentence-transformers", compiled="")
    replace(manifest, encoder=identity).save(folder)
    [compiled] = bundled_home.models.iterdir()
    (compiled / "not-compiled.json").write_text('{"reason": "no such operator"}')
    loaded = []
    monkeypatch.setattr("ui.doctor.load_encoder", lambda *each: loaded.append(each))
    monkeypatch.setattr("ui.doctor._index", lambda _: iter(()))
    state, text = found(bundled_home, "encoder")
    assert state == "attention"
    assert "all-MiniLM-L6-v2 cannot be compiled (no such operator), so it runs slower" in text
    assert loaded


def test_sources_that_changed_want_a_rebuild(home_of, tmp_path):
    home = home_of({"a.txt": "Rosa Vega won the regatta.", "b.jsonl": "no JSON"})
    state, text = found(home, "sources")
    assert state == "ok"
    assert "2 skipped, see: readout status --problems" in text
    (tmp_path / "documents" / "a.txt").write_text("Ada Quill won the regatta.")
    state, text = found(home, "sources")
    assert state == "attention"
    assert f"changed since they were read: {tmp_path / 'documents'}; run: readout rebuild" in text
    shutil.rmtree(tmp_path / "documents")
    state, text = found(home, "sources")
    assert state == "attention"
    assert str(tmp_path / "documents") in text


def test_an_index_by_another_version_or_encoder_wants_a_rebuild(bundled_home):
    (bundled_home.path / "readout.toml").write_text('encoder = "some/model"')
    state, text = found(bundled_home, "index")
    assert state == "attention"
    assert "by the encoder all-MiniLM-L6-v2, where the settings want some/model; run" in text
    (bundled_home.path / "readout.toml").write_text('encoder = "all-MiniLM-L6-v2"')
    assert found(bundled_home, "index")[0] == "ok"
    folder = bundled_home.generations / "000001"
    replace(Manifest.load(folder), software="0.0.1").save(folder)
    state, text = found(bundled_home, "index")
    assert state == "attention"
    assert "built by Readout 0.0.1; run: readout rebuild" in text


def test_settings_that_are_wrong_are_a_problem_and_the_rest_is_looked_at(bundled_home):
    (bundled_home.path / "readout.toml").write_text("prot = 80")
    told, status = findings(bundled_home)
    assert status == 1
    assert told["settings"]["remedy"] == "did you mean port?"
    assert told["index"]["state"] == "ok"
    (bundled_home.path / "readout.toml").write_text("port = 80")
    assert found(bundled_home, "settings") == ("ok", "set: port; None")


def test_a_rebuild_at_work_is_told(bundled_home):
    with FileLock(bundled_home.path / "lock"):
        state, text = found(bundled_home, "lock")
    assert state == "attention"
    assert "a rebuild is at work" in text
    assert found(bundled_home, "lock")[0] == "ok"


@pytest.mark.parametrize(
    ("free", "state"), [(10**6, "problem"), (4 * 10**8, "attention"), (10**10, "ok")]
)
def test_a_disk_with_no_room_for_a_rebuild_is_told(bundled_home, monkeypatch, free, state):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 0, free))
    assert found(bundled_home, "disk")[0] == state


def test_what_cannot_be_written_is_told(bundled_home, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    told, status = findings(Home(tmp_path / "file" / "home"))
    assert (told["home"]["state"], status) == ("problem", 1)
    assert "choose another with --home" in told["home"]["remedy"]
    monkeypatch.setattr("ui.doctor.why_not_writable", lambda _: "Read-only file system")
    state, text = found(bundled_home, "home")
    assert state == "attention"
    assert "can be asked, but not written (Read-only file system)" in text


def test_libraries_that_are_missing_too_old_or_broken_are_told(bundled_home, monkeypatch):
    needs = ["click>=99", "no-such-package>=1", "numpy>=2.0", "rapidocr>=3 ; extra == 'ocr'"]
    monkeypatch.setattr("ui.doctor.requires", lambda _: needs)
    monkeypatch.setattr("ui.doctor._COMPILED", ("no_such_module",))
    state, text = found(bundled_home, "libraries")
    assert state == "problem"
    assert f"click is {metadata.version('click')}, and >=99 is needed, " in text
    assert "no-such-package is not installed, " in text
    assert "no_such_module cannot be loaded (No module named 'no_such_module'); install" in text
    assert "numpy" not in text
    assert "rapidocr" not in text
    assert json.loads(run(bundled_home, "--json").stdout)["versions"]["no-such-package"] is None


def test_scanned_pages_are_no_problem_either_way(bundled_home, monkeypatch):
    assert found(bundled_home, "scanned pages")[0] == "ok"
    monkeypatch.setattr("ui.doctor.find_spec", lambda _: None)
    state, text = found(bundled_home, "scanned pages")
    assert state == "ok"
    assert "pip install 'readout[ocr]'" in text
