"""Fits when a written sentence is struck out; run as ``python -m assistant.fit_support DATA``.

``DATA`` is a folder of public question sets (see docs/measurements.md), of which only the articles
of SQuAD 2.0 are used that `assistant.fit_sets.fitting_half` leaves to fitting. The rules of
`assistant.support` strike first; the model is fitted to what they leave, and the threshold is the
least at which so few false sentences are shown that `SHOWN` of all of them are. The figures of the
other half, and of press releases, are those of ``python -m tests.benchmarks.support``.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.faults import fault_of
from assistant.fit_sets import fitting_half
from assistant.statements import Statement, of_questions, of_texts, spoiled
from assistant.support import WEIGHTS, Fitted, Support
from assistant.weights import Logistic
from index import DEFAULT_MODEL
from index.models import prepare_encoder

#: Share of the false sentences that may be shown.
SHOWN = 0.01

#: The seed of what is left to chance.
SEED = 20231116


def statements_of(data: Path, *, fitting: bool) -> list[Statement]:
    """Returns the statements of one half of SQuAD 2.0."""
    chance = random.Random(SEED)  # noqa: S311 (reproducible, not secret)
    asked = [each for each in of_questions(data / "squad2") if fitting_half(each.group) == fitting]
    passages = dict.fromkeys((each.group, each.source) for each in asked)
    true = [each for each in asked if each.is_supported]
    true += of_texts(list(passages), chance)
    return [*asked, *(each for each in true if each.kind != "question"), *spoiled(true, chance)]


def fit(support: Support, statements: Sequence[Statement]) -> Fitted:
    """Fits the model and its threshold to statements."""
    counts = Counter(each.kind for each in statements)
    left = [each for each in statements if fault_of(each.text, [each.source]) is None]
    agreements = [support.agreement(each.text, [each.source]) for each in left]
    labels = np.array([each.is_supported for each in left])
    table = np.array([astuple(each) for each in agreements])
    fitted = LogisticRegression(C=10, class_weight="balanced").fit(table, labels)
    names = list(asdict(agreements[0]))
    model = Logistic(
        round(float(fitted.intercept_[0]), 4),
        {name: round(float(w), 4) for name, w in zip(names, fitted.coef_[0], strict=True)},
    )
    chances = np.array([model.probability(each) for each in agreements])
    false = sum(not each.is_supported for each in statements)
    threshold = next(
        step / 100
        for step in range(101)
        if np.count_nonzero(chances[~labels] >= step / 100) <= SHOWN * false
    )
    provenance = {
        "command": "python -m assistant.fit_support",
        "date": datetime.now(UTC).date().isoformat(),
        "set": "squad2, half of the articles",
        "statements": dict(sorted(counts.items())),
        "left by the rules": len(left),
        "false shown at most": SHOWN,
    }
    return Fitted(model, threshold, provenance)


def main() -> None:
    """Fits and writes `WEIGHTS`."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m assistant.fit_support DATA")
    with TemporaryDirectory() as models:
        encoder, _ = prepare_encoder(Path(models), DEFAULT_MODEL)
        found = fit(Support(encoder.embed_passages), statements_of(Path(sys.argv[1]), fitting=True))
    WEIGHTS.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    print(json.dumps(asdict(found), indent=1))  # noqa: T201 (its report)


if __name__ == "__main__":
    main()
