"""Follow-up questions on the page: what is carried is shown, and can be taken away."""

import pytest
from browsing import ask, open_page, serving
from playwright.sync_api import Page, expect

from assistant import Turn
from ui.conversation import Turn as Shown
from ui.conversation import begin, restored, saved

FIRST = "Who co-chaired the 11th dialogue?"


def turn(question: str, **known: object) -> Shown:
    return Shown(question, "an answer", Turn(question), **known)


def test_a_new_question_may_lean_on_all_turns_since_the_last_new_topic():
    turns = [turn("a"), turn("b", fresh=True), turn("c"), Shown("failed")]
    _, history = begin("d", turns, None)
    assert [each.question for each in history] == ["b", "c"]


def test_a_question_asked_again_leans_on_what_it_leaned_on():
    turns = [turn("a"), turn("why"), turn("c"), turn("d")]
    again, history = begin("why", turns, {"at": 1, "without": "Haiti"})
    assert [each.question for each in history] == ["a"]
    assert again.without == ("Haiti",)
    turns.append(again)
    twice, _ = begin("why", turns, {"at": 4, "any_date": True, "without": "in 2021"})
    assert (twice.without, twice.any_date) == (("Haiti", "in 2021"), True)


def test_items_removed_one_after_the_other_stay_removed_and_are_not_carried_from_the_asking_again():
    turns = [turn("a"), turn("why"), turn("why", without=("Haiti",))]
    again, history = begin("why", turns, {"at": 2, "without": "pledge"})
    assert [each.question for each in history] == ["a"]
    assert again.without == ("Haiti", "pledge")


@pytest.mark.parametrize("sent", [{}, {"at": -1}, {"at": 9}, {"at": "1", "without": [1]}])
def test_what_the_page_sends_wrongly_asks_a_new_question(sent: dict[str, object]):
    again, history = begin("why", [turn("a")], sent)
    assert again == Shown("why")
    assert [each.question for each in history] == ["a"]


def test_a_browser_remembers_what_may_be_carried_and_what_an_earlier_readout_saved():
    turns = [turn("a"), Shown("b", "no"), turn("c", fresh=True), Shown("unanswered")]
    assert restored(saved(turns)) == turns[:3]
    assert restored([["a", "an answer"]]) == [Shown("a", "an answer")]
    assert restored(None) == []


def test_what_is_carried_is_shown_and_can_be_removed_and_a_new_topic_begun(
    page: Page, address: str
):
    open_page(page, address)
    ask(page, FIRST)
    expect(page.locator(".answer")).to_have_count(1)
    expect(page.locator(".carried")).to_have_count(0)
    ask(page, "When was it held?")
    chips = page.locator(".answer").last.locator(".carried .chip")
    expect(chips).to_have_text(["co-chaired ×", "11th dialogue ×"])
    page.reload()
    page.get_by_role("button", name="Ask again without these words: co-chaired").focus()
    page.keyboard.press("Space")
    expect(page.locator(".answer")).to_have_count(3)
    expect(page.locator(".asked").last).to_have_text("When was it held?")
    expect(chips).to_have_text(["11th dialogue ×"])
    page.locator(".answer").last.get_by_role("button", name="Ask again as a new topic").click()
    expect(page.locator(".answer")).to_have_count(4)
    expect(chips).to_have_count(0)
    ask(page, "who else?")  # leans on the new topic alone
    expect(page.locator(".answer")).to_have_count(5)
    expect(chips).to_have_text(["held ×"])


def test_a_question_that_repeats_the_one_before_shows_how_it_is_asked(home_of, page: Page):
    home = home_of(
        {
            f"{year}.md": f"---\ntitle: Kiribati <b>Day</b>\ndate: {year}-07-11\n---\n\n"
            f"The United States thanks the people of Kiribati for {what}.\n"
            for year, what in ((2021, "the care of the Pacific tuna"), (2022, "the new harbour"))
        }
    )
    with serving(home) as at:
        open_page(page, at)
        ask(page, "What does the United States thank Kiribati for in 2021?")
        expect(page.locator(".answer").last).to_contain_text("tuna")
        ask(page, "what about 2022?")
        answer = page.locator(".answer").nth(1)
        expect(answer.locator(".carried q")).to_have_text(
            "What does the United States thank Kiribati for in 2022?"
        )
        expect(answer).to_contain_text("harbour")
        expect(answer).not_to_contain_text("tuna")
        answer.get_by_role("button", name="Ask again without these dates").click()
        last = page.locator(".answer").nth(2)
        expect(last.locator(".carried")).to_have_count(1)
        expect(last.locator(".dates")).to_have_count(0)


def test_hostile_words_are_carried_as_words(page: Page, address: str):
    open_page(page, address)
    ask(page, "Who attended the <img src=x onerror='window.canary=1'> & +plus Summit?")
    expect(page.locator(".answer")).to_have_count(1)
    ask(page, "why?")
    expect(page.locator(".carried .chip").first).to_be_visible()
    page.locator("a.drop").last.click()
    expect(page.locator(".answer")).to_have_count(3)
    assert page.evaluate("window.canary") is None
