"""Words of the corpus: close ones, ordinals, acronyms as texts define them, countries."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import BUNDLED
from index import Generation, Home, analyze, content_words, rebuild
from index.acronyms import Acronym, acronyms_in
from index.forms import names_country, other_forms
from index.lexical import Entry, LexicalIndex, key_terms
from index.ordinals import ordinals_in_digits
from index.store import Store
from index.store_writer import StoreWriter
from index.vocabulary import Vocabulary, folded
from tests.builders import document_of

TEXTS = (
    "Ambassador Erikson spoke of Moïse. Erikson left; the ministers of Haiti and Haiti's police",
    "stayed for the assassination inquiry. Oman. cat cart card card 2022 COVID19 trafficking.",
)

#: Words whose closest word is known.
CLOSE = (
    *(("Eriksen", "Erikson"), ("erikson5n", None), ("Moisse", "Moïse"), ("MOISSE", "Moïse")),
    *(("assasination", "assassination"), ("assasinaton", "assassination")),
    *(("trafficing", "trafficking"), ("Hiati", "Haiti"), ("Omna", "Oman"), ("cadr", "card")),
    *(("cax", None), ("2023", None), ("Hayyi", None), ("Zanzibar", None), ("", None)),
)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder = tmp_path_factory.mktemp("vocabulary")
    Vocabulary.build(folder, TEXTS)
    return Vocabulary.load(folder)


@pytest.mark.parametrize(("typed", "meant"), CLOSE)
def test_a_mistyped_word_is_close_to_the_one_it_is_meant_for(
    vocabulary: Vocabulary, typed: str, meant: str | None
):
    assert vocabulary.suggestion(typed) == meant


def test_two_edits_need_the_first_letter_and_can_be_ruled_out(vocabulary: Vocabulary):
    assert vocabulary.suggestion("asasinationn") is None
    assert vocabulary.suggestion("Eryksen") == "Erikson"
    assert vocabulary.suggestion("Eryksen", edits=1) is None
    assert vocabulary.suggestion("Arykson") is None


def test_of_words_as_close_the_more_frequent_comes_first_then_the_first_by_name(tmp_path: Path):
    for name, text, closest in (("a", "bore bare bore", "bore"), ("b", "bore bare", "bare")):
        (tmp_path / name).mkdir()
        Vocabulary.build(tmp_path / name, [text])
        assert Vocabulary.load(tmp_path / name).suggestion("bire") == closest


def test_a_word_is_spelt_as_the_corpus_does_most_often(vocabulary: Vocabulary):
    assert vocabulary.spelling("moise") == "Moïse"
    assert vocabulary.spelling("ERIKSON") == "Erikson"
    assert vocabulary.spelling("Eriksen") is None


def distance(one: str, other: str) -> int:
    """Edits between two words, a swap of neighbours being one: the textbook's table."""
    rows = [list(range(len(other) + 1))]
    for at, letter in enumerate(one, 1):
        row = [at]
        for to, wanted in enumerate(other, 1):
            best = min(rows[-1][to] + 1, row[-1] + 1, rows[-1][to - 1] + (letter != wanted))
            if at > 1 and to > 1 and (letter, one[at - 2]) == (other[to - 2], wanted):
                best = min(best, rows[-2][to - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text("abcé", min_size=1, max_size=8), min_size=1, max_size=30),
    st.lists(st.text("abcé", min_size=1, max_size=8), min_size=1, max_size=5),
)
def test_what_is_close_is_what_a_look_at_every_word_finds(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], typed: list[str]
):
    folder = tmp_path_factory.mktemp("vocabulary")
    Vocabulary.build(folder, [" ".join(words)])
    vocabulary = Vocabulary.load(folder)
    counts = {folded(word): sum(folded(word) == folded(other) for other in words) for word in words}
    for word in map(folded, typed):
        ranked = sorted(counts, key=lambda other: (-counts[other], other))
        near = [other for other in ranked if distance(word, other) <= 1]
        far = [
            other
            for other in ranked
            if len(word) >= 6 and distance(word, other) == 2 and other[0] == word[0]
        ]
        expected = next(iter(near + far), None) if len(word) >= 4 else None
        found = vocabulary.suggestion(word)
        assert (found and folded(found)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9th", "ninth"),
        ("the 11th Dialogue", "the Eleventh dialogue"),
        ("21st century", "twenty-first century"),
        ("22nd", "twenty second"),
        ("the 30th", "the thirtieth"),
        ("1st", "first"),
        ("12th", "TWELFTH"),
        ("98th", "ninety-eighth"),
    ],
)
def test_an_ordinal_is_one_term_however_it_is_written(one: str, other: str):
    assert analyze(one) == analyze(other)
    assert list(content_words(one).values()) == list(content_words(other).values())


def test_words_that_hold_an_ordinal_stay():
    assert ordinals_in_digits("firsthand, tenths, seconds; Twenty fifty") == (
        "firsthand, tenths, seconds; Twenty fifty"
    )


def test_an_ordinal_is_shown_as_typed():
    assert content_words("the ninth Dialogue") == {"ninth": "9th", "Dialogue": "dialogu"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pledge", "pledged"),
        ("countries", "country"),
        ("meeting", "meets"),
        ("sanctioned", "sanctions"),
        ("embassy", "embassies"),
    ],
)
def test_plural_and_tense_are_one_term(one: str, other: str):
    assert analyze(one) == analyze(other)


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        (
            "the Bureau of Alcohol, Tobacco, Firearms and Explosives (ATF) said",
            "ATF",
            "Alcohol, Tobacco, Firearms and Explosives",
        ),
        (
            "through the Caribbean Basin Security Initiative (CBSI).",
            "CBSI",
            "Caribbean Basin Security Initiative",
        ),
        (
            "the Organization of American States (OAS)",
            "OAS",
            "Organization of American States",
        ),
        ("the Department of Defense (DoD) and", "DoD", "Department of Defense"),
        (
            "the U.S. Agency for\nInternational Development (“USAID”)",
            "USAID",
            "U.S. Agency for International Development",
        ),
        ("least developed countries (LDCs)", "LDC", "least developed countries"),
        (
            "the Asia-Pacific Economic Cooperation (APEC) forum",
            "APEC",
            "Asia-Pacific Economic Cooperation",
        ),
        ("People’s Republic of China (P.R.C.)", "PRC", "People’s Republic of China"),
    ],
)
def test_an_acronym_is_known_by_the_initials_before_its_bracket(text: str, short: str, long: str):
    assert list(acronyms_in(text)) == [Acronym(short, long)]


@pytest.mark.parametrize(
    "text",
    [
        "Senator Menendez (NJ) spoke",
        "it was so (USA)",
        "He met the Prime Minister. The Foreign Service (PMFS)",
        "the Caribbean Basin (Initiative) (CBI)",
        "(ATF) the Alcohol Tobacco Firearms",
        "the meeting (Part A)",
        "of American States (OAS)",
    ],
)
def test_what_initials_do_not_fit_is_no_acronym(text: str):
    assert list(acronyms_in(text)) == []


_WORDS = st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True).filter(
    lambda word: word.lower() not in {"and", "the", "for", "from", "with", "del", "des"}
)


@given(st.lists(_WORDS, min_size=2, max_size=6), st.sampled_from([" ", " of the ", " and ", "-"]))
def test_any_name_with_its_initials_in_brackets_is_found(words: list[str], between: str):
    short, long = "".join(word[0] for word in words), between.join(words)
    [found] = acronyms_in(f"We met at the {long} ({short}) in May.")
    assert found == Acronym(short, long)


@given(st.text(alphabet="Ab (CD).,&\n’-U", max_size=80))
def test_an_expansion_stands_in_its_text(text: str):
    for found in acronyms_in(text):
        assert found.long in " ".join(text.split())
        assert len(found.long.split()) + found.long.count("-") + found.long.count(".") >= 2


@pytest.fixture
def store(tmp_path: Path) -> Store:
    writer = StoreWriter(tmp_path / "documents.sqlite")
    texts = (
        "The Caribbean Basin Security Initiative (CBSI) and the World Health Organization (WHO).",
        "The Caribbean Basin Security Initiative (CBSI).",
        "The Canadian Bureau of Scientific Inquiry (CBSI). A Growing Angry Party (GAP).",
    )
    for number, text in enumerate(texts):
        writer.add(document_of(text, f"{number}.txt"), [], [], [])
    writer.complete()
    writer.close()
    return Store(tmp_path / "documents.sqlite")


def forms(question: str, store: Store) -> list[str]:
    spelt = {"cbsi": "CBSI", "us": "US", "gap": "gap", "who": "who", "prc": "PRC"}
    found = other_forms(question, store, lambda word: spelt.get(word.lower()))
    return [" ".join(form) for form in found]


def terms(text: str) -> str:
    return " ".join(key_terms(text))


@pytest.mark.parametrize("question", ["What is the CBSI?", "what is the cbsi", "WHAT IS THE CBSI?"])
def test_an_acronym_is_also_looked_for_as_what_it_stands_for(store: Store, question: str):
    assert forms(question, store) == [
        terms("Caribbean Basin Security Initiative"),  # more often than the other
        terms("Canadian Bureau of Scientific Inquiry"),
    ]


def test_what_an_acronym_stands_for_is_also_looked_for_by_the_acronym(store: Store):
    question = "What did the Caribbean Basin Security Initiative fund?"
    assert forms(question, store) == ["cbsi"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("who met us?", []),
        ("WHO MET?", []),
        ("What did the WHO say?", ["World Health Organization"]),
        ("mind the gap", []),
        ("the GAP", ["Growing Angry Party"]),
        ("What did Haiti do?", ["haitian"]),
        ("Haitian police", ["haiti"]),
        ("the President of the Dominican Republic", []),
        ("talks with South Sudan", ["South Sudanese"]),
        ("Haiti and the Haitian police", []),
        ("the US role", ["United States", "American", "USA", "America"]),
        ("prc exports", ["Chinese", "China", "People’s Republic of China"]),
        ("Saint Lucia", ["st lucia", "saint lucian", "st lucian"]),
        ("the boiling point of ethanol", []),
    ],
)
def test_other_forms_of_what_a_question_names(store: Store, question: str, found: list[str]):
    assert sorted(forms(question, store)) == sorted(map(terms, found))


def test_names_of_countries_are_known():
    assert names_country("Nauru")
    assert names_country("haitians")
    assert not names_country("Harbour")


def test_a_form_counts_only_where_all_of_it_stands_and_less_than_the_word_itself(tmp_path: Path):
    passages = [
        *("The CBSI met.", "The Caribbean Basin Security Initiative met."),
        *("The Basin was dry.", "Others met."),
    ]
    LexicalIndex.build(tmp_path, [Entry("", text, None, None) for text in passages])
    index = LexicalIndex.load(tmp_path)
    form = key_terms("Caribbean Basin Security Initiative")
    found = index.search(["cbsi"], 10, forms=[form])
    assert list(found) == [0, 1]
    assert found[0] == index.search(["cbsi"], 10)[0]
    assert index.score(["cbsi"], [1, 2], forms=[form]) == {1: found[1]}


def test_what_a_corpus_defines_is_found_and_a_later_build_knows_it_anew(new_home: Home, tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("The Caribbean Basin Security Initiative (CBSI) began in 2010.")
    (folder / "b.txt").write_text("The Caribbean Basin Security Initiative paid for ships.")
    new_home.add(folder)
    new_home.remove(BUNDLED)
    rebuild(new_home)
    with_acronym = Generation.serving(new_home)
    first, second = with_acronym.search("CBSI", 2)
    assert first.passage.document_id == "a.txt"
    assert second.lexical_score > 0
    assert with_acronym.suggestion("Carribean") == "Caribbean"

    (folder / "a.txt").write_text("It began in 2010.")
    rebuild(new_home)
    without = Generation.serving(new_home)
    assert [hit.lexical_score for hit in without.search("CBSI", 2)] == [0, 0]
    assert without.store.expansions(["CBSI"]) == []
