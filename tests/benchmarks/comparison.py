"""Compares Readout with what else answers from documents without a language model or account.

Run as ``python -m tests.benchmarks.comparison``, with ``READOUT_TEST_DATA`` naming the folder of
public data; it puts "comparison" into docs/measurements.json. ``--every 32`` takes each 32nd of the
press releases that answer nothing, and each 32nd question of SQuAD: minutes rather than an hour.

It needs packages that nothing else here does; install them into an environment of their own that
has Readout with its extra ``test``::

    pip install txtai==9.14.0 bm25s==0.3.16 PyStemmer==2.2.0.3 \
        llama-index-retrievers-bm25==0.8.0 llama-index-embeddings-huggingface==0.8.0

(`haystack-ai` 3 is not among them: its embedder for local weights is a package apart.)

Each contender has the same texts and titles, the same weights of all-MiniLM-L6-v2, two cores, a
process of its own, and the defaults of its documentation. A result is right if it holds the words
of an answer and comes from the document they stand in, or is itself a part of the answer.
"""

import argparse
import gzip
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from assistant.golden import GoldenQuestion, load_golden
from corpus import BUNDLED
from index import DEFAULT_MODEL
from tests.benchmarks import record
from tests.benchmarks.__main__ import QUESTIONS, held_out_squad
from tests.benchmarks.contenders import CONTENDERS

Figures = dict[str, Any]

#: The packages whose versions are told.
PACKAGES = (
    *("readout", "txtai", "llama-index-core", "llama-index-retrievers-bm25"),
    *("llama-index-embeddings-huggingface", "bm25s", "sentence-transformers", "torch"),
    *("onnxruntime", "faiss-cpu"),
)

#: How many words are read, at most, when results are compared by what reading them takes.
READ = (50, 200)

#: Words from which a result that lies inside an answer counts as one.
_PART = 5

# Below so many MB of memory a process may end soon, so it is looked at often.
_SMALL = 300.0

# Nothing is fetched, and torch's threads sleep while they wait rather than take cores from another.
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "true",
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",
}

_COMPILE = f"""
import sys
from pathlib import Path
from index.models import prepare_encoder
_, identity = prepare_encoder(Path(sys.argv[1]), {DEFAULT_MODEL!r})
sys.exit(0 if identity.compiled else "not compiled, as it is for users: is Readout installed?")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares Readout with others.")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    every = parser.parse_args().every
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    figures: Figures = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "date": date.today().isoformat(),
        "command": " ".join(["python -m tests.benchmarks.comparison", *sys.argv[1:]]),
        "versions": {package: version(package) for package in PACKAGES},
        "load": os.getloadavg()[0],
    }
    with tempfile.TemporaryDirectory() as work:
        _, once_s, peak = measured([sys.executable, "-c", _COMPILE, str(Path(work, "models"))])
        figures["compiling the encoder, once"] = {"s": once_s, "peak MB": peak}
        figures["sets"] = {}
        for name, of in sets(data, Path(work), every).items():
            figures["sets"][name] = compare(Path(work, name), *of)
            record({"comparison": figures})
    print(json.dumps(figures, indent=1))


def sets(data: Path, work: Path, every: int) -> dict[str, tuple[Path, list[GoldenQuestion]]]:
    """Returns the documents and questions of each set, by its name in docs/measurements.json."""
    golden = load_golden(QUESTIONS / "press-releases.jsonl")
    answering = {answer.document for entry in golden for answer in entry.answers}
    releases = work / "releases.jsonl"
    with (
        gzip.open(data / "press-releases" / "documents.jsonl.gz", "rt", encoding="utf-8") as lines,
        releases.open("w", encoding="utf-8") as out,
    ):
        for number, line in enumerate(lines):
            if number % every == 0 or json.loads(line)["_id"] in answering:
                out.write(line)
    return {
        "press releases": (releases, golden),
        "bundled": (BUNDLED, load_golden(QUESTIONS / "bundled.jsonl")),
        "squad2": (data / "squad2" / "paragraphs.jsonl", held_out_squad(data / "squad2")[::every]),
    }


def compare(folder: Path, source: Path, golden: Sequence[GoldenQuestion]) -> Figures:
    """Indexes one set with each contender, asks it, and measures."""
    folder.mkdir()
    (folder / "sources.txt").write_text(f"{source}\n", encoding="utf-8")
    with (folder / "golden.jsonl").open("w", encoding="utf-8") as out:
        for entry in golden:
            answers = [
                {"document": place.document, "start": place.start, "end": place.end}
                for place in entry.answers
            ]
            out.write(json.dumps({"question": entry.question, "answers": answers}) + "\n")
    rows = {}
    for name in CONTENDERS:
        command = [sys.executable, "-m", "tests.benchmarks.contenders", name, str(folder)]
        output, _, peak = measured(command)
        rows[name] = measures(folder, output) | {"peak MB": peak}
        print(name, rows[name], file=sys.stderr)
    texts = _texts(folder)
    answerable = sum(bool(entry.answers) for entry in golden)
    return {
        "documents": len(texts),
        "words": sum(len(text.split()) for text in texts.values()),
        "answerable": answerable,
        "unanswerable": len(golden) - answerable,
        "contenders": rows,
    }


def measures(folder: Path, output: str) -> Figures:
    """Returns what a contender's results are worth.

    Args:
        folder: What it was asked from.
        output: What `tests.benchmarks.contenders` printed.
    """
    texts = _texts(folder)
    asked = _rows(folder / "questions.jsonl")
    built, *shown = map(json.loads, output.splitlines())
    with_answers = [
        (entry["answers"], each)
        for entry, each in zip(asked, shown, strict=True)
        if entry["answers"]
    ]
    without = [each for entry, each in zip(asked, shown, strict=True) if not entry["answers"]]
    first = [_right(each["results"][:1], answers) for answers, each in with_answers]
    lengths = [
        [len(result["text"].split()) for result in each["results"]] for _, each in with_answers
    ]
    placed = [result for each in shown for result in each["results"]]
    times = [1000 * each["s"] for each in shown]
    return {
        "first": statistics.mean(first),
        "five": statistics.mean(_right(each["results"], answers) for answers, each in with_answers),
        "words of the first": statistics.mean(sum(each[:1]) for each in lengths),
        "words of five": statistics.mean(map(sum, lengths)),
        **{
            f"within {words} words": statistics.mean(
                _right(_read(each["results"], words), answers) for answers, each in with_answers
            )
            for words in READ
        },
        "first, answered": statistics.mean(
            right and each["answered"] for right, (_, each) in zip(first, with_answers, strict=True)
        ),
        "false answers": statistics.mean(each["answered"] for each in without),
        "false refusals": statistics.mean(not each["answered"] for _, each in with_answers),
        "at its place": statistics.mean(_at_its_place(result, texts) for result in placed),
        "p50 ms": statistics.median(times),
        "p95 ms": float(np.percentile(times, 95)),
        "CPU ms": 1000 * statistics.mean(each["CPU s"] for each in shown),
        **built,
    }


def _right(results: Sequence[Figures], answers: Sequence[tuple[str, str]]) -> bool:
    """Whether one of the results holds one of the answers' words, or is a part of it."""
    for result in results:
        text = _plain(result["text"])
        for document, words in answers:
            whole = _plain(words)
            part = text in whole and len(text.split()) >= _PART
            if result["document"] == document and (whole in text or part):
                return True
    return False


def _read(results: Sequence[Figures], words: int) -> Iterator[Figures]:
    """The results as far as someone gets who reads so many words, from the first result on."""
    for result in results:
        read = result["text"].split()[:words]
        yield result | {"text": " ".join(read)}
        words -= len(read)


def _at_its_place(result: Figures, texts: dict[str, str]) -> bool:
    """Whether a result says where it stands, and those very words stand there."""
    start, end = result["start"], result["end"]
    return start is not None and texts[result["document"]][start:end] == result["text"]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _texts(folder: Path) -> dict[str, str]:
    return {row["id"]: row["text"] for row in _rows(folder / "documents.jsonl")}


def _rows(path: Path) -> list[Figures]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measured(command: Sequence[str]) -> tuple[str, float, float]:
    """Runs a command to its end.

    Returns:
        What it printed, the seconds it took, and the most memory that it and its children held at
        once, in MB (PSS, looked at twice a second or more often).
    """
    environment = os.environ | _ENVIRONMENT
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        peak = 0.0
        ended = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(0.1 if peak < _SMALL else 0.5):
                peak = max(peak, sum(map(_memory, _family(process.pid))))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            output, _ = process.communicate()
        finally:
            ended.set()
            watching.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)}: ended with status {process.returncode}")
    return output, time.perf_counter() - started, peak


def _family(process: int) -> Iterator[int]:
    """A process and its descendants, as far as they are still there."""
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                yield from _family(int(child))
        except OSError:
            continue


def _memory(process: int) -> float:
    """The MB of memory that a process holds, pages that it shares counted in proportion."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


if __name__ == "__main__":
    main()
