"""A few hundred inputs that nobody would write, the same each time, for all that is fuzzed.

What longer runs found, and was mended, is in ``tests/findings``, a folder for each target.
"""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.benchmarks.fuzz import home, programs
from tests.benchmarks.fuzz.campaign import Campaign, run_plainly
from tests.benchmarks.fuzz.packing import members_of, packed
from tests.benchmarks.fuzz.shrinking import shortest
from tests.benchmarks.fuzz.target import Target, Wrong
from tests.benchmarks.fuzz.targets import TARGETS

FINDINGS = Path(__file__).parent / "findings"

# Inputs of each target: together they take seconds. Those of whole answers and huge files, and of
# readers that take long, are few.
INPUTS = dict.fromkeys(TARGETS, 200) | {
    "ask": 10,
    "huge": 2,
    "generation": 60,
    "receipts": 60,
    "html": 100,
    "csv": 100,
    "pptx": 60,
    "xlsx": 60,
    "docx": 60,
    "zip": 60,
    "pdf": 100,
    "http": 100,
    "api": 150,
}


@pytest.fixture(scope="module")
def served(_bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before, place = home.PLACE, tmp_path_factory.mktemp("fuzz") / "home"
    shutil.copytree(_bundled, place, symlinks=True)
    home.use(place)
    yield
    programs.end()
    home.use(before)


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_comes_through(name: str, served: None, tmp_path: Path):
    if not TARGETS[name].seeds():
        pytest.skip("no real file to begin with; set READOUT_TEST_DATA")
    campaign = Campaign(TARGETS[name], tmp_path, INPUTS[name])
    run_plainly(campaign, seed=1)

    found = [path.read_text() for path in (tmp_path / "findings").glob("*.txt")]
    assert campaign.progress.inputs == INPUTS[name]
    assert not [told for told in found if not told.startswith("slow")], "\n".join(found)


@pytest.mark.parametrize(
    "path", sorted(FINDINGS.rglob("*-*")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_what_was_found_is_mended(path: Path, served: None):
    TARGETS[path.parent.name].check(path.read_bytes())  # raises what is wrong


def a_target(check) -> Target:
    return Target("a", lambda: [b"seed"], check, lambda _, chance, __: chance.randbytes(9))


def test_a_finding_is_kept_as_short_as_it_can_be(tmp_path: Path):
    def check(data: bytes) -> str:
        if b"\x07" in data:
            raise Wrong("a bell")
        return "read"

    campaign = Campaign(a_target(check), tmp_path, 300)
    run_plainly(campaign, seed=1)

    assert campaign.progress.findings.keys() == {"a bell"}
    [kept] = [path for path in (tmp_path / "findings").iterdir() if not path.suffix]
    assert kept.read_bytes() == b"\x07"
    assert campaign.progress.inputs == sum(campaign.progress.outcomes.values()) == 300


def test_a_campaign_goes_on_where_it_was_ended(tmp_path: Path):
    seen: list[bytes] = []
    target = a_target(lambda data: seen.append(data) or "read")
    run_plainly(Campaign(target, tmp_path / "whole", 50), seed=1)
    whole, seen[:] = list(seen), []
    run_plainly(Campaign(target, tmp_path / "parts", 20), seed=1)
    run_plainly(Campaign(target, tmp_path / "parts", 50), seed=1)

    assert seen == whole


def test_a_zip_file_is_made_shorter_inside():

    data = packed([("a", b"x" * 99), ("b", b"they met in May"), ("c", b"")])
    short = shortest(data, lambda each: b"met" in dict(members_of(each) or []).get("b", b""), 9)

    assert members_of(short) == [("b", b"met")]


def test_mutations_are_the_same_each_time():
    for target in TARGETS.values():
        if target.name in ("receipts", "feedback", "generation", "msg"):
            continue  # their seeds are made of an index, or of real files
        made = [
            [target.mutate(data, Random(7), target.seeds()) for data in target.seeds()[:3]]
            for _ in range(2)
        ]
        assert made[0] == made[1], target.name


def test_no_alarm_is_left_behind(tmp_path: Path):

    run_plainly(Campaign(a_target(lambda _: "read"), tmp_path, 3), seed=1)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
