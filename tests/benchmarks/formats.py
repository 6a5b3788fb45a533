"""Reads every file at hand and checks places in the originals; adds "formats" to the measurements.

Run as ``python -m tests.benchmarks.formats``, with ``READOUT_TEST_DATA`` naming the folder of
public data. Places are checked by asking the format's library what stands there.
"""

import csv
import json
import os
import random
import re
import statistics
import sys
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from corpus import (
    Document,
    Problem,
    SourceFile,
    UnreadableSource,
    Worker,
    read_source,
    sentence_spans,
)
from tests.benchmarks import ROOT, record
from tests.builders import in_order, words_of
from ui.places import locator_of

# Sentences picked at random for each format.
_SENTENCES = 50

Row = dict[str, str]
Found = tuple[Path, Row, Document]


def main() -> None:
    data = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"no test data at {data}; set READOUT_TEST_DATA")
    folder = data / "files"
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    outcomes: Counter[str] = Counter()
    milliseconds: dict[str, list[float]] = defaultdict(list)
    found: list[Found] = []
    with Worker() as worker:
        for row in rows:
            path = folder / row["path"]
            started = time.perf_counter()
            outcome, documents = read(path, row, worker)
            milliseconds[path.suffix].append((time.perf_counter() - started) * 1000)
            outcomes[outcome] += 1
            found += [(path, row, document) for document in documents]
    shares = text_layers(found)
    figures = {
        "files": len(rows),
        **outcomes,
        "ms, median and worst": {
            kind: [statistics.median(times), max(times)]
            for kind, times in sorted(milliseconds.items())
        },
        "PDF text layer in order": {
            "files": len(shares),
            "median": statistics.median(shares.values()),
            "worst": min(shares.values()),
            "worst file": min(shares, key=lambda name: shares[name]),
        },
        "sentences found at their place": places(found),
        "event dates": event_dates(data / "press-releases" / "documents.jsonl.gz"),
    }
    record({"formats": figures})
    print(json.dumps(figures, indent=1))


def read(path: Path, row: Row, worker: Worker) -> tuple[str, list[Document]]:
    file = SourceFile(path, str(path), row["path"])
    passwords = [row["password"]] if row["password"] else []
    try:
        items = list(read_source(file, worker, None, passwords))
    except UnreadableSource as error:
        ended = any(why in str(error) for why in ("crashed", "took longer", "memory"))
        return "crashed or hung" if ended else "skipped with a reason", []
    assert all(isinstance(item, Document | Problem) for item in items)
    return "read", [item for item in items if isinstance(item, Document)]


def event_dates(releases: Path) -> dict[str, dict[str, int]]:
    """How many days of events are right, on each half of the releases that people have read."""
    gold = [json.loads(line) for line in (ROOT / "tests/questions/dates.jsonl").open()]
    with Worker() as worker:
        read_ = read_source(SourceFile(releases, str(releases), releases.name), worker)
        days = {item.id: item.event_date for item in read_ if isinstance(item, Document)}
    told = {}
    for half, name in enumerate(("developed on", "only reported")):
        verdicts: Counter[str] = Counter()
        for right in gold[half::2]:
            given = days[right["id"]]
            if (given and given.isoformat()) == right["event_date"]:
                verdicts["right"] += 1
            else:
                verdicts["wrong" if given else "missing"] += 1
        told[name] = dict(verdicts)
    return told


def text_layers(found: list[Found]) -> dict[str, float]:
    """The share of the words of each PDF's own text layer, by pdfium, that arrive in order."""
    import pypdfium2 as pdfium

    shares = {}
    for path, row, document in found:
        if path.suffix == ".pdf" and document.record is None:
            with pdfium.PdfDocument(path, row["password"] or None) as pages:
                layer = "\n".join(page.get_textpage().get_text_range() for page in pages)
            if wanted := words_of(layer):
                shares[row["path"]] = in_order(wanted, words_of(document.text))
    return shares


def places(found: list[Found]) -> dict[str, str]:
    """Of sentences picked at random, how many stand in the original where their locator says."""
    chance = random.Random(5)
    told = {}
    for suffix, there in sorted(_THERE.items()):
        sentences = [
            (path, row, document, start, end)
            for path, row, document in found
            if path.suffix == suffix and document.record is None
            for start, end in sentence_spans(document.text)
            if re.search(r"\w{3}", document.text[start:end])
        ]
        chosen = chance.sample(sentences, min(_SENTENCES, len(sentences)))
        right = sum(
            _letters(document.text[start:end], suffix)
            in _letters(there(path, row, locator_of(document, start, end)), suffix)
            for path, row, document, start, end in chosen
        )
        told[suffix] = f"{right} of {len(chosen)}"
    return told


def _letters(text: str, suffix: str) -> str:
    """What of a text must be the same: libraries differ in white space, hyphens and ligatures.

    Of a workbook, numbers are left out: the library gives them as they are stored, not as shown.
    """
    return re.sub(r"[\W_\d]" if suffix == ".xlsx" else r"[\W_]", "", text.lower())


def _on_page(path: Path, row: Row, locator: dict[str, Any]) -> str:
    import pypdfium2 as pdfium

    if "boxes" not in locator:
        return ""
    text = ""
    with pdfium.PdfDocument(path, row["password"] or None) as pages:
        for number, left, top, right, bottom in locator["boxes"]:
            page = pages[number - 1]
            _, height = page.get_size()
            x, y, *_ = page.get_cropbox()
            box = (x + left - 2, y + height - bottom - 2, x + right + 2, y + height - top + 2)
            text += page.get_textpage().get_text_bounded(*box)
    return text


def _on_slide(path: Path, _: Row, locator: dict[str, Any]) -> str:
    from pptx import Presentation

    slide = Presentation(path).slides[locator["slide"] - 1]
    texts = [
        node.text or ""
        for part in (slide, slide.notes_slide if slide.has_notes_slide else slide)
        for node in part.element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}t")
    ]
    return "".join(texts)


def _in_row(path: Path, _: Row, locator: dict[str, Any]) -> str:
    from openpyxl import load_workbook

    sheet = load_workbook(path, data_only=True)[locator["sheet"]]
    return "".join(str(cell.value) for cell in sheet[locator["row"]] if cell.value is not None)


def _decoded(path: Path) -> str:
    from charset_normalizer import from_bytes

    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return str(from_bytes(path.read_bytes()).best())


def _in_record(path: Path, _: Row, locator: dict[str, Any]) -> str:
    text = _decoded(path)
    lines = [
        line for line in re.split(r'\r\n|\r|\n(?=(?:[^"]*"[^"]*")*[^"]*$)', text) if line.strip()
    ]
    return lines[locator["row"] - 1]


def _on_line(path: Path, _: Row, locator: dict[str, Any]) -> str:
    lines = re.split(r"\r\n|\r|\n", _decoded(path))
    return "".join(lines[locator["line"] - 1 : locator["line"] + 30])


def _in_document(path: Path, _: Row, __: dict[str, Any]) -> str:
    from lxml import etree

    texts = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if re.match(r"word/(document|footnotes|endnotes)\.xml", name):
                texts += etree.fromstring(archive.read(name)).itertext("{*}t")
    return "".join(texts)


def _in_markup(path: Path, _: Row, __: dict[str, Any]) -> str:
    from lxml import html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    return str(html.parse(str(path), parser).getroot().text_content())


def _in_mail(path: Path, _: Row, __: dict[str, Any]) -> str:
    from lxml import html

    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    texts = [mail["subject"] or ""]
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            text = part.get_content()
            plain = part.get_content_subtype() != "html"
            texts.append(text if plain else html.fromstring(text).text_content())
    return re.sub(r"(?m)^[> ]+", "", "".join(texts))


_THERE: dict[str, Callable[[Path, Row, dict[str, Any]], str]] = {
    ".pdf": _on_page,
    ".pptx": _on_slide,
    ".xlsx": _in_row,
    ".csv": _in_record,
    ".txt": _on_line,
    ".md": _on_line,
    # Of these the library cannot say what stands at a place: that it stands in the file must do.
    ".docx": _in_document,
    ".html": _in_markup,
    ".eml": _in_mail,
}


if __name__ == "__main__":
    main()
