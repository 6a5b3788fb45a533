"""Mistyped words are read as the corpus's own, and said to be; unknown ones are named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant import Answer, Assistant, WordReading
from assistant.words import read_typed
from index import Home, rebuild
from ui.cli import cli
from ui.contract import answer_json
from ui.markup import answer_html

TEXTS = {
    "moise.txt": "The envoy spoke of the assassination of President Moïse on 7 July 2021."
    " Colonel Erikson led the inquiry in Haiti with a grant of two million dollars.",
    "harbour.txt": "The minister opened the ninth harbour of Castries. They sell lumber there.",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, compiled_models):
    base = tmp_path_factory.mktemp("words")
    home = Home(base / "home")
    home.path.mkdir()
    home.models.symlink_to(compiled_models, target_is_directory=True)
    for name, text in TEXTS.items():
        (base / name).write_text(text, encoding="utf-8")
        home.add(base / name)
    home.remove(Path("bundled"))
    rebuild(home)
    with Assistant.open(home) as opened:
        yield opened


def readings(answer: Answer) -> list[tuple[str, str]]:
    return [(reading.word, reading.read_as) for reading in answer.readings]


def test_a_mistyped_name_is_read_as_the_corpus_spells_it(assistant):
    answer = assistant.ask("Moisse assasination", threshold=0)
    assert readings(answer) == [("Moisse", "Moïse"), ("assasination", "assassination")]
    assert "President Moïse" in answer.citations[0].quote.text
    assert answer.question == "Moisse assasination"


def test_a_reading_is_judged_as_if_it_had_been_typed(assistant):
    mistyped, right = (
        assistant.ask(f"Who led the inquiry, was it {name}?", threshold=0)
        for name in ("Eriksen", "Erikson")
    )
    assert readings(mistyped) == [("Eriksen", "Erikson")]
    assert readings(right) == []
    assert mistyped.confidence == right.confidence
    assert mistyped.citations == right.citations


@pytest.mark.parametrize(
    "question",
    [
        "Who was Moise?",  # the corpus has it, without the accent that nobody types
        "Who spoke of the assassinations?",
        "What is the minister's harbour?",
        "Who led the inquiry in Haitian courts?",
    ],
)
def test_a_word_of_the_corpus_is_never_read_as_another(assistant, question):
    assert assistant.ask(question).readings == ()


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Who is the best plumber in town?", "plumber"),  # a word, if not of this corpus
        ("Which graft was found?", "graft"),
        ("What did Nauru say?", "Nauru"),
        ("What happened in 2025?", "2025"),
    ],
)
def test_a_word_that_may_well_be_meant_is_left_as_it_is(assistant, question, word):
    answer = assistant.ask(question)
    assert answer.readings == ()
    assert word in answer.unknown_terms


def test_every_occurrence_is_read_alike_and_nothing_else_is_touched(assistant):
    read = read_typed(assistant.generation, "Eriksen, Eriksen's men and Eriksenite  views?")
    assert read.text == "Erikson, Erikson's men and Eriksenite  views?"
    assert read.readings == (WordReading("Eriksen", "Erikson"),)


def test_a_refusal_names_what_is_unknown_and_what_may_be_meant(assistant):
    answer = assistant.ask("Which graft did the minister open?", threshold=1.0)
    assert answer.abstained
    assert answer.unknown_terms == ("graft",)
    assert answer.reason == (
        "Nothing here answers that; the documents never mention “graft”. Did you mean “grant”?"
    )


def test_where_no_word_is_known_the_close_ones_are_named_too(assistant):
    answer = assistant.ask("graft plumber?", threshold=1.0)
    assert answer.reason == (
        "None of the question’s words stands in the documents. Did you mean “grant” and “lumber”?"
    )


def test_a_word_that_was_read_as_another_is_not_said_to_be_missing(assistant):
    answer = assistant.ask("Who shot Eriksen?", threshold=1.0)
    assert "Eriksen" not in (answer.reason or "")
    assert "“shot”" in (answer.reason or "")
    assert answer.unknown_terms == ("shot", "Eriksen")


@pytest.mark.parametrize(
    "word", "much many most tell say please happen happened first know me us gave show".split()
)
def test_words_that_tell_nothing_are_not_named(assistant, word):
    answer = assistant.ask(f"{word} zebra harbour?", threshold=1.0)
    assert answer.unknown_terms == ("zebra",)
    assert answer.reason == "Nothing here answers that; the documents never mention “zebra”."


def test_programs_people_and_the_page_are_told_of_a_reading(assistant):
    for threshold in (0.0, 1.0):
        answer = assistant.ask("Who is Eriksen?", threshold=threshold)
        assert answer_json(answer)["readings"] == [{"word": "Eriksen", "as": "Erikson"}]
        assert '<p class="read-as">Read “Eriksen” as “Erikson”.</p>' in answer_html(answer)
    assert answer_json(assistant.ask("Who is Erikson?"))["readings"] == []


def test_the_terminal_says_what_was_read(assistant):
    arguments = ["ask", "--home", str(assistant.home.path), "Who is Eriksen?"]
    told = CliRunner().invoke(cli, [*arguments, "--threshold", "0"], catch_exceptions=False)
    assert told.output.startswith("Read “Eriksen” as “Erikson”.\n")
    run = CliRunner().invoke(cli, [*arguments, "--json"], catch_exceptions=False)
    assert json.loads(run.output)["readings"] == [{"word": "Eriksen", "as": "Erikson"}]


def test_what_was_read_is_escaped(assistant):
    answer = Answer("?", (), (), (), 0.0, "no", "1", 1.0, (WordReading("<b>x", "<script>"),))
    assert "<script>" not in answer_html(answer)
    assert "<b>" not in answer_html(answer)
