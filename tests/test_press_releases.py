"""The press releases are read as they come, and our questions on them point into their texts."""

from pathlib import Path

import pytest

from assistant.golden import load_golden, resolve
from corpus import Document, Problem, Worker, files_of, read_source, resolve_root, sentence_spans

QUESTIONS = Path(__file__).parent / "questions"


@pytest.fixture(scope="module")
def releases(test_data: Path) -> list[Document]:
    path = test_data / "press-releases" / "documents.jsonl.gz"
    items = [item for file in files_of(resolve_root(path)) for item in read_source(file, Worker())]
    assert not [item for item in items if isinstance(item, Problem)]
    return items


def test_every_release_is_read_with_its_date(releases: list[Document]):
    assert len(releases) == 2031
    assert all(release.title and release.published for release in releases)
    assert {release.published.year for release in releases} == {2021, 2022}


def test_our_questions_point_into_sentences_of_the_releases(releases: list[Document]):
    questions = resolve(load_golden(QUESTIONS / "press-releases.jsonl"), releases)
    assert len([entry for entry in questions if entry.answers]) == 60
    assert len([entry for entry in questions if not entry.answers]) == 30
    texts = {release.id: release.text for release in releases}
    for place in (place for entry in questions for place in entry.answers):
        text = texts[place.document]
        answer = text[place.start : place.end]
        assert answer == answer.strip()
        assert any(
            start <= place.start and place.end <= end for start, end in sentence_spans(text)
        ), answer


def test_our_questions_on_the_bundled_documents_are_enough():
    questions = load_golden(QUESTIONS / "bundled.jsonl")
    assert len([entry for entry in questions if entry.answers]) >= 30
    assert len([entry for entry in questions if not entry.answers]) >= 15
