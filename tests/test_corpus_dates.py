"""Dates, authors and titles that openings give, measured on releases that people have read.

What counts as the day of the event in ``questions/dates.jsonl``: the day on which the main
event that a release reports (a call, meeting, visit, announcement, sanction, attack) took or
takes place, as its title or its opening (some 1,400 characters) states or implies, relative to
the date of its record; of several days, the first. It is null where no day is named: a greeting,
a tribute, "is designating", a talk without a word such as *today*. Days of history, limits, and
days of other events named in passing are no event. Lines 1, 3, 5… were developed on, the others
only reported; whoever labelled them had seen all before the rules were written.
"""

import gzip
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dates import days_in
from corpus.document import Fact
from corpus.metadata import event_date_in, opening_facts, settle

_GOLD = Path(__file__).parent / "questions" / "dates.jsonl"
_BUNDLED = Path(__file__).parent.parent / "corpus" / "documents"


def known(**fields: str) -> list[Fact]:
    return [Fact(field, value, "the record", 1.0) for field, value in fields.items()]


def facts(text: str, name: str = "text.txt", **fields: str) -> dict[str, str]:
    settled = settle(opening_facts(text, name, known(**fields)))
    return {field: fact.value for field, fact in settled.items()}


@pytest.fixture(scope="module")
def releases(test_data: Path) -> dict[str, dict[str, str]]:
    with gzip.open(test_data / "press-releases" / "documents.jsonl.gz", "rt", "utf-8") as lines:
        return {record["_id"]: record for record in map(json.loads, lines)}


@pytest.mark.parametrize("half", [0, 1], ids=["developed on", "only reported"])
def test_days_of_events_are_right_on_releases_that_were_read(
    half: int, releases: dict[str, dict[str, str]]
):
    gold = [json.loads(line) for line in _GOLD.read_text(encoding="utf-8").splitlines()][half::2]
    before, after = Counter(), Counter()
    for right in gold:
        release = releases[right["id"]]
        assert release["date"] == right["published"]
        text_alone = event_date_in(release["text"], date.fromisoformat(release["date"]))
        before[verdict(text_alone and text_alone.isoformat(), right["event_date"])] += 1
        given = facts(release["text"], title=release["title"], published=release["date"])
        after[verdict(given.get("event_date"), right["event_date"])] += 1
    print(f"text alone {dict(before)}, with the record's title {dict(after)}")

    assert len(gold) == 50
    assert after["right"] >= 46
    assert after["wrong"] <= 3
    assert after["missing"] <= 2


def verdict(given: str | None, right: str | None) -> str:
    return "right" if given == right else "missing" if given is None else "wrong"


def test_authors_are_those_of_the_records(releases: dict[str, dict[str, str]]):
    missed = 0
    for release in releases.values():
        found = opening_facts(release["text"], release["_id"], [])
        first = release["author"].split(", ")[0]
        missed += not any(first in fact.value for fact in found if fact.field == "author")

    assert missed <= 0.02 * len(releases)


def test_the_bundled_readout_tells_its_dates_and_speaker():
    text = (_BUNDLED / "003_e53a6ec5a1052dec.txt").read_text(encoding="utf-8")

    assert facts(text, "003_e53a6ec5a1052dec.txt") == {
        "published": "2023-11-20",
        "event_date": "2023-11-16",
        "author": "Department of Defense spokesman Lieutenant Colonel Devin T. Robinson",
    }


def test_no_year_is_invented_for_the_bundled_readout_without_one():
    text = (_BUNDLED / "000_fbc2b366f62d71d8.txt").read_text(encoding="utf-8")

    found = facts(text, "000_fbc2b366f62d71d8.txt")

    assert found.keys() == {"title"}
    assert found["title"].startswith("Caribbean – U.S. Security Dialogue")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("WASHINGTON, May 3, 2021 — The ministers met.", "2021-05-03"),
        ("Brussels (3 May 2021) – The ministers met.", "2021-05-03"),
        ("For Immediate Release\nMay 3, 2021\n\nThe ministers met.", "2021-05-03"),
        ("FOR IMMEDIATE RELEASE: May 3, 2021\n\nThe ministers met.", "2021-05-03"),
        ("Ministers Meet\n\nPublished: 3 May 2021\n\nThe ministers met.", "2021-05-03"),
        ("Ministers Meet\nMonday, May 3, 2021\n\nThe ministers met.", "2021-05-03"),
        ("Paris, le 3 mai 2021 – Les ministres.", "2021-05-03"),
        ("Berlin, 3. Mai 2021\n\nDie Minister trafen sich.", "2021-05-03"),
        ("Berlin, den 3. Mai 2021\n\nDie Minister trafen sich.", "2021-05-03"),
        ("The ministers met on May 3, 2021.", None),
        ("WASHINGTON, May 3 — The ministers met.", None),
    ],
)
def test_a_dateline_is_the_publication(text: str, day: str | None):
    assert facts(text).get("published") == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2021-05-03_readout.txt", "2021-05-03"),
        ("folder/readout_20210503.txt", "2021-05-03"),
        ("2021-13-03.txt", None),
        ("2021-02-30.txt", None),
        ("a20210503b.txt", None),
        ("000_fbc2b366f62d71d8.txt", None),
    ],
)
def test_a_date_in_a_name_is_an_unsure_publication(name: str, day: str | None):
    found = settle(opening_facts("The ministers met today.", name, []))

    assert (found["published"].value if "published" in found else None) == day
    assert (found["event_date"].value if "event_date" in found else None) == day
    assert all(fact.sure == 0.4 for fact in found.values())


def test_a_dateline_is_surer_than_a_name():
    text = "BERLIN, May 3, 2021 — The ministers met yesterday."

    assert facts(text, "2020-01-01.txt")["published"] == "2021-05-03"
    assert facts(text, "2020-01-01.txt")["event_date"] == "2021-05-02"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("She spoke today to condemn the May 27 seizure.", "2022-05-30"),
        ("He condemned the May 27 seizure in a call today.", "2022-05-30"),
        ("They condemned the May 27 seizure.", "2022-05-27"),
        ("They have been partners since May 4, 2022.", None),
        ("On the anniversary of May 4, 1979, we celebrate.", None),
        ("Since 1776 and July 4, 1776, we have been free.", None),
        ("We remember the attack of 11 September 2001.", None),
        ("Proposals are due no later than June 30, 2022.", None),
        ("Send them by June 30.", None),
        ("The Minister, born on June 1, is well.", None),
        ("In today’s world, peace is rare.", None),
        ("They met on Friday.", "2022-05-27"),
        ("They met on Monday.", "2022-05-30"),
        ("They met last Monday.", "2022-05-23"),
        ("They will meet on Friday.", "2022-06-03"),
        ("On Friday, May 20, they met.", "2022-05-20"),
        ("She will travel to Rome from June 2 to 7, 2022.", "2022-06-02"),
        ("She will travel to Rome, June 2-7.", "2022-06-02"),
        ("It was held from 28 February to 11 March 2022.", "2022-02-28"),
        ("Es fand am 3. Mai 2022 statt.", "2022-05-03"),
        ("La reunión fue el 3 de mayo de 2022.", "2022-05-03"),
        ("A reunião foi em 3 de março de 2022.", "2022-03-03"),
        ("La réunion du 1er août 2022.", "2022-08-01"),
        ("Les ministres se sont vus aujourd’hui.", "2022-05-30"),
        ("War began on February 24, 2022. Today, we add sanctions.", "2022-05-30"),
        ("“Freedom wins.”\n\n– The Secretary, May 24, 2022\n\nShe spoke.", None),
        ("SECRETARY ROE: On May 3 they fled.\n\nToday we met.", "2022-05-30"),
        ("SECRETARY ROE: Yesterday they fled.", None),
        ("The Ville de Demain met.", None),
    ],
)
def test_only_the_day_of_the_event_counts(text: str, day: str | None):
    found = event_date_in(text, date(2022, 5, 30))

    assert (found.isoformat() if found else None) == day


def test_a_title_names_the_day_of_a_talk_better_than_the_record():
    found = facts(
        "MR PRICE: Good afternoon. Today is hot.",
        title="Press Briefing – August 10, 2021",
        published="2021-08-11",
    )

    assert found == {"event_date": "2021-08-10"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Office of the Spokesperson\n\nThe below is attributable to Spokesperson Ned Price:\n\n"
            "They met.",
            {"publisher": "Office of the Spokesperson", "author": "Spokesperson Ned Price"},
        ),
        (
            "Press Statement\nAntony J. Blinken, Secretary of State\nMay 3, 2021\n\nWe met.",
            {"author": "Antony J. Blinken, Secretary of State", "published": "2021-05-03"},
        ),
        (
            "Antony J. Blinken, Secretary of State\n\nBerlin, Germany\n\nMS ROE: Hi.",
            {"author": "Antony J. Blinken, Secretary of State"},
        ),
        (
            "Ministers Agree on Fisheries\nBy Jane Roe\n\nThey agreed.",
            {"title": "Ministers Agree on Fisheries", "author": "Jane Roe"},
        ),
        (
            "Title: On Fisheries\nPublisher: Sea Board\nDate: 2021-05-03\n\nThey agreed.",
            {"title": "On Fisheries", "publisher": "Sea Board", "published": "2021-05-03"},
        ),
        (
            "FOR IMMEDIATE RELEASE\nContact: Jane Roe, 202-555-0100\nTel. +1 202 555 0100\n"
            "press@office.example\n\nGOVERNOR SIGNS BILL\n\nThe governor signed.",
            {"title": "GOVERNOR SIGNS BILL"},
        ),
        (
            "Pressemitteilung Nr. 45/2024\nKabinett beschließt Haushalt\n\nEs tagte.",
            {"title": "Kabinett beschließt Haushalt"},
        ),
        (
            "MINISTRY OF FOREIGN AFFAIRS\nPRESS RELEASE No. 12/2024\n\nThey met in Rome.",
            {"publisher": "MINISTRY OF FOREIGN AFFAIRS"},
        ),
        ("MINISTERS OF TRADE AGREE\n\nThey met.", {"title": "MINISTERS OF TRADE AGREE"}),
        ("They agreed, as By Jane said, on fish.", {}),
    ],
)
def test_the_lines_over_a_text_say_who_and_what(text: str, expected: dict[str, str]):
    found = facts(text)

    assert {field: found.get(field) for field in expected} == expected
    assert found.keys() <= {*expected, "publisher", "author"}


def test_a_short_lead_under_a_byline_is_no_place():
    text = "Flood\n\nBy Ann Lee and Bo Ek\n\nBerlin, Germany\n\nA flood hit the town on Thursday."

    found = facts(text, published="2024-02-10")

    assert found["author"] == "Ann Lee and Bo Ek"
    assert found["event_date"] == "2024-02-08"


def test_the_surest_fact_settles_a_field_and_the_first_of_equals():
    first, equal, surer = (
        Fact("title", v, "x", s) for v, s in (("a", 0.5), ("b", 0.5), ("c", 0.6))
    )

    assert settle([first, equal]) == {"title": first}
    assert settle([first, equal, surer]) == {"title": surer}
    assert settle([]) == {}


@given(st.text(st.characters(codec="utf-8"), max_size=400), st.text(max_size=30))
def test_any_text_is_taken(text: str, name: str):
    for fact in opening_facts(text, name, known(published="2021-05-03")):
        assert fact.value.strip()
        assert 0 < fact.sure <= 1


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_days_of_other_languages_are_read(day: date):
    months = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    text = f"le {day.day} {months.split()[day.month - 1]} {day.year} et {day:%d.%m.%Y}"

    assert [named.day for named in days_in(text, None)] == [day, day]
    assert all(text[named.start : named.end][0].isdigit() for named in days_in(text, None))
