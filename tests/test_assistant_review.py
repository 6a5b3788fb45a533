"""What golden questions tell of an index before it serves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import flip_a_byte, write_files

from assistant import Assistant
from assistant.review import Review, rebuild_and_review
from index import Cancelled, Home, Progress

HomeOf = Callable[[dict[str, str]], Home]
TEXTS = {
    "sea.txt": "The coast guard patrols. The harbour master of Port Lumen is Ada Quill.",
    "arms.txt": "A working group in Kestrel traces illegal firearms.",
}
MASTER, TRACING = "Who is the harbour master of Port Lumen?", "Who traces illegal firearms?"


def with_golden(home: Home, *questions: str) -> Home:
    lines = (json.dumps({"question": question, "answers": []}) for question in questions)
    (home.path / "golden.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `home_of` puts its texts."""
    return tmp_path / "documents"


@pytest.fixture
def home(home_of: HomeOf) -> Home:
    return with_golden(home_of(TEXTS), MASTER, TRACING)


def test_a_question_that_gets_another_first_citation_is_told(home: Home, folder: Path):
    write_files(folder, {"sea.txt": TEXTS["sea.txt"].replace("Ada Quill", "Ben Okoro")})
    told: list[Progress] = []

    report, review = rebuild_and_review(home, on_progress=told.append)

    assert report.generation == home.current() == "000002"
    [entry] = review.changed
    assert (review.asked, entry.question) == (2, MASTER)
    assert entry.before
    assert entry.now
    assert "Ada Quill" in entry.before.quote.text
    assert "Ben Okoro" in entry.now.quote.text
    assert [step.done for step in told if step.stage == "ask"] == [1, 2]


def test_the_same_words_elsewhere_in_the_document_are_the_same_citation(home: Home, folder: Path):
    write_files(folder, {"sea.txt": f"A sentence before.\n\n{TEXTS['sea.txt']}"})

    _, review = rebuild_and_review(home)

    assert review == Review(2)
    with Assistant.open(home) as assistant:
        [first, *_] = assistant.ask(MASTER).citations
    assert first.quote.start > TEXTS["sea.txt"].index("The harbour")


def test_who_says_no_keeps_the_index_and_what_was_encoded(home: Home, folder: Path):
    write_files(folder, {"sea.txt": "The harbour master is Ben Okoro."})

    with pytest.raises(Cancelled, match="not switched to"):
        rebuild_and_review(home, decide=lambda review: not review.changed)

    assert home.current() == "000001"
    assert home.names() == ["000001"]
    report, _ = rebuild_and_review(home)
    assert report.encoded == 0


def test_asking_can_be_cancelled(home: Home, folder: Path):
    write_files(folder, {"new.txt": "New."})
    told: list[Progress] = []

    with pytest.raises(Cancelled):
        rebuild_and_review(
            home,
            on_progress=told.append,
            is_cancelled=lambda: bool(told) and told[-1].stage == "ask",
        )
    assert home.current() == "000001"
    assert told[-1].done == 1


def test_a_golden_file_that_cannot_be_used_is_told_and_the_rebuild_goes_on(
    home: Home, folder: Path
):
    (home.path / "golden.jsonl").write_text("{", encoding="utf-8")
    write_files(folder, {"new.txt": "New."})

    report, review = rebuild_and_review(home)

    assert report.generation == "000002"
    assert "golden.jsonl" in (review.fault or "")


def test_without_an_index_to_compare_with_nothing_is_asked(home: Home, new_home: Home):
    assert rebuild_and_review(home)[1] == Review()  # nothing was built
    flip_a_byte(home.generations / "000001" / "documents.sqlite")
    report, review = rebuild_and_review(home)
    assert (report.generation, review) == ("000002", Review())
