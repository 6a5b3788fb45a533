"""Compiles a sentence-transformers model to int8 ONNX for this machine's CPU.

Run as ``python -m index.compile MODEL_FOLDER OUT_FOLDER`` in a process of its own, so that torch
never enters the one that answers questions. Writes ``model.onnx``, ``tokenizer.json`` and
``compiled.json`` into ``OUT_FOLDER``; exits 1 with a reason on standard error if the model cannot
be compiled or the compiled one disagrees with the original.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: Smallest mean cosine between a compiled and an original vector, and smallest correlation of
#: the similarities among the probes. Measured on the default model: 0.993 and 0.998.
MIN_COSINE, MIN_CORRELATION = 0.98, 0.99

#: Texts of several lengths, subjects and scripts.
PROBES = (
    "who co-chaired the security dialogue?",
    "How much money did the United States pledge for vaccines in 2021?",
    "moise assassination",
    "The thirteen countries include Antigua and Barbuda, The Bahamas, Barbados and Dominica.",
    "On November 16, 2023, the Deputy Assistant Secretary represented the Department of Defense.",
    "An interagency working group will improve the tracing of illegal firearms.",
    "The Secretary spoke today with the Foreign Minister about the situation at the border.",
    "We remain committed to a free and open Indo-Pacific, and to the rule of law at sea.",
    "The sanctions target seven individuals and three entities that moved oil for the regime.",
    "The Treaty on Measures for the Further Reduction of Strategic Offensive Arms",
    "Computational complexity theory classifies problems by their inherent difficulty.",
    "The recipe calls for two cups of flour, a pinch of salt and an egg.",
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
    "The goalkeeper saved a penalty in the eighty-ninth minute.",
    "Los ministros acordaron reforzar la cooperación en materia de seguridad marítima.",
    "Die Bundesregierung begrüßt die Einigung der Mitgliedstaaten auf ein Sanktionspaket.",
    "Le Conseil a adopté une résolution sur la situation en Haïti.",
    "Совет Безопасности принял резолюцию.",
    "会议讨论了海上安全与打击走私。",
    "12,500 | 3.4% | Q2 2022 | n/a",
)


def compile_model(folder: Path, out: Path) -> None:
    """Exports, quantises and checks a model.

    Args:
        folder: A local sentence-transformers model with safetensors weights.
        out: An existing folder to write to.

    Raises:
        ValueError: If the model cannot be compiled faithfully.
    """
    model = load_original(folder)
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise ValueError("its tokenizer has no fast form")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    (out / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    probes = list(PROBES) + [" ".join(PROBES[:count]) for count in range(2, len(PROBES), 3)]
    expected = model.encode(probes, normalize_embeddings=True, show_progress_bar=False)
    settings = {
        "dimension": int(expected.shape[1]),
        "window": int(model.max_seq_length or 512),
        "query_prompt": _prompt(model, "query"),
        "passage_prompt": _prompt(model, "document", "passage"),
    }
    (out / "compiled.json").write_text(json.dumps(settings), encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        exported = Path(scratch) / "model.onnx"
        _export(model, exported)
        # Without VNNI instructions a CPU sums int8 products in 16 bits, which overflow unless
        # the weights keep one bit free; the probes tell which kind this CPU is.
        disagreement = ""
        for reduce_range in (False, True):
            _quantise(exported, out / "model.onnx", reduce_range=reduce_range)
            disagreement = _disagreement(out, probes, expected)
            if not disagreement:
                return
    raise ValueError(disagreement)


def load_original(folder: Path) -> "SentenceTransformer":
    """Loads a model with sentence-transformers, from safetensors only (never from pickles)."""
    import torch  # lazy: seconds to import, and never needed for a question
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(folder),
        device="cuda" if torch.cuda.is_available() else "cpu",
        local_files_only=True,
        trust_remote_code=False,
        # The exporter follows eager attention only.
        model_kwargs={"attn_implementation": "eager", "use_safetensors": True},
    )


def _prompt(model: "SentenceTransformer", *names: str) -> str:
    return next((prompt for name in names if (prompt := model.prompts.get(name))), "")


def _export(model: "SentenceTransformer", path: Path) -> None:
    import torch

    class Sentence(torch.nn.Module):
        """The whole pipeline, token ids to unit vector, as one graph."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:  # noqa: ANN401 (torch tensors)
            output = self.model(dict(zip(names, tensors, strict=True)))["sentence_embedding"]
            return torch.nn.functional.normalize(output, dim=-1)

    example = model.tokenizer(["a text", "a longer text"], padding=True, return_tensors="pt")
    names = list(example)
    model.cpu().eval()
    torch.onnx.export(
        Sentence(),
        tuple(example.values()),
        str(path),
        dynamo=False,
        input_names=names,
        output_names=["embedding"],
        dynamic_axes={name: {0: "texts", 1: "tokens"} for name in names}
        | {"embedding": {0: "texts"}},
        opset_version=17,
    )


def _quantise(source: Path, target: Path, *, reduce_range: bool) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source, target, per_channel=True, reduce_range=reduce_range, weight_type=QuantType.QInt8
    )


def _disagreement(out: Path, probes: list[str], expected: np.ndarray) -> str:
    from index.encoder import CompiledEncoder

    found = CompiledEncoder(out).embed_passages(probes)
    cosine = float((found * expected).sum(axis=1).mean())
    upper = np.triu_indices(len(probes), 1)
    correlation = float(np.corrcoef((found @ found.T)[upper], (expected @ expected.T)[upper])[0, 1])
    if cosine >= MIN_COSINE and correlation >= MIN_CORRELATION:
        return ""
    return (
        f"compiled to int8 it disagrees with the original"
        f" (mean cosine {cosine:.3f}, correlation of similarities {correlation:.3f})"
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    try:
        compile_model(Path(sys.argv[1]), Path(sys.argv[2]))
    except (ValueError, RuntimeError, OSError, ImportError) as error:
        sys.exit(str(error))
