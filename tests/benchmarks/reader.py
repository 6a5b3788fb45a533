"""Measures what the reader is worth; adds to docs/measurements.json.

Run as ``python -m tests.benchmarks.reader [WORK]``, where ``WORK`` is the folder in which it was
trained: the weights that lie there unquantised are measured too.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant import Assistant
from assistant.evaluation import evaluate_golden
from assistant.golden import GoldenQuestion, load_golden
from assistant.measures import auroc, reliability
from assistant.outcomes import Outcome
from assistant.ranking import Ranking, with_reader, without_reader
from assistant.reader import Reader, readable
from assistant.reader.export import UNQUANTISED
from assistant.reader.pairs import Pairing
from assistant.reader.reader import FOLDER, VOCABULARY
from corpus import BUNDLED
from index import Home, default_home, rebuild
from tests.benchmarks import record
from tests.benchmarks.__main__ import QUESTIONS, held_out_squad

Figures = dict[str, Any]

#: Shares of questions answered, the surest first, at which the risk of a wrong quote is told.
COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)


def main(work: Path | None) -> None:
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    rankings = {"without the reader": without_reader(), "with it": with_reader()}
    if work:
        unquantised = Reader(work / UNQUANTISED, FOLDER / VOCABULARY)
        rankings["with it in fp32"] = replace(with_reader(), reader=unquantised)
    releases = data / "press-releases" / "documents.jsonl.gz"
    main_home = Home(default_home())
    figures: Figures = {}
    with main_home.throw_away([releases]) as home:
        rebuild(home)
        golden = load_golden(QUESTIONS / "press-releases.jsonl")
        kinds = [json.loads(line)["kind"] for line in _lines(QUESTIONS / "press-releases.jsonl")]
        figures["press releases"] = compare(home, golden, rankings, kinds)
        written = load_golden(QUESTIONS / "written-held-out.jsonl")
        figures["press releases, held out"] = compare(home, written, rankings)
        figures["speed"] = speed(home, [entry.question for entry in golden], rankings)
    with main_home.throw_away([BUNDLED]) as home:
        rebuild(home)
        golden = load_golden(QUESTIONS / "bundled.jsonl")
        figures["bundled"] = compare(home, golden, rankings)
    with main_home.throw_away([data / "squad2" / "paragraphs.jsonl"]) as home:
        rebuild(home)
        figures["squad2"] = compare(home, held_out_squad(data / "squad2"), rankings)
    record({"reader": figures})
    print(json.dumps(figures, indent=1))


def compare(
    home: Home,
    questions: Sequence[GoldenQuestion],
    rankings: dict[str, Ranking],
    kinds: Sequence[str] = (),
) -> Figures:
    """Asks the same questions with each ranking.

    Args:
        home: What is asked.
        questions: The questions.
        rankings: The rankings, by what they are called.
        kinds: What kind each question is of, where near and off-topic ones are told apart.
    """
    compared: Figures = {}
    for name, ranking in rankings.items():
        with Assistant.open(home, ranking) as assistant:
            evaluation = evaluate_golden(assistant, questions)
        measures = evaluation.measures
        compared[name] = {
            key: measures[key]
            for key in (
                *("nDCG@10", "passage hit@1", "passage hit@5"),
                *("quote hit@1", "quote hit@5", "false answers", "false refusals", "AUROC"),
                "expected calibration error",
            )
        }
        compared[name] |= {
            "risk at coverage": risks(evaluation.outcomes),
            "reliability": curve(evaluation.outcomes),
        }
        for kind in ("near", "off"):
            outcomes = [
                outcome
                for outcome, of in zip(evaluation.outcomes, kinds, strict=bool(kinds))
                if not of.startswith("unanswerable") or of.endswith(kind)
            ]
            if outcomes:
                compared[name][f"AUROC, {kind}"] = auroc(
                    [each.confidence for each in outcomes if each.answerable],
                    [each.confidence for each in outcomes if not each.answerable],
                )
    return compared


def risks(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Returns the share of answers that are wrong if only the surest are given, by their share."""
    surest = sorted(outcomes, key=lambda outcome: -outcome.confidence)
    wrong = [outcome.quote_rank != 1 for outcome in surest]
    return {
        f"{share:.0%}": float(np.mean(wrong[: max(1, round(share * len(wrong)))]))
        for share in COVERAGES
    }


def curve(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Returns the reliability curve of questions that were asked, for JSON."""
    bins = reliability([each.confidence for each in outcomes], [each.right for each in outcomes])
    return list(map(asdict, bins))


def speed(home: Home, questions: Sequence[str], rankings: dict[str, Ranking]) -> Figures:
    """Whole answers with each ranking, in turn; and what reading alone takes."""
    times: dict[str, list[float]] = {name: [] for name in rankings}
    assistants = {name: Assistant.open(home, ranking) for name, ranking in rankings.items()}
    for question in [*questions[:5], *questions]:
        for name, assistant in assistants.items():
            started = time.perf_counter()
            assistant.ask(question)
            times[name].append((time.perf_counter() - started) * 1000)
    generation = assistants["with it"].generation
    reader, pairing = with_reader().reader, Pairing(FOLDER / VOCABULARY)
    assert reader
    milliseconds, tokens = 0.0, 0
    for question in questions:
        hits = generation.search(question, 20)
        texts = [
            readable(generation.document(hit.passage.document_id), hit.passage) for hit in hits
        ]
        tokens += sum(len(row.ids) for rows in pairing.rows(question, texts) for row in rows)
        started = time.perf_counter()
        reader.read(question, texts)
        milliseconds += (time.perf_counter() - started) * 1000
    return {
        name: {
            "p50 ms": statistics.median(values[5:]),
            "p95 ms": float(np.percentile(values[5:], 95)),
        }
        for name, values in times.items()
    } | {"reading, ms per 1,000 tokens": 1000 * milliseconds / tokens}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
