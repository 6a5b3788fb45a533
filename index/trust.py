"""Which models may be loaded: no pickles ever, and other people's weights only where one said so.

Weights decide what is found and what is called an answer. So those of a model that the user names
are used only once they said that they trust them, and not what is put in their place later.
"""

import re
from pathlib import Path

from filelock import FileLock

from index.durable import read_json, write_json
from index.errors import EncoderError, HomeUnusable

# Names of weights that are pickles: to load one is to run what it says.
_PICKLE = re.compile(
    r"(?:pytorch|adapter)_model.*\.bin|.*\.(?:pt|pth|pkl|pickle|ckpt)", re.IGNORECASE
)

# Names of weights that are taken before a pickle beside them.
_TAKEN_FIRST = ("model.safetensors", "model-*-of-*.safetensors")

# The hashes of what the user trusts, in the home's folder of models.
_FILE = "trusted.json"


def check_safe(name: str, folder: Path) -> None:
    """Refuses a model that could run code while it is loaded.

    The libraries that load models take safetensors where there are some, and pickles otherwise;
    so where a folder has a pickle it must have weights that are taken before it, of the very name
    that is looked for.

    Args:
        name: How the user named it.
        folder: Where it is.

    Raises:
        EncoderError: If it has no safetensors, or a pickle without any beside it.
    """
    if not any(folder.rglob("*.safetensors")):
        raise EncoderError(f"{name}: has no safetensors weights; name another model")
    for path in sorted(folder.rglob("*")):
        if _PICKLE.fullmatch(path.name) and not _is_passed_over(path):
            raise EncoderError(
                f"{name}: {path.relative_to(folder).as_posix()} is a pickle, which can run code"
                " when it is loaded; name a model whose weights are all safetensors"
            )


def _is_passed_over(pickle: Path) -> bool:
    """Returns whether a folder has weights that are loaded in place of a pickle in it."""
    adapter = pickle.name.lower().startswith("adapter_model")
    taken = ("adapter_model.safetensors",) if adapter else _TAKEN_FIRST
    return any(any(pickle.parent.glob(pattern)) for pattern in taken)


def trust(models: Path, name: str, weights: str) -> None:
    """Records that the user wants a model used as it is now.

    Args:
        models: The home's folder of models.
        name: How the user named it.
        weights: `index.models.weights_of` it.

    Raises:
        EncoderError: If what was trusted before cannot be read.
        HomeUnusable: If it cannot be recorded.
    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(models / f"{_FILE}.lock"):
            write_json(models / _FILE, _trusted(models) | {weights: name})
    except OSError as error:
        raise HomeUnusable(
            f"{models}: cannot be written ({error.strerror}); free space or choose --home"
        ) from error


def check_trusted(models: Path, name: str, weights: str) -> None:
    """Tells if the user never said that a model may be used as it is now.

    The arguments are those of `trust`.

    Raises:
        EncoderError: If they did not, or what they trust cannot be read.
    """
    if weights not in _trusted(models):
        raise EncoderError(
            f"{name}: nobody said yet that its weights (SHA-256 {weights[:16]}…) are to be trusted;"
            f" if they are, run: readout trust {name}"
        )


def _trusted(models: Path) -> dict[str, str]:
    """Returns the names of trusted models by the hashes of their weights."""
    path = models / _FILE
    try:
        found = dict(read_json(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise EncoderError(
            f"{path}: cannot be read ({error}); delete it, and trust again"
        ) from error
    return {str(weights): str(name) for weights, name in found.items()}
