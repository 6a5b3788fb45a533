"""What the comparison with others counts as right."""

import json

import pytest

from tests.benchmarks.comparison import measures

TEXT = "The talks began on Monday. Oman hosted   them. Nobody signed anything at all that day."


@pytest.fixture
def folder(tmp_path):
    rows = [{"id": "talks", "title": "Talks", "text": TEXT}, {"id": "other", "text": TEXT}]
    questions = [
        {"question": "Who hosted?", "answers": [["talks", "Oman hosted   them"]]},
        {"question": "Who paid?", "answers": []},
    ]
    for name, lines in (("documents", rows), ("questions", questions)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def result(text, document="talks", start=None):
    end = None if start is None else start + len(text)
    return {"document": document, "text": text, "start": start, "end": end}


def measure(folder, *results, answered=(True, True)):
    lines = [
        {"index s": 1.0, "index CPU s": 1.0, "pieces": 3},
        {"results": results, "answered": answered[0], "s": 0.1, "CPU s": 0.1},
        {"results": results, "answered": answered[1], "s": 0.3, "CPU s": 0.1},
    ]
    return measures(folder, "\n".join(map(json.dumps, lines)))


@pytest.mark.parametrize(
    ("text", "document", "right"),
    [
        ("Oman hosted them.", "talks", True),  # white space aside
        ("Oman hosted them.", "other", False),  # the words, but of another document
        ("The talks began on Monday.", "talks", False),
        ("Oman", "talks", False),  # too little of the answer
    ],
)
def test_a_result_is_right_if_it_holds_the_words_of_the_answer(folder, text, document, right):
    assert measure(folder, result(text, document))["first"] == right


def test_a_sentence_inside_a_long_answer_is_right(folder):
    question = {"question": "What happened?", "answers": [["talks", TEXT]]}
    nothing = {"question": "Who paid?", "answers": []}
    text = f"{json.dumps(question)}\n{json.dumps(nothing)}\n"
    (folder / "questions.jsonl").write_text(text, encoding="utf-8")
    assert measure(folder, result("Nobody signed anything at all that day."))["first"] == 1


def test_the_second_result_counts_among_five_and_as_far_as_it_is_read(folder):
    padding = " ".join(["word"] * 48)
    near = measure(folder, result(padding), result("Oman hosted them."))
    assert (near["first"], near["five"]) == (0, 1)
    assert (near["within 50 words"], near["within 200 words"]) == (0, 1)
    assert (near["words of the first"], near["words of five"]) == (48, 51)


def test_a_place_must_give_the_very_words(folder):
    text = "Oman hosted   them."
    given = measure(folder, result(text, start=TEXT.index(text)), result(text, start=3))
    assert given["at its place"] == 0.5
    assert measure(folder, result(text))["at its place"] == 0


def test_refusals_are_counted_beside_the_ranking(folder):
    refused = measure(folder, result("Oman hosted them."), answered=(False, False))
    assert (refused["first"], refused["first, answered"]) == (1, 0)
    assert (refused["false answers"], refused["false refusals"]) == (0, 1)
