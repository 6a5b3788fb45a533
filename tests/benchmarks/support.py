"""Measures how well unsupported sentences are told from supported ones.

Run as ``python -m tests.benchmarks.support [PASSAGES]``, with ``READOUT_TEST_DATA`` naming the
folder of public data; adds to docs/measurements.json. ``PASSAGES`` is how many passages of the
press releases are taken, 300 unless said. Nothing that is reported here was fitted on: of SQuAD 2.0
it is the articles that fitting leaves out, and the rules never saw the press releases.
"""

import gzip
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.fit_support import SEED, statements_of
from assistant.statements import SUPPORTED, Statement, of_texts, source_of, spoiled
from assistant.support import Support
from corpus import sentence_spans
from index import DEFAULT_MODEL
from index.models import prepare_encoder
from tests.benchmarks import record

Figures = dict[str, Any]

# Sentences of one passage of a press release.
_SENTENCES = 5


def main() -> None:
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as models:
        encoder, _ = prepare_encoder(Path(models), DEFAULT_MODEL)
        support = Support(encoder.embed_passages)
        figures = {
            "squad2, held out": measured(support, statements_of(data, fitting=False)),
            "press releases": measured(support, of_releases(data, most)),
        }
    record({"written sentences": figures})
    print(json.dumps(figures, indent=1))


def of_releases(data: Path, most: int) -> list[Statement]:
    """Statements of passages of press releases, two neighbouring ones of each."""
    chance = random.Random(SEED)
    with gzip.open(data / "press-releases" / "documents.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    chance.shuffle(rows)
    passages = []
    for row in rows:
        spans = sentence_spans(row["text"])
        for first in range(0, min(len(spans), 2 * _SENTENCES), _SENTENCES):
            last = spans[first : first + _SENTENCES][-1]
            text = row["text"][spans[first].start : last.end]
            passages.append((row["_id"], source_of(text, row["title"])))
        if len(passages) >= most:
            break
    true = list(of_texts(passages, chance))
    return [*true, *spoiled(true, chance)]


def measured(support: Support, statements: Sequence[Statement]) -> Figures:
    """Precision and recall of *unsupported*, and for each kind the share that is struck out."""
    counts, struck = Counter(), Counter()
    for each in statements:
        counts[each.kind] += 1
        struck[each.kind] += support.fault(each.text, [each.source]) is not None
    caught = sum(struck[kind] for kind in counts if kind not in SUPPORTED)
    false = sum(counts[kind] for kind in counts if kind not in SUPPORTED)
    return {
        "precision": round(caught / sum(struck.values()), 4),
        "recall": round(caught / false, 4),
        "struck": {
            kind: {"of": counts[kind], "share": round(struck[kind] / counts[kind], 4)}
            for kind in sorted(counts)
        },
    }


if __name__ == "__main__":
    main()
