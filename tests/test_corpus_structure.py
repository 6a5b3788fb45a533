"""A plain text's questions, lists and headings are found, exactly and in linear time."""

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.structure import LONGEST_CONTEXT, squeezed, text_marks

_PROSE = (
    "The ministers met in Kingston and agreed on many things that this line is long enough for."
)


def marked(text: str, kind: str) -> list[tuple[str, object]]:
    return [
        (text[mark.start : mark.end], mark.value) for mark in text_marks(text) if mark.kind == kind
    ]


def test_a_reply_carries_its_question_up_to_the_next():
    text = (
        "MR PRICE: Good afternoon.\n\nQUESTION: What did the ministers agree on?\n\n"
        "And when?\n\nMR PRICE: On fish.\n\nOn Monday.\n\nMS ROE: Indeed.\n\n"
        "QUESTION: Will there be another meeting?\n\nMR PRICE: Yes.\n"
    )

    assert marked(text, "context") == [
        (
            "MR PRICE: On fish.\n\nOn Monday.\n\nMS ROE: Indeed.",
            "What did the ministers agree on? And when?",
        ),
        ("MR PRICE: Yes.", "Will there be another meeting?"),
    ]


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("Q:", "A:"),
        ("Q.  –", "A. –"),
        ("Question:", "Ms. Psaki:"),
        ("QUESTION (via interpreter):", "SECRETARY McROE:"),
        ("**Q:**", "**A:**"),
        ("PREGUNTA:", "RESPUESTA:"),
        ("FRAGE:", "ANTWORT:"),
    ],
)
def test_turns_are_labelled_in_many_ways(asks: str, answers: str):
    text = f"{asks} What did they agree on?\n{answers} On fish."

    assert marked(text, "context") == [(f"{answers} On fish.", "What did they agree on?")]


def test_of_questions_in_a_row_the_last_counts_and_a_short_one_is_joined():
    row = "QUESTION: Did the ministers agree on fish?\n\nQUESTION: {}\n\nMR PRICE: Yes."

    [(_, last)] = marked(row.format("Or did they talk about the weather?"), "context")
    [(_, joined)] = marked(row.format("And why?"), "context")

    assert last == "Or did they talk about the weather?"
    assert joined == "Did the ministers agree on fish? And why?"


def test_a_moderator_neither_asks_nor_answers():
    text = (
        "QUESTION: Did the ministers agree on fish?\n\nMODERATOR: The line is bad.\n\n"
        "MR PRICE: Yes.\n\nMODERATOR: Next, please."
    )

    assert marked(text, "context") == [("MR PRICE: Yes.", "Did the ministers agree on fish?")]


def test_a_long_question_is_cut_at_a_word_even_where_a_short_one_follows():
    words = "fish " * 200

    [(_, alone)] = marked(f"Q: {words}\nA: Yes.", "context")
    [(_, joined)] = marked(f"Q: {words}\nQ: And why?\nA: Yes.", "context")

    assert str(alone) == ("fish " * 60).strip()
    assert str(joined).endswith("fish And why?")
    assert len(str(joined)) <= LONGEST_CONTEXT


@pytest.mark.parametrize("text", ["A: b\nB: c", "NOTE: this", "In short: yes.", "", "Q&A", "Q:"])
def test_without_a_question_there_is_no_reply(text: str):
    assert marked(text, "context") == []


@pytest.mark.parametrize(
    "bullets", [("-", "-"), ("•", "•"), ("*", "*"), ("1.", "2."), ("(a)", "(b)")]
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_list_carries_the_line_above_it(bullets: tuple[str, str], gap: str):
    items = f"{bullets[0]} patrol the sea{gap}{bullets[1]} trace firearms"
    text = f"They met. They agreed to:{gap}{items}\n\nThen they left."

    assert marked(text, "context") == [(items, "They agreed to:")]


def test_a_heading_introduces_a_list_and_a_sentence_does_not():
    items = "- patrol\n- trace\n  firearms too"

    assert marked(f"Next Steps\n\n{items}", "context") == [(items, "Next Steps")]
    assert marked(f"They agreed.\n\n{items}", "context") == []
    assert marked(f"Next Steps\n\n- {_PROSE}\n\nEnd.", "context") == []
    assert marked(items, "context") == []


def test_lines_in_title_case_or_capitals_over_prose_are_headings():
    text = (
        f"Office of the Spokesperson\n\n{_PROSE}\n\nMaritime Security\n\n{_PROSE}\n\n{_PROSE}\n\n"
        f"CYBER CRIME\n\n{_PROSE}\n"
    )

    assert marked(text, "heading") == [
        (f"Maritime Security\n\n{_PROSE}\n\n{_PROSE}", "Maritime Security"),
        (f"CYBER CRIME\n\n{_PROSE}", "CYBER CRIME"),
    ]


@pytest.mark.parametrize(
    "line",
    ["They all agreed", "Thank You All.", "QUESTION: Ned —", "Kingston, Jamaica,", "***", "a b"],
)
def test_other_short_lines_are_no_headings(line: str):
    assert marked(f"{_PROSE}\n\n{line}\n\n{_PROSE}\n\n{line}\n\n{_PROSE}", "heading") == []


def test_a_single_heading_is_none():
    assert marked(f"{_PROSE}\n\nMaritime Security\n\n{_PROSE}", "heading") == []


_PARTS = st.sampled_from(
    ["Q: ", "A: ", "QUESTION: ", "MR ROE: ", "- ", "1. ", "Big Talk", "word", _PROSE, ":", ".", "é"]
)
_GAPS = st.sampled_from([" ", "\n", "\n\n", " \t ", "\xa0", "\u2028", "\n \n"])


@given(st.lists(st.one_of(_PARTS, _GAPS), max_size=60).map("".join))
def test_marks_slice_the_text_without_white_space_around(text: str):
    for mark in text_marks(text):
        assert 0 <= mark.start < mark.end <= len(text)
        piece = text[mark.start : mark.end]
        assert piece == piece.strip()
        assert 0 < len(str(mark.value)) <= LONGEST_CONTEXT


@given(st.text(max_size=700), st.integers(1, LONGEST_CONTEXT))
def test_squeezing_keeps_the_limit_and_the_beginning(words: str, limit: int):
    short = squeezed(words, limit)

    assert len(short) <= limit
    assert " ".join(words.split()).startswith(short)


@pytest.mark.parametrize(
    "text",
    [
        "a\n" * 1_000_000,
        " " * 10_000_000,
        "\n" * 10_000_000,
        "x" * 10_000_000,
        "A B " * 1_000_000,
        "- a\n" * 300_000,
        "Q: a\n" * 200_000,
        "Q: a\nA: b\n" * 100_000,
        "Ab\n\n" * 300_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_long_texts_take_linear_time(text: str):
    began = time.perf_counter()

    text_marks(text)

    assert time.perf_counter() - began < 10


def test_the_replies_of_real_briefings_have_questions(test_data: Path):
    replies = texts = 0
    with gzip.open(test_data / "press-releases" / "documents.jsonl.gz", "rt", "utf-8") as lines:
        for text in (json.loads(line)["text"] for line in lines):
            marks = text_marks(text)
            assert all(text[m.start : m.end].strip() for m in marks)
            if "\nQUESTION:" in text:
                texts += 1
                replies += any(
                    mark.kind == "context" and ":" in text[mark.start : mark.start + 80]
                    for mark in marks
                )

    assert texts > 150
    assert replies > 0.97 * texts
