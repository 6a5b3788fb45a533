"""Words about time are read by rules, and narrow or order an answer only where nothing is lost."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant
from assistant.dates import read_dates
from assistant.golden import load_golden
from corpus import sentence_spans
from index import Filter, Generation

TODAY = date(2022, 8, 15)  # a Monday
QUESTIONS = Path(__file__).parent / "questions"

READ = {
    "in 2022": ("2022-01-01", "2022-12-31"),
    "in the year 2022": ("2022-01-01", "2022-12-31"),
    "during 2021": ("2021-01-01", "2021-12-31"),
    "in March 2022": ("2022-03-01", "2022-03-31"),
    "in march 2022": ("2022-03-01", "2022-03-31"),
    "Sept. 2021": ("2021-09-01", "2021-09-30"),
    "the June 2022 talks": ("2022-06-01", "2022-06-30"),
    "spring 2021": ("2021-03-01", "2021-05-31"),
    "in the summer of 2021": ("2021-06-01", "2021-08-31"),
    "winter 2021": ("2021-12-01", "2022-02-28"),
    "on June 3, 2021": ("2021-06-03", "2021-06-03"),
    "the 3rd of June 2021": ("2021-06-03", "2021-06-03"),
    "2021-06-03": ("2021-06-03", "2021-06-03"),
    "3.6.2021": ("2021-06-03", "2021-06-03"),
    "6/13/2021": ("2021-06-13", "2021-06-13"),
    "13/6/2021": ("2021-06-13", "2021-06-13"),
    "6/6/2021": ("2021-06-06", "2021-06-06"),
    "June 3-7, 2021": ("2021-06-03", "2021-06-07"),
    "3 to 7 June 2021": ("2021-06-03", "2021-06-07"),
    "between 2020 and 2022": ("2020-01-01", "2022-12-31"),
    "between May and July 2021": ("2021-05-01", "2021-07-31"),
    "from May to July 2021": ("2021-05-01", "2021-07-31"),
    "from June 3 to July 4, 2021": ("2021-06-03", "2021-07-04"),
    "from December to February 2022": ("2021-12-01", "2022-02-28"),
    "in 2020-21": ("2020-01-01", "2021-12-31"),
    "in 2020, 2021 and 2022": ("2020-01-01", "2022-12-31"),
    "since 2021": ("2021-01-01", None),
    "from 2021 onwards": ("2021-01-01", None),
    "since last October": ("2021-10-01", None),
    "after July 2021": ("2021-08-01", None),
    "before July 2022": (None, "2022-06-30"),
    "prior to 3 May 2022": (None, "2022-05-02"),
    "until July 2021": (None, "2021-07-31"),
    "by 6 March 2022": (None, "2022-03-06"),
    "by the end of 2021": (None, "2021-12-31"),
    "before the end of 2021": (None, "2021-12-31"),
    "before the start of 2022": (None, "2021-12-31"),
    "since 2015 … in June 2022": ("2022-06-01", "2022-06-30"),
    "last year": ("2021-01-01", "2021-12-31"),
    "late last year": ("2021-09-01", "2021-12-31"),
    "last month": ("2022-07-01", "2022-07-31"),
    "last week": ("2022-08-08", "2022-08-14"),
    "last quarter": ("2022-04-01", "2022-06-30"),
    "last October": ("2021-10-01", "2021-10-31"),
    "last May": ("2022-05-01", "2022-05-31"),
    "last August": ("2021-08-01", "2021-08-31"),
    "last summer": ("2021-06-01", "2021-08-31"),
    "last Monday": ("2022-08-08", "2022-08-08"),
    "this year": ("2022-01-01", "2022-12-31"),
    "this summer": ("2022-06-01", "2022-08-31"),
    "earlier this year": ("2022-01-01", "2022-08-15"),
    "yesterday": ("2022-08-14", "2022-08-14"),
    "in the last three months": ("2022-05-15", "2022-08-15"),
    "in the past 10 days": ("2022-08-05", "2022-08-15"),
    "over the past year": ("2021-08-15", "2022-08-15"),
    "two years ago": ("2020-01-01", "2020-12-31"),
    "in early 2021": ("2021-01-01", "2021-04-30"),
    "in mid-2021": ("2021-05-01", "2021-08-31"),
    "in late June 2022": ("2022-06-21", "2022-06-30"),
    "the first half of 2022": ("2022-01-01", "2022-06-30"),
    "the last quarter of 2021": ("2021-10-01", "2021-12-31"),
    "Q2 2022": ("2022-04-01", "2022-06-30"),
    "in the 1990s": ("1990-01-01", "1999-12-31"),
    "in the late 1950's": ("1957-01-01", "1959-12-31"),
}

UNREAD = [
    *(
        "2022 documents",
        "in 2022 documents",
        "section 2021",
        "for $2022",
        "in $2022",
        "since £2021",
    ),
    *("Vision 2030", "Resolution 2254", "COP26", "the 2030 Agenda", "in the 2030 Agenda"),
    *(
        "the 2022 budget",
        "in the 2022 Forbes list",
        "in fiscal year 2022",
        "up 3 percent from 2020",
    ),
    *("may 2021 people march", "Did they march 2000 miles?", "When did they last march?"),
    *(
        "When did prices last fall?",
        "Does this fall under the law?",
        "last may",
        "what may this be",
    ),
    *("This Week with Martha Raddatz", "the last year of his term", "today", "in March", "June 3"),
    *("6/3/2021", "30/2/2021", "31 June 2021", "in 2030", "by 2030", "since 2030", "next week"),
    *("in 1999 … in May 2022", "in May 2021 and May 2022", "in 2021.5", "post-2021", "in 9999"),
    *(
        "by Friday at the latest",
        "the first woman ever",
        "First Lady's statement",
        "the first quarter",
    ),
]


@pytest.mark.parametrize("words", READ)
def test_words_about_time_are_read(words: str):
    question = f"What did they say {words}?"
    reading = read_dates(question, TODAY)
    assert reading
    assert (reading.since, reading.until) == tuple(
        day and date.fromisoformat(day) for day in READ[words]
    )
    assert reading.order is None
    assert reading.words(question) in question or " … " in reading.words(question)
    assert all(question[start:end].strip() == question[start:end] for start, end in reading.spans)


@pytest.mark.parametrize("words", UNREAD)
def test_what_is_no_time_or_not_surely_is_not_read(words: str):
    assert read_dates(words, TODAY) is None


@pytest.mark.parametrize(
    ("question", "order", "words"),
    [
        ("What is the latest on Ethiopia?", "latest", "latest"),
        ("When did they meet most recently?", "latest", "most recently"),
        ("What does the newest advisory say?", "latest", "newest"),
        ("What was the first statement on Haiti?", "earliest", "first"),
        ("What is in the earliest readout of a call?", "earliest", "earliest"),
        ("What was the latest call in July 2022?", "latest", "latest … in July 2022"),
    ],
)
def test_orders_are_read(question: str, order: str, words: str):
    reading = read_dates(question, TODAY)
    assert reading
    assert reading.order == order
    assert reading.words(question) == words


@given(
    st.dates(date(1990, 1, 1), date(2040, 12, 31)),
    st.sampled_from(
        [
            "{0:%B} {1}, {0:%Y}",
            "{1} {0:%B} {0:%Y}",
            "{0:%b} {1} {0:%Y}",
            "{0:%Y-%m-%d}",
            "{1}.{0:%m.%Y}",
        ]
    ),
    st.sampled_from(["What happened on {}?", "{} briefing", "who met him ({})", "On {}, who met?"]),
)
def test_every_spelled_out_day_is_read_back(day: date, form: str, question: str):
    asked = question.format(form.format(day, day.day))
    reading = read_dates(asked, date(2041, 1, 1))
    assert reading
    assert (reading.since, reading.until) == (day, day)


@given(st.text(st.sampled_from("in since last 2021may-/.,the03ofQ")), st.dates())
def test_no_question_is_too_odd_to_read(question: str, today: date):
    reading = read_dates(question, today)
    if reading and reading.since and reading.until:
        assert reading.since <= reading.until
        assert reading.since <= today


SENTENCES = {
    "2021.md": ("2021-07-11", "The United States thanks Kiribati for the care of the tuna."),
    "2022.md": ("2022-07-11", "The United States thanks Kiribati for the new harbour."),
    "told.md": ("2022-07-20", "A storm in 2021 drowned ninety sailors off Gros Islet."),
    "undated.md": (None, "Ada Quill keeps the lighthouse of Port Lumen."),
}


@pytest.fixture
def assistant(home_of):
    texts = {
        name: f"---\ntitle: {name}\n{f'date: {day}' if day else 'lang: en'}\n---\n\n{sentence}\n"
        for name, (day, sentence) in SENTENCES.items()
    }
    return Assistant.open(home_of(texts))


def first(answer) -> str:
    return answer.citations[0].document.id


def test_releases_alike_are_told_apart_by_the_year_asked_for(assistant):
    for year in (2021, 2022):
        answer = assistant.ask(f"What did the US thank Kiribati for in {year}?", threshold=0)
        assert {cited.document.id for cited in answer.citations} == {f"{year}.md"}
        assert answer.dates
        assert answer.dates.kept
        assert answer.dates.words == f"in {year}"
        assert (answer.dates.since, answer.dates.until) == (date(year, 1, 1), date(year, 12, 31))


def test_the_closest_passages_of_a_period_are_numbered_from_one(assistant):
    for year in (2021, 2022):
        answer = assistant.ask(f"What did the US thank Kiribati for in {year}?", threshold=1)
        numbers = [citation.number for citation in answer.nearest]
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers


def test_a_year_that_is_told_loses_no_answer(assistant):
    question = "How many sailors drowned in the storm off Gros Islet in 2021?"
    answer, plain = assistant.ask(question), assistant.ask(question, any_date=True)
    assert first(assistant.ask(question, threshold=0)) == "told.md"
    assert answer.dates
    assert not answer.dates.kept
    assert (answer.citations, answer.nearest) == (plain.citations, plain.nearest)
    assert answer.confidence == plain.confidence


def test_a_document_without_a_day_still_answers(assistant):
    question = "Who keeps the lighthouse of Port Lumen since 2021?"
    assert first(assistant.ask(question, threshold=0)) == "undated.md"


def test_no_threshold_turns_an_answer_into_a_refusal(assistant):
    for question in (
        "What did the US thank Kiribati for in 2022?",
        "How many sailors drowned in the storm off Gros Islet in 2021?",
        "What is the latest that the US thanked Kiribati for?",
    ):
        sure = assistant.ask(question, any_date=True).confidence
        assert not assistant.ask(question, threshold=sure).abstained


def test_the_latest_and_the_earliest_come_first(assistant):
    latest = assistant.ask("What is the latest that the US thanked Kiribati for?", threshold=0)
    earliest = assistant.ask("What is the oldest message that thanks Kiribati for?", threshold=0)
    assert (first(latest), first(earliest)) == ("2022.md", "2021.md")
    assert latest.dates
    assert (latest.dates.order, latest.dates.since, latest.dates.until) == ("latest", None, None)


def test_relative_words_count_from_the_day_of_asking(assistant):
    question = "What did the US thank Kiribati for last year?"
    for year in (2021, 2022):
        answer = assistant.ask(question, threshold=0, today=date(year + 1, 2, 1))
        assert first(answer) == f"{year}.md"


def test_days_the_user_chose_win_and_the_words_are_not_read(assistant):
    question = "What did the US thank Kiribati for in 2022?"
    answer = assistant.ask(question, threshold=0, within=Filter(until=date(2021, 12, 31)))
    assert answer.dates is None
    assert first(answer) == "2021.md"
    narrowed = assistant.ask(question, threshold=0, within=Filter(frozenset({"2021.md"})))
    assert first(narrowed) == "2021.md"
    assert narrowed.dates
    assert not narrowed.dates.kept


def test_a_question_without_dates_costs_and_changes_nothing(assistant, monkeypatch):
    searches = []
    search = Generation.search_embedded

    def counted(*args, **kwargs):
        searches.append(args)
        return search(*args, **kwargs)

    monkeypatch.setattr(Generation, "search_embedded", counted)
    question = "What did the US thank Kiribati for?"
    answer, plain = assistant.ask(question), assistant.ask(question, any_date=True)
    assert len(searches) == 2
    assert (answer.citations, answer.nearest, answer.dates) == (
        plain.citations,
        plain.nearest,
        None,
    )
    for dated in (f"{question[:-1]} in 2021?", f"{question[:-1]} most recently?"):
        searches.clear()
        assistant.ask(dated)
        assert len(searches) <= 2


def test_our_dated_questions_point_into_sentences_of_the_releases(test_data: Path):
    path = test_data / "press-releases" / "documents.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = {entry["_id"]: entry["text"] for entry in map(json.loads, lines)}
    questions = load_golden(QUESTIONS / "dated.jsonl")
    assert len(questions) >= 40
    assert all(read_dates(entry.question, TODAY) for entry in questions)
    for place in (place for entry in questions for place in entry.answers):
        text = texts[place.document]
        assert any(
            start <= place.start and place.end <= end for start, end in sentence_spans(text)
        ), text[place.start : place.end]


def test_days_that_lie_apart_are_told_from_one_another():
    day = date(2021, 6, 3)
    reading = read_dates(f"What was said on {day} and on {day + timedelta(days=90)}?", TODAY)
    assert reading is None
