"""Passages are exact slices of their document, in order, within the budget, with nothing lost."""

from collections.abc import Sequence
from itertools import pairwise

from builders import document_of
from hypothesis import example, given
from hypothesis import strategies as st

from corpus import Document, Mark, Marks, Passage, cut_passages, sentence_spans, structure
from corpus.formats import markdown

_WORDS = st.sampled_from(["peace", "The", "sea", "U.S.", "talks.", "Agreed!", "- item", "é", "👩"])
_GAPS = st.sampled_from([" ", " ", " ", "  ", "\n", "\n\n", " \t ", "\xa0", "\n# ", "\n## Sub\n"])
_TEXTS = st.lists(st.tuples(_WORDS, _GAPS), max_size=120).map(
    lambda pairs: "".join(part for pair in pairs for part in pair)
)
_MARKINGS = st.sampled_from([structure.text_marks, markdown.text_marks])


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def marked(text: str, marks_of=structure.text_marks) -> Document:
    return document_of(text, marks=Marks.of(marks_of(text)))


def cut(text: str, budget: int, marks_of=structure.text_marks) -> list[Passage]:
    return cut_passages(marked(text, marks_of), budget, count_words)


def texts_of(text: str, budget: int) -> list[str]:
    return [text[passage.start : passage.end] for passage in cut(text, budget)]


@given(_TEXTS, st.integers(8, 40), _MARKINGS)
@example("peace   \t " * 60, 8, structure.text_marks)
@example(f"a{' ' * 400}b c d e f g h i j", 8, structure.text_marks)
def test_passages_are_slices_that_lose_nothing_and_fit(text: str, budget: int, marks_of):
    document = marked(text, marks_of)
    passages = cut_passages(document, budget, count_words)

    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    for passage in passages:
        assert passage.id == f"{document.id}#{passage.ordinal}"
        assert passage.document_id == document.id
        assert 0 <= passage.start < passage.end <= len(text)
        [size] = count_words([text[passage.start : passage.end]])
        assert 0 < size <= budget
    _assert_exactly_covered(text, [(passage.start, passage.end) for passage in passages])


@given(_TEXTS, st.integers(8, 40), _MARKINGS)
@example("peace   \t " * 60, 8, structure.text_marks)
@example(f"a{' ' * 400}b c d e f g h i j", 8, structure.text_marks)
def test_a_passage_is_made_of_trimmed_sentences(text: str, budget: int, marks_of):
    sentences = []
    for passage in cut(text, budget, marks_of):
        assert passage.start == passage.sentences[0].start
        assert passage.end == passage.sentences[-1].end
        sentences.extend(passage.sentences)

    for start, end in sentences:
        assert text[start:end]
        assert text[start:end] == text[start:end].strip()
    _assert_exactly_covered(text, sentences)


def _assert_exactly_covered(text: str, spans: Sequence[tuple[int, int]]) -> None:
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())


@given(_TEXTS, st.integers(8, 40))
def test_a_sentence_that_fits_is_never_cut(text: str, budget: int):
    kept = {span for passage in cut(text, budget) for span in passage.sentences}
    fitting = {span for span in sentence_spans(text) if len(text[slice(*span)].split()) <= budget}

    assert fitting <= kept


def test_the_same_document_gives_the_same_passages():
    text = "The ministers met. " * 30

    assert cut(text, 16) == cut(text, 16)


def test_white_space_alone_gives_no_passage():
    assert cut(" \n\n\t ", 8) == []


def test_passages_are_filled_up_with_whole_sentences():
    text = "One two three four. Five six seven. Eight nine ten eleven."

    assert texts_of(text, 8) == ["One two three four. Five six seven.", "Eight nine ten eleven."]


def test_a_passage_that_is_half_full_ends_with_its_paragraph():
    first, second = "One two three four five six.", "Seven eight. Nine ten eleven. Twelve."

    assert texts_of(f"{first}\n\n{second}", 10) == [first, second]


def test_a_passage_that_is_less_than_half_full_goes_on_into_the_next_paragraph():
    text = "One two.\n\nThree four five six. Seven eight nine ten."

    assert texts_of(text, 9) == ["One two.\n\nThree four five six.", "Seven eight nine ten."]


def test_a_sentence_over_the_budget_is_cut_at_white_space():
    text = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi"
    pieces = texts_of(text, 8)

    assert len(pieces) > 1
    assert " ".join(pieces) == text


def test_a_long_word_at_the_front_does_not_make_the_cut_fall_inside_it():
    text = f"{'x' * 200} beta gamma delta epsilon zeta eta theta iota"

    assert texts_of(text, 8)[0] == f"{'x' * 200}"


def test_a_word_over_the_budget_is_cut_where_it_must_be():
    text = "x" * 100
    passages = cut_passages(document_of(text), 8, lambda texts: [len(text) for text in texts])

    assert "".join(text[passage.start : passage.end] for passage in passages) == text
    assert all(0 < passage.end - passage.start <= 8 for passage in passages)


def _headings(text: str) -> list[tuple[str, str | None]]:
    document = marked(text, markdown.text_marks)
    return [
        (_last_line(document, passage), passage.heading)
        for passage in cut_passages(document, 40, count_words)
    ]


def _last_line(document: Document, passage: Passage) -> str:
    return document.text[passage.start : passage.end].splitlines()[-1]


def test_a_passage_knows_the_headings_it_stands_under():
    text = (
        "Before all.\n\n# Dialogue\n\nOpening.\n\n## Firearms ##\n\nTracing.\n\n"
        "### Courts\n\nTrials.\n\n## Sea\n\nPatrols.\n\n# Annex\n\nNames.\n"
    )

    assert _headings(text) == [
        ("Before all.", None),
        ("Opening.", "Dialogue"),
        ("Tracing.", "Dialogue › Firearms"),
        ("Trials.", "Dialogue › Firearms › Courts"),
        ("Patrols.", "Dialogue › Sea"),
        ("Names.", "Annex"),
    ]


def test_a_long_section_keeps_its_heading_in_every_passage():
    text = "# Sea\n\n" + "The ships patrol the waters. " * 30

    assert {heading for _, heading in _headings(text)} == {"Sea"}
    assert len(_headings(text)) > 1


def test_a_heading_right_above_wrapped_prose_is_a_heading():
    heading = "What the partners agreed to do on maritime security in the region"
    prose = (
        "The partners agreed to patrol the waters between the islands every week,\n"
        "and to tell each other what they saw there on the same day."
    )

    assert _headings(f"## {heading}\n{prose}") == [(prose.splitlines()[-1], heading)]


def test_a_number_sign_without_a_space_is_no_heading():
    assert _headings("#hashtag\n\nText.") == [("Text.", None)]


QUESTION = "Will the partners patrol the waters together?"
REPLY = "They will, said the minister, and more often than they did before. " * 5


def test_a_reply_carries_its_question_where_that_stands_in_another_passage():
    text = f"QUESTION: {QUESTION}\n\nMR QUILL: {REPLY}"
    first, *others = cut(text, 30)

    assert QUESTION in text[first.start : first.end]
    assert first.context is None
    assert len(others) > 1
    assert {passage.context for passage in others} == {QUESTION}


def test_a_passage_of_several_short_replies_carries_the_question_that_it_lacks():
    text = f"QUESTION: {QUESTION}\n\nMR QUILL: {REPLY}\n\nQUESTION: And when?\n\nMR QUILL: Soon."
    last = cut(text, 30)[-1]

    assert "And when?" in text[last.start : last.end]
    assert last.context == f"{QUESTION} And when?"


def test_each_row_of_a_sheet_is_a_passage_under_its_columns():
    text = "Country | Ships\nHaiti | 3\nJamaica | 12"
    starts = [0, text.index("Haiti"), text.index("Jamaica"), len(text) + 1]
    marks = [
        mark
        for number, (start, end) in enumerate(pairwise(starts), start=1)
        for mark in (
            Mark(start, end - 1, "row", number),
            Mark(start, end - 1, "context", "Country | Ships"),
        )
    ]
    passages = cut(text, 30, lambda _: marks)

    assert [text[passage.start : passage.end] for passage in passages] == text.split("\n")
    assert [passage.context for passage in passages] == [None, *["Country | Ships"] * 2]


def test_a_word_parted_at_the_end_of_a_line_does_not_end_a_sentence():
    text = "The part-\nners met.\nThey left."

    assert [text[slice(*span)] for span in sentence_spans(text)] == [
        "The part-\nners met.",
        "They left.",
    ]


def test_lines_of_one_length_are_one_paragraph_only_where_lines_may_be_wrapped():
    rows = [
        f"The ship number {n} sails from the harbour of Port Lumen to the islands" for n in "123"
    ]
    text = "\n".join(rows)

    def sentences(media_type: str) -> list[str]:
        [passage] = cut_passages(document_of(text, media_type=media_type), 90, count_words)
        return [text[slice(*span)] for span in passage.sentences]

    assert sentences("application/pdf") == sentences("text/csv") == rows
    assert sentences("text/plain") == [text]
