"""What a follow-up question takes over, and that a question that stands alone is left alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import Answer, Assistant, Turn
from assistant.followups import MOST, Carried, carry, turns_of
from assistant.leaning import leans
from assistant.questions import MAX_QUESTION
from ui.contract import answer_json

TODAY = date(2024, 3, 1)
PLEDGE = "How much did the US pledge to Haiti in 2021?"

words = st.sampled_from(
    "and what about it they the meeting Haiti Jamaica in 2021 2022 (Oman) who else why ? . "
    "pledge Department of Defense since June 11th U.S. ok thanks".split()
)
questions = st.one_of(
    st.lists(words, min_size=1, max_size=12).map(" ".join), st.text(min_size=1, max_size=60)
)


def carried(question: str, *before: str, without: tuple[str, ...] = ()) -> Carried:
    return carry(question, turns_of(before, today=TODAY), without, today=TODAY)


def items(found: Carried) -> dict[str, str]:
    return {item.text: item.kind for item in found.items}


@pytest.mark.parametrize(
    "question",
    [
        *("why?", "and who co-chaired it?", "how much did they pledge?", "who else?", "where?"),
        *("What did he say?", "Who attended the meeting?", "what was the minister's reply?"),
        *("what about 2022?", "and in Haiti?", "and Jamaica?", "How can I apply?", "Fees?"),
        *("and the greatest one?", "No, who was it?", "who signed the request?"),
        *("When is that?", "Who lives there?", "Is this true for them?", "how many others?"),
        *("Ok, thanks. What did it cost?", "How reliable is the test?", "its members"),
    ],
)
def test_a_question_that_leaves_out_what_it_is_about_leans(question: str):
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        *("Who co-chaired the 11th dialogue?", "What is CBSI?", "What are tides?", "Measles"),
        "What did the Foreign Minister of Oman say about his visit?",
        "And what did the Foreign Minister of Oman say about Yemen?",
        "What did Blinken say he would do?",
        "Is it safe to travel to Haiti?",
        "How long does it take to get a visa?",
        "Which goats are kept for milk, and what do they eat?",
        "Who attended the largest summit?",
        "Who gave the greatest gift?",
        "Who hosted the eleventh dialogue?",
        "and who co-chaired the 11th dialogue?",
        "What is the boiling point of ethanol?",
        "No confidence vote",
        "What are the parts of the ear?",
        "How many countries joined this year?",
        "When was it held (11th dialogue)?",
        "Was the U.S. at the meeting of ministers?",
        "Tell me more about tiger sharks.",
    ],
)
def test_a_question_that_stands_alone_is_left_exactly_alone(question: str):
    assert not leans(question)
    assert carried(question, PLEDGE) == Carried((), question)


def test_topic_names_and_dates_are_carried():
    found = carried("why?", "How much did the US pledge to the Government of Haiti in 2021?")
    assert items(found) == {
        "US": "name",
        "pledge": "topic",
        "Government of Haiti": "name",
        "in 2021": "date",
    }
    assert found.standalone == "why? (US, pledge, Government of Haiti, in 2021)"


def test_what_the_question_says_itself_is_not_carried():
    assert "pledge" not in items(carried("who else pledged to them?", PLEDGE))
    assert "in 2021" not in items(carried("what did they do in May 2022?", PLEDGE))


@pytest.mark.parametrize(
    ("question", "before", "asked"),
    [
        ("what about 2022?", PLEDGE, "How much did the US pledge to Haiti in 2022?"),
        ("And since June 2022?", PLEDGE, "How much did the US pledge to Haiti since June 2022?"),
        ("what about 2022?", "What was pledged?", "What was pledged in 2022?"),
        ("and Jamaica?", PLEDGE, "How much did the US pledge to Jamaica in 2021?"),
        ("and in Haiti?", "Who met in Jamaica?", "Who met in Haiti?"),
        ("and in Haiti?", "What did NATO pledge?", "What did NATO pledge in Haiti?"),
        ("And Lavrov?", "What did Blinken say in Geneva?", "What did Lavrov say in Geneva?"),
        ("Thanks! How about Haiti?", "Who leads Jamaica?", "Who leads Haiti?"),
    ],
)
def test_a_date_or_name_takes_the_place_of_one_of_its_kind(question: str, before: str, asked: str):
    assert carried(question, before).standalone == asked


def test_a_conversation_is_carried_from_turn_to_turn():
    found = carried("why?", PLEDGE, "and Jamaica?", "what about 2022?", "Thank you!")
    assert items(found) == {"US": "name", "pledge": "topic", "Jamaica": "name", "in 2022": "date"}


def test_a_new_subject_ends_the_old_one():
    found = carried("who attended it?", PLEDGE, "When was the 11th dialogue with Oman?")
    assert set(items(found)) == {"11th dialogue", "Oman"}


def test_the_document_cited_is_carried_where_the_question_before_says_nothing():
    history = [Turn("what is new?", "Joint Statement on Haiti")]
    found = carry("why?", history, today=TODAY)
    assert found.standalone == "why? (Joint Statement on Haiti)"
    assert carry("why?", history, ["Joint Statement on Haiti"], today=TODAY).items == ()


def test_a_removed_item_is_cut_out_of_a_question_that_is_repeated():
    found = carried("what about 2022?", PLEDGE, without=("Haiti",))
    assert set(items(found)) == {"US", "pledge"}
    assert "Haiti" not in found.standalone
    everything = carried("what about 2022?", PLEDGE, without=("US", "pledge", "Haiti"))
    assert everything == Carried((), "what about 2022?")


def test_of_much_the_names_and_the_nearest_are_carried():
    long = "Which red, green, blue, white, black, brown, pink flags flew in Oman in 2021?"
    found = items(carried("why?", long))
    assert len(found) == MOST
    assert {"Oman", "in 2021"} <= set(found)
    assert "red" not in found


def test_nothing_is_carried_that_would_make_a_question_too_long_to_ask():
    found = carried("why? " + "x" * (MAX_QUESTION - 10), PLEDGE)
    assert found.items == ()


@given(questions, st.lists(questions, max_size=4))
def test_it_never_fails_and_what_is_carried_comes_from_before(question: str, before: list[str]):
    found = carried(question, *before)
    assert (not found.items) == (found.standalone == question)
    said = " ".join(turn.question for turn in turns_of(before, today=TODAY))
    assert all(item.text in said and item.text in found.standalone for item in found.items)


@given(questions)
def test_without_a_conversation_nothing_changes(question: str):
    assert carry(question, (), today=TODAY) == Carried((), question)


@given(questions, st.lists(questions, min_size=1, max_size=4), st.data())
def test_a_removed_item_is_gone_and_the_others_stay(
    question: str, before: list[str], data: st.DataObject
):
    found = carried(question, *before)
    if found.items:
        gone = data.draw(st.sampled_from(found.items))
        less = carried(question, *before, without=(gone.text,))
        assert gone.text not in items(less)
        # What was left out before for want of room may come in its place.
        kept = {item.text for item in found.items} - {gone.text}
        assert kept <= set(items(less))


@given(st.lists(questions, min_size=1, max_size=4))
def test_the_same_conversation_is_always_read_alike(before: list[str]):
    assert turns_of(before, today=TODAY) == turns_of(before, today=TODAY)
    # What was asked in full is not changed when it is read once more.
    asked = carried(*before)
    if asked.items and asked.standalone.endswith(")"):
        assert not leans(asked.standalone)


@pytest.fixture(scope="module")
def pledges() -> dict[str, str]:
    return {
        f"{country}.md": f"---\ntitle: Aid\n---\n\nThe United States pledged ${amount} million to"
        f" {country} for its harbour. The pledge to {country} was made because of the storm.\n"
        for country, amount in (("Haiti", 12), ("Jamaica", 30))
    }


def test_a_follow_up_is_answered_as_the_full_question_is(home_of, pledges: dict[str, str]):
    with Assistant.open(home_of(pledges)) as assistant:
        first = assistant.ask("How much did the United States pledge to Haiti?", today=TODAY)
        assert first.carried is None
        assert "$12" in first.citations[0].quote.text
        second = assistant.ask("and Jamaica?", today=TODAY, history=[first.turn])
        assert second.question == "and Jamaica?"
        assert "$30" in second.citations[0].quote.text
        third = assistant.ask("why?", today=TODAY, history=[first.turn, second.turn])
        assert "Jamaica" in third.citations[0].quote.text
        alone = assistant.ask("why?", today=TODAY)
        removed = assistant.ask(
            "why?",
            today=TODAY,
            history=[second.turn],
            without=[item.text for item in third.carried.items],
        )
    assert first.turn == Turn("How much did the United States pledge to Haiti?", "Aid")
    assert answer_json(second)["carried"] == {
        "items": ({"text": "United States", "kind": "name"}, {"text": "pledge", "kind": "topic"}),
        "standalone": "How much did the United States pledge to Jamaica?",
    }
    assert _told(removed) == _told(alone)


def _told(answer: Answer) -> tuple[object, ...]:
    return answer.carried, answer.citations, answer.confidence, answer.reason
