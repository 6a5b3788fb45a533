"""Where a quote stands in its original is told, to programs and to people."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from builders import document_of, drawn, pdf_of, write_files

from corpus import Mark, Marks
from ui.places import locator_of, place_of

READOUT = Path(sys.executable).with_name("readout")
TEXT = "Budget\nShips cost much.\nBoats do not."
SHIPS, BOATS = TEXT.index("Ships"), TEXT.index("Boats")


def marked(*marks: Mark, media_type: str = "application/pdf", **others: object):
    return document_of(TEXT, media_type=media_type, marks=Marks.of(marks), **others)


def test_of_pages_it_is_the_one_on_which_the_quote_begins_and_every_line_is_boxed():
    document = marked(
        Mark(0, BOATS - 1, "page", 3),
        Mark(BOATS, len(TEXT), "page", 4),
        Mark(SHIPS, BOATS - 1, "box", (50.0, 90.5, 200.0, 101.5)),
        Mark(BOATS, len(TEXT), "box", (50.0, 10.0, 180.0, 21.0)),
    )
    assert locator_of(document, SHIPS, len(TEXT)) == {
        "page": 3,
        "boxes": [[3, 50.0, 90.5, 200.0, 101.5], [4, 50.0, 10.0, 180.0, 21.0]],
    }
    assert locator_of(document, BOATS, len(TEXT))["page"] == 4
    assert place_of(document, SHIPS, len(TEXT)) == "page 3"


def test_the_innermost_heading_counts():
    document = marked(
        Mark(0, len(TEXT), "heading", "Report"), Mark(SHIPS, BOATS, "heading", "Report › Budget")
    )
    assert locator_of(document, SHIPS, BOATS - 1) == {"heading": "Report › Budget"}
    assert locator_of(document, BOATS, len(TEXT)) == {"heading": "Report"}


@pytest.mark.parametrize(
    ("marks", "record", "expected"),
    [
        ([("slide", 2)], None, "slide 2"),
        ([("sheet", "Fleet"), ("row", 14)], "a.xlsx", "a.xlsx, sheet “Fleet”, row 14"),
        ([("paragraph", 17), ("heading", "Budget")], None, "paragraph 17, under “Budget”"),
        ([("part", "text/plain")], None, "text/plain"),
        ([("context", "What do ships cost?")], None, ""),
    ],
)
def test_a_place_is_told_in_words(marks: list, record: str | None, expected: str):
    document = marked(*(Mark(SHIPS, BOATS, *mark) for mark in marks), record=record)
    assert place_of(document, SHIPS, SHIPS + 5) == expected


def test_of_text_it_is_the_line_and_of_json_lines_the_record():
    assert place_of(marked(media_type="text/plain"), SHIPS, BOATS) == "line 2"
    record = marked(media_type="application/jsonl", record="r1")
    assert place_of(record, SHIPS, BOATS) == "record r1"
    assert locator_of(record, SHIPS, BOATS) == {"line": 2, "record": "r1"}


def run(home, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [READOUT, *arguments, "--home", str(home.path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_quote_from_a_pdf_is_found_on_its_page(bundled_home, tmp_path):
    sentence = "The lighthouse of Port Lumen is kept by Ada Quill, who took it over in spring."
    pages = [drawn(50, 500, "The harbour was busy."), drawn(40, 400, sentence, size=9)]
    write_files(tmp_path, {"report": pdf_of(pages, info="/Title (Harbour report)")})

    added = run(bundled_home, "add", str(tmp_path / "report"), "--date", "2021-05-03")
    assert added.returncode == 0, added.stderr
    answer = json.loads(run(bundled_home, "ask", "--json", "Who keeps the lighthouse?").stdout)
    citation = answer["citations"][0]
    assert citation["quote"]["text"] == sentence
    assert citation["document"]["media_type"] == "application/pdf"
    assert citation["document"]["title"] == "Harbour report"
    assert citation["document"]["published"] == "2021-05-03"
    assert citation["verified"]
    assert citation["locator"]["page"] == 2
    [[page, left, top, right, bottom]] = citation["locator"]["boxes"]
    assert page == 2
    assert 35 < left < 45 < right < 400
    assert 185 < top < 200 < bottom < 206  # 600 points high, drawn 400 above its lower edge

    place = [citation["document"]["id"], "--start", str(citation["quote"]["start"])]
    place += ["--end", str(citation["quote"]["end"])]
    shown = run(bundled_home, "source", *place).stdout
    assert "page 2" in shown
    assert f"⟦{sentence}⟧" in shown
    assert "page 2" in run(bundled_home, "ask", "Who keeps the lighthouse?").stdout


def test_what_is_encrypted_waits_for_its_password(bundled_home, test_data):
    path = test_data / "files" / "docling" / "pdf_password" / "2206.01062_pg3.pdf"
    refused = run(bundled_home, "add", str(path))
    assert refused.returncode == 0
    assert "encrypted; give its password with --password" in refused.stderr
    assert "give its" in run(bundled_home, "status", "--problems").stdout

    added = run(bundled_home, "add", str(path), "--password", "1234")
    assert "3 documents" in added.stdout
    assert "give its" not in run(bundled_home, "status", "--problems").stdout


def test_what_cannot_be_said_of_a_document_is_told(bundled_home, tmp_path):
    write_files(tmp_path, {"a.txt": "They met."})
    run_ = run(bundled_home, "add", str(tmp_path / "a.txt"), "--event-date", "soon")
    assert run_.returncode == 1
    assert "event_date must be a day" in run_.stderr
