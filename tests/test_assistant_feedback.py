"""What people say of answers is kept, can be taken back, and becomes golden questions."""

import json
import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from assistant import BadQuestion
from assistant.errors import FeedbackUnusable
from assistant.feedback import FEEDBACK, Feedback, golden_rows, wrong_rows
from assistant.golden import GoldenQuestion, QuotedPlace, load_golden
from index import Home

PLACE = QuotedPlace("a.txt", 3, 9, "“quote”", "0" * 64)
OTHER = QuotedPlace("b.txt", 0, 4, "else", "1" * 64)
QUESTION = "Who keeps the lighthouse?"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def say(home: Home, verdict: str, place: QuotedPlace | None = PLACE, **others: object) -> bool:
    known = {"question": QUESTION, "turns": (), "within": "", "generation": "000001"}
    return Feedback(home).add(verdict, place=place, **known | others)


def take_back(home: Home, verdict: str, place: QuotedPlace | None = PLACE) -> bool:
    return Feedback(home).take_back(verdict, QUESTION, (), "", place)


def verdicts(home: Home) -> list[str]:
    return [opinion.verdict for opinion in Feedback(home).opinions()]


def test_an_opinion_is_kept_once_with_all_that_is_known(home: Home):
    assert say(home, "up", turns=("Where?",), within="format=pdf", generation="000007")
    assert not say(home, "up", turns=("Where?",), within="format=pdf", generation="000008")
    [kept] = Feedback(home).opinions()
    assert (kept.verdict, kept.question, kept.place) == ("up", QUESTION, PLACE)
    assert (kept.turns, kept.within, kept.generation) == (("Where?",), "format=pdf", "000007")
    assert kept.time.tzinfo is not None


@pytest.mark.parametrize(("one", "other"), [("up", "down"), ("right", "wrong")])
def test_the_contrary_takes_the_place_of_what_was_said_of_the_same(home: Home, one, other):
    say(home, one)
    say(home, one, OTHER)
    say(home, other)
    assert verdicts(home) == [one, other]
    say(home, one)
    assert verdicts(home) == [one, one]


def test_an_opinion_can_be_taken_back_once(home: Home):
    assert not take_back(home, "up")
    assert not home.path.exists()  # nothing is made to take nothing back
    say(home, "up")
    assert not take_back(home, "up", OTHER)
    assert take_back(home, "up")
    assert not take_back(home, "up")
    assert verdicts(home) == []


def test_good_answers_and_right_passages_become_golden_questions(home: Home, tmp_path: Path):
    say(home, "up")
    say(home, "right", OTHER)
    say(home, "down", question="Was it bad?")
    say(home, "right", question="And why?", turns=("Where?",))
    say(home, "nothing", None, question="Who pays?")
    say(home, "up", within="format=pdf", question="What does it say?")
    say(home, "wrong", question="Who else?")
    target = tmp_path / "golden.jsonl"
    rows = golden_rows(Feedback(home).opinions())
    target.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert load_golden(target) == [
        GoldenQuestion(QUESTION, (PLACE, OTHER)),
        GoldenQuestion("And why?", (PLACE,), turns=("Where?",)),
        GoldenQuestion("Who pays?", ()),
    ]
    [wrong] = wrong_rows(Feedback(home).opinions())
    assert (wrong["question"], wrong["wrong"]["quote"]) == ("Who else?", PLACE.quote)


def test_who_contradicts_himself_makes_no_golden_question(home: Home):
    say(home, "up")
    say(home, "nothing", None)
    assert golden_rows(Feedback(home).opinions()) == []


def _say_many(path: Path, first: int) -> None:
    for number in range(first, first + 20):
        say(Home(path), "up", question=f"Question {number}?")


def test_several_processes_may_write_at_once(home: Home):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_say_many, args=(home.path, at)) for at in (0, 100, 200)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len({opinion.question for opinion in Feedback(home).opinions()}) == 60


def test_a_file_that_is_damaged_or_of_a_newer_readout_is_told_and_left_alone(home: Home):
    home.path.mkdir()
    file = home.path / FEEDBACK
    file.write_bytes(b"no database" * 100)
    with pytest.raises(FeedbackUnusable, match=r"feedback\.sqlite: cannot be used"):
        say(home, "up")
    assert file.read_bytes() == b"no database" * 100
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(FeedbackUnusable, match="newer Readout"):
        Feedback(home).opinions()


def test_what_is_no_question_is_not_kept(home: Home):
    with pytest.raises(BadQuestion):
        say(home, "up", question="  ")
    assert verdicts(home) == []
