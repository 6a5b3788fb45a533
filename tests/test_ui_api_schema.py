"""Whatever a program sends, the API answers as its schema says."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from anybody import AsAnybody
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from assistant.feedback import Feedback
from index import Home
from ui.api.app import create_api
from ui.api.metrics import CountingAssistant
from ui.api.service import Service
from ui.rebuilding import Rebuilding
from ui.watching import Watcher
from ui.writing.desk import Desk

# Statuses with which a request that the schema allows may be refused: 400 for a question without
# words or with too many, which no schema can tell, and the others that are always possible.
_CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "403", "404", "409", "503"]
[checks.negative_data_rejection]
expected-statuses = ["400", "403", "404", "405", "409", "415", "422"]
"""


# Requests of each route; docs/reliability.md has the command that makes many more.
EXAMPLES = int(os.environ.get("READOUT_EXAMPLES", "60"))

API = create_api()
API.add_middleware(AsAnybody)
schema = schemathesis.openapi.from_asgi(
    "/openapi.json", API, config=SchemathesisConfig.from_str(_CONFIG)
)


@pytest.fixture(scope="module")
def served(_bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Puts the bundled documents behind the API."""
    path = tmp_path_factory.mktemp("api") / "home"
    shutil.copytree(_bundled, path, symlinks=True)
    home = Home(path)
    assistant = CountingAssistant.open(home)
    rebuilding = Rebuilding(home)
    API.state.service = Service(
        assistant, rebuilding, Watcher(assistant), Feedback(home), Desk(assistant, None)
    )
    yield
    rebuilding.cancel()
    assert rebuilding.wait(60)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_route_is_as_the_schema_says(served, case):
    case.call_and_validate()  # raises what differs; see `test_all_checks_are_made`


def test_all_checks_are_made():
    assert {check.__name__ for check in CHECKS.get_all()} >= {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "positive_data_acceptance",
        "unsupported_method",
    }
