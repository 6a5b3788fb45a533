"""Sentences are exact spans of the text, and end where a reader would say they end."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus import BUNDLED, Span, files_of, sentence_spans
from corpus.sentences import MAX_SENTENCE, paragraph_spans

_FRAGMENTS = (
    *("The Dialogue ended.", "U.S.", "Lt. Col.", "No. 5", "economy.Since then", "“Quite so,”"),
    *("- item", "* ", "1. ", "(2) ", "# Heading", "\n", "\n\n", " \n \t\n", "\r", "\u2028"),
    *(" ", "\t", "\xa0", "\u3000", "\x1c", ".", "?!", "…", "é", "👩‍🚀", "\u0301", "x" * 130),
)
_TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(_FRAGMENTS), max_size=40).map("".join),
    st.lists(st.sampled_from(_FRAGMENTS), max_size=40).map(" ".join),
)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@given(_TEXTS)
@example("")
@example("word " * 1000)
@example("x" * (3 * MAX_SENTENCE))
@example("a" + " " * (2 * MAX_SENTENCE) + "b")
@example("a; " * MAX_SENTENCE)
def test_sentences_are_trimmed_ordered_and_cover_all_that_is_not_white_space(text: str):
    spans = sentence_spans(text)

    assert all(before.end <= after.start for before, after in pairwise(spans))
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert end - start <= MAX_SENTENCE
        assert text[start:end] == text[start:end].strip()
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    between = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    assert not "".join(between).strip()


@given(_TEXTS)
def test_no_sentence_crosses_the_end_of_a_paragraph(text: str):
    paragraphs = paragraph_spans(text)

    assert all(before.end <= after.start for before, after in pairwise(paragraphs))
    for sentence in sentence_spans(text):
        assert any(
            paragraph.start <= sentence.start and sentence.end <= paragraph.end
            for paragraph in paragraphs
        )


@pytest.mark.parametrize(
    "sentence",
    [
        "He served in the U.S. Army for thirty years.",
        "The members include St. Kitts and Nevis and St. Vincent and the Grenadines.",
        "Spokesman Lt. Col. Devin Robinson gave this readout.",
        "Adm. Linda Fagan and Gen. Laura Richardson attended.",
        "Mr. Daniel Erikson met Dr. Keith Rowley and Mrs. Mia Mottley.",
        "He spoke at the 11th Caribbean-U.S. Security Cooperation Dialogue, held in Saint Lucia.",
        "She met the U.S. Ambassador to Barbados.",
        "He met the U.S. Deputy Assistant Secretary of Defense.",
        "The U.K. Government and the U.N. Security Council agreed.",
        "Seven persons were designated under E.O. 14024 today.",
        "The talks in Washington, D.C. lasted two days.",
        "Kirsten D. Madison stressed the importance of the work.",
        "The programme costs $3.5 million a year.",
        "The cost was Rs. 1.2 billion.",
        "Am 5. März 2024 sprach der Minister in Berlin.",
        "Am 12. September 2024 sprach der Minister.",
        "Der 1. Mai ist ein Feiertag.",
        "Das entschied der 3. Senat des Gerichts.",
        "Der Haushalt beträgt 3,5 Mrd. Euro.",
        "Gem. § 3 Nr. 4 ist dies usw. zulässig.",
        "Im Dez. 2020 bzw. Jan. 2021 tagte der Rat.",
        "M. Dupont et Mme. Durand ont signé.",
        "L'art. 3 prévoit le contraire.",
        "El Sr. Pérez y la Sra. López firmaron.",
        "Это стоило 5 млн. руб. в год.",
        "Это т. н. «партия мира».",
        "“Why?” he asked.",
        "« C’est un grand jour ! », a-t-elle dit.",
        "Il a dit : « C’est fini ! »",
        "What is this?! he asked.",
    ],
)
def test_an_abbreviation_does_not_end_a_sentence(sentence: str):
    assert sentences(f"{sentence} Everyone was content.") == [sentence, "Everyone was content."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The partners met in the U.S.", "The Dialogue was hosted by Saint Lucia."),
        ("Was it agreed?", "It was!"),
        ("It closed at 5 p.m.", "The ministers left."),
        ("“We stand together.”", "The minister then left."),
        ("He thanked Barbados (the host).", "They left."),
        ("Apple did well.", "iPhone sales rose."),
        ("Sales rose to 12.", "September was better."),
        ("Thank you.", ", as I understand, they agree."),
        ("Es kostet 3 Mrd.", "Das ist viel."),
    ],
)
def test_a_sentence_ends_where_the_next_begins(first: str, second: str):
    assert sentences(f"{first} {second}") == [first, second]


@pytest.mark.parametrize(
    "heading", ["2.1. Removal of packages", "Table 1. Exports by country", "Article 1. Scope."]
)
def test_a_number_is_no_sentence_of_its_own(heading: str):
    assert sentences(heading) == [heading]


def test_a_row_is_not_cut_before_a_bar():
    row = "Bayern | 2023 | 1.300,0; vorl. | 13,0 %"

    assert sentences(row) == [row]


@pytest.mark.parametrize("cell", ["It was said. So it was done", "word", "one; two", "Well, so"])
def test_no_piece_of_a_long_row_begins_with_a_bar(cell: str):
    pieces = sentences(" | ".join([f"{cell}."] * 300))

    assert len(pieces) > 1
    assert not [piece for piece in pieces if piece.startswith("|")]
    assert max(map(len, pieces)) <= MAX_SENTENCE


def test_small_letters_after_every_full_stop_take_no_sentence_over_the_limit():
    pieces = sentences("this was said in small letters. " * 200)

    assert max(map(len, pieces)) <= MAX_SENTENCE
    assert all(piece.endswith(".") for piece in pieces)


def test_a_sentence_ends_where_the_space_after_it_was_lost():
    text = "It strengthened the economy.Since then, trade has grown."

    assert sentences(text) == ["It strengthened the economy.", "Since then, trade has grown."]


@pytest.mark.parametrize("glued", ["Read state.gov daily.", "Use node.JS.", "It cost 3.5 million."])
def test_a_name_with_a_full_stop_inside_stays_whole(glued: str):
    assert sentences(f"{glued} It helps.") == [glued, "It helps."]


@pytest.mark.parametrize("mark", ["-", "*", "•", "–", "1.", "(1)", "2)"])
def test_every_list_item_is_a_sentence_of_its_own(mark: str):
    items = [f"{mark} counter the trafficking of firearms", f"{mark} share what is learnt at sea"]

    assert sentences("They agreed to:\n" + "\n".join(items)) == ["They agreed to:", *items]


def test_hard_wrapped_prose_is_joined_over_its_line_ends():
    text = (
        "The participants from the United States and the Caribbean governments\n"
        "discussed firearms, maritime security, money laundering and the smuggling\n"
        "of migrants. They underscored the importance of continued partnership and\n"
        "collaboration."
    )

    assert sentences(text) == [text[: text.index(" They")], text[text.index("They") :]]


_WRAPPED = "The Minister met the ambassador of France. They spoke of the\nTreaty and its future."


@pytest.mark.parametrize("end", ["", "\n", " \n", "\n\n", "\n\n\n  \n"])
@pytest.mark.parametrize("start", ["", "\n", "\n\n"])
def test_line_feeds_around_a_text_part_nothing(start: str, end: str):
    second = _WRAPPED[_WRAPPED.index("They") :]

    assert sentences(f"{start}{_WRAPPED}{end}") == [
        "The Minister met the ambassador of France.",
        second,
    ]


@pytest.mark.parametrize("over", ["The Minister said:", "Short title line", "# Scope"])
def test_a_short_line_over_wrapped_lines_does_not_part_them(over: str):
    prose = (
        "We are glad that our friends of the Government of the Republic of\n"
        "France have come to see us here, for there is much to do, and much of\n"
        "it together."
    )

    assert sentences(f"{over}\n{prose}") == [over, prose]


def test_a_line_in_small_letters_goes_on_from_the_line_before():
    speech = "MR. ROE: Good.\nQ: Thanks, Matt. Can you say whether\nthe talks are over?\nA: No."

    assert sentences(speech)[-2:] == ["Can you say whether\nthe talks are over?", "A: No."]


@pytest.mark.parametrize(
    "lines",
    [
        ["The ministers agreed on these three measures:", "more patrols", "fewer boats"],
        ["The ministers met at the seat of the Union.", "press office"],
        ["title: What the ministers agreed on in Berlin", "author: Jane Roe"],
        ["Write to the press office of the ministry at", "press@ministry.example"],
        ["Coast guards", "patrol boats"],
    ],
)
def test_a_line_that_stands_for_itself_stays_apart(lines: list[str]):
    assert sentences("\n".join(lines)) == lines


def test_each_item_of_a_list_is_wrapped_for_itself():
    items = [
        "(a) The Parties shall exchange information on the matters set out in\n"
        "    Annex I, and shall do so each year.",
        "(b) The Parties shall meet.",
        "(ii) The Parties shall inform the depositary of what falls under paragraph\n"
        "    (a) of this article.",
    ]

    assert sentences("\n".join(items)) == items
    assert sentences("- an item that is\n  wrapped\n- another") == [
        "- an item that is\n  wrapped",
        "- another",
    ]


def test_lines_of_unlike_lengths_stay_apart():
    text = "Press Release\nOffice of the Spokesperson\nWashington"

    assert sentences(text) == ["Press Release", "Office of the Spokesperson", "Washington"]


def test_a_wrapped_list_item_keeps_its_second_line():
    first = "- strengthen the capacity of the coast guards of all of the member states\n"
    second = "  that patrol the waters between the islands and the coast of the mainland"

    assert sentences(first + second) == [first + second]


def test_prose_right_under_a_heading_is_not_part_of_it():
    heading = "## What the partners agreed to do on maritime security in the region"
    prose = (
        "The partners agreed to patrol the waters between the islands every week,\n"
        "and to tell each other what they saw there on the same day."
    )

    assert sentences(f"{heading}\n{prose}") == [heading, prose]


def test_what_has_no_punctuation_is_cut_at_a_space():
    pieces = sentences("word " * 1000)

    assert [piece.replace("word", "").strip() for piece in pieces] == [""] * len(pieces)
    assert max(map(len, pieces)) <= MAX_SENTENCE < sum(map(len, pieces))


@pytest.mark.parametrize(
    ("name", "openings"),
    [
        (
            "000_fbc2b366f62d71d8.txt",
            [
                "Caribbean – U.S. Security Dialogue Reinforces",
                "On October 28, U.S. and Caribbean officials",
                "The Dialogue, under the theme",
                "The annual ministerial-level gathering",
                "The thirteen CBSI countries are",
                "Acting Assistant Secretary for Western Hemisphere Affairs Ambassador Michael",
                "Assistant Secretary for International Narcotics",
                "Joshua Rusk, Chief of",
                "Carlos Suarez, Senior Deputy",
            ],
        ),
        (
            "003_e53a6ec5a1052dec.txt",
            [
                "date 2023-11-20 Department of Defense spokesman",
                "On November 16, 2023, the Deputy Assistant Secretary of Defense",
                "The Dialogue was hosted by",
                "The Caribbean-United States Security Cooperation Dialogue is",
                "The Dialogue provides a mechanism",
                "The Department of Defense’s substantial engagement",
                "The participants from the United States",
                "An additional session focused",
                "The representatives underscored",
            ],
        ),
    ],
)
def test_the_bundled_documents_part_into_their_sentences(name: str, openings: list[str]):
    path = next(file.path for file in files_of(BUNDLED) if file.name == name)
    found = sentences(path.read_text(encoding="utf-8"))

    assert len(found) == len(openings)
    assert all(map(str.startswith, found, openings))


def test_spans_are_named():
    assert sentence_spans(" One. ") == [Span(start=1, end=5)]
