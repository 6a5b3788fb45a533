"""Trains the reader: ``python -m assistant.reader.train DATA WORK``.

``DATA`` is the folder of public question sets (see the model card); ``WORK`` keeps the prepared
examples, the checkpoints and the log. Run again after a stop, it goes on from the last checkpoint,
which is a few minutes old. At the end the weights are written as int8 ONNX beside this module.
"""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from assistant.reader.batches import AT_ONCE, Batch, Group, batch_of
from assistant.reader.example import Example
from assistant.reader.examples import load_examples, make_examples, save_examples
from assistant.reader.export import export
from assistant.reader.losses import loss_of
from assistant.reader.model import ReaderModel
from assistant.reader.pairs import Pairing, Text
from assistant.reader.reader import FOLDER, VOCABULARY, pooled
from assistant.reader.sets import HELD_OUT, SETS, Asked
from assistant.reader.spoiling import altered, careless, without_answer
from index import Home
from index.models import DEFAULT_MODEL, find_model

#: Of the questions that have an answer, the share asked of a passage that lost it, asked in an
#: altered form that has none, and asked of the rivals alone. All of them become unanswerable.
LOST, ALTERED, ABSENT = 0.10, 0.15, 0.10

#: Share of questions that are typed without care, and of passages read without their title.
CARELESS, UNTITLED = 0.12, 0.15

#: Steps between checkpoints, and looks at the questions that are held out.
CHECKPOINT, LOOKS = 100, 4

#: Processes that make batches.
WORKERS = {"cpu": 0, "cuda": 12}

#: Held-out questions of each set that are looked at.
LOOKED_AT = 150

SEED = 20231116


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how wide to train.

    Attributes:
        steps: How many.
        questions: Questions in a step.
        rivals: Passages that do not answer beside the one that does.
        rate: The highest learning rate, reached after a tenth of the steps; it falls to 0.
        dropout: Share of activations that are left out.
    """

    steps: int
    questions: int
    rivals: int
    rate: float
    dropout: float


#: What two cores do in an hour and a half (all examples are seen about once), and a GPU in two
#: minutes (more than twice is worse: see docs/reader.md).
PLANS = {
    "cpu": Plan(3000, 16, 2, 1e-4, 0.0),
    "cuda": Plan(1200, 64, 3, 1.5e-4, 0.1),
}


@dataclass(frozen=True, slots=True)
class Course:
    """What a network is trained on, and where it is written down.

    Attributes:
        plan: How long and how wide.
        examples: What it learns from.
        held_out: What it is measured on meanwhile.
        pairing: Makes rows of them.
        checkpoint: The file to go on from.
        log: The file that gets a line of JSON at each checkpoint.
    """

    plan: Plan
    examples: Sequence[Example]
    held_out: Sequence[Example]
    pairing: Pairing
    checkpoint: Path
    log: Path


class _State:
    """What a checkpoint keeps: a network, and how far it is trained."""

    def __init__(self, model: ReaderModel, plan: Plan) -> None:
        self.model = model
        self._optimizer = torch.optim.AdamW(
            model.parameters(), plan.rate, weight_decay=0.01, fused=True
        )
        warm_up = plan.steps / 10
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: min(step / warm_up, 1.0) * max(0.0, 1 - step / plan.steps)
        )
        self.step = 0

    def update(self, loss: torch.Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own method has no types
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad()
        self.step += 1

    def save(self, path: Path) -> None:
        """Writes a checkpoint in one step, so that a stop leaves the old one or the new one."""
        unfinished = path.with_suffix(".part")
        parts: dict[str, Any] = {
            "model": self.model,
            "optimizer": self._optimizer,
            "schedule": self._schedule,
        }
        states = {name: part.state_dict() for name, part in parts.items()}
        torch.save(states | {"step": self.step}, unfinished)
        unfinished.rename(path)

    def load(self, path: Path) -> None:
        saved = torch.load(path, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self._optimizer.load_state_dict(saved["optimizer"])
        self._schedule.load_state_dict(saved["schedule"])
        self.step = saved["step"]


class _Steps(Dataset[Batch]):
    """The batches of all steps, by number; each is the same whoever makes it."""

    def __init__(
        self, examples: Sequence[Example], pairing: Pairing, plan: Plan, at_once: int
    ) -> None:
        self._examples, self._pairing = examples, pairing
        self._plan, self._at_once = plan, at_once

    def __getitem__(self, step: int) -> Batch:
        each_epoch = len(self._examples) // self._plan.questions
        epoch, place = divmod(step, each_epoch)
        order = np.random.default_rng((SEED, epoch)).permutation(len(self._examples))
        chosen = order[place * self._plan.questions :][: self._plan.questions]
        chance = random.Random(f"{SEED}/{step}")  # noqa: S311 (reproducible, not secret)
        groups = [
            _group(self._examples[number], self._pairing, self._plan.rivals, chance)
            for number in chosen
        ]
        return batch_of(groups, self._at_once)


def train(data: Path, work: Path) -> None:
    """Prepares what is not yet prepared, trains from the last checkpoint on, and exports."""
    work.mkdir(parents=True, exist_ok=True)
    examples = prepared(data, work / "examples.jsonl.gz", SETS)
    held_out = prepared(data, work / "held-out.jsonl.gz", HELD_OUT)
    source = find_model(DEFAULT_MODEL)
    pairing = Pairing(source / VOCABULARY)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    log = work / "log.jsonl"
    torch.manual_seed(SEED)
    model = ReaderModel(source, PLANS[device].dropout).to(device)
    learn(model, Course(PLANS[device], examples, held_out, pairing, work / "checkpoint.pt", log))
    figures = {
        "examples": dict(Counter(example.set_name for example in examples)),
        "plan": asdict(PLANS[device]),
        "held out": look(model, pairing, held_out),
        "log": [json.loads(line) for line in log.read_text().splitlines()],
    }
    export(model, source, work, FOLDER, figures)


def learn(model: ReaderModel, course: Course) -> None:
    """Trains a model from the last checkpoint on."""
    plan, pairing, checkpoint = course.plan, course.pairing, course.checkpoint
    state = _State(model, plan)
    if checkpoint.exists():
        state.load(checkpoint)
    loader = DataLoader(
        _Steps(course.examples, pairing, plan, AT_ONCE[model.device]),
        batch_size=None,
        sampler=range(state.step, plan.steps),
        num_workers=WORKERS[model.device],
        prefetch_factor=8 if WORKERS[model.device] else None,
    )
    started, losses = time.perf_counter(), []
    for made in loader:
        batch = made.to(model.device)
        loss = loss_of(batch, model.score(batch))
        state.update(loss)
        losses.append(loss.detach())
        last = state.step == plan.steps
        if state.step % CHECKPOINT == 0 or last:
            entry: dict[str, Any] = {
                "step": state.step,
                "of": plan.steps,
                "loss": round(float(torch.stack(losses).mean()), 4),
                "seconds a step": round((time.perf_counter() - started) / len(losses), 3),
            }
            if state.step % (plan.steps // LOOKS) == 0 or last:
                entry |= look(model, pairing, course.held_out)
            state.save(checkpoint)
            with course.log.open("a") as file:
                file.write(json.dumps(entry) + "\n")
            print(entry, file=sys.stderr, flush=True)  # noqa: T201 (the command's output)
            started, losses = time.perf_counter(), []


def look(model: ReaderModel, pairing: Pairing, held_out: Sequence[Example]) -> dict[str, float]:
    """Measures a model on questions of sets that it is not trained on.

    Returns:
        For each set the share of answerable questions whose best sentence is right, and the area
        under the ROC curve of answerable against unanswerable ones, by the best sentence's logit
        and by the best passage's; the candidates are the passages of the examples.
    """
    from sklearn.metrics import roc_auc_score

    figures: dict[str, float] = {}
    model.eval()
    for name in dict.fromkeys(each.set_name for each in held_out):
        chosen = [each for each in held_out if each.set_name == name][:LOOKED_AT]
        right, answerable, by_sentence, by_passage = [], [], [], []
        for example in chosen:
            group = _plain_group(example, pairing)
            with torch.inference_mode(), torch.autocast(model.device, torch.bfloat16):
                scores = model.read(group.rows)
            sentences = [
                pooled(each.tokens.cpu().numpy(), row.starts)
                for each, row in zip(scores, group.rows, strict=True)
            ]
            best = max(range(len(scores)), key=lambda at: max(sentences[at]))
            answerable.append(group.positive is not None)
            by_sentence.append(max(sentences[best]))
            by_passage.append(max(float(each.answers) for each in scores))
            if group.positive is not None:
                row = group.rows[best]
                first = int(np.argmax(sentences[best]))
                within = range(row.starts[first], row.starts[first + 1])
                right.append(best == group.positive and bool({*within} & {*group.answering}))
        figures[f"{name}: first right"] = round(float(np.mean(right)), 3)
        if not all(answerable):
            figures[f"{name}: AUROC, sentence"] = round(roc_auc_score(answerable, by_sentence), 3)
            figures[f"{name}: AUROC, passage"] = round(roc_auc_score(answerable, by_passage), 3)
    model.train()
    return figures


def prepared(
    data: Path, path: Path, sets: dict[str, int], written: Sequence[Asked] = ()
) -> list[Example]:
    """Makes examples unless they were made before."""
    if not path.exists():
        unfinished = path.with_suffix(".part")
        made = make_examples(Home(path.parent), data, sets, _tell, written)
        save_examples(made, unfinished)
        unfinished.rename(path)
    return load_examples(path)


def _tell(done: int, total: int) -> None:
    if done % 1000 == 0 or done == total:
        print(f"{done} of {total} questions prepared", file=sys.stderr, flush=True)  # noqa: T201


def _group(example: Example, pairing: Pairing, rivals: int, chance: random.Random) -> Group:
    """Makes of an example what is read for it this time: answerable or made unanswerable."""
    question, positive = example.question, example.positive
    chosen = sorted(
        chance.sample(range(len(example.negatives)), min(rivals, len(example.negatives)))
    )
    texts = [example.negatives[number] for number in chosen]
    if positive:
        kind = chance.random()
        if kind < LOST:
            spoiled = without_answer(positive, example.answering, example.answers)
            if spoiled:
                texts, positive = [spoiled, *texts[: rivals - 1]], None
        elif kind < LOST + ALTERED:
            other = altered(question, positive, example.negatives, example.answers, chance)
            if other:
                question, texts, positive = other, [positive, *texts[: rivals - 1]], None
        elif kind < LOST + ALTERED + ABSENT and texts:
            positive = None
        if positive:
            texts = [positive, *texts]
    if chance.random() < CARELESS:
        question = careless(question, chance)
    if chance.random() < UNTITLED:
        texts = [Text("", text.sentences) for text in texts]
    asked = replace(example, question=question, positive=positive)
    return _as_group(asked, texts, pairing)


def _plain_group(example: Example, pairing: Pairing) -> Group:
    texts = [*filter(None, [example.positive]), *example.negatives]
    return _as_group(example, texts, pairing)


def _as_group(example: Example, texts: Sequence[Text], pairing: Pairing) -> Group:
    """Makes rows of a question and passages, of which the first answers if the example has one.

    Of a passage in several rows, the first is taken, or the first in which it answers.
    """
    rows = pairing.rows(example.question, texts)
    read = [candidates[0] for candidates in rows]
    if not example.positive:
        return Group(read, None, ())
    answers = (row for row in rows[0] if {*row.sentences} & {*example.answering})
    read[0] = row = next(answers, read[0])
    answering: list[int] = []
    for number, (start, end) in zip(row.sentences, pairwise(row.starts), strict=True):
        if number in example.answering or not example.answering:
            exact = pairing.within(example.positive.sentences[number], example.answers)
            answering += [start + each for each in exact if start + each < end] or range(start, end)
    return Group(read, 0, answering)


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]))
