"""Files of ours, and those that people give us to check: told if they are none, never believed."""

import atexit
import json
import os
import shutil
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from assistant import Quote
from assistant.feedback import FEEDBACK, Feedback, golden_rows, opinion_json, wrong_rows
from assistant.golden import QuotedPlace, load_golden, resolve
from corpus import Document, ReadoutError, Worker
from corpus.reading import fingerprints, read
from corpus.sidecar import facts_beside
from index import Generation, Home
from tests.benchmarks import ROOT
from tests.benchmarks.fuzz import home, seeds
from tests.benchmarks.fuzz.documents import JSON_TOKENS
from tests.benchmarks.fuzz.mutating import with_tokens
from tests.benchmarks.fuzz.target import Target, Wrong, one_line
from ui.citing.basket import EXPORTS, kept
from ui.citing.checking import check, checks_json
from ui.citing.receipts import receipt_of, receipts_of_files
from ui.settings import FILE, load_settings

# Documents that are passages' worth of text, for receipts and golden questions.
_QUOTED = "003_e53a6ec5a1052dec.txt"


@cache
def _folder() -> Path:
    """A folder that each input is written to."""
    folder = Path(mkdtemp(prefix="readout-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _told(work: Callable[[], str]) -> str:
    try:
        return work()
    except ReadoutError as error:
        one_line(str(error))
        return "refused"


def _written(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def _receipts() -> list[bytes]:
    assistant = home.assistant()
    document = assistant.document(_QUOTED)
    found = [
        receipt_of(assistant, document, Quote.of(document, start, end)).model_dump(mode="json")
        for start, end in ((438, 675), (0, 30))
    ]
    moved = json.loads(json.dumps(found[0]))
    moved["quote"] |= {"start": 3, "end": 240}
    return [json.dumps(each).encode() for each in (found[0], found, moved)]


def _check_receipts(data: bytes) -> str:
    path = _written("receipt.json", data)

    def work() -> str:
        assistant = home.assistant()
        receipts = receipts_of_files([path])[:3]
        checks = [check(assistant, each) for each in receipts]
        json.dumps(checks_json(checks), allow_nan=False)
        for each in checks:
            quote = each.receipt.quote
            if each.state == "verified":
                text = assistant.document(each.receipt.document.id).text
                if text[quote.start : quote.end] != quote.text:
                    raise Wrong("a receipt is verified that does not hold")
        kind = sorted(EXPORTS)[zlib.crc32(data) % len(EXPORTS)]
        EXPORTS[kind].write(kept(assistant, receipts, "http://localhost:7860"), "apa")
        return checks[0].state

    return _told(work)


def _settings() -> list[bytes]:
    file = (
        b'threshold = 0.4\ncitations = 3\nreader = true\nreview = false\nhost = "::1"\nport = 80\n'
    )
    return [
        file,
        b'reranker = "x"\nencoder = ""\n',
        b"\xef\xbb\xbfport = 7\n\0READOUT_PORT=80\nREADOUT_THRESHOLD=1e-1\nREADOUT_READER=no\n",
    ]


def _check_settings(data: bytes) -> str:
    file, _, variables = data.partition(b"\0")
    path = _written(f"home/{FILE}", file)
    said = (line.partition("=") for line in os.fsdecode(variables).split("\n"))
    environment = {name: value for name, _, value in said if name}

    def work() -> str:
        settings = load_settings(Home(path.parent), environment).settings
        low, high = 0, 65535
        if not (settings.threshold is None or 0 <= settings.threshold <= 1):
            raise Wrong("a threshold out of range")
        if not low < settings.port <= high or not 1 <= settings.citations <= 20:
            raise Wrong("a number out of range")
        return "read"

    return _told(work)


def _golden() -> list[bytes]:
    names = ("bundled", "kinds")
    found = [(ROOT / "tests" / "questions" / f"{name}.jsonl").read_bytes() for name in names]
    quoted = {"document": _QUOTED, "start": 438, "end": 448, "quote": "words", "sha256": "0" * 64}
    made = {"question": "Who?", "turns": ["What?"], "answers": [quoted], "kind": "a"}
    return [b"\n".join(found[0].splitlines()[:4]), found[1][:2000], json.dumps([made]).encode()]


def _check_golden(data: bytes) -> str:
    path = _written("golden.jsonl", data)

    def work() -> str:
        assistant = home.assistant()
        texts = {document.id: len(document.text) for document in assistant.documents()}
        for entry in resolve(load_golden(path), assistant.documents()):
            for place in entry.answers:
                if not 0 <= place.start < place.end <= texts[place.document]:
                    raise Wrong("an answer out of its document")
        return "read"

    return _told(work)


def _opinions() -> list[bytes]:
    place = Home(_folder() / "seed")
    (place.path / FEEDBACK).unlink(missing_ok=True)
    kept_ = Feedback(place)
    kept_.add("up", "Who?", ["What?"], "", QuotedPlace("a.txt", 1, 3, "ab", "0" * 64), "000001")
    kept_.add("nothing", "When?", [], "", None, "000001")
    kept_.add("wrong", "Why?", [], "since=2023-01-01", QuotedPlace("b", 0, 1, "a", ""), "000002")
    return [(place.path / FEEDBACK).read_bytes()]


def _check_feedback(data: bytes) -> str:
    feedback = Feedback(Home(_written(f"home/{FEEDBACK}", data).parent))
    for ending in ("-journal", "-wal", "-shm"):
        feedback.path.with_name(f"{FEEDBACK}{ending}").unlink(missing_ok=True)

    def work() -> str:
        opinions = feedback.opinions()
        rows = [golden_rows(opinions), wrong_rows(opinions), list(map(opinion_json, opinions))]
        path = _written("exported.jsonl", b"\n".join(json.dumps(r).encode() for r in rows[0]))
        if rows[0]:
            load_golden(path)
        json.dumps(rows).encode()
        feedback.add("up", "Who now?", [], "", None, "000003")
        return "read" if opinions else "empty"

    return _told(work)


def _sources() -> list[bytes]:
    said = {"/a.pdf": {"title": "Talks", "published": "2021-05-03"}}
    listing = {"schema": 1, "roots": ["bundled", "/a.pdf"], "said": said, "passwords": ["x"]}
    return [json.dumps(listing, indent=1).encode()]


def _check_sources(data: bytes) -> str:
    place = Home(_written("home/sources.json", data).parent)

    def work() -> str:
        sources = place.sources()
        json.dumps([sources.roots, sources.said, sources.passwords])
        for words in (*sources.roots, *sources.passwords, *sources.said):
            if not isinstance(words, str):
                raise Wrong("a source that is no text")
        for facts in sources.said.values():
            if not all(isinstance(each, str) for pair in facts.items() for each in pair):
                raise Wrong("something said that is no text")
        return "read"

    return _told(work)


def _check_sidecar(data: bytes) -> str:
    path = _written("a.pdf.meta.toml", data)

    def work() -> str:
        for fact in facts_beside(path):
            if not fact.value.strip() or "\n" in fact.value:
                raise Wrong("a fact that is no line")
            fact.value.encode()
        return "read"

    return _told(work)


def _check_records(data: bytes) -> str:
    path = _written("a.jsonl", data)

    def work() -> str:
        with Worker() as worker:
            items = list(read(path, "/a.jsonl", "a.jsonl", worker))
        ids = [item.id for item in items if isinstance(item, Document)]
        for item in items:
            if isinstance(item, Document):
                item.text.encode()
                item.id.encode()
            else:
                one_line(f"{item.source}: {item.reason}")
        hashed = fingerprints(path)
        if len(set(ids)) < len(ids) or not set(ids) <= hashed.keys():
            raise Wrong("ids that are not unique, or not found again")
        return "read"

    return _told(work)


@cache
def _generation() -> Home:
    """A copy of the home that can be damaged."""
    place = _folder() / "generation"
    real = home.home()
    shutil.copytree(real.path, place, ignore=shutil.ignore_patterns("models", "*.lock"))
    (place / "models").symlink_to(real.models.resolve(), target_is_directory=True)
    return Home(place)


def _parts() -> list[Path]:
    place = _generation()
    inside = place.generations / home.home().current()
    files = sorted(path for path in inside.rglob("*") if path.is_file())
    return [place.path / "CURRENT", inside / "manifest.json", *files]


def _generations() -> list[bytes]:
    """The number of a file of a home, and what it holds."""
    return [
        bytes([number]) + path.read_bytes()
        for number, path in enumerate(_parts())
        if path.stat().st_size < 1 << 16
    ]


def _check_generation(data: bytes) -> str:
    parts = _parts()
    path = parts[data[0] % len(parts)] if data else parts[0]
    before = path.read_bytes()
    path.write_bytes(data[1:])
    place = _generation()

    def work() -> str:
        generation = Generation.serving(place)
        if generation.name != home.home().current() or (
            generation.manifest != home.assistant().generation.manifest
        ):
            raise Wrong("a damaged index is served")
        return "unharmed"

    try:
        return _told(work)
    finally:
        path.write_bytes(before)


def _seeded(*made: bytes) -> Callable[[], list[bytes]]:
    return lambda: list(made)


_TOML = (
    *(b"=", b"\n", b'"', b"'''", b"[", b"]", b"[[a]]", b"{", b"}", b"true", b"nan", b"inf", b"1e9"),
    *(b"2021-05-03", b"2021-05-03T10:00:00Z", b"07:32:00", b"\\u0000", b"\\uD800", b"#", b"."),
    *(b"threshold", b"reranker", b"reader", b"port", b"title", b"published", b"event_date"),
    *(b"READOUT_", b"READOUT_PORT=", b"\0", b"READOUT_READER=", b"-1", b"0x10", b"1_000", b"+1"),
)
_RECEIPT = (b'"quote"', b'"start"', b'"end"', b'"text"', b'"document"', b'"sha256"', b'"time"')
_SIDECAR = b'title = "Talks"\npublished = 2021-05-03\nevent_date = "2021-05-04"\nurl = "http://x"\n'

#: Files, by name.
FILES: tuple[Target, ...] = (
    Target("jsonl", cache(seeds.records), _check_records, with_tokens(*JSON_TOKENS)),
    Target("sidecar", _seeded(_SIDECAR), _check_sidecar, with_tokens(*_TOML), 1 << 13),
    Target(
        "receipts", cache(_receipts), _check_receipts, with_tokens(*JSON_TOKENS, *_RECEIPT), 1 << 14
    ),
    Target("settings", cache(_settings), _check_settings, with_tokens(*_TOML), 1 << 12),
    Target("golden", cache(_golden), _check_golden, with_tokens(*JSON_TOKENS), 1 << 14),
    Target("feedback", cache(_opinions), _check_feedback, with_tokens(*JSON_TOKENS), 1 << 16),
    Target("sources", cache(_sources), _check_sources, with_tokens(*JSON_TOKENS), 1 << 13),
    Target("generation", cache(_generations), _check_generation, with_tokens(*JSON_TOKENS)),
)
