"""Trains the reader further: ``python -m assistant.reader.further DATA WORK QUESTIONS``.

``WORK`` is the folder in which `assistant.reader.train` trained it, and ``QUESTIONS`` holds
questions written for the press releases of ``DATA`` (``tests/questions/written-train.jsonl``). Some
of the questions of the public sets are asked again beside them, and the weights are a mean of those
before and after, so that what was learned is kept.
Run again after a stop, it goes on from the last checkpoint.
"""

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import torch

from assistant.reader.export import COMMAND, export
from assistant.reader.model import ReaderModel
from assistant.reader.pairs import Pairing
from assistant.reader.reader import FOLDER, RECORD, VOCABULARY
from assistant.reader.sets import HELD_OUT, SETS, read_written
from assistant.reader.train import SEED, Course, Plan, learn, look, prepared
from index.models import DEFAULT_MODEL, find_model

#: Of the questions of each public set that were trained on, one in so many is asked again.
AGAIN = 16

#: With these and 2,900 written ones, each is seen two or three times.
PLAN = Plan(steps=900, questions=16, rivals=3, rate=4e-5, dropout=0.0)

#: Share of the new weights in the mean with those that the training began from (Wortsman et al.,
#: "Robust fine-tuning of zero-shot models", 2022). Of 0.5, 0.75 and 1 it kept most on the public
#: sets while it gained nearly all there was to gain on press releases.
SHARE = 0.75

# What the log calls its entries.
_RUN = "further"


def further(data: Path, work: Path, questions: Path) -> None:
    """Prepares what is not yet prepared, trains from the last checkpoint on, and exports."""
    log = work / "further.log.jsonl"
    mix = {name: count // AGAIN for name, count in SETS.items()}
    examples = prepared(data, work / "further.jsonl.gz", mix, read_written(questions))
    held_out = prepared(data, work / "held-out.jsonl.gz", HELD_OUT)
    source = find_model(DEFAULT_MODEL)
    pairing = Pairing(source / VOCABULARY)
    torch.manual_seed(SEED)
    model = ReaderModel(source)
    saved = torch.load(work / "checkpoint.pt", map_location="cpu", weights_only=True)
    model.load_state_dict(saved["model"])
    learn(model, Course(PLAN, examples, held_out, pairing, work / "further.pt", log))
    trained = model.state_dict()
    model.load_state_dict(
        {name: torch.lerp(first, trained[name], SHARE) for name, first in saved["model"].items()}
    )
    before = json.loads((FOLDER / RECORD).read_text(encoding="utf-8"))
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    earlier = [entry for entry in before["log"] if entry.get("run") != _RUN]
    figures = {
        "command": f"{COMMAND}, python -m assistant.reader.further DATA WORK QUESTIONS",
        "examples": before["examples"],
        "further examples": dict(Counter(example.set_name for example in examples)),
        "plan": asdict(PLAN) | {"share of the new weights": SHARE},
        "held out": look(model, pairing, held_out),
        "log": earlier + [{"run": _RUN, **entry} for entry in entries],
    }
    export(model, source, work, FOLDER, figures)


if __name__ == "__main__":
    further(*map(Path, sys.argv[1:4]))
