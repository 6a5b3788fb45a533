"""Suggested questions are made of the corpus, and each of them is answered where it came from."""

from collections.abc import Callable

import pytest
from builders import document_of

from assistant import Answer, Assistant, Turn
from assistant.suggesting import (
    Budget,
    example_questions,
    further_questions,
    is_answered,
    varied,
)
from assistant.templates import Candidate, candidates_of
from corpus import Passage, Span
from index import Filter, Home

QUESTION = "Who co-chaired the 11th dialogue?"
HomeOf = Callable[[dict[str, str]], Home]


def made_of(text: str, title: str = "a.txt", heading: str | None = None) -> dict[str, str]:
    """The questions made of a document of one sentence, each with what it was made of."""
    document = document_of(text, title=title)
    span = Span(0, len(text))
    passage = Passage("a#0", "a", 0, *span, heading, None, (span,))
    return {each.question: each.origin for each in candidates_of(document, [passage])}


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "Joshua Rusk, Chief of the Division, announced a group.",
            "What did Joshua Rusk announce?",
        ),
        (
            "The harbour master of Port Lumen is Ada Quill.",
            "Who is the harbour master of Port Lumen?",
        ),
        (
            "The Caribbean Basin Security Initiative (CBSI) is a partnership.",
            "What is the Caribbean Basin Security Initiative?",
        ),
        ("NATO is an alliance of states.", "What is NATO?"),
    ],
)
def test_a_sentence_makes_the_question_that_it_answers(text: str, question: str):
    assert list(made_of(text)) == [question]


@pytest.mark.parametrize(
    "text",
    [
        "The Secretary announced a plan.",
        "The Helsinki Final Act, in which all countries, including Russia, pledged respect.",
        "The United States is a country.",
        "It is the first of its kind.",
        "The people of Port Lumen are happy.",
    ],
)
def test_a_sentence_that_would_make_a_silly_question_makes_none(text: str):
    assert made_of(text) == {}


def test_titles_and_headings_make_questions():
    meeting = "Secretary Blinken’s Meeting with Swedish Foreign Minister Linde"
    assert list(made_of("They met.", title=meeting)) == [
        "What did Secretary Blinken and Swedish Foreign Minister Linde discuss?"
    ]
    travel = "Under Secretary Nuland’s Travel to Morocco"
    assert list(made_of("She went.", title=travel)) == [
        "When did Under Secretary Nuland travel to Morocco?"
    ]
    assert made_of("It goes up.", "Budget 2024", "Part one › Public health") == {
        "What does “Budget 2024” say about Public health?": "heading"
    }
    assert made_of("It goes up.", "Budget 2024", "NATIONAL SECURITY") == {}
    assert made_of("It goes up.", "Budget " * 20, "Public health") == {}  # too long


def test_the_first_suggestions_are_of_different_documents_and_kinds():
    def candidate(document: str, origin: str) -> Candidate:
        return Candidate(f"{document}{origin}?", document, (), origin)

    given = [candidate(*each) for each in (("a", "deed"), ("a", "role"), ("b", "deed"))]
    given += [candidate("c", "title"), candidate("b", "hosts")]
    assert [each.document for each in varied(given)][:2] == ["a", "c"]
    assert sorted(varied(given), key=str) == sorted(given, key=str)


def test_examples_are_answered_where_they_came_from(bundled_home: Home):
    assistant = Assistant.open(bundled_home)
    examples = example_questions(assistant)
    assert len(examples) == 4
    assert len(set(examples)) == 4
    answers = [assistant.ask(question) for question in examples]
    assert not any(answer.abstained for answer in answers)
    assert len({answer.citations[0].document.id for answer in answers}) == 2
    assert example_questions(assistant) == examples


def test_what_the_corpus_does_not_answer_well_enough_is_no_example(home_of: HomeOf):
    home = home_of({"a.txt": "Lorem ipsum dolor sit amet.\n", "b.txt": "1 2 3\n"})
    assert example_questions(Assistant.open(home)) == ()


def test_nothing_more_is_asked_than_the_budget_allows_or_once_it_is_cancelled(
    bundled_home: Home, monkeypatch: pytest.MonkeyPatch
):
    assistant = Assistant.open(bundled_home)
    asked = []
    ask = Assistant.ask

    def counted(self: Assistant, question: str) -> Answer:
        asked.append(question)
        return ask(self, question)

    monkeypatch.setattr(Assistant, "ask", counted)
    example_questions(assistant, Budget(2, 60))
    assert len(asked) == 2
    assert example_questions(assistant, is_cancelled=lambda: True) == ()
    assert example_questions(assistant, Budget(9, -1)) == ()
    assert len(asked) == 2


def test_an_answer_elsewhere_is_none(bundled_home: Home):
    answer = Assistant.open(bundled_home).ask(QUESTION)
    cited = answer.citations[0]
    span = Span(cited.quote.start, cited.quote.end)

    def of(document: str, *spans: Span, question: str = QUESTION) -> bool:
        return is_answered(Candidate(question, document, spans, "hosts"), answer)

    assert of(cited.document.id, span)
    assert not of(cited.document.id, Span(0, cited.quote.start))
    assert not of("other.txt", span)
    assert not of(cited.document.id, span, question="When was it held?")  # no day in the quote


def test_what_follows_an_answer_is_answered_by_other_quotes(bundled_home: Home):
    assistant = Assistant.open(bundled_home)
    answer = assistant.ask(QUESTION)
    shown = {citation.quote for citation in answer.citations}
    further = further_questions(assistant, (answer.turn,), answer)
    assert 1 <= len(further) <= 3
    assert QUESTION not in further
    for question in further:
        found = assistant.ask(question, history=(answer.turn,))
        assert not found.abstained
        assert found.citations[0].quote not in shown


def test_what_follows_stays_within_the_filter(bundled_home: Home):
    assistant = Assistant.open(bundled_home)
    within = Filter(documents=frozenset({"003_e53a6ec5a1052dec.txt"}))
    answer = assistant.ask(QUESTION, within=within)
    for question in further_questions(assistant, (answer.turn,), answer, within):
        assert not assistant.ask(question, within=within).abstained
    assert further_questions(assistant, (answer.turn,), answer, within, threshold=1.0) == ()


def test_nothing_follows_a_refusal(bundled_home: Home):
    assistant = Assistant.open(bundled_home)
    answer = assistant.ask("What is the price of gold in Zanzibar?")
    assert further_questions(assistant, (answer.turn,), answer) == ()


def test_a_question_of_a_year_goes_on_to_the_next_that_answers(home_of: HomeOf):
    home = home_of(
        {
            f"{year}.md": f"---\ntitle: Kiribati National Day\ndate: {year}-07-11\n---\n\n"
            f"The United States thanks the people of Kiribati for {what}.\n"
            for year, what in ((2021, "the care of the Pacific tuna"), (2022, "the new harbour"))
        }
    )
    assistant = Assistant.open(home)
    asked = assistant.ask("What does the United States thank Kiribati for in 2021?")
    history: tuple[Turn, ...] = (asked.turn,)
    assert further_questions(assistant, history, asked)[0] == "And in 2022?"
    answer = assistant.ask("And in 2022?", history=history)
    assert "harbour" in answer.citations[0].quote.text
    assert "And in 2023?" not in further_questions(assistant, (*history, answer.turn), answer)
