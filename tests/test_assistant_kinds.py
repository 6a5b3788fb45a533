"""Questions that are not plain: which they are, and what they are answered with."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders import document_of
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant
from assistant.evaluation import holds
from assistant.golden import Place, load_golden
from assistant.kinds import Compare, Listing, Said, Showing, read_kind
from assistant.listing import LISTED, listed
from assistant.parts import Asked, apart
from assistant.speakers import Speaker, Voices
from corpus import Passage, Span, sentence_spans
from index import Home, rebuild

PLAIN = (
    "Who co-chaired the 11th dialogue?",
    "What did the report say about Haiti?",
    "What did people say about the storm?",
    "What did they say about it?",
    "What did Blinken and Lapid talk about in August 2021?",
    "What type of sanctions has the US directed at Iran?",
    "What states that only such problems can be solved?",
    "What may members question the First Minister about?",
    "Show me how many ships were stuck",
    "Show me the report of who paid",
    "How did the price change?",
    "How do the fees compare to those at other schools?",
    "Which city hosted the talks?",
    "What is the latest drawdown of arms for Ukraine?",
)


@pytest.mark.parametrize("question", PLAIN)
def test_in_doubt_a_question_is_plain(question):
    assert read_kind(question) is None


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Compare the 2022 and 2023 dialogues", [("2022", "dialogues"), ("2023", "dialogues")]),
        (
            "How did aid to Haiti change between May 2021 and June 2022?",
            [("May 2021", "aid to Haiti"), ("June 2022", "aid to Haiti")],
        ),
        (
            "compare X's visit in 2021 with Y's visit in 2022",
            [("X's visit in 2021", "X's visit"), ("Y's visit in 2022", "Y's visit")],
        ),
    ],
)
def test_sides_that_days_tell_apart_are_asked_without_them(question, sides):
    kind = read_kind(question)
    assert isinstance(kind, Compare)
    assert [(side.label, side.about) for side in kind.sides] == sides
    assert all(side.when and side.when in side.label for side in kind.sides)


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("What is the difference between tea and coffee?", ["tea", "coffee"]),
        ("How does the ninth dialogue differ from the tenth?", ["the ninth dialogue", "the tenth"]),
        ("Compare the ninth and eleventh dialogues", ["the ninth dialogues", "eleventh dialogues"]),
        (
            "Compare the travel advisories for Ecuador and Haiti",
            ["the travel advisories for Ecuador", "the travel advisories for Haiti"],
        ),
    ],
)
def test_sides_that_names_tell_apart_share_their_other_words(question, labels):
    kind = read_kind(question)
    assert isinstance(kind, Compare)
    assert [side.label for side in kind.sides] == labels
    assert all(side.when is None for side in kind.sides)


def test_a_speaker_and_a_topic_are_read():
    expected = Said("Secretary Blinken", "Haiti in 2021")
    assert read_kind("What did Secretary Blinken say about Haiti in 2021?") == expected
    assert read_kind("what has ned price said on Tigray") == Said("ned price", "Tigray")
    assert read_kind("How did Lavrov comment on grain?") == Said("Lavrov", "grain")
    assert read_kind("What were Merkel’s remarks on gas?") == Said("Merkel", "gas")


@pytest.mark.parametrize(
    "question",
    [
        "List all the vessels that were sanctioned",
        "Which countries belong to the CBSI?",
        "what other cities will they see",
        "Give me a list of the delegates",
        "What are the member states of the EU?",
        "Name all rivers in Guyana",
    ],
)
def test_questions_for_all_there_is_are_lists(question):
    assert read_kind(question) == Listing()


def test_a_document_is_read_with_its_form():
    assert read_kind("Show me the joint statement on the Quad") == Showing(
        "joint statement", "the Quad"
    )
    assert read_kind("Please open the Sudan press release about Eid") == Showing(
        "press release", "Sudan Eid"
    )


@given(st.text(max_size=300))
def test_any_text_has_a_kind_or_is_plain(text):
    assert isinstance(read_kind(" ".join(text.split())), Compare | Said | Listing | Showing | None)


@given(st.sampled_from(PLAIN), st.sampled_from(["", " ", "?", "!", " ?"]))
def test_how_a_question_ends_does_not_make_it_another(question, end):
    assert read_kind(question.rstrip("?") + end) is None


TRANSCRIPT = """MR PRICE: Good afternoon. We condemn the coup in Freedonia.

QUESTION: Secretary Blinken said yesterday that Freedonia is lost. Is it?

MR PRICE: As Secretary Blinken said, Freedonia is a friend. Minister Rau said Freedonia is doomed.

SECRETARY BLINKEN: Freedonia has our support. After he met Secretary Blinken, Lavrov said no.
"""


def voices_of(text: str, speaker: str, **known: str) -> dict[str, str]:
    """How each sentence of a text that is a speaker's is theirs."""
    document = document_of(text, **known)
    spans = sentence_spans(text)
    passage = Passage("a#0", "a", 0, 0, len(text), None, None, tuple(Span(*s) for s in spans))
    voices = Voices(document)
    found = {
        text[start:end]: voices.voice(Speaker(speaker), passage, Span(start, end))
        for start, end in spans
    }
    return {sentence: voice for sentence, voice in found.items() if voice}


def test_a_sentence_of_a_turn_is_its_speakers_unless_it_quotes_another():
    price = voices_of(TRANSCRIPT, "Price")
    assert price["We condemn the coup in Freedonia."] == "own"
    assert not any("Rau said" in sentence or "is lost" in sentence for sentence in price)
    blinken = voices_of(TRANSCRIPT, "Secretary Blinken")
    assert blinken["SECRETARY BLINKEN: Freedonia has our support."] == "own"
    assert blinken["MR PRICE: As Secretary Blinken said, Freedonia is a friend."] == "reported"
    assert not any("condemn" in sentence or "Lavrov said" in sentence for sentence in blinken)
    assert voices_of(TRANSCRIPT, "Lavrov").keys() == {
        "After he met Secretary Blinken, Lavrov said no."
    }


def test_who_signed_a_statement_speaks_in_it_but_not_in_a_joint_one():
    text = "We mourn the victims of the flood. Rain fell for days on end."
    signed = {"author": "Ned Price, Department Spokesperson"}
    assert set(voices_of(text, "Ned Price", **signed).values()) == {"own"}
    assert voices_of(text, "Blinken", **signed) == {}
    assert voices_of(f"Begin text: {text}", "Ned Price", **signed) == {}


def test_pronouns_point_to_the_name_before_them():
    text = (
        "Secretary Blinken met Foreign Minister Rau today. The Secretary stressed our support."
        " Minister Rau arrived late. He stressed his regret."
    )
    assert voices_of(text, "Blinken").keys() == {"The Secretary stressed our support."}
    assert voices_of(text, "Rau").keys() == {"He stressed his regret."}


def test_all_words_of_a_name_must_be_known():
    assert Speaker("Gayle Smith").is_known_in(document_of("MS SMITH: Hello. Gayle Smith spoke."))
    assert not Speaker("Gayle Smith").is_known_in(document_of("AMBASSADOR SMITH: Hello to all."))
    assert Speaker("Mr Smith").is_known_in(document_of("AMBASSADOR SMITH: Hello to all."))
    assert Speaker("Le Drian").is_named("FOREIGN MINISTER LE DRIAN")
    assert Speaker("Rinkevics").is_named("FOREIGN MINISTER RINKĒVIČS")


@pytest.fixture
def assistant(bundled_home: Home) -> Assistant:
    return Assistant.open(bundled_home)


def checked(answer):
    """An answer whose parts are whole and whose every quote stands at its place."""
    grouped = [citation for group in answer.groups for citation in group.citations]
    assert tuple(grouped) == answer.citations
    assert [citation.number for citation in grouped] == list(range(1, len(grouped) + 1))
    for citation in grouped:
        quote = citation.quote
        assert citation.document.text[quote.start : quote.end] == quote.text
        assert citation.verified
    assert all(bool(group.citations) != bool(group.reason) for group in answer.groups)
    return answer


def test_two_sides_are_answered_side_by_side(assistant):
    answer = checked(assistant.ask("Compare the ninth and eleventh dialogues"))
    assert answer.kind == "compare"
    ninth, eleventh = answer.groups
    assert "Ninth" in ninth.citations[0].quote.text
    assert "11th" in eleventh.citations[0].quote.text


def test_a_side_without_an_answer_is_told(assistant):
    answer = checked(assistant.ask("Compare the ninth and tenth dialogues"))
    ninth, tenth = answer.groups
    assert ninth.citations
    assert tenth.reason == "No answer was found for tenth dialogues."
    assert assistant.ask("Compare the embassies on Mars and the embassies on Venus").abstained


def test_only_words_of_the_speaker_are_given(assistant):
    answer = checked(assistant.ask("What did Joshua Rusk say about the working group?"))
    assert answer.kind == "said"
    assert [group.label for group in answer.groups] == ["As others report Joshua Rusk"]
    assert "Joshua Rusk" in answer.citations[0].quote.text
    refused = assistant.ask("What did Carlos Suarez say about the working group?")
    assert refused.abstained
    assert "Carlos Suarez" in (refused.reason or "")
    assert refused.nearest


def test_a_list_keeps_the_first_citation_and_says_how_long_it_may_be(assistant):
    question = "Which countries belong to the CBSI?"
    limit = assistant.ranking.weights.threshold
    plain = assistant.answer(assistant.judge_dated(question, limit), limit)
    answer = checked(assistant.ask(question))
    assert answer.kind == "listing"
    assert answer.citations[0] == plain.citations[0]
    assert answer.confidence == plain.confidence
    assert f"at most {LISTED} are listed" in (answer.note or "")


def test_a_list_is_cut_and_says_what_was_left_out(home_of):
    names = "Ada Bea Cyd Dot Eve Fay Gia Hal Ida Jan Kay Liv Meg".split()
    known_for = "fish salt timber wool wine silk grain copper cheese amber pepper glass tea".split()
    texts = {
        f"{name}.txt": f"{name}ville is one of the cities with a harbour for {name} ships.\n\n"
        f"{known} is what these cities of {name} sold abroad, once their harbour was dug."
        for name, known in zip(names, known_for, strict=True)
    }
    assistant = Assistant.open(home_of(texts))
    judgement = assistant.judge("Which cities have a harbour?")
    as_good = [replace(entry, score=0.5) for entry in judgement.evidence]
    found = listed(
        Asked(replace(judgement, evidence=as_good), 0.0, assistant.ranking, None, assistant.judge)
    )
    different = apart(as_good)
    assert len(different) > LISTED
    assert {entry.text for entry in found.cited} == {entry.text for entry in different[:LISTED]}
    assert [part.label for part in found.parts] == list(
        dict.fromkeys(entry.document.title for entry in different[:LISTED])
    )
    assert f"{len(different) - LISTED} more were left out" in found.note
    far = [as_good[0], *(replace(entry, score=0.2) for entry in as_good[1:])]
    alone = listed(
        Asked(replace(judgement, evidence=far), 0.0, assistant.ranking, None, assistant.judge)
    )
    assert len(alone.cited) == 1


def test_a_document_is_shown_by_its_opening(home_of):
    texts = {
        "gold.md": "# Joint Statement on Gold\n\nDoe\n\nGold is heavy and rare in lands.\n",
        "tin.md": "# Joint Statement on Tin\n\nTin is light and common in all the lands.\n",
    }
    assistant = Assistant.open(home_of(texts))
    answer = checked(assistant.ask("Show me the joint statement on gold"))
    assert answer.kind == "document"
    assert [citation.quote.text for citation in answer.citations] == [
        "Gold is heavy and rare in lands."
    ]
    assert assistant.ask("Show me the joint statement on silver").kind == "plain"
    assert assistant.ask("Show me the fact sheet on gold").kind == "plain"


def test_no_threshold_lets_a_part_through_that_none_would(assistant):
    for question in ("Compare the ninth and eleventh dialogues", "Which countries are in CBSI?"):
        assert assistant.ask(question, threshold=1.0).abstained


def test_plain_questions_are_answered_as_ever(assistant):
    limit = assistant.ranking.weights.threshold
    for question in ("Who co-chaired the 11th dialogue?", "What did Kirsten Madison emphasise?"):
        plain = assistant.answer(assistant.judge_dated(question, limit), limit)
        answer = assistant.ask(question)
        assert answer.kind == "plain"
        assert answer.groups == ()
        assert (answer.citations, answer.confidence) == (plain.citations, plain.confidence)


def test_golden_questions_of_each_kind(new_home: Home, test_data: Path):
    """On the releases that they name alone; the places must be there to be found."""
    questions = load_golden(Path(__file__).parent / "questions" / "kinds.jsonl")
    kinds = [read_kind(entry.question) for entry in questions]
    assert all(kinds)
    wanted = {answer.document for entry in questions for answer in entry.answers}
    source = test_data / "press-releases" / "documents.jsonl.gz"
    new_home.add(_only(source, wanted, new_home.path))
    new_home.remove(Path("bundled"))
    rebuild(new_home)
    assistant = Assistant.open(new_home)
    right = 0
    for entry in questions:
        answer = assistant.ask(entry.question)
        firsts = [
            Place(citation.document.id, citation.quote.start, citation.quote.end)
            for citation in answer.citations[:1]
        ]
        right += bool(firsts and holds(firsts[0], entry.answers)) or not (firsts or entry.answers)
    assert right >= 0.75 * len(questions)


def _only(source: Path, wanted: set[str], folder: Path) -> Path:
    """A folder that has only the records of a collection that are wanted."""
    import gzip
    import json

    with gzip.open(source, "rt", encoding="utf-8") as stream:
        kept = [line for line in stream if json.loads(line)["_id"] in wanted]
    assert len(kept) == len(wanted)
    place = folder.parent / "releases"
    place.mkdir()
    (place / "documents.jsonl").write_text("".join(kept), encoding="utf-8")
    return place
