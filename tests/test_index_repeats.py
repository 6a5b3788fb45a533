"""Passages that recur are one, cited where they stood first; another name or sum is another."""

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import json_lines
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant
from index import Filter, Generation, Home, Repeat, rebuild
from index.repeats import alike, bands_of, groups_of

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


def groups(*texts: str) -> list[set[int]]:
    found = groups_of([bands_of(text) for text in texts], texts.__getitem__)
    return sorted(
        ({at for at, group in found.items() if group == each} for each in set(found.values())),
        key=min,
    )


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (RELEASE, True),
        (RELEASE.replace(" ", "\n"), True),
        (RELEASE.replace("harbour", "har-\nbour"), True),
        (RELEASE[: len(RELEASE) // 2], False),
        ("Something else entirely was said on this occasion by the other side.", False),
        ("", False),
    ],
)
def test_passages_are_alike_by_their_words(other: str, expected: bool):
    assert alike(RELEASE, other) == expected
    assert groups(RELEASE, other) == ([{0, 1}] if expected else [])


def test_a_word_more_or_less_in_many_is_alike():
    words = " ".join([*WORDS, *WORDS[::-1], *WORDS[::2]])
    other = words.replace("between the islands", "around the islands", 1)
    assert alike(words, other)
    assert groups("Else.", words, other) == [{1, 2}]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), max_size=8))
def test_what_is_the_same_is_always_found(texts: list[str]):
    found = groups(*texts)
    for text in set(texts):
        same = {at for at, other in enumerate(texts) if other == text}
        assert len(same) == 1 or any(same <= group for group in found)


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
    assert generation.repeats(found[0].passage, "announced a grant of $12\nmillion") == [
        Repeat("late", "Again", "2022-03-01"),
        Repeat("undated", "Elsewhere", None),
    ]
    assert generation.repeats(found[0].passage, "announced a grant of $15 million") == []
    assert generation.repeats(found[1].passage, "Rosa Vega") == []


def test_where_the_earliest_may_not_be_found_another_is(repeated: Home):
    generation = Generation.serving(repeated)
    within = Filter(documents=frozenset({"undated", "late", "other"}))

    found = generation.search("a grant for boats", 10, within=within)
    assert [hit.passage.document_id for hit in found] == ["late", "other"]


OPPOSITES = [
    ("yes", "2020-01-01", "will take part"),
    ("no", "2021-01-01", "will not take part"),
    ("perhaps", "2022-01-01", "will perhaps take part"),
]
REST = " ".join(["The exercise of Port Lumen is held each year by the navies.", *WORDS, *WORDS])


def test_what_differs_in_a_word_is_found_by_that_word(home_of: HomeOf):
    records = [
        {"_id": name, "title": "Exercise", "text": f"The government {says}. {REST}", "date": day}
        for name, day, says in OPPOSITES
    ]
    generation = Generation.serving(home_of({"r.jsonl": json_lines(*records).decode()}))

    found = generation.search("government will take part", 10)
    assert {hit.passage.document_id for hit in found} == {"yes", "no", "perhaps"}
    [passage] = [hit.passage for hit in found if hit.passage.document_id == "no"]
    assert generation.repeats(passage, "The government will not take part.") == []
    others = generation.repeats(passage, "The exercise of Port Lumen is held each year")
    assert others[0].document_id == "yes"


def test_equal_rows_of_different_tables_are_not_one(home_of: HomeOf):
    rows = "Country;Seized;Burnt\nJamaica;12;7\nHaiti;3;1\n"
    home = home_of({"exports.csv": rows, "imports.csv": rows})
    generation = Generation.serving(home)

    found = [hit.passage for hit in generation.search("Jamaica", 10)]
    assert {"exports.csv", "imports.csv"} == {passage.document_id for passage in found}
    assert all(generation.repeats(passage, "Jamaica") == [] for passage in found)


def test_many_copies_do_not_hide_what_else_there_is(home_of: HomeOf):
    copies = [{"_id": f"c{at}", "title": "Note", "text": RELEASE} for at in range(210)]
    other = {"_id": "z", "title": "Note", "text": "The patrol of Port Lumen has new boats."}
    generation = Generation.serving(home_of({"r.jsonl": json_lines(*copies, other).decode()}))

    found = generation.search("the boats of the patrol of Port Lumen", 5)
    assert {hit.passage.document_id for hit in found} == {"c0", "z"}


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
    assert len(generation.repeats(best.passage, RELEASE)) == 3


def test_documents_of_one_text_are_told(repeated: Home):
    same = Generation.serving(repeated).store.same_texts()
    assert same == {"late": "early", "undated": "early"}
