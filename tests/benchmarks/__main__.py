"""Measures what Readout promises of speed and quality; writes docs/measurements.json.

Run as ``python -m tests.benchmarks``, with ``READOUT_TEST_DATA`` naming the folder of public data.
Times are compared within one run only, interleaved; report ratios and medians.
"""

import gzip
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from assistant import Assistant
from assistant.evaluation import documents_with, evaluate_golden
from assistant.fit_sets import fitting_half
from assistant.golden import GoldenQuestion, Place, load_golden
from assistant.measures import latency_measures, ranking_measures
from corpus import BUNDLED
from index import DEFAULT_MODEL, Generation, Home, Vectors, default_home, rebuild
from index.cutting import embedded_text
from index.encoder import CompiledEncoder
from index.models import find_model
from tests.benchmarks import ROOT, record

QUESTIONS = ROOT / "tests" / "questions"

Figures = dict[str, Any]


def main() -> None:
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    figures: Figures = {"machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    main_home = Home(default_home())
    releases = data / "press-releases"
    with main_home.throw_away([releases / "documents.jsonl.gz"]) as home:
        rebuild(home)  # compiles the encoder, if need be, before anything is timed
        figures["cold start"] = cold_start(home)
        figures["press releases"] = golden(home, QUESTIONS / "press-releases.jsonl")
        figures["latency"] = latency(home)
    figures["build"] = build_speed(main_home, releases / "documents.jsonl.gz")
    with main_home.throw_away([BUNDLED]) as home:
        rebuild(home)
        figures["bundled"] = golden(home, QUESTIONS / "bundled.jsonl")
    figures["known-item"] = known_item(main_home, releases)
    figures["squad2"] = squad(main_home, data / "squad2")
    record(figures)
    print(json.dumps(figures, indent=1))


def cold_start(home: Home, rounds: int = 7) -> Figures:
    """`readout ask` from a cold process against importing sentence-transformers."""
    ask = [
        str(Path(sys.executable).with_name("readout")),
        *("ask", "--home", str(home.path), "Who met with the Foreign Minister of Oman?"),
    ]
    imported = [sys.executable, "-c", "import sentence_transformers"]
    (home.path / "models").symlink_to(home.models, target_is_directory=True)
    asked_s, imported_s = [], []
    for _ in range(rounds):
        asked_s.append(seconds(lambda: subprocess.run(ask, check=True, capture_output=True)))
        imported_s.append(seconds(lambda: subprocess.run(imported, check=True)))
    asked, other = statistics.median(asked_s), statistics.median(imported_s)
    return {"ask s": asked, "import s": other, "ratio": asked / other}


def build_speed(main_home: Home, releases: Path, every: int = 8) -> Figures:
    """Builds, full and after one edit, against sentence-transformers' own encode, fp32.

    Every eighth passage is encoded by the latter, which alone would take minutes.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "releases.jsonl"
        lines = gzip.decompress(releases.read_bytes()).decode().splitlines()
        source.write_text("\n".join(lines), encoding="utf-8")
        with main_home.throw_away([source]) as home:
            encoding: list[float] = []
            with patch.object(CompiledEncoder, "embed_passages", timed(encoding)):
                full = rebuild(home)
            time.sleep(3)  # until the file's times count as settled
            source.touch()
            time.sleep(3)
            rebuild(home)
            unchanged = rebuild(home)  # from here on a look is enough
            record = json.loads(lines[1000])
            record["text"] = f"{record['text']}\n\nA sentence was added."
            lines[1000] = json.dumps(record)
            source.write_text("\n".join(lines), encoding="utf-8")
            edited = rebuild(home)
            generation = Generation.serving(home)
            texts = [
                embedded_text(document, passage)
                for document in generation.documents()
                for passage in generation.passages_of(document.id)
            ][::every]
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model(DEFAULT_MODEL)), device="cpu")
    model.encode(texts[:32])
    original_s = seconds(lambda: model.encode(texts, batch_size=32))
    built, original = full.passages / full.seconds, len(texts) / original_s
    return {
        "passages": full.passages,
        "build passages/s": built,
        "fp32 passages/s": original,
        "ratio": built / original,
        "total / inside the encoder": full.seconds / sum(encoding),
        "one of 2,031 edited, share of full build": edited.seconds / full.seconds,
        "nothing changed, share of full build": unchanged.seconds / full.seconds,
    }


def latency(home: Home) -> Figures:
    """Answers in a warm process, to every question of the press-release set, twice over."""
    questions = [entry.question for entry in load_golden(QUESTIONS / "press-releases.jsonl")]
    with Assistant.open(home) as assistant:
        for question in questions[:10]:
            assistant.ask(question)
        return latency_measures(
            [seconds(lambda q=q: assistant.ask(q)) * 1000 for q in questions + questions]
        )


def golden(home: Home, questions: Path) -> Figures:
    with Assistant.open(home) as assistant:
        return evaluate_golden(assistant, load_golden(questions)).measures


def known_item(main_home: Home, releases: Path) -> Figures:
    """Finds a release by its title, the titles not being indexed: dense, lexical, fused."""
    items = [json.loads(line) for line in (releases / "known-item.jsonl").open(encoding="utf-8")]
    with (
        tempfile.TemporaryDirectory() as folder,
        gzip.open(releases / "documents.jsonl.gz", "rt", encoding="utf-8") as lines,
    ):
        untitled = Path(folder) / "untitled.jsonl"
        with untitled.open("w", encoding="utf-8") as out:
            for line in lines:
                record = json.loads(line)
                out.write(json.dumps({"_id": record["_id"], "text": record["text"]}) + "\n")
        with main_home.throw_away([untitled]) as home:
            rebuild(home)
            generation = Generation.serving(home)
            weights = {"dense": 1.0, "lexical": 0.0, "fused": None}
            return {
                name: _document_ranking(generation, items, weight)
                for name, weight in weights.items()
            }


def _document_ranking(
    generation: Generation, items: list[dict[str, str]], weight: float | None
) -> Figures:
    run = {}
    for item in items:
        hits = generation.search(item["text"], 200, dense_weight=weight)
        documents = dict.fromkeys(
            name for hit in hits for name in documents_with(generation, hit.passage)
        )
        run[item["_id"]] = {name: -float(rank) for rank, name in enumerate(documents)}
    relevant = {item["_id"]: {item["document"]: 1} for item in items}
    return ranking_measures(relevant, run)


def squad(main_home: Home, folder: Path) -> Figures:
    """The half of squad2's articles that nothing was fitted on, all paragraphs as haystack."""
    with main_home.throw_away([folder / "paragraphs.jsonl"]) as home:
        rebuild(home)
        with Assistant.open(home) as assistant:
            return evaluate_golden(assistant, held_out_squad(folder)).measures


def held_out_squad(folder: Path) -> list[GoldenQuestion]:
    """Returns the questions on the articles of squad2 that nothing was fitted on."""
    rows = [json.loads(line) for line in (folder / "paragraphs.jsonl").open(encoding="utf-8")]
    reported = {row["_id"] for row in rows if not fitting_half(row["title"])}
    asked = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
    return [
        GoldenQuestion(
            row["question"],
            tuple(Place(row["paragraph"], span["start"], span["end"]) for span in row["answers"]),
        )
        for row in asked
        if row["paragraph"] in reported
    ]


def timed(times: list[float]) -> Callable[[CompiledEncoder, Sequence[str]], Vectors]:
    """The encoder's own method, noting how long each call takes."""
    really = CompiledEncoder.embed_passages

    def embed(encoder: CompiledEncoder, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        vectors = really(encoder, texts)
        times.append(time.perf_counter() - started)
        return vectors

    return embed


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
