"""Passages that recur are one, cited where they stood first; another name or sum is another."""

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import json_lines
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant
from index import Filter, Generation, Home, Repeat, rebuild
from index.repeats import alike, bands_of, leaders

HomeOf = Callable[[dict[str, str]], Home]

WORDS = (
    "the partners agreed to patrol the waters between the islands together and to tell each other"
    " what they saw there on the same day so that no vessel would pass unseen by night or by day"
).split()
RELEASE = (
    "The envoy of Kestrel thanked the people of Port Lumen for the warm welcome that they gave to"
    " the crew of the harbour patrol, and announced a grant of $12 million for its new boats, which"
    " are to sail in the spring."
)


def groups(*texts: str, days: list[str | None] | None = None) -> dict[int, int]:
    days = days or [None] * len(texts)
    return leaders([bands_of(text) for text in texts], days, texts.__getitem__)


@pytest.mark.parametrize(
    "other",
    [
        RELEASE,
        RELEASE.replace(" ", "\n"),
        RELEASE.replace(",", "").replace(".", "!"),
        RELEASE.replace("harbour", "har-\nbour"),
    ],
)
def test_the_same_words_are_one(other: str):
    assert alike(RELEASE, other)
    assert groups(RELEASE, other) == {0: 0, 1: 0}


@pytest.mark.parametrize(
    "other",
    [
        RELEASE.replace("$12", "$15"),
        RELEASE.replace("Kestrel", "Merlin"),
        RELEASE.replace("12 million", "12.5 million"),
        RELEASE[: len(RELEASE) // 2],
        "Something else entirely was said on this occasion by the other side of the house.",
        "",
    ],
)
def test_another_name_sum_or_length_is_another_text(other: str):
    assert not alike(RELEASE, other)
    assert groups(RELEASE, other) == {}


def test_a_word_more_or_less_in_many_is_no_difference():
    words = " ".join([*WORDS, *WORDS[::-1], *WORDS[::2]])
    other = words.replace("between the islands", "around the islands", 1)
    assert alike(words, other)
    assert groups(words, other) == {0: 0, 1: 0}


def test_short_passages_must_be_the_same():
    assert alike("Thank you, everyone.", "thank you everyone")
    assert not alike("The talks went well.", "The talks went badly.")


def test_the_earliest_leads_and_those_without_a_day_come_last():
    days = [None, "2022-02-01", "2021-05-01", "2021-05-01"]
    assert groups(*[RELEASE] * 4, days=days) == dict.fromkeys(range(4), 2)
    assert groups(RELEASE, "Else.", RELEASE) == {0: 0, 2: 0}


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=8))
def test_groups_are_those_of_comparing_each_with_each(texts: list[str]):
    # So short, only the same words are alike, and that carries over from pair to pair.
    expected = {
        number: min(at for at, other in enumerate(texts) if alike(text, other))
        for number, text in enumerate(texts)
        if sum(alike(text, other) for other in texts) > 1
    }
    assert groups(*texts) == expected


@pytest.fixture
def repeated(home_of: HomeOf) -> Home:
    """A release that stands in three documents, the earliest second, and one that does not."""
    records = [
        {"_id": "late", "title": "Again", "text": RELEASE, "date": "2022-03-01"},
        {"_id": "early", "title": "First", "text": RELEASE, "date": "2021-03-01"},
        {"_id": "undated", "title": "Elsewhere", "text": RELEASE},
        {"_id": "other", "title": "Other", "text": "Rosa Vega won the regatta of Port Lumen."},
    ]
    return home_of({"releases.jsonl": json_lines(*records).decode()})


def test_a_search_finds_the_earliest_and_knows_the_others(repeated: Home):
    generation = Generation.serving(repeated)
    found = generation.search("a grant for boats", 10)

    assert [hit.passage.document_id for hit in found] == ["early", "other"]
    assert [hit.rank for hit in found] == [1, 2]
    assert generation.repeats(found[0].passage) == [
        Repeat("late", "Again", "2022-03-01"),
        Repeat("undated", "Elsewhere", None),
    ]
    assert generation.repeats(found[1].passage) == []


def test_where_the_earliest_may_not_be_found_another_is(repeated: Home):
    generation = Generation.serving(repeated)
    within = Filter(documents=frozenset({"late", "other"}))

    found = generation.search("a grant for boats", 10, within=within)
    assert [hit.passage.document_id for hit in found] == ["late", "other"]


def test_an_answer_cites_the_earliest_and_says_where_else_it_stands(repeated: Home):
    with Assistant.open(repeated) as assistant:
        citation = assistant.ask("What did the envoy of Kestrel announce?", threshold=0).citations[
            0
        ]

    assert citation.document.id == "early"
    assert [repeat.document_id for repeat in citation.also_in] == ["late", "undated"]


def test_a_rebuild_finds_new_repeats_of_old_passages(repeated: Home, tmp_path: Path):
    records = [{"_id": "first", "title": "Before", "text": RELEASE, "date": "2020-01-01"}]
    (tmp_path / "documents" / "more.jsonl").write_bytes(json_lines(*records))
    rebuild(repeated)

    generation = Generation.serving(repeated)
    [best, *_] = generation.search("a grant for boats", 10)
    assert best.passage.document_id == "first"
    assert len(generation.repeats(best.passage)) == 3


def test_documents_of_one_text_are_told(repeated: Home):
    same = Generation.serving(repeated).store.same_texts()
    assert same == {"late": "early", "undated": "early"}
