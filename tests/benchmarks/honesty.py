"""Asks thousands of questions and has every citation checked by a program that trusts nothing.

Run as ``python -m tests.benchmarks.honesty [--answers 5000] [--releases 2031] [--seed 1]``, with
``READOUT_TEST_DATA`` naming the folder of public data; adds "honesty" to docs/measurements.json.

The press releases are laid out as originals of their own (text, HTML, JSON) and as records of two
files, one of them packed. What is asked of them: titles, sentences, and templates around names in
them, some of which no document answers. `tests.benchmarks.checker`, in a process of its own, looks
at each citation and at each of the nearest passages of a refusal. Then originals are edited at
random, nothing is rebuilt, all is asked again, and every citation of an edited original must be
flagged, and no other.
"""

import argparse
import gzip
import html
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assistant import Assistant
from corpus import BUNDLED
from index import Home, default_home, rebuild
from index.models import DEFAULT_MODEL, prepare_encoder
from tests.benchmarks import ROOT, record
from ui.contract import answer_json

Figures = dict[str, Any]
Release = dict[str, str]

ANSWERS = 5000

# Every so many originals one is edited or touched.
_EDITED = 3

# Seconds until the times of new files say whether they changed.
_SETTLED_S = 2.1

_TEMPLATES = (
    "Who met {}?",
    "When was {}?",
    "What did the Secretary say about {}?",
    "Why does {} matter?",
    "What is the price of {} in Zanzibar?",
)
_NAME = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b")
_SENTENCE = re.compile(r"[A-Z][^.?!\n]{30,200}[.?!]")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--answers", type=int, default=ANSWERS)
    arguments.add_argument("--releases", type=int, default=None, help="how many; else all")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    releases = releases_of(data)[: chosen.releases]
    models = Home(default_home()).models
    prepare_encoder(models, DEFAULT_MODEL)
    with tempfile.TemporaryDirectory(prefix="readout-honesty-") as base:
        figures = honesty(Path(base), models, releases, chosen.answers, chosen.seed)
    record({"honesty": figures})
    print(json.dumps(figures, indent=1))


def releases_of(data: Path) -> list[Release]:
    """The press releases."""
    lines = gzip.decompress((data / "press-releases" / "documents.jsonl.gz").read_bytes())
    return [json.loads(line) for line in lines.decode().splitlines()]


def honesty(base: Path, models: Path, releases: list[Release], answers: int, seed: int) -> Figures:
    """Builds, asks, checks, edits, asks and checks again.

    Args:
        base: An empty folder.
        models: Compiled encoders.
        releases: What is indexed.
        answers: How many questions are asked.
        seed: Decides what is asked, and what is edited how.
    """
    chance = random.Random(seed)
    folder = base / "originals"
    lay_out(folder, releases)
    time.sleep(_SETTLED_S)
    home = Home(base / "home")
    home.add(folder)
    home.remove(BUNDLED)
    home.models = models
    rebuild(home)
    questions = questions_on(releases, answers, chance)
    started = time.perf_counter()
    quotes = ask(home, questions, base / "before.jsonl")
    seconds = time.perf_counter() - started
    checker("snapshot", home, base / "snapshot.json")
    before = checker("check", home, base / "snapshot.json", base / "before.jsonl")
    edits = edit(folder, quotes, chance)
    ask(home, questions, base / "after.jsonl")
    after = checker("check", home, base / "snapshot.json", base / "after.jsonl")
    return {
        "releases": len(releases),
        "seed": seed,
        "seconds a question": round(seconds / len(questions), 3),
        "before": before,
        "edits": dict(sorted(edits.items())),
        "after": after,
    }


def lay_out(folder: Path, releases: list[Release]) -> None:
    """Writes the releases as originals of several kinds below a folder."""
    folder.mkdir()
    rows: dict[str, list[str]] = {"some.jsonl": [], "others.jsonl.gz": []}
    for number, release in enumerate(releases):
        name, line = release["_id"], json.dumps(release, ensure_ascii=False)
        match number % 6:
            case 0 | 1:
                text = f"{release['title']}\n\n{release['text']}\n"
                (folder / f"{name}.txt").write_text(text, encoding="utf-8")
            case 2:
                (folder / f"{name}.html").write_text(_page(release), encoding="utf-8")
            case 3:
                (folder / f"{name}.jsonl").write_text(line, encoding="utf-8")
            case 4:
                rows["some.jsonl"].append(line)
            case _:
                rows["others.jsonl.gz"].append(line)
    for name, lines in rows.items():
        _write_lines(folder / name, lines)


def _page(release: Release) -> str:
    title = html.escape(release["title"])
    paragraphs = "".join(
        f"<p>{html.escape(part)}</p>\n" for part in release["text"].split("\n") if part.strip()
    )
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>\n{paragraphs}</article></body></html>"
    )


def _write_lines(path: Path, lines: list[str]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def _read_lines(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def questions_on(releases: list[Release], count: int, chance: random.Random) -> list[str]:
    """What to ask: a third titles, a third sentences, a third templates, each asked once."""
    found: dict[str, None] = {}
    while len(found) < count:
        release = chance.choice(releases)
        match chance.randrange(3):
            case 0:
                found[release["title"]] = None
                found[f"What is said about {release['title']}?"] = None
            case 1:
                sentences = _SENTENCE.findall(release["text"])
                if sentences:
                    found[chance.choice(sentences)] = None
            case _:
                names = _NAME.findall(release["text"]) or [release["title"]]
                found[chance.choice(_TEMPLATES).format(chance.choice(names))] = None
    return list(found)[:count]


def ask(home: Home, questions: list[str], target: Path) -> dict[str, list[str]]:
    """Writes the answer to each question, a line each; returns what is quoted of each original."""
    quotes: dict[str, list[str]] = {}
    with Assistant.open(home) as assistant, target.open("w", encoding="utf-8") as out:
        for question in questions:
            answer = assistant.ask(question)
            out.write(json.dumps(answer_json(answer), ensure_ascii=False) + "\n")
            for entry in answer.citations or answer.nearest:
                quotes.setdefault(entry.document.source, []).append(entry.quote.text)
    return quotes


def checker(what: str, home: Home, *files: Path) -> Figures:
    """Runs the checker in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.checker", what, home.path, *files],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(run.stdout) if run.stdout else {}


def edit(folder: Path, quotes: dict[str, list[str]], chance: random.Random) -> Counter[str]:
    """Edits each third original at random; returns how often each thing was done."""
    done: Counter[str] = Counter()
    for path in sorted(folder.iterdir()):
        if path.name in ("some.jsonl", "others.jsonl.gz"):
            lines = list(_edited_lines(_read_lines(path), chance, done))
            chance.shuffle(lines)  # where in its file a line stands is nothing of its own
            _write_lines(path, lines)
        elif chance.randrange(_EDITED) == 0:
            name = chance.choice(list(EDITS))
            EDITS[name](path, quotes.get(str(path), []), chance)
            done[name] += 1
    return done


def _edited_lines(lines: list[str], chance: random.Random, done: Counter[str]) -> Iterator[str]:
    for line in lines:
        match chance.randrange(2 * _EDITED):
            case 0:
                done["a record deleted"] += 1
            case 1:
                done["a record edited"] += 1
                release = json.loads(line)
                yield json.dumps(release | {"text": f"{release['text']} Indeed."})
            case _:
                yield line


def _a_byte(path: Path, _: list[str], chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(7)
    path.write_bytes(data)


def _unseen(path: Path, _: list[str], chance: random.Random) -> None:
    """As long as before, and by its own account as old."""
    before = path.stat()
    _a_byte(path, _, chance)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _a_word_quoted(path: Path, quotes: list[str], chance: random.Random) -> None:
    words = re.findall(r"\b[a-z]{4,}\b", chance.choice(quotes)) if quotes else []
    _replace(path, chance.choice(words) if words else "the")


def _a_word_elsewhere(path: Path, quotes: list[str], chance: random.Random) -> None:
    text = path.read_text(encoding="utf-8")
    quoted = set(re.findall(r"\w+", " ".join(quotes)))
    others = [word for word in re.findall(r"\b[a-z]{4,}\b", text) if word not in quoted]
    _replace(path, chance.choice(others) if others else "the")


def _replace(path: Path, word: str) -> None:
    text = path.read_text(encoding="utf-8")
    changed = re.sub(rf"\b{word}\b", "never", text)
    path.write_text(changed if changed != text else f"{text} never", encoding="utf-8")


def _truncate(path: Path, _: list[str], chance: random.Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size))


def _delete(path: Path, _: list[str], __: random.Random) -> None:
    path.unlink()


def _touch(path: Path, _: list[str], __: random.Random) -> None:
    path.touch()


def _write_anew(path: Path, _: list[str], __: random.Random) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)


#: What may become of an original. The last two change nothing of it.
EDITS: dict[str, Callable[[Path, list[str], random.Random], None]] = {
    "a byte changed": _a_byte,
    "a byte changed, size and time kept": _unseen,
    "a quoted word replaced": _a_word_quoted,
    "another word replaced": _a_word_elsewhere,
    "cut short": _truncate,
    "deleted": _delete,
    "touched": _touch,
    "written anew, the same": _write_anew,
}


if __name__ == "__main__":
    main()
