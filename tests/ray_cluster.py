"""A build on a Ray cluster makes what a build here makes, and survives what clusters do.

`test_index_ray` runs these in a process of their own: Ray ends a process whose cluster is gone.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from builders import json_lines, write_files

from index import Cancelled, ClusterError, Home, Progress, rebuild

pytestmark = [
    # Not imported here: it reads its variables at once, which the tests have yet to set.
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra ray is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="kills processes"),
    # Of Ray's own modules about each other.
    pytest.mark.filterwarnings("ignore:::ray"),
]

_WORDS = (
    "The coast guard patrols waters of Caribbean islands and ministers met talks on aid".split()
)


def _text(draw: random.Random, sentences: int) -> str:
    return " ".join(
        " ".join(draw.choices(_WORDS, k=14)).capitalize() + "." for _ in range(sentences)
    )


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of several kinds: some to be parsed, one described, one not to be read."""
    draw = random.Random(5)
    folder = tmp_path_factory.mktemp("documents")
    records = [{"_id": f"r{n}", "title": f"Record {n}", "text": _text(draw, 40)} for n in range(20)]
    files = {f"notes/{n:02}.txt": _text(draw, 40) for n in range(12)}
    page = "<html><head><title>Talks</title></head><body><h1>Talks</h1><p>%s</p></body></html>"
    return write_files(
        folder,
        files
        | {
            "records.jsonl": json_lines(*records),
            "page.html": page % _text(draw, 9),
            "said.txt": _text(draw, 3),
            "said.txt.meta.toml": 'title = "What was said"\nnothing = "known"\n',
            "broken.pdf": b"%PDF-1.4\nnothing of it is there",
        },
    )


@pytest.fixture(scope="module")
def alone(documents: Path, compiled_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home that was built by this process."""
    home = _home(tmp_path_factory.mktemp("alone") / "home", compiled_models, documents)
    rebuild(home)
    return home.path


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a cluster of one node; no test has two clusters on this machine at once."""
    from rays import nodes, wait_for_nodes

    with nodes(1, 3) as cluster:
        wait_for_nodes(cluster.address, 1)
        yield cluster.address


@pytest.fixture
def home(tmp_path: Path, documents: Path, compiled_models: Path) -> Home:
    """A home to be built of the documents."""
    return _home(tmp_path / "home", compiled_models, documents)


def _home(path: Path, models: Path, documents: Path) -> Home:
    home = Home(path)
    path.mkdir()
    home.models.symlink_to(models, target_is_directory=True)
    home.add(documents)
    home.remove("bundled")
    return home


def _made(path: Path) -> dict[str, object]:
    """All that a build makes of its documents, to the byte."""
    folder = path / "generations" / (path / "CURRENT").read_text().strip()
    manifest = json.loads((folder / "manifest.json").read_text())
    with sqlite3.connect(f"file:{folder / 'documents.sqlite'}?mode=ro", uri=True) as store:
        rows = {
            table: store.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            for table in ("documents", "passages", "acronyms")
        }
        rows["files"] = store.execute(
            "SELECT path, sha256, sidecar FROM files ORDER BY 1"
        ).fetchall()
    store.close()
    told = {key: manifest[key] for key in ("corpus", "encoder", "problems", "said")}
    return rows | told | {"vectors": (folder / "vectors.faiss").read_bytes()}


def _noted(home: Home) -> int:
    """How many vectors a build that did not end has kept."""
    path = home.generations / "encoded.sqlite"
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as journal:
            return journal.execute("SELECT count(*) FROM vectors").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_a_build_on_a_cluster_of_this_machine_makes_the_same(home: Home, alone: Path):
    ended = signal.getsignal(signal.SIGTERM)
    report = rebuild(home, ray="local")

    assert report.documents == 34
    assert _made(home.path) == _made(alone)
    assert report.encoded == report.passages
    assert [problem.source.rpartition("/")[2] for problem in report.problems] == [
        "broken.pdf",
        "said.txt.meta.toml",
    ]
    assert signal.getsignal(signal.SIGTERM) == ended


def _building(home: Home, address: str) -> subprocess.Popen[str]:
    """A rebuild on a cluster in a process of its own, that has encoded something."""
    asked = [sys.executable, "-c", "from ui.cli import main; main()", "rebuild", "--ray", address]
    run = subprocess.Popen(
        [*asked, "--home", home.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while _noted(home) < 20 and run.poll() is None:
        time.sleep(0.05)
    return run


def test_a_build_whose_process_is_killed_goes_on(home: Home, alone: Path, address: str):
    run = _building(home, address)
    run.kill()
    run.communicate()
    kept = _noted(home)
    assert kept >= 20

    report = rebuild(home, ray=address)

    assert report.encoded == report.passages - kept
    assert _made(home.path) == _made(alone)


def test_a_head_that_is_gone_is_told_in_a_line_and_the_next_build_goes_on(
    home: Home, tmp_path: Path
):
    from rays import nodes, wait_for_nodes

    draw = random.Random(6)
    home.add(write_files(tmp_path / "more", {f"{n}.txt": _text(draw, 40) for n in range(60)}))
    with nodes(1, 3) as cluster:
        wait_for_nodes(cluster.address, 1)
        run = _building(home, cluster.address)
        run.send_signal(signal.SIGSTOP)  # else all may be done before the head is gone
        cluster.nodes[0].kill()
        run.send_signal(signal.SIGCONT)
        told = run.communicate(timeout=100)[1].splitlines()[-1]
    assert run.returncode == 1
    assert f"the Ray cluster {cluster.address}: " in told
    assert told.endswith("what was encoded is kept; run it again")
    kept = _noted(home)
    assert kept >= 20

    report = rebuild(home)

    assert report.documents == 94
    assert report.encoded == report.passages - kept


def test_what_a_cancelled_build_encoded_is_kept(home: Home, address: str):
    told: list[Progress] = []
    with pytest.raises(Cancelled):
        rebuild(
            home,
            on_progress=told.append,
            is_cancelled=lambda: bool(told) and told[-1].stage == "encode" and told[-1].done > 0,
            ray=address,
        )
    kept = _noted(home)
    assert kept > 0
    assert rebuild(home).encoded == len(_made(home.path)["passages"]) - kept


def test_a_node_that_dies_in_the_middle_changes_nothing(home: Home, alone: Path):
    from rays import nodes, wait_for_nodes

    with nodes(2, 2) as cluster:
        wait_for_nodes(cluster.address, 2)
        killed = []

        def kill(progress: Progress) -> None:
            if progress.stage == "encode" and progress.done and not killed:
                killed.append(progress.done)
                cluster.nodes[1].kill()

        report = rebuild(home, on_progress=kill, ray=cluster.address)

    assert killed
    assert killed[0] < report.encoded == report.passages
    assert _made(home.path) == _made(alone)


def test_a_node_with_other_packages_is_told_and_the_index_goes_on_serving(
    alone: Path, tmp_path: Path
):
    from rays import nodes, wait_for_nodes

    shutil.copytree(alone, tmp_path / "home", symlinks=True)
    home = Home(tmp_path / "home")
    serving = home.current()
    home.add(write_files(tmp_path / "more", {"more.txt": "The navy sails."}))
    other = write_files(
        tmp_path / "other",
        {
            "sitecustomize.py": "import importlib.metadata as found\nreally = found.version\n"
            "found.version = lambda name: '0.0.1' if name == 'readout' else really(name)\n"
        },
    )
    path = os.pathsep.join(filter(None, [str(other), os.environ.get("PYTHONPATH")]))
    with nodes(1, 2, variables=[{"PYTHONPATH": path}]) as cluster:
        wait_for_nodes(cluster.address, 1)
        with pytest.raises(ClusterError, match=r"has readout 0\.0\.1, here is") as told:
            rebuild(home, ray=cluster.address)
    assert "\n" not in str(told.value)
    assert home.current() == serving
