"""Markdown keeps its text; headings, lists, tables and front matter become marks and facts."""

import time
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.formats.markdown import facts, text_marks
from corpus.formats.text import decoded


def marked(text: str, kind: str) -> list[tuple[str, object]]:
    found = (mark for mark in text_marks(text) if mark.kind == kind)
    return [(text[mark.start : mark.end], mark.value) for mark in sorted(found)]


def told(text: str) -> list[tuple[str, str]]:
    return [(fact.field, fact.value) for fact in facts(text)]


def test_headings_mark_all_under_them_with_their_path():
    text = "# The *Talks* #\n\nHello.\n\n## On [Fish](http://a.b)\n\nYes.\n\nWeather\n=======\n\nBad.\n"

    assert marked(text, "heading") == [
        ("# The *Talks* #\n\nHello.\n\n## On [Fish](http://a.b)\n\nYes.", "The Talks"),
        ("## On [Fish](http://a.b)\n\nYes.", "The Talks › On Fish"),
        ("Weather\n=======\n\nBad.", "Weather"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```\n# comment\n```\n",
        "~~~sh\n# comment\nStill\n---\n~~~\n",
        "    # indented code\n",
        "---\ntitle: x\n# no: heading\n---\n\nText.\n",
        "#hashtag\n",
        "#\n\nText.",
        "> # quoted\n",
    ],
)
def test_what_only_looks_like_a_heading_is_none(text: str):
    assert marked(text, "heading") == []


def test_a_list_carries_the_line_above_and_a_nested_one_its_item():
    text = (
        "They met\nand agreed to:\n\n- patrol **seas**\n  - by day\n  - by night\n- trace\n\nBye.\n"
    )

    assert marked(text, "context") == [
        ("- patrol **seas**\n  - by day\n  - by night\n- trace", "and agreed to:"),
        ("- by day\n  - by night", "patrol seas"),
    ]


@pytest.mark.parametrize("above", ["They agreed.\n\n", "", "They agreed to:\n\n---\n\n"])
def test_a_list_that_nothing_introduces_has_no_context(above: str):
    assert marked(f"{above}- patrol\n- trace\n", "context") == []


def test_rows_of_a_table_carry_its_header():
    text = "Before.\n\n| Who | *What* |\n|---|---|\n| Ann | fish |\n| Bob | |\n\nAfter.\n"

    assert marked(text, "context") == [
        ("| Ann | fish |", "Who | What"),
        ("| Bob | |", "Who | What"),
    ]


def test_front_matter_and_the_first_heading_give_facts():
    text = (
        '---\ntitle: "On Fish"\nauthor: Jane Roe\ndate: 2021-05-03T10:00:00Z\n'
        "tags: [a, b]\nlayout: post\n---\n\n# The Talks\n\nText.\n"
    )

    assert told(text) == [
        ("title", "On Fish"),
        ("author", "Jane Roe"),
        ("published", "2021-05-03"),
        ("title", "The Talks"),
    ]
    assert marked(text, "heading") == [("# The Talks\n\nText.", "The Talks")]


@pytest.mark.parametrize(
    "text",
    [
        "title: x\n\nText.",
        "---\ntitle: x\n\nText.",
        "Text.\n\n---\ntitle: x\n---\n",
        "---\nauthor: [a, b]\ndate: May 3\ntitle: >\n---\n",
        "## Not first\n",
        "",
    ],
)
def test_nothing_else_gives_facts(text: str):
    assert told(text) == []


_PARTS = st.sampled_from(
    [
        "# A",
        "## B",
        "C",
        "===",
        "---",
        "- i",
        "1. n",
        "  ",
        "> ",
        "```",
        "| a | b |",
        "|---|---|",
        ":",
    ]
)
_GAPS = st.sampled_from(["\n", "\n\n", " ", "\n  ", "\x0b", "\u2028", "\0"])


@given(st.lists(st.tuples(_PARTS, _GAPS)).map(lambda pairs: "".join(chain.from_iterable(pairs))))
def test_marks_slice_the_text(text: str):
    for mark in text_marks(text):
        assert 0 <= mark.start < mark.end <= len(text)
        assert text[mark.start : mark.end].strip() == text[mark.start : mark.end]
        assert str(mark.value).strip()
    facts(text)


@pytest.mark.parametrize(
    "text",
    ["a\n" * 300_000, "\n" * 1_000_000, "- a\n" * 30_000, "# a\n" * 30_000, "[" * 100_000,
     "> " * 50_000, "| a | b |\n|---|---|\n" + "| c | d |\n" * 30_000],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_long_texts_are_done_soon(text: str):
    began = time.perf_counter()

    text_marks(text)

    assert time.perf_counter() - began < 20


def test_real_files_are_marked(test_data: Path):
    files = sorted((test_data / "files").rglob("*.md"))
    assert files
    for file in files:
        text = decoded(file.read_bytes()).replace("\r\n", "\n")
        marks = text_marks(text)
        headings = [mark for mark in marks if mark.kind == "heading"]
        assert all(text[m.start : m.end].strip() for m in marks)
        assert bool(headings) >= text.lstrip().startswith("# "), file.name
