"""Writes a trained reader as int8 ONNX, with what tells whether it is the one that was trained."""

import json
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from assistant.reader.model import ReaderModel
from assistant.reader.pairs import Text
from assistant.reader.reader import RECORD, VOCABULARY, WEIGHTS, Reader
from index.durable import sha256_of

#: How the reader is trained.
COMMAND = "python -m assistant.reader.train DATA WORK"

#: The name of the weights that are not quantised, to compare with.
UNQUANTISED = "reader-fp32.onnx"

# What both must score alike: several lengths, subjects and languages, an answer and none.
_PROBES = (
    (
        "Who co-chaired the dialogue?",
        Text(
            "Security Dialogue",
            (
                "The thirteen countries met on Monday.",
                "It was co-chaired by Saint Lucia and the United States.",
                "An interagency working group will improve the tracing of illegal firearms.",
            ),
        ),
    ),
    (
        "How much did they pledge for vaccines in 2021?",
        Text("", ("We remain committed to the rule of law at sea.", "Dinner was served at eight.")),
    ),
    ("how old is the earth", Text("Earth", ("The Earth is 4.54 billion years old.",))),
    (
        "¿Quién acordó reforzar la cooperación?",
        Text(
            "Comunicado", ("Los ministros acordaron reforzar la cooperación.", "会议讨论了安全。")
        ),
    ),
    (
        "Why does bread rise?",
        Text(
            "Bread\nYeast",
            ("Flour and water make a dough.", "Yeast gives off gas, which lifts the dough.") * 6,
        ),
    ),
)


def export(
    model: ReaderModel, source: Path, work: Path, folder: Path, figures: dict[str, Any]
) -> None:
    """Writes the weights of a model, its vocabulary, and a record of both.

    Args:
        model: What was trained.
        source: The folder of the model that it began from, for the vocabulary.
        work: Where the unquantised weights go.
        folder: Where the quantised weights, the vocabulary and the record go.
        figures: What the record is to say of the training.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model.cpu().eval()
    names = ["ids", "mask", "types"]
    example = torch.ones((2, 8), dtype=torch.int64)
    torch.onnx.export(
        model,
        (example, example, example),
        str(work / UNQUANTISED),
        dynamo=False,
        input_names=names,
        output_names=["tokens", "passages"],
        dynamic_axes={name: {0: "rows", 1: "tokens"} for name in [*names, "tokens"]}
        | {"passages": {0: "rows"}},
        opset_version=17,
    )
    # Unsigned, since some CPUs sum products with signed weights in 16 bits, which overflow unless
    # the weights give up a bit; with it goes much of what was learned (see docs/reader.md).
    quantize_dynamic(
        work / UNQUANTISED, folder / WEIGHTS, per_channel=True, weight_type=QuantType.QUInt8
    )
    shutil.copyfile(source / "tokenizer.json", folder / VOCABULARY)
    original = Reader(work / UNQUANTISED, folder / VOCABULARY)
    record = {
        "sha256": sha256_of(folder / WEIGHTS),
        "command": COMMAND,
        "trained": datetime.now(UTC).date().isoformat(),
        **figures,
        "probes": [
            {
                "question": question,
                "text": asdict(text),
                "unquantised": asdict(original.read(question, [text])[0]),
            }
            for question, text in _PROBES
        ],
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
