"""Passages are found by their words, however the words are spelt."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index import analyze, content_words
from index.filters import Filter, Selection
from index.lexical import Entry, LexicalIndex

PASSAGES = [
    ("Patrols", "A ship patrols the waters of the sea."),
    ("Haiti", "President Moïse was killed in 2021."),
    ("Embassy", "The U.S. Embassy opened."),
    ("Firearms", "Saint Lucia's minister was the host. The sea, the sea and the land."),
    ("", "They traced the firearms."),
    ("", "Firearms and the sea and the land, in 2021."),
]


DAYS = (date(2021, 5, 1), None)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    folder = tmp_path_factory.mktemp("lexical")
    LexicalIndex.build(folder, [Entry(*passage, *DAYS) for passage in PASSAGES])
    return LexicalIndex.load(folder)


def found(index: LexicalIndex, query: str, k: int = 10) -> list[int]:
    return list(index.search(content_words(query).values(), k))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("patrols", "patrol"),
        ("Trafficking", "trafficked"),
        ("Moïse", "MOISE"),
        ("Moi\u0308se", "Moïse"),
        ("Lucia's", "Lucia"),
        ("Lucia’s", "Lucia"),
        ("U.S.", "US"),
        ("U.S.-Caribbean", "US Caribbean"),
        ("U.S.A.", "USA"),
        ("ﬁrearms", "firearms"),
        ("co\u00adoperation", "cooperation"),
        ("zero\u200bwidth", "zerowidth"),
        ("１４０２４", "14024"),
    ],
)
def test_spellings_of_one_word_are_one_term(one: str, other: str):
    assert analyze(one) == analyze(other) != []


def test_different_words_are_different_terms():
    terms = [analyze(word)[0] for word in ("security", "secretary", "sector", "2022", "2023")]

    assert len(set(terms)) == 5


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\u00ad"])
def test_a_word_parted_at_the_end_of_a_line_is_one(hyphen: str):
    assert analyze(f"the part{hyphen}\nners met") == analyze("the partners met")
    assert analyze(f"the Franco{hyphen}\nGerman talks") == analyze("the Franco German talks")


def test_terms_come_in_order_and_repeated():
    assert analyze("The partners met; partners agreed.") == [
        *("the", "partner", "met", "partner", "agre"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Who killed Moise?", {1}),
        ("patrolled ships", {0}),
        ("US embassies", {2}),
        ("Saint Lucia", {3}),
        ("tracing", {4}),
        ("lunar", set()),
    ],
)
def test_a_passage_is_found_by_its_words(index: LexicalIndex, query: str, expected: set[int]):
    assert set(found(index, query)) == expected


def test_the_passage_with_more_and_rarer_words_comes_first(index: LexicalIndex):
    assert found(index, "firearms on land in 2021")[0] == 5
    assert found(index, "land sea host")[0] == 3


def test_a_title_is_searched_and_weighs_less_than_the_text(index: LexicalIndex):
    assert found(index, "firearms") == [4, 5, 3]
    assert found(index, "Haiti") == [1]


def test_no_more_results_than_asked_for_and_the_best_of_them(index: LexicalIndex):
    everything = index.search(["sea"], 10)

    assert list(everything.values()) == sorted(everything.values(), reverse=True)
    assert index.search(["sea"], 2) == dict(list(everything.items())[:2])
    assert index.search(["sea"], 0) == index.search([], 5) == {}


@given(
    st.lists(st.sampled_from("sea land firearms U.S. Moise 2021 moon".split()), min_size=1),
    st.sets(st.integers(0, len(PASSAGES) - 1)),
)
def test_score_gives_a_passage_the_score_that_search_gives_it(
    index: LexicalIndex, words: list[str], numbers: set[int]
):
    terms = list(content_words(" ".join(words)).values())

    everything = index.search(terms, len(PASSAGES))
    expected = {number: everything[number] for number in numbers if number in everything}

    assert index.score(terms, sorted(numbers)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "query",
    [
        'patrol" OR (title:',
        "+patrol -waters ^2 ~3 * ? [a TO b] {c}",
        "patrol AND NOT patrol",
        "title:patrol",
        "-patrol",
        "\\ / ' \" : ; \0 \n",
        "",
        "   ",
        "🚢",
        "x" * 10_000,
    ],
)
def test_the_syntax_of_query_languages_means_nothing(index: LexicalIndex, query: str):
    assert (0 in found(index, query)) == ("patrol" in query)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
@example("COVID-19 file_name सुरक्षा ความมั่นคง الأَمْن")
def test_every_word_of_a_question_is_a_term_of_the_text_it_is_taken_from(text: str):
    assert set(content_words(text).values()) <= set(analyze(text))


def test_content_words_are_as_typed_with_their_terms():
    assert content_words("Who co-chaired the 11th Dialogue in Saint Lucia's capital?") == {
        "co": "co",
        "chaired": "chair",
        "11th": "11th",
        "Dialogue": "dialogu",
        "Saint": "saint",
        "Lucia": "lucia",
        "capital": "capit",
    }


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("COVID-19", {"COVID", "19"}),
        ("file_name", {"file", "name"}),
        ("What did the U.S. say?", {"US", "say"}),
        ("?!", set()),
    ],
)
def test_words_are_parted_as_the_index_parts_them(question: str, words: set[str]):
    assert content_words(question).keys() == words
    assert set(content_words(question).values()) == set(analyze(" ".join(words)))


def test_stop_words_count_where_there_is_nothing_else():
    assert content_words("Who is it?").keys() == {"Who", "is", "it"}


def test_frequency_counts_the_passages_that_have_a_term(index: LexicalIndex):
    terms = [*analyze("sea firearms Haiti"), "moon"]

    assert [index.frequency(term) for term in terms] == [3, 2, 1, 0]
    assert len(index) == len(PASSAGES)


def test_only_what_a_filter_lets_through_is_found_at_the_same_score(tmp_path: Path):
    days = [(date(2021, 5, day + 1), None) for day in range(20)]
    days += [(None, date(2021, 6, day + 1)) for day in range(20)] + [(None, None)] * 10
    entries = [Entry("T", f"sea {'land ' * (n % 3)}", *day) for n, day in enumerate(days)]
    LexicalIndex.build(tmp_path, entries)
    index = LexicalIndex.load(tmp_path)
    everything = index.search(["sea", "land"], 50)

    def found(spans: object, days: object) -> dict[int, float]:
        within = Filter(since=days and days[0], until=days and days[1])
        return index.search(["sea", "land"], 50, Selection(np.empty(0, np.int64), spans, within))

    def among(*numbers: int) -> dict[int, float]:
        return pytest.approx({number: everything[number] for number in numbers}, rel=1e-6)

    may = (date(2021, 5, 10), date(2021, 6, 2))
    assert found(None, None) == everything
    assert found(((3, 6), (48, 50)), None) == among(3, 4, 5, 48, 49)
    assert found(None, may) == among(*range(9, 22))
    assert found(((0, 10), (21, 30)), may) == among(9, 21)
    assert found((), None) == {}
    assert found(None, (date.min, date.max)) == among(*range(40))


def test_the_same_passages_make_the_same_scores(tmp_path: Path):
    passages = [Entry("T", f"sea number {number} of the land", *DAYS) for number in range(50)]
    indices = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        LexicalIndex.build(tmp_path / name, passages)
        indices.append(LexicalIndex.load(tmp_path / name))

    terms = analyze("sea number 7")
    assert list(indices[0].search(terms, 50).items()) == list(indices[1].search(terms, 50).items())


def test_a_folder_that_is_no_index_is_a_value_error(tmp_path: Path):
    with pytest.raises(ValueError, match=r"meta\.json|exist|open"):
        LexicalIndex.load(tmp_path)
