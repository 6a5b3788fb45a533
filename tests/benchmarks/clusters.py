"""Measures building on a Ray cluster; adds "ray" to docs/measurements.json.

Run as ``python -m tests.benchmarks.clusters [--documents N] [--netns]``, with
``READOUT_TEST_DATA`` naming the folder of public data. The same press releases are built by one
process and by ``--ray local`` on the same cores; the vectors must be the same to the byte. With
``--netns`` (as root, on Linux) also by two nodes in network namespaces with an address each, one
of which is killed in the middle. With ``--original`` the encoder that GPUs run is measured instead,
on whatever torch finds here.
"""

import argparse
import gzip
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index import Generation, Home, Progress, default_home, rebuild
from index.cutting import embedded_text
from index.encoder import OriginalEncoder
from index.models import DEFAULT_MODEL, find_model
from tests.benchmarks import record
from tests.rays import Nodes, nodes, wait_for_nodes

# A network for two nodes and what builds, which lives in the namespace of the first.
_NETWORK = "10.98.7"
_SPACES = ("readout-a", "readout-b")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--documents", type=int, default=200, help="How many to build.")
    arguments.add_argument("--netns", action="store_true", help="Also two nodes, one killed.")
    arguments.add_argument("--original", action="store_true", help="The original encoder instead.")
    arguments.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.inside:
        inside(asked.inside)
        return
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "releases.jsonl"
        with gzip.open(data / "press-releases" / "documents.jsonl.gz", "rb") as lines:
            source.write_bytes(b"".join(itertools.islice(lines, asked.documents)))
        figures: dict[str, Any] = {"cores": os.cpu_count()}
        alone, expected = built(source, None)
        figures["one process"] = alone
        if asked.original:
            figures["original"] = original(source)
        else:
            figures["ray local"], made = built(source, "local")
            assert made == expected, "the vectors differ"
            if asked.netns:
                figures["two nodes, one killed"], made = killed(source)
                assert made == expected, "the vectors differ"
    record({"ray": figures})
    print(json.dumps(figures, indent=1))


def built(
    source: Path, ray: str | None, nodes_: Nodes | None = None
) -> tuple[dict[str, Any], bytes]:
    """Builds a source; returns the seconds of each stage and the vectors.

    Args:
        source: What to build.
        ray: On which cluster.
        nodes_: That cluster, if its last node is to be killed at a third of the encoding.
    """
    killed_at = []

    def kill(progress: Progress) -> None:
        third = progress.stage == "encode" and progress.done * 3 > progress.total
        if nodes_ and third and not killed_at:
            killed_at.append(progress.done)
            nodes_.nodes[-1].kill()

    with Home(default_home()).throw_away([source]) as home:
        report = rebuild(home, on_progress=kill, ray=ray)
        folder = home.generations / home.current()
        stages = json.loads((folder / "manifest.json").read_text())["timings"]
        figures = {
            "passages": report.passages,
            "encoded": report.encoded,
            "stages s": stages,
            "passages/s encoded": report.encoded / stages["encode"],
            "passages/s read and cut": report.passages / stages["read"],
            "seconds": report.seconds,
        }
        if nodes_:
            figures["killed at"] = killed_at[0]
        return figures, (folder / "vectors.faiss").read_bytes()


def killed(source: Path) -> tuple[dict[str, Any], bytes]:
    """Builds on two nodes, each with an address of its own, of which one dies."""
    with two_spaces() as (first, _):
        # Whoever builds is on the first node's machine.
        again = [sys.executable, "-m", "tests.benchmarks.clusters", "--inside", source]
        subprocess.run([*first, *again], check=True)
    figures = json.loads(source.with_name("figures.json").read_text())
    return figures, source.with_name("vectors").read_bytes()


def inside(source: Path) -> None:
    """Does that in the network of the first node; leaves what came of it beside the source."""
    hosts = [f"{_NETWORK}.1", f"{_NETWORK}.2"]
    with nodes(2, 2, [[], ["ip", "netns", "exec", _SPACES[1]]], hosts) as cluster:
        print("nodes:", wait_for_nodes(cluster.address, 2))
        figures, vectors = built(source, cluster.address, cluster)
    source.with_name("figures.json").write_text(json.dumps(figures))
    source.with_name("vectors").write_bytes(vectors)


@contextmanager
def two_spaces() -> Iterator[list[list[str]]]:
    """Two network namespaces joined by a cable; gives what runs a command in each."""

    def run(command: str) -> None:
        subprocess.run(command.split(), check=True)

    first, second = _SPACES
    try:
        for name in _SPACES:
            run(f"ip netns add {name}")
            run(f"ip -n {name} link set lo up")
        run(f"ip link add ra netns {first} type veth peer name rb netns {second}")
        for name, link, place in ((first, "ra", 1), (second, "rb", 2)):
            run(f"ip -n {name} addr add {_NETWORK}.{place}/24 dev {link}")
            run(f"ip -n {name} link set {link} up")
        yield [["ip", "netns", "exec", name] for name in _SPACES]
    finally:
        for name in _SPACES:
            subprocess.run(["ip", "netns", "del", name], check=False)


def original(source: Path) -> dict[str, Any]:
    """Measures the encoder that GPUs run, on the passages of a source."""
    import torch

    with Home(default_home()).throw_away([source]) as home:
        rebuild(home)
        generation = Generation.serving(home)
        texts = [
            embedded_text(document, passage)
            for document in generation.documents()
            for passage in generation.passages_of(document.id)
        ]
    encoder = OriginalEncoder(find_model(DEFAULT_MODEL))
    encoder.embed_passages(texts[:64])
    started = time.perf_counter()
    encoder.embed_passages(texts)
    seconds = time.perf_counter() - started
    there = torch.cuda.is_available()
    return {
        "device": torch.cuda.get_device_name()
        if there
        else f"CPU, {torch.get_num_threads()} cores",
        "passages": len(texts),
        "passages/s encoded": len(texts) / seconds,
    }


if __name__ == "__main__":
    main()
