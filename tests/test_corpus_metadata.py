"""Titles and dates are taken from a text's opening, and left out where it does not give them."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.metadata import event_date_in, parse_date, published_in, title_in

_MONTHS = (
    "January February March April May June July August September October November December"
).split()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("On November 16, 2023, the partners met.", date(2023, 11, 16)),
        ("On November 16 2023 the partners met.", date(2023, 11, 16)),
        ("On 16 November 2023 the partners met.", date(2023, 11, 16)),
        ("On the 16th of November, 2023, the partners met.", date(2023, 11, 16)),
        ("On November 1st, 2023, the partners met.", date(2023, 11, 1)),
        ("WASHINGTON, 2023-11-16: the partners met.", date(2023, 11, 16)),
    ],
)
def test_a_full_date_is_the_day_of_the_event(text: str, day: date):
    assert event_date_in(text, published=None) == day
    assert event_date_in(text, published=date(2001, 1, 1)) == day


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_in_each_spelling(day: date):
    month = _MONTHS[day.month - 1]
    spellings = [
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        day.isoformat(),
    ]

    assert [event_date_in(f"They met on {text}.", None) for text in spellings] == [day] * 3


@pytest.mark.parametrize(
    ("text", "published", "day"),
    [
        ("On October 28, officials met.", date(2020, 11, 2), date(2020, 10, 28)),
        ("On December 28, officials met.", date(2021, 1, 5), date(2020, 12, 28)),
        ("They will meet on January 9.", date(2020, 12, 30), date(2021, 1, 9)),
        ("They met on 28 December.", date(2021, 1, 5), date(2020, 12, 28)),
        ("On February 29, officials met.", date(2021, 1, 5), date(2020, 2, 29)),
    ],
)
def test_a_day_without_a_year_is_put_next_to_the_publication(text: str, published: date, day: date):
    assert event_date_in(text, published) == day


@given(st.dates(date(1901, 1, 1), date(2098, 12, 31)), st.integers(-180, 180))
def test_a_day_within_half_a_year_of_the_publication_is_found(published: date, distance: int):
    day = date.fromordinal(published.toordinal() + distance)

    assert event_date_in(f"They met on {_MONTHS[day.month - 1]} {day.day}.", published) == day


def test_a_day_without_a_year_says_nothing_where_the_publication_is_unknown():
    assert event_date_in("On October 28, officials met.", published=None) is None


@pytest.mark.parametrize(
    ("word", "day"),
    [("today", date(2024, 3, 1)), ("Yesterday", date(2024, 2, 29)), ("tomorrow", date(2024, 3, 2))],
)
def test_relative_days_count_from_the_publication(word: str, day: date):
    assert event_date_in(f"{word} the Secretary spoke.", published=date(2024, 3, 1)) == day
    assert event_date_in(f"{word} the Secretary spoke.", published=None) is None


@pytest.mark.parametrize(
    ("published", "word"), [(date.max, "tomorrow"), (date.min, "yesterday"), (date.max, "May 5")]
)
def test_a_publication_at_the_end_of_time_does_no_harm(published: date, word: str):
    day = event_date_in(f"The Secretary spoke {word}.", published)

    assert day in (None, date(9999, 5, 5))


def test_a_named_date_wins_over_a_relative_one():
    text = "The Secretary said today that the ministers met on March 3, 2024."

    assert event_date_in(text, published=date(2024, 3, 9)) == date(2024, 3, 3)


def test_the_first_date_named_wins():
    text = "They met on 3 March 2024, after the talks of January 5, 2023."

    assert event_date_in(text, published=None) == date(2024, 3, 3)


@pytest.mark.parametrize(
    "text",
    ["On February 31, 2023, they met.", "On 31 April 2023 they met.", "At 2023-13-45.", "May 0."],
)
def test_an_impossible_date_is_none(text: str):
    assert event_date_in(text, published=None) is None
    assert event_date_in(text, published=date(2023, 3, 1)) is None


def test_an_impossible_date_gives_way_to_a_possible_one():
    text = "On February 31, 2023, or rather on March 3, 2023, they met."

    assert event_date_in(text, published=None) == date(2023, 3, 3)


def test_a_text_that_names_no_day_has_none():
    assert event_date_in("The Dialogue was a success.", published=date(2023, 11, 20)) is None


def test_a_date_far_below_the_opening_is_not_the_event():
    assert event_date_in("Words. " * 300 + "On May 5, 2020, they met.", published=None) is None


def test_the_dateline_is_the_publication_and_not_the_event():
    text = " date 2023-11-20 Spokesman: On November 16, 2023, they met."

    assert published_in(text) == date(2023, 11, 20)
    assert event_date_in(text, published_in(text)) == date(2023, 11, 16)
    assert event_date_in("date 2023-11-20 They met.", published=None) is None


@pytest.mark.parametrize("line", ["2023-11-20\nText.", "Published: 2023-11-20\nText."])
def test_a_dateline_may_be_spelt_in_several_ways(line: str):
    assert published_in(line) == date(2023, 11, 20)


@pytest.mark.parametrize("text", ["\n" * 40_000, "\n" * 40_000 + "Published:" + " " * 40_000])
def test_much_white_space_at_the_top_takes_no_time(text: str):
    began = time.perf_counter()

    assert published_in(f"{text}2023-11-20.") == date(2023, 11, 20)
    assert published_in(f"{text}soon.") is None
    assert event_date_in(f"{text}2023-11-20. On May 5, 2020.", None) == date(2020, 5, 5)
    assert event_date_in(f"{text}soon.", None) is None
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("text", ["", "Text of 2023-11-20.", "date 2023-02-31 Text.", "date: soon"])
def test_no_dateline_no_publication(text: str):
    assert published_in(text) is None


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2023-11-20", date(2023, 11, 20)),
        ("2023-11-20T10:00:00Z", date(2023, 11, 20)),
        ("20 November 2023", None),
        ("2023-02-31", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_dates_of_records_are_iso_dates(value: object, day: date | None):
    assert parse_date(value) == day


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Readout of the Dialogue\n\nOn Monday they met.", "Readout of the Dialogue"),
        ("\n\n  Readout \t of\xa0it  \nOn Monday they met.", "Readout of it"),
        ("# Readout of the Dialogue\n\nText.", "Readout of the Dialogue"),
        ("What was agreed?\n\nMuch.", "What was agreed?"),
        ("On Monday they met.\n\nText.", None),
        ("They agreed to:\n- patrol", None),
        ("date 2023-11-20 Spokesman\n\nText.", None),
        ("Word " * 60, None),
        ("#\n\nText.", None),
        (" \n ", None),
        ("", None),
    ],
)
def test_a_title_is_a_first_line_that_is_no_sentence(text: str, title: str | None):
    assert title_in(text) == title
