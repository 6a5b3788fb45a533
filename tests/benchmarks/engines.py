"""Compares what may search the press releases: FAISS, Milvus Lite and, if there is one, a server.

Run as ``python -m tests.benchmarks.engines``, with ``READOUT_TEST_DATA`` naming the folder of
public data. Each question goes to every engine in turn, so that times compare. ``--cluster`` names
the folder of a cluster with the program ``milvus-cluster`` that starts its nodes: then one is ended
while questions are asked, without and with replicas. Prints JSON; ``--record`` also puts it into
docs/measurements.json.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from assistant import Answer, Assistant
from assistant.evaluation import evaluate_golden
from assistant.golden import GoldenQuestion, load_golden
from assistant.measures import latency_measures
from index import EngineUnavailable, Generation, Home, Place, copy_index, default_home, rebuild
from index.engine import HERE
from index.milvus import NAMES, NUMBER, TERMS
from index.server import connect
from tests.benchmarks import record
from tests.benchmarks.__main__ import QUESTIONS

Result = TypeVar("Result")

# Seconds between two questions while a node is away, and how long it is watched at most.
_PAUSE, _WATCHED = 0.1, 120.0

# Which query node is ended.
_NODE = "qn1"

# Rows of which sizes are taken.
_SAMPLE = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="one that holds the press releases already")
    parser.add_argument("--questions", type=int, help="ask only so many of the golden ones")
    parser.add_argument("--server", help="address of a Milvus server")
    parser.add_argument("--shards", type=int, default=1, help="shards of a collection there")
    parser.add_argument("--cluster", type=Path, help="folder of its nodes")
    parser.add_argument("--record", action="store_true", help="put it into the measurements")
    chosen = parser.parse_args()
    golden = load_golden(QUESTIONS / "press-releases.jsonl")[: chosen.questions]
    with tempfile.TemporaryDirectory() as scratch:
        first = _first(chosen.home, Path(scratch))
        places = {"Milvus Lite": Place(str(Path(scratch) / "milvus.db"))}
        if chosen.server:
            places["Milvus server"] = Place(chosen.server, shards=chosen.shards)
        homes, figures = {"FAISS": first}, {}
        for name, place in places.items():
            homes[name] = Home(Path(scratch) / name)
            shutil.copytree(first.path, homes[name].path, symlinks=True)
            figures[name] = _moved(homes[name], place)
        figures |= _compared(homes, golden, figures)
        if chosen.cluster:
            for replicas in (1, 2):
                place = Place(chosen.server, shards=chosen.shards, replicas=replicas)
                figures[f"killed, replicas {replicas}"] = _lost(first, place, chosen.cluster)
        figures["Milvus Lite"]["bytes a passage"] = _bytes(homes["Milvus Lite"], places)
        for name, place in places.items():
            figures[name]["back s"] = _seconds(lambda n=name: copy_index(homes[n], HERE))
            _forget(homes[name], place)
    figures["machine"] = f"{platform.machine()}, {os.cpu_count()} cores"
    if chosen.record:
        record({"engines": figures})
    print(json.dumps(figures, indent=1))


def _first(given: Path | None, scratch: Path) -> Home:
    """A copy of the home that was given, or one that is built of the press releases."""
    home = Home(scratch / "FAISS")
    if given:
        shutil.copytree(given, home.path, symlinks=True)
        return home
    home.path.mkdir()
    home.models = default_home() / "models"
    home.add(Path(os.environ["READOUT_TEST_DATA"]) / "press-releases" / "documents.jsonl.gz")
    home.remove("bundled")
    rebuild(home)
    return home


def _moved(home: Home, place: Place) -> dict[str, Any]:
    """Copies a home's index to another engine; passages a second are those of the upload alone."""
    stages: dict[str, list[float]] = {}
    generation = copy_index(
        home, place, lambda told: stages.setdefault(told.stage, []).append(told.seconds)
    )
    writing = max(stages["check"]) - min(stages["index"])
    opened = _seconds(generation.check_every_row)
    count = generation.manifest.passages
    return {
        "kind": generation.manifest.vectors,
        "passages": count,
        "written, indexed and loaded, passages/s": count / writing,
        "verified row by row, passages/s": count / opened,
    }


def _compared(
    homes: dict[str, Home], golden: list[GoldenQuestion], figures: dict[str, Any]
) -> dict[str, Any]:
    """Asks every engine every question, and compares answers, hits, quality and times."""
    open_ = {name: Assistant.open(home) for name, home in homes.items()}
    times: dict[str, dict[str, list[float]]] = {name: {"search": [], "ask": []} for name in homes}
    same = {name: {"hits": 0, "answers": 0} for name in homes}
    for entry in golden[:5]:
        for assistant in open_.values():
            assistant.ask(entry.question)
    for entry in golden:
        found = {}
        for name, assistant in open_.items():
            generation = assistant.generation
            vector = generation.encoder.embed_queries([entry.question])
            began = time.perf_counter()
            hits = generation.search_embedded(entry.question, vector, 10)
            times[name]["search"].append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            answer = assistant.ask(entry.question)
            times[name]["ask"].append((time.perf_counter() - began) * 1000)
            found[name] = ([hit.passage.id for hit in hits], _told(answer))
        for name, (hits, answer) in found.items():
            same[name]["hits"] += hits == found["FAISS"][0]
            same[name]["answers"] += answer == found["FAISS"][1]
    return {
        name: figures.get(name, {})
        | {
            "questions": len(golden),
            "ten hits as with FAISS": same[name]["hits"],
            "answers as with FAISS": same[name]["answers"],
            "measures": evaluate_golden(assistant, golden).measures,
            "search": latency_measures(times[name]["search"]),
            "ask": latency_measures(times[name]["ask"]),
        }
        for name, assistant in open_.items()
    }


def _told(answer: Answer) -> tuple[bool, float, list[tuple[str, int, int]]]:
    """What a reader sees: whether it is answered, how surely, and by which words."""
    cited = [(c.document.id, c.quote.start, c.quote.end) for c in answer.citations]
    return answer.abstained, round(answer.confidence, 4), cited


def _lost(first: Home, place: Place, cluster: Path) -> dict[str, Any]:
    """Copies an index there, ends a query node while it is asked, and starts that one again."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        shutil.copytree(first.path, home.path, symlinks=True)
        patiently(lambda: copy_index(home, place))
        figures = _recovery(Assistant.open(home).generation, cluster)
        subprocess.run(["bash", cluster / "milvus-cluster", "start", cluster, _NODE], check=True)
        patiently(lambda: _forget(home, place))
    return figures


def patiently(work: Callable[[], Result]) -> Result:
    """Does what a cluster may refuse until a node that was started again takes part."""
    end = time.monotonic() + _WATCHED
    while True:
        try:
            return work()
        except EngineUnavailable:
            if time.monotonic() > end:
                raise
            time.sleep(1)


def _recovery(generation: Generation, cluster: Path) -> dict[str, Any]:
    """Ends a query node while questions are asked; a wrong answer ends the measurement."""
    query = "firearms trafficking in the Caribbean"
    wanted = generation.search(query, 10)
    os.kill(int((cluster / f"{_NODE}.pid").read_text()), signal.SIGKILL)
    killed = last_trouble = time.monotonic()
    refused, waited = 0, [0.0]
    while time.monotonic() < min(killed + _WATCHED, last_trouble + 15):
        began = time.monotonic()
        try:
            found = generation.search(query, 10)
            if [hit.passage for hit in found] != [hit.passage for hit in wanted]:
                return {"WRONG after s": began - killed}
        except EngineUnavailable:
            refused += 1
            last_trouble = time.monotonic()
        took = time.monotonic() - began
        waited.append(took)
        if took > 1:
            last_trouble = time.monotonic()
        time.sleep(_PAUSE)
    return {
        "questions refused": refused,
        "longest wait s": max(waited),
        "answers as before after s": last_trouble - killed,
        "questions": len(waited) - 1,
        "median s": statistics.median(waited),
    }


def _forget(home: Home, place: Place) -> None:
    """Leaves nothing on the server."""
    client = connect(place).client
    ledger = json.loads((home.generations / "collections.json").read_text())
    for name in client.list_collections():
        if name.startswith(ledger["prefix"]):
            for alias in client.list_aliases(name).get("aliases", []):
                client.drop_alias(alias)
            client.drop_collection(name)


def _bytes(home: Home, places: dict[str, Place]) -> dict[str, float]:
    """What a passage takes: of a row its parts, of Lite's files, and of the home's."""
    generation = Assistant.open(home).generation
    collection, count = generation.manifest.collection, generation.manifest.passages
    client = connect(places["Milvus Lite"]).client
    rows = client.query(
        collection.name, filter=f"{NUMBER} < {_SAMPLE}", output_fields=[TERMS, *NAMES]
    )
    terms = [row[TERMS] for row in rows]
    folder = home.generations / generation.name
    return {
        "vector": 4.0 * collection.dimension,
        "terms": statistics.mean(len(text.encode()) for text in terms),
        "postings": 8 * statistics.mean(len(set(text.split())) for text in terms),
        "names and days": 8
        + statistics.mean(sum(len(row[name].encode()) for name in NAMES) for row in rows),
        "Lite on disk": _size(Path(places["Milvus Lite"].uri or "")) / count,
        "home on disk": _size(folder) / count,
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
