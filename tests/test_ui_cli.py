"""The command line as a process: output, exit statuses, one line for every expected error."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from index import Manifest

READOUT = Path(sys.executable).with_name("readout")
QUESTION = "Who co-chaired the 11th dialogue?"
COCHAIRS = "co-chaired by Saint Lucia, the Dominican Republic, and the United States"
DEFENSE = "003_e53a6ec5a1052dec.txt"


def readout(home, *arguments, **options):
    return subprocess.run(
        [READOUT, *arguments, "--home", str(getattr(home, "path", home))],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,
    )


def told(run):
    """The one line of an expected error."""
    assert run.returncode == 1, run.stderr
    assert "Traceback" not in run.stderr
    [line] = run.stderr.strip().splitlines()
    assert line.startswith("readout: ")
    return line


def test_ask_prints_quotes_with_references_that_open_them(bundled_home):
    run = readout(bundled_home, "ask", QUESTION)
    assert run.returncode == 0
    assert COCHAIRS in run.stdout
    command = next(line for line in run.stdout.splitlines() if "readout source" in line)
    opened = readout(bundled_home, *command.split()[1:])
    assert COCHAIRS in opened.stdout.split("⟦")[1].split("⟧")[0]


def test_ask_says_how_it_understood_words_about_time_and_leaves_them_if_told(home_of):
    thanks = "The United States thanks Kiribati for the"
    home = home_of(
        {
            "a.md": f"---\ndate: 2021-07-11\n---\n\n{thanks} care of the tuna.\n",
            "b.md": f"---\ndate: 2022-07-11\n---\n\n{thanks} new harbour.\n",
        }
    )
    ask = ("ask", "What did the United States thank Kiribati for in July 2021?", "--threshold", "0")
    narrowed = readout(home, *ask).stdout
    assert narrowed.endswith(
        "\nLooked in July 2021 (“in July 2021”); --any-date looks everywhere.\n"
    )
    assert "harbour" not in narrowed
    assert json.loads(readout(home, *ask, "--json").stdout)["dates"] == {
        "words": "in July 2021",
        "since": "2021-07-01",
        "until": "2021-07-31",
        "order": None,
        "kept": True,
    }
    for option in (["--any-date"], ["--until", "2023-01-01"]):
        assert "Looked" not in readout(home, *ask, *option).stdout
        assert json.loads(readout(home, *ask, *option, "--json").stdout)["dates"] is None
    latest = readout(home, "ask", "What is the latest thanks to Kiribati?", "--threshold", "0")
    assert latest.stdout.endswith("\nNewest first (“latest”); --any-date leaves that be.\n")
    nowhere = readout(home, "ask", "Who thanked Kiribati in 1979?", "--threshold", "0").stdout
    assert "No document dated in 1979 answers better; looked everywhere" in nowhere
    assert "--any-date" not in nowhere


@pytest.mark.parametrize("name", ["a b & 'c'.txt", "-k.txt", "--start.txt"])
def test_the_printed_reference_is_a_command_whatever_the_name(home_of, name):
    home = home_of({name: "Rosa Vega won the regatta in Gros Islet."})
    shown = readout(home, "search", "regatta").stdout
    [command] = [line for line in shown.splitlines() if "readout source" in line]
    places = {"READOUT_HOME": str(home.path), "PATH": f"{READOUT.parent}:{os.environ['PATH']}"}
    opened = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | places,
    )
    assert "⟦Rosa Vega won the regatta in Gros Islet.⟧" in opened.stdout, opened.stderr


def test_a_name_with_control_characters_is_not_read_and_told_without_them(new_home, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.txt").write_text("Rosa Vega won.")
    (tmp_path / "in" / "evil\x1b[2J\n\x9b.txt").write_text("Ada Quill won.")
    new_home.add(tmp_path / "in")
    new_home.remove("bundled")
    run = readout(new_home, "rebuild")

    assert "1 documents" in run.stdout
    [line] = [line for line in run.stderr.splitlines() if "evil" in line]
    assert line.endswith(
        "evil\ufffd[2J\ufffd\ufffd.txt: its name holds control characters; rename it"
    )


def test_nothing_commands_the_terminal(new_home, tmp_path):
    records = tmp_path / "evil\x1b[31m\nfolder" / "r.jsonl"
    records.parent.mkdir()
    text = "Regatta\x07 \x9b31m news\n\nRosa\x1b]0;title\x07 Vega\twon the regatta.\n\nMany came.\n"
    record = {"_id": "evil\x1b[2J\n\x9b\u202e", "title": "\x1b]0;x\u202e", "text": text}
    records.write_text(f"{json.dumps(record)}\nnot json", encoding="utf-8")
    new_home.add(str(records))
    new_home.remove("bundled")
    runs = [
        readout(new_home, "rebuild"),
        readout(new_home, "ask", "Who won the regatta?", "--threshold", "0"),
        readout(new_home, "ask", "Who won the gold \x1b[31mmedal?", "--threshold", "1"),
        readout(new_home, "search", "regatta"),
        readout(new_home, "status", "--documents", "--problems"),
        readout(new_home, "source", record["_id"]),
        readout(new_home, "source", record["_id"], "--start", "20", "--end", "40"),
        readout(new_home, "source", "no\x1b[2Jwhere\nat all"),
        readout(new_home, "verify"),
    ]
    assert [run.returncode for run in runs] == [0, 0, 0, 0, 0, 0, 0, 1, 0]
    shown = "".join(run.stdout + run.stderr for run in runs)
    commands = {*range(32), *range(127, 160), *range(0x202A, 0x202F)} - {9, 10}
    assert not set(shown) & {chr(code) for code in commands}
    harmless = text
    for character in "\x07\x9b\x1b":
        harmless = harmless.replace(character, "\ufffd")
    assert runs[5].stdout.endswith(f"\n{harmless}\n")
    assert "no [2Jwhere at all: no such document" in told(runs[7])
    assert sum("not valid JSON" in line for line in runs[4].stdout.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_an_encoding_that_lacks_a_character_is_no_end(home_of, encoding):
    home = home_of({"a.txt": "Rosa Vega won the “regatta” 🙂 in Gros Islet."})
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    for command in (["ask", "--threshold", "0", "Who won the regatta?"], ["source", "a.txt"]):
        plain = readout(home, *command, env=environment)
        assert plain.returncode == 0, plain.stderr
        assert "Rosa Vega won the" in plain.stdout
    found = readout(home, "source", "a.txt", "--json", env=environment)
    assert json.loads(found.stdout)["text"] == "Rosa Vega won the “regatta” 🙂 in Gros Islet."


def test_arguments_that_are_not_unicode_are_asked_or_told(bundled_home):
    assert readout(bundled_home, "ask", b"caf\xe9 x").returncode == 0
    asked = readout(bundled_home, "ask", "--json", b"caf\xe9 x")
    assert json.loads(asked.stdout)["question"] == "caf\ufffd x"
    assert "no such document" in told(readout(bundled_home, "source", b"\xff"))


def test_ask_json_keeps_the_contract(bundled_home):
    run = readout(bundled_home, "ask", "--json", QUESTION)
    answer = json.loads(run.stdout)
    assert list(answer) == [
        *("question", "answered", "confidence", "reason", "readings", "dates", "carried"),
        *("citations", "kind", "note", "groups"),
        *("generation", "milliseconds"),
    ]
    assert answer["answered"] is True
    assert answer["reason"] is None
    citation = answer["citations"][0]
    assert set(citation) == {
        *("number", "score", "verified", "document", "passage", "quote", "locator", "also_in"),
    }
    assert citation["locator"] == {"line": 3}
    assert citation["also_in"] == []
    facts = citation["document"].pop("facts")
    assert facts["published"] == {"from": "the list of bundled documents", "sure": 1.0}
    assert citation["document"] | {"sha256": ""} == {
        "id": DEFENSE,
        "title": "Readout of the 11th Caribbean-United States Security Cooperation Dialogue",
        "source": f"bundled/{DEFENSE}",
        "published": "2023-11-20",
        "event_date": "2023-11-16",
        "sha256": "",
        "publisher": "U.S. Department of Defense",
        "author": "Department of Defense spokesman Lieutenant Colonel Devin T. Robinson",
        "url": None,
        "media_type": "text/plain",
    }
    assert citation["verified"] is True
    passage, quote = citation["passage"], citation["quote"]
    start = quote["start"] - passage["start"]
    assert passage["text"][start : start + len(quote["text"])] == quote["text"]


def test_ask_does_without_the_reader_if_told_to(bundled_home):
    run = readout(bundled_home, "ask", "--no-reader", QUESTION)
    assert run.returncode == 0, run.stderr
    assert COCHAIRS in run.stdout


def test_a_reranker_that_is_none_is_told(bundled_home, tmp_path):
    run = readout(
        bundled_home,
        *("ask", "--reranker", str(tmp_path / "none"), QUESTION),
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    assert "none" in told(run)


def test_ask_json_of_a_refusal_keeps_the_contract(bundled_home):
    run = readout(bundled_home, "ask", "--json", "What is the boiling point of ethanol?")
    answer = json.loads(run.stdout)
    assert run.returncode == 0
    assert answer["answered"] is False
    assert answer["citations"] == []
    assert answer["reason"]
    assert "ethanol" in answer["unknown_terms"]
    assert answer["nearest"][0]["document"]["id"]


def test_ask_reads_one_question_a_line_and_survives_a_bad_one(bundled_home):
    lines = [QUESTION, "", "x" * 5000, "What did Joshua Rusk announce?", " "]
    run = readout(bundled_home, "ask", "-", input="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [answer.get("answered") for answer in answers] == [True, None, None, True, None]
    assert [answer["question"] for answer in answers] == [*lines[:2], "x" * 200, lines[3], ""]
    assert "empty" in answers[1]["error"]
    assert "2,000" in answers[2]["error"]
    assert run.returncode == 1


def test_search_prints_ranked_passages(bundled_home):
    run = readout(bundled_home, "search", "--json", "-k", "2", "firearms tracing")
    found = json.loads(run.stdout)["passages"]
    assert [hit["number"] for hit in found] == [1, 2]
    assert "firearms" in found[0]["passage"]["text"]
    several = readout(bundled_home, "search", "-", "-k", "1", input="Haiti\n\nUSAID\n")
    results = [json.loads(line) for line in several.stdout.splitlines()]
    assert [found["query"] for found in results] == ["Haiti", "", "USAID"]
    assert "Haiti" in results[0]["passages"][0]["passage"]["text"]
    assert "empty" in results[1]["error"]
    assert "USAID" in results[2]["passages"][0]["passage"]["text"]
    assert "firearms" in readout(bundled_home, "search", "firearms tracing").stdout


def test_add_and_remove_change_what_is_answered(bundled_home, tmp_path):
    note = tmp_path / "note.md"
    note.write_text("# Regatta\n\nRosa Vega won the regatta in Gros Islet.\n")
    added = readout(bundled_home, "add", str(note), "--json")
    report = json.loads(added.stdout)
    assert (report["documents"], report["encoded"], report["changed"]) == (3, 1, True)
    stages = [json.loads(line)["stage"] for line in added.stderr.splitlines()]
    assert list(dict.fromkeys(stages)) == ["look", "read", "encode", "index", "check"]
    assert "Rosa Vega" in readout(bundled_home, "ask", "Who won the regatta?").stdout
    removed = readout(bundled_home, "remove", str(note))
    assert "2 documents" in removed.stdout
    assert "Rosa Vega" not in readout(bundled_home, "ask", "Who won the regatta?").stdout
    assert note.exists()


def test_add_takes_all_paths_or_none(bundled_home, tmp_path):
    notes = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for note in notes:
        note.write_text(f"Rosa Vega won regatta {note.stem} in Gros Islet.")
    assert "absent.txt" in told(readout(bundled_home, "add", notes[0], tmp_path / "absent.txt"))
    assert bundled_home.roots() == ["bundled"]
    assert json.loads(readout(bundled_home, "add", "--json", *notes).stdout)["documents"] == 4
    assert "never added" in told(readout(bundled_home, "remove", notes[0], tmp_path / "absent.txt"))
    assert bundled_home.roots() == ["bundled", *map(str, notes)]
    assert "2 documents" in readout(bundled_home, "remove", *notes).stdout
    assert bundled_home.roots() == ["bundled"]


def test_rebuild_without_changes_says_so(bundled_home):
    assert "Nothing has changed" in readout(bundled_home, "rebuild").stdout


def test_rebuild_shows_which_golden_questions_change_and_asks_if_told_to(bundled_home, tmp_path):
    asked = "Who won the regatta of Port Lumen?"
    golden = bundled_home.path / "golden.jsonl"
    entries = [{"question": question, "answers": []} for question in (QUESTION, asked)]
    golden.write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    (tmp_path / "note.txt").write_text("Rosa Vega won the regatta of Port Lumen.")
    bundled_home.add(tmp_path / "note.txt")

    run = readout(bundled_home, "rebuild", "--review", input="n\n")
    assert "not switched to" in run.stderr.splitlines()[-1]
    assert run.returncode == 1
    shown = run.stderr.index("1 of 2 golden questions get another first citation:")
    assert asked in run.stderr[shown:]
    assert "before  no answer" in run.stderr[shown:]
    assert "now     “Rosa Vega won the regatta of Port Lumen.”" in run.stderr[shown:]
    assert bundled_home.current() == "000001"

    run = readout(bundled_home, "rebuild", "--review", "--json", input="y\n")
    report = json.loads(run.stdout)
    assert (report["generation"], report["encoded"]) == ("000002", 0)
    [changed] = report["golden"]["changed"]
    assert (changed["question"], changed["before"]) == (asked, None)
    assert changed["now"]["quote"]["text"].startswith("Rosa Vega")

    (tmp_path / "note.txt").write_text("Rosa Vega won the regatta of Port Lumen.\n\nAgain.")
    run = readout(bundled_home, "rebuild", "--review")  # nothing to ask about
    assert "All 2 golden questions keep their first citation." in run.stdout

    golden.write_text("[", encoding="utf-8")
    (tmp_path / "note.txt").write_text("Rosa Vega won.")
    run = readout(bundled_home, "rebuild")
    assert run.returncode == 0
    assert "Golden questions were not asked: " in run.stdout


def test_a_file_that_cannot_be_read_is_told_and_the_rest_goes_on(bundled_home, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.txt").write_text("Rosa Vega won the regatta.")
    (folder / "bad.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    (folder / "image.png").write_bytes(b"\x89PNG")
    run = readout(bundled_home, "add", str(folder))
    assert run.returncode == 0
    assert "3 documents" in run.stdout
    assert "bad.txt" in run.stderr
    assert "image.png" in run.stderr
    listed = readout(bundled_home, "status", "--problems").stdout
    assert "bad.txt: " in listed


def test_status_tells_what_is_indexed(bundled_home):
    state = json.loads(readout(bundled_home, "status", "--json", "--documents").stdout)
    assert (state["generation"], state["documents"], state["vectors"]) == ("000001", 2, "exact")
    [source], [generation] = state["sources"], state["generations"]
    assert (source["root"], source["documents"], state["stale"]) == ("bundled", 2, False)
    assert generation["serves"]
    assert generation["bytes"] > 10_000
    assert list(state["timings"]) == ["look", "read", "encode", "index"][1:]
    assert state["encoder"]["name"] == "all-MiniLM-L6-v2"
    assert [entry["id"] for entry in state["list"]][1] == DEFENSE
    text = readout(bundled_home, "status", "--documents").stdout
    assert f"\n{DEFENSE}  2023-11-20  Readout of the 11th " in text
    assert re.search(r"bundled +2 documents, up to date\n", text)
    assert re.search(r"000001 +2\S+, 6 passages, exact, [\d.]+ [km]B, serves\n", text)


def test_verify_and_rollback_look_after_the_index(bundled_home, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("Rosa Vega won the regatta in Gros Islet.")
    readout(bundled_home, "add", str(note))
    sound = readout(bundled_home, "verify")
    assert sound.returncode == 0
    assert "Index 000002 (serves): sound, 3 documents" in sound.stdout
    assert "000001 serves again" in readout(bundled_home, "rollback").stdout
    state = json.loads(readout(bundled_home, "status", "--json").stdout)
    assert (state["generation"], state["documents"]) == ("000001", 2)
    vectors = bundled_home.generations / "000001" / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    damaged = readout(bundled_home, "verify", "--json")
    assert damaged.returncode == 1
    faults = [entry["fault"] for entry in json.loads(damaged.stdout)["generations"]]
    assert "vectors.faiss" in faults[0]
    assert faults[1] is None


def test_source_prints_a_document_whole_or_with_a_span_marked(bundled_home):
    whole = json.loads(readout(bundled_home, "source", DEFENSE, "--json").stdout)
    assert whole["quote"] is None
    assert whole["verified"] is True
    marked = json.loads(
        readout(bundled_home, "source", DEFENSE, "--json", "--start", "1", "--end", "16").stdout
    )
    assert marked["quote"] == {"start": 1, "end": 16, "text": whole["text"][1:16]}
    assert (
        "⟦date 2023-11-20⟧"
        in readout(bundled_home, "source", DEFENSE, "--start", "1", "--end", "16").stdout
    )


def test_evaluate_prints_a_table_or_json(bundled_home):
    questions = Path(__file__).parent / "questions" / "bundled.jsonl"
    run = readout(bundled_home, "evaluate", str(questions), "--json")
    measured = json.loads(run.stdout)
    assert measured["measures"]["questions"] == 50
    assert len(measured["outcomes"]) == 50
    assert 0 < measured["measures"]["quote hit@1"] <= 1
    assert "nDCG@10" in readout(bundled_home, "evaluate", str(questions)).stdout


def test_evaluate_a_beir_folder_in_a_throw_away_home(bundled_home, tmp_path):
    (tmp_path / "qrels").mkdir()
    texts = {"a": "Rosa Vega won the regatta.", "b": "Ben Okoro hosted the dinner."}
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(
            json.dumps({"_id": key, "title": "", "text": text}) for key, text in texts.items()
        )
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "1", "text": "Who won the regatta?"}\n')
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\ta\t1\n")
    run = readout(bundled_home, "evaluate", str(tmp_path), "--json")
    assert json.loads(run.stdout)["measures"]["nDCG@10"] == 1.0
    assert json.loads(readout(bundled_home, "status", "--json").stdout)["documents"] == 2


@pytest.mark.parametrize(
    "command",
    [
        *("serve", "ask", "search", "add", "remove", "rebuild"),
        *("status", "source", "evaluate", "verify", "rollback"),
    ],
)
def test_help_shows_an_example_and_the_common_options(command):
    run = subprocess.run([READOUT, command, "--help"], capture_output=True, text=True, check=True)
    assert f"Example: readout {command}" in " ".join(run.stdout.split())
    assert "--json" in run.stdout
    assert "--home" in run.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["frobnicate"],
        ["ask", "x", "--threshold", "2"],
        ["ask", "x", "--threshold", "nan"],
        ["ask", "x", "--no-reader", "--reranker", "x"],
        ["evaluate", __file__, "--threshold", "nan"],
        ["source", "x", "--start", "1"],
    ],
)
def test_wrong_usage_has_status_2(bundled_home, arguments):
    assert readout(bundled_home, *arguments).returncode == 2


def test_expected_errors_are_one_line_with_what_to_do(bundled_home, tmp_path):
    empty = tmp_path / "empty"
    assert "readout rebuild" in told(readout(empty, "ask", "Who?"))
    assert "empty" in told(readout(bundled_home, "ask", " "))
    assert "characters" in told(readout(bundled_home, "ask", "why " * 25_000))
    assert "no such document" in told(readout(bundled_home, "source", "nowhere"))
    assert "no such file" in told(readout(bundled_home, "add", str(tmp_path / "absent.txt")))
    assert "never added" in told(readout(bundled_home, "remove", str(tmp_path)))
    assert "nothing to index" in told(readout(empty, "remove", "bundled")).casefold()
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert "cannot be written" in told(readout(blocked / "home", "rebuild"))


def test_an_index_of_another_encoder_is_refused_with_the_remedy(bundled_home):
    folder = bundled_home.generations / "000001"
    manifest = Manifest.load(folder)
    replace(manifest, encoder=replace(manifest.encoder, compiled="0" * 64)).save(folder)
    line = told(readout(bundled_home, "ask", QUESTION))
    assert "not the encoder that made the index; delete that folder" in line
    assert "readout rebuild" in line


def test_a_port_in_use_is_told(bundled_home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "--port" in told(readout(bundled_home, "serve", "--port", str(port)))


def test_serve_builds_the_index_and_serves_until_it_is_stopped(new_home):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [READOUT, "serve", "--home", str(new_home.path), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline = time.monotonic() + 100
        while time.monotonic() < deadline and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as found:
                    assert json.load(found)["status"] == "ok"
                    break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail(f"the server did not start: {server.poll()}")
    finally:
        server.send_signal(signal.SIGINT)
        output, _ = server.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}" in output
    assert "Traceback" not in output
    assert new_home.current() == "000001"


def test_an_interrupted_rebuild_goes_on_where_it_stopped(new_home, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1500):
        (folder / f"{number}.txt").write_text(
            f"Report {number}. " + f"Item {number} was seen. " * 25
        )
    new_home.add(folder)
    build = subprocess.Popen(
        [READOUT, "rebuild", "--json", "--home", str(new_home.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in build.stderr:
        step = json.loads(line)
        if step["stage"] == "encode" and step["done"] > 0:
            build.send_signal(signal.SIGINT)
            break
    output, errors = build.communicate(timeout=60)
    assert build.returncode == 130
    assert "Traceback" not in errors
    assert output == ""
    report = json.loads(readout(new_home, "rebuild", "--json").stdout)
    assert 0 < report["encoded"] < report["passages"]


def test_a_pipe_that_is_closed_early_is_no_error(home_of):
    home = home_of({"long.txt": "Rosa Vega won the regatta.\n" * 10_000})  # a pipe holds 64 kB
    command = f"{READOUT} source long.txt --home {home.path} | head -c 10"
    run = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert run.stderr == ""
    assert run.returncode == 0


def test_a_question_and_a_search_can_be_kept_to_a_part_of_the_corpus(bundled_home):
    def documents(*options: str) -> set[str]:
        run = readout(bundled_home, "search", "security dialogue", "--json", *options)
        return {hit["document"]["id"] for hit in json.loads(run.stdout)["passages"]}

    everything = documents()
    assert len(everything) == 2
    assert documents("--source", "bundled") == everything
    assert documents("--document", DEFENSE) == {DEFENSE}
    assert documents("--source", f"bundled/{DEFENSE}") == {DEFENSE}
    assert documents("--since", "2023-01-01") == {DEFENSE}
    assert documents("--until", "2021-01-01") == everything - {DEFENSE}
    assert documents("--source", "/elsewhere") == set()

    question = "Who co-chaired the 11th dialogue?"
    asked = json.loads(readout(bundled_home, "ask", question, "--json").stdout)
    assert asked["citations"][0]["document"]["id"] == DEFENSE
    refused = readout(bundled_home, "ask", question, "--until", "1999-12-31")
    assert refused.returncode == 0
    assert "no document where you chose to search" in refused.stdout
