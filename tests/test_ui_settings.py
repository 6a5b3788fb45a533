"""Settings: what is kept, who said it, who wins, and how a wrong one is told."""

import json
import socket
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from click.testing import CliRunner
from settings_page import PAGE, with_table

from assistant import RerankerError
from assistant.ranking import with_reader
from index import EncoderError, Home, Place
from ui.cli import cli
from ui.engines import place_of
from ui.errors import BadSetting, PortInUse
from ui.rebuilding import Failed, Rebuilding
from ui.settings import DEFAULTS, MEANINGS, load_settings, variable

QUESTION = "Who co-chaired the 11th dialogue?"


@pytest.fixture
def home(tmp_path):
    """A home that nobody wrote to."""
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    for name in MEANINGS:
        monkeypatch.delenv(variable(name), raising=False)


def keep(home, text):
    (home.path / "readout.toml").write_text(text, encoding="utf-8")


def run(home, *arguments, **options):
    return CliRunner().invoke(cli, [*arguments, "--home", str(home.path)], **options)


def asked(home, *options):
    return json.loads(run(home, "ask", QUESTION, "--json", *options).stdout)


def told(home, environment=None):
    """What is told, in a line, of settings that cannot be used."""
    with pytest.raises(BadSetting) as caught:
        load_settings(home, environment or {})
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_the_environment_holds_over_the_file_and_an_option_over_both(bundled_home, monkeypatch):
    def reason(*options):
        return asked(bundled_home, "--no-reader", *options)["reason"]

    assert reason() is None
    keep(bundled_home, "threshold = 0.99")
    assert "99% is required" in reason()
    monkeypatch.setenv("READOUT_THRESHOLD", "0.98")
    assert "98% is required" in reason()
    assert "97% is required" in reason("--threshold", "0.97")
    monkeypatch.setenv("READOUT_THRESHOLD", "")
    assert "99% is required" in reason()


def test_a_threshold_holds_wherever_answers_are_ranked(bundled_home, tmp_path):
    place = {"document": "003_e53a6ec5a1052dec.txt", "start": 438, "end": 675}
    row = {"question": QUESTION, "answers": [place]}
    golden = tmp_path / "golden.jsonl"
    golden.write_text(json.dumps(row), encoding="utf-8")
    keep(bundled_home, "threshold = 0.99\nreader = false")
    measured = run(bundled_home, "evaluate", str(golden), "--json")
    assert json.loads(measured.stdout)["measures"]["false refusals"] == 1


def test_an_answer_quotes_no_more_than_wanted(home_of):
    lines = [f"Rosa Vega won the regatta of Gros Islet in race {number}." for number in range(9)]
    home = home_of({f"{number}.txt": line for number, line in enumerate(lines)})
    question = ("ask", "Who won the regatta of Gros Islet?", "--threshold", "0", "--json")
    counts = {}
    for most in (1, 3, 6):
        keep(home, f"citations = {most}\nreader = false")
        counts[most] = len(json.loads(run(home, *question).stdout)["citations"])
    assert counts == {1: 1, 3: 3, 6: 6}


def test_the_reader_can_be_left_out_for_good_and_taken_back(bundled_home):
    without = asked(bundled_home, "--no-reader")["confidence"]
    keep(bundled_home, "reader = false")
    assert asked(bundled_home)["confidence"] == without
    assert asked(bundled_home, "--reader")["confidence"] != without


def test_who_says_what_ranks_says_all_of_it(bundled_home):
    keep(bundled_home, 'reranker = "/nowhere"')
    assert isinstance(run(bundled_home, "ask", QUESTION).exception, RerankerError)
    for option in (["--no-reader"], ["--reader"]):
        assert asked(bundled_home, *option)["citations"]
    chosen = load_settings(bundled_home, {"READOUT_READER": "no"})
    assert (chosen.settings.reader, chosen.settings.reranker) == (False, None)
    assert chosen.origins["reranker"] == "environment"
    keep(bundled_home, "reader = false")
    again = run(bundled_home, "ask", QUESTION, "--reranker", "/nowhere")
    assert isinstance(again.exception, RerankerError)
    both = run(bundled_home, "ask", QUESTION, "--reranker", "x", "--no-reader")
    assert both.exit_code == 2
    keep(bundled_home, 'reader = false\nreranker = "x"')
    assert "reader = false: excludes a reranker" in told(bundled_home)


@pytest.mark.parametrize("command", [["rebuild"], ["add", "bundled"]])
def test_builds_use_the_encoder_that_is_kept(bundled_home, command):
    keep(bundled_home, 'encoder = "/nowhere/model"')
    failed = run(bundled_home, *command).exception
    assert isinstance(failed, EncoderError)
    assert str(failed).startswith("/nowhere/model:")


def test_a_rebuild_in_the_page_uses_the_encoder_that_is_kept(bundled_home):
    rebuilding = Rebuilding(bundled_home, encoder="/nowhere/model")
    rebuilding.start()
    assert rebuilding.wait(60)
    assert isinstance(rebuilding.state, Failed)
    assert rebuilding.state.message.startswith("/nowhere/model:")


def test_the_page_is_given_what_is_kept(bundled_home, monkeypatch):
    given = {}

    def serve(home, host, port, ranking, **options):
        given.update(host=host, port=port, ranking=ranking, **options)

    monkeypatch.setattr("ui.web.serve", serve)
    monkeypatch.setattr("ui.web.check_port", lambda *_: None)
    keep(
        bundled_home,
        'host = "localhost"\nport = 7999\nthreshold = 0.25\ncitations = 5\n'
        'review = true\nencoder = "/some/model"',
    )
    assert run(bundled_home, "serve").exit_code == 0
    assert given.pop("settings").port == 7999
    ranking = given.pop("ranking")
    assert (ranking.weights.threshold, ranking.citations) == (0.25, 5)
    assert ranking.weights.evidence == with_reader().weights.evidence
    assert given == {
        "host": "localhost",
        "port": 7999,
        "open_browser": False,
        "ask_first": True,
        "encoder": "/some/model",
        "writer": None,
    }
    assert run(bundled_home, "serve", "--port", "8001", "--no-review").exit_code == 0
    assert (given["port"], given["ask_first"]) == (8001, False)
    monkeypatch.setenv("READOUT_LLM_URL", "http://localhost:11434/v1")
    monkeypatch.setenv("READOUT_LLM_MODEL", "a-model")
    assert run(bundled_home, "serve").exit_code == 0
    assert (given["writer"].host, given["writer"].model) == ("localhost:11434", "a-model")


def test_the_page_is_served_where_the_settings_say(bundled_home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        keep(bundled_home, f"port = {port}")
        failed = run(bundled_home, "serve").exception
    assert isinstance(failed, PortInUse)
    assert f":{port}:" in str(failed)


def test_links_lead_to_where_the_page_is_served(bundled_home):
    span = ("--start", "438", "--end", "675", "--format", "link")
    cite = ("cite", "003_e53a6ec5a1052dec.txt", *span)
    assert "http://127.0.0.1:7860/" in run(bundled_home, *cite).stdout
    keep(bundled_home, 'host = "0.0.0.0"\nport = 7999')
    assert "http://127.0.0.1:7999/" in run(bundled_home, *cite).stdout
    given = run(bundled_home, *cite, "--address", "https://desk.example")
    assert "https://desk.example/" in given.stdout


def test_a_review_that_is_always_wanted_asks_before_the_switch(bundled_home, tmp_path):
    keep(bundled_home, "review = true")
    (tmp_path / "a.txt").write_text("Rosa Vega won the regatta.")
    bundled_home.add(tmp_path / "a.txt")
    refused = run(bundled_home, "rebuild", input="n\n")
    assert "Switch to the new index?" in refused.output
    assert bundled_home.current() == "000001"
    assert run(bundled_home, "rebuild", "--no-review").exit_code == 0
    assert bundled_home.current() == "000002"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("treshold = 0.4", 'there is no setting "treshold"; did you mean threshold?'),
        ("PORT = 80", 'there is no setting "PORT"; did you mean port?'),
        ("[serve]\nport = 80", 'there is no setting "serve"; '),
        ("colour = 1", 'there is no setting "colour"; there are: threshold, citations, reader'),
        ("threshold = 1.5", "threshold = 1.5: must be a number from 0 to 1; change it there"),
        ("threshold = nan", "threshold = NaN: must be a number from 0 to 1"),
        ('threshold = "0.4"', 'threshold = "0.4": must be a number from 0 to 1'),
        ("port = 0", "port = 0: must be a whole number from 1 to 65535"),
        ("port = 80.5", "port = 80.5: must be a whole number from 1 to 65535"),
        ("port = true", "port = true: must be a whole number from 1 to 65535"),
        ("citations = 0", "citations = 0: must be a whole number from 1 to 20"),
        ("reader = 1", "reader = 1: must be true or false"),
        ("encoder = []", "encoder = []: must be a text"),
        ("review = 1979-05-27", 'review = "1979-05-27": must be true or false'),
        ('host = ""', 'host = "": must be a text that is not empty'),
        ("host = 127.0.0.1", "is not TOML (Expected newline or end of document after a statement"),
    ],
)
def test_a_wrong_line_of_the_file_is_told_with_what_is_allowed(home, text, line):
    keep(home, text)
    said = told(home)
    assert said.startswith(f"{home.path / 'readout.toml'}: ")
    assert line in said


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("READOUT_PORT", "high", 'READOUT_PORT="high": must be a whole number from 1 to 65535'),
        ("READOUT_READER", "maybe", 'READOUT_READER="maybe": must be true or false'),
        ("READOUT_THRESHOLD", "nan", 'READOUT_THRESHOLD="nan": must be a number from 0 to 1'),
        ("READOUT_TRESHOLD", "0.4", "READOUT_TRESHOLD: no such setting; did you mean READOUT_THR"),
        ("READOUT_Port", "80", "READOUT_Port: no such setting; did you mean READOUT_PORT?"),
    ],
)
def test_a_wrong_variable_is_told_with_what_is_allowed(home, name, value, line):
    assert told(home, {name: value}).startswith(line)


def test_variables_of_others_are_left_alone(home):
    others = ("HOME", "TEST_DATA", "CHROMIUM", "SHOTS", "SERVICE_PORT", "PORT_7860_TCP")
    environment = {f"READOUT_{name}": "x" for name in others} | {"PORT": "x", "THRESHOLD": "x"}
    assert load_settings(home, environment).settings == DEFAULTS


def test_a_file_that_cannot_be_read_is_told(home):
    place = home.path / "readout.toml"
    place.write_bytes(b'host = "caf\xe9"')
    assert "is not TOML" in told(home)
    place.write_bytes(b"\xef\xbb\xbfport = 7999\r\n")
    assert load_settings(home, {}).settings.port == 7999
    place.unlink()
    place.mkdir()
    assert "cannot be read" in told(home)


def test_variables_are_read_as_people_write_them(home):
    said = {"READOUT_READER": "off", "READOUT_REVIEW": "1", "READOUT_PORT": "7999"}
    settings = load_settings(home, said).settings
    assert (settings.reader, settings.review, settings.port) == (False, True, 7999)
    with pytest.raises(FrozenInstanceError):
        settings.port = 1


def test_config_shows_each_setting_and_who_said_it(home, monkeypatch):
    keep(home, "port = 7999\nthreshold = 0.4")
    monkeypatch.setenv("READOUT_THRESHOLD", "0.5")
    shown = json.loads(run(home, "config", "--json").stdout)
    assert shown["home"] == {"value": str(home.path), "from": "option"}
    assert shown["file"] == {"path": str(home.path / "readout.toml"), "exists": True}
    assert list(shown["settings"]) == list(MEANINGS)
    said = {name: (each["value"], each["from"]) for name, each in shown["settings"].items()}
    assert said["threshold"] == (0.5, "environment")
    assert said["port"] == (7999, "file")
    assert said["host"] == ("127.0.0.1", "default")

    rows = [line.split() for line in run(home, "config").stdout.splitlines()]
    assert ["home", str(home.path), "option"] in rows
    assert ["threshold", "0.5", "READOUT_THRESHOLD"] in rows
    assert ["port", "7999", "readout.toml"] in rows
    assert ["reranker", "–", "default"] in rows
    monkeypatch.setenv("READOUT_HOME", str(home.path))
    by_variable = json.loads(CliRunner().invoke(cli, ["config", "--json"]).stdout)
    assert by_variable["home"] == {"value": str(home.path), "from": "environment"}


def test_what_searches_has_a_table_of_its_own_and_a_token_that_nobody_sees(home):
    keep(home, '[engine]\nkind = "milvus"\nuri = "milvus.db"\ntoken = "root:secret"\nreplicas = 2')
    chosen = load_settings(home, {}).settings
    place = place_of(chosen, home)
    assert place == Place(str(home.path / "milvus.db"), "root:secret", replicas=2)
    assert "secret" not in repr(place)
    for arguments in (["config"], ["config", "--json"]):
        shown = run(home, *arguments).stdout
        assert "set, not shown" in shown
        assert "secret" not in shown
    server = {"READOUT_ENGINE_URI": "https://milvus.example"}
    other = load_settings(home, server).settings
    assert place_of(other, home).uri == "https://milvus.example"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[engine]\nkind = "milvus"', "uri, its address, belong together"),
        ('[engine]\nuri = "http://x"', "uri, its address, belong together"),
        ('[engine]\nkind = "elastic"', "must be faiss or milvus"),
        ("[engine]\ntoken = 12345", "engine_token = …: must be"),
        ('[engine]\nkint = "milvus"', "did you mean engine_kind?"),
    ],
)
def test_a_wrong_engine_is_told_with_what_is_allowed(home, text, line):
    keep(home, text)
    assert line in told(home)


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("https://root:secret@milvus.example", "READOUT_ENGINE_TOKEN"),
        ("milvus.example:19530", "no address of a Milvus server"),
        ("notes.txt", "no address of a Milvus server"),
    ],
)
def test_an_address_that_is_none_is_told_without_what_is_secret(home, uri, line):
    for arguments in (["copy", "--to", uri], ["rebuild", "--engine", uri]):
        failed = run(home, *arguments).exception
        assert isinstance(failed, BadSetting)
        assert line in str(failed)
        assert "secret" not in str(failed)
    assert run(home, "copy").exit_code == 2


def test_every_command_but_help_and_the_doctor_refuses_bad_settings(home):
    keep(home, "prot = 1")
    for arguments in (["status"], ["ask", "x"], ["config"], ["verify"]):
        assert isinstance(run(home, *arguments).exception, BadSetting)
    assert run(home, "ask", "--help").exit_code == 0
    assert "did you mean port?" in run(home, "doctor").stdout


def test_who_keeps_nothing_does_not_wait_for_the_checks(home):
    code = (
        "import sys; from index import Home; from ui.settings import load_settings;"
        "load_settings(Home(sys.argv[1]), {}); sys.exit('pydantic' in sys.modules)"
    )
    root = Path(__file__).parent.parent
    run = subprocess.run([sys.executable, "-c", code, str(home.path)], cwd=root, check=False)
    assert run.returncode == 0


def test_the_page_on_settings_is_current():
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text) == text
