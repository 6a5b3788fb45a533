"""Models of other people: no pickle is loaded, and none that nobody said to trust as it is."""

import json
import pickle
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant import RerankerError
from index import EncoderError, Home
from index.models import prepare_encoder
from index.trust import check_safe
from ui.cli import cli


class _Harm:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def model_of(folder: Path, **files: bytes) -> Path:
    """A folder that looks like a model whose weights are safetensors."""
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"numbers")
    (folder / "config.json").write_text("{}")
    for name, content in files.items():
        place = folder / name.replace("__", "/").replace("_bin", ".bin")
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
    return folder


def run(home: Home, *arguments: str):
    return CliRunner().invoke(cli, [*arguments, "--home", str(home.path)])


def test_a_pickle_is_never_loaded(bundled_home, tmp_path):
    made = tmp_path / "made"
    harm = pickle.dumps(_Harm(made))
    pickle.loads(harm)
    assert made.exists()
    made.unlink()
    model = model_of(tmp_path / "model", **{"2_Dense__pytorch_model_bin": harm})
    for command in (["trust", str(model)], ["rebuild", "--encoder", str(model)],
                    ["ask", "who?", "--reranker", str(model)]):  # fmt: skip
        failed = run(bundled_home, *command).exception
        assert isinstance(failed, EncoderError | RerankerError)
        assert "2_Dense/pytorch_model.bin is a pickle" in str(failed)
        assert "\n" not in str(failed)
    assert not made.exists()


@pytest.mark.parametrize(
    ("pickle_at", "beside", "refused"),
    [
        ("pytorch_model.bin", "model.safetensors", False),
        ("2_Dense/pytorch_model.bin", "2_Dense/model.safetensors", False),
        ("2_Dense/pytorch_model.bin", "2_Dense/other.safetensors", True),
        ("pytorch_model-1-of-2.bin", "model-00001-of-00002.safetensors", False),
        ("adapter_model.bin", "model.safetensors", True),
    ],
)
def test_only_weights_that_are_taken_before_a_pickle_let_it_pass(
    tmp_path: Path, pickle_at: str, beside: str, refused: bool
):
    for name in (pickle_at, beside):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(EncoderError, match="is a pickle") if refused else nullcontext():
        check_safe("a model", tmp_path)


def test_a_model_is_used_only_as_it_was_when_somebody_trusted_it(bundled_home, tmp_path):
    bundled_home.models.unlink()  # a folder of its own, with nobody else's trust
    bundled_home.models.mkdir()
    model = model_of(tmp_path / "model")

    def told():
        return str(run(bundled_home, "ask", "who?", "--reranker", str(model)).exception)

    assert f"run: readout trust {model}" in told()
    with pytest.raises(EncoderError, match="run: readout trust"):
        prepare_encoder(bundled_home.models, str(model))
    trusted = json.loads(run(bundled_home, "trust", str(model), "--json").stdout)
    assert len(trusted["sha256"]) == 64
    assert "cannot load it as a cross-encoder" in told()
    (model / "model.safetensors").write_bytes(b"other numbers")
    assert f"run: readout trust {model}" in told()
