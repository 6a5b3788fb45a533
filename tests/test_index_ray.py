"""Builds on a Ray cluster, and what is told where there is none."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from index import ClusterError, Home, rebuild

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="the extra ray is not installed")

ROOT = Path(__file__).parent.parent


@pytest.fixture
def home(bundled_home: Home) -> Home:
    """A home with an index."""
    return bundled_home


@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform == "win32", reason="kills processes")
def test_a_cluster_builds_the_same_whatever_happens_to_it():
    """See tests/ray_cluster.py; Ray ends a process whose cluster is gone, so it has its own."""
    asked = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*asked, "tests/ray_cluster.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert "6 passed" in run.stdout


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1:9", "nothing answers there"),
        ("nowhere", "no address of a Ray cluster"),
        ("ray://127.0.0.1:10001", "cannot run Ray Data"),
    ],
)
def test_an_address_that_will_not_do_is_told_in_a_line(home: Home, address: str, reason: str):
    with pytest.raises(ClusterError, match=reason) as told:
        rebuild(home, ray=address)
    assert "\n" not in str(told.value)


def test_ray_is_not_loaded_by_a_build_without_it(home: Home):
    code = (
        "import sys; from index import Home, rebuild; rebuild(Home(sys.argv[1]));"
        "print(sorted({'ray', 'pyarrow'} & set(sys.modules)))"
    )
    run = [sys.executable, "-c", code, home.path]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "[]"
