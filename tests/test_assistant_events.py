"""Events of the corpus as dates: *before the summit*, *at the 11th*, *on the 11th*."""

from collections.abc import Callable
from datetime import date

import pytest

from assistant import Assistant
from assistant.events import read_time
from index import Generation, Home

TODAY = date(2024, 3, 5)


def release(title: str, day: str, text: str) -> str:
    return f"---\ntitle: {title}\ndate: {day}\n---\n\n{text}\n"


@pytest.fixture
def home(home_of: Callable[[dict[str, str]], Home]) -> Home:
    return home_of(
        {
            "a.md": release(
                "Readout of a Call on Fisheries",
                "2022-03-01",
                "Minister Alvarez promised Belize eleven new patrol boats for its fisheries.",
            ),
            "b.md": release(
                "Joint Statement of the Brussels Summit on Fisheries",
                "2022-06-10",
                "The ministers met in Brussels and agreed on a joint catalogue of vessels.",
            ),
            "c.md": release(
                "Brussels Summit on Fisheries: Fact Sheet",
                "2022-06-12",
                "The catalogue of vessels lists some four thousand boats.",
            ),
            "d.md": release(
                "Twelfth Caribbean Dialogue",
                "2022-09-20",
                "Minister Alvarez promised Belize two helicopters for its fisheries.",
            ),
            "e.md": release("Meeting in Quito", "2021-01-05", "The ministers met in Quito."),
            "f.md": release("Meeting in Lima", "2023-01-05", "The ministers met in Lima."),
        }
    )


@pytest.mark.parametrize(
    ("question", "words", "since", "until"),
    [
        ("What was promised before the Brussels summit?", "before the Brussels summit", "", "9"),
        ("What was promised prior to the summit on fisheries?", None, "", "9"),
        ("Who met after the Brussels summit in Belgium?", "after the Brussels summit", "10", ""),
        ("What was agreed since the summit in Brussels?", None, "10", ""),
        ("What was told up to the summit?", None, "", "10"),
    ],
)
def test_an_event_of_the_corpus_bounds_the_days(
    home: Home, question: str, words: str | None, since: str, until: str
):
    found = read_time(Generation.serving(home), question, TODAY)
    assert found is not None
    if words:
        assert found.words(question) == words
    days = [date(2022, 6, int(text)) if text else None for text in (since, until)]
    assert [found.since, found.until] == days


@pytest.mark.parametrize(
    "question", ["Who co-chaired the 12th?", "What came of the twelfth, then?"]
)
def test_an_ordinal_alone_is_the_event_that_has_it(home: Home, question: str):
    found = read_time(Generation.serving(home), question, TODAY)
    assert found is not None
    assert (found.since, found.until) == (date(2022, 9, 20), date(2022, 9, 20))


@pytest.mark.parametrize(
    ("question", "day"),
    [("What happened on the 5th?", date(2024, 3, 5)), ("Who met on the 31st?", date(2024, 1, 31))],
)
def test_a_day_without_its_month_is_the_last_there_was(home: Home, question: str, day: date):
    found = read_time(Generation.serving(home), question, TODAY)
    assert found is not None
    assert (found.since, found.until) == (day, day)


@pytest.mark.parametrize(
    "question",
    [
        "What was said before the meeting?",  # of two, two years apart
        "What was said before the Geneva summit?",  # of none
        "What stands after the catalogue of vessels?",  # no event
        "Who co-chaired the 12th dialogue?",  # the words alone find it
        "What did the fifth say?",  # of none
        "What happened in the month?",
    ],
)
def test_what_is_no_one_event_of_the_corpus_is_not_read(home: Home, question: str):
    assert read_time(Generation.serving(home), question, TODAY) is None


def test_days_that_are_written_out_go_before_events_and_an_order_beside_them(home: Home):
    generation = Generation.serving(home)
    question = "What was said in May 2022 before the Brussels summit?"
    found = read_time(generation, question, TODAY)
    assert found is not None
    assert found.until == date(2022, 5, 31)
    question = "What was the latest statement before the Brussels summit?"
    found = read_time(generation, question, TODAY)
    assert found is not None
    assert (found.order, found.until) == ("latest", date(2022, 6, 9))
    assert found.words(question) == "latest … before the Brussels summit"


def test_the_answer_looks_before_the_event_and_says_so_unless_told_not_to(home: Home):
    question = "What did Minister Alvarez promise Belize before the Brussels summit?"
    with Assistant.open(home) as assistant:
        answer = assistant.ask(question, threshold=0, today=TODAY)
        assert "patrol boats" in answer.citations[0].quote.text
        assert answer.dates
        assert (answer.dates.words, answer.dates.until) == (
            "before the Brussels summit",
            date(2022, 6, 9),
        )
        assert assistant.ask(question, threshold=0, any_date=True, today=TODAY).dates is None
