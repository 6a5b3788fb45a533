"""Answers as HTML: what is shown, and that no word of a document is ever code."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from urllib.parse import parse_qs

import pytest

from assistant import Answer, Citation, Dates, Quote
from corpus import Document, Passage
from ui.linking import fingerprint, place_link
from ui.markup import answer_html, error_html, question_html
from ui.told import day, told

HOSTILE = (
    "<script>canary()</script> <img src=x onerror=canary()> ${canary()} {{canary()}} $$x$$ & \"'"
)


class _Tags(HTMLParser):
    """Collects the tags with their attributes, and the text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == name]


def _citation(text: str = "A quote.", number: int = 1, verified: bool = True) -> Citation:
    document = Document(
        id="folder/a b&c.txt",
        source="/x/a b&c.txt",
        media_type="text/plain",
        title="A title",
        text=text,
        published=date(2023, 11, 20),
        event_date=None,
        sha256="0" * 64,
        publisher="A publisher",
    )
    passage = Passage("p#0", document.id, 0, 0, len(text), None, None, ())
    return Citation(number, document, passage, Quote(0, len(text), text), 0.9, verified)


def _answer(*citations: Citation, **changes: object) -> Answer:
    answer = Answer("Why?", citations, (), (), 0.934, None, "000001", 1.0)
    return replace(answer, **changes)


def _dates(words: str = "last October", **changes: object) -> Dates:
    dates = Dates(words, date(2021, 10, 1), date(2021, 10, 31), None, kept=True)
    return replace(dates, **changes)


def test_each_quote_is_followed_by_its_number():
    found = _Tags(answer_html(_answer(_citation("One."), _citation("Two.", 2))))
    links = [attrs["class"] for attrs in found.named("a")]
    actions = ("cite", "open", "citing", "keeping", "golden", "wrong")
    assert links == [*actions, *actions, "title", "only", "golden", "keys"]
    offer = "Open source Cite Keep This is the right passage Wrong passage"
    assert f"“One.”\xa0[1]{offer}“Two.”\xa0[2]{offer}" in found.text
    assert "93% sure Nothing here answers this Keys" in found.text


def test_a_card_names_its_document_with_publisher_date_place_and_strength():
    found = _Tags(answer_html(_answer(_citation("One."), _citation("Two.", 2))))
    assert len(found.named("li")) == 1
    about = "A publisher · 20 November 2023 · line 1 · evidence 90% · verified"
    assert f"[1] [2] A title{about}" in found.text


def test_confidence_is_a_percentage():
    assert "93% sure" in answer_html(_answer(_citation()))


def test_one_changed_source_is_flagged():
    found = answer_html(_answer(_citation("One."), _citation("Two.", 2, verified=False)))
    assert '<strong class="changed">source changed since it was read</strong>' in found
    assert "verified" not in found.replace("changed", "")


def test_without_a_date_of_publication_the_event_is_dated():
    citation = _citation()
    document = replace(citation.document, published=None, event_date=date(2020, 10, 28))
    assert "event of 28 October 2020" in answer_html(_answer(replace(citation, document=document)))


def test_a_refusal_is_no_answer():
    refusal = _answer(
        confidence=0.01,
        reason="Nothing here answers that.",
        unknown_terms=("zanzibar",),
        nearest=(_citation("Near. " * 100), _citation("Changed.", 2, verified=False)),
    )
    found = _Tags(answer_html(refusal))
    assert found.tags[0][1]["class"] == "answer no-answer"
    links = [attrs["class"] for attrs in found.named("a")]
    assert links == ["near", "golden", "near", "golden", "golden"]
    assert "Nothing here answers that." in found.text
    assert "Found nowhere: zanzibar" in found.text
    assert "source changed since it was read" in found.text
    assert "Near. Near." in found.text
    assert " …" in found.text
    assert not found.named("blockquote")


@pytest.mark.parametrize(
    "markup",
    [
        question_html(HOSTILE),
        error_html(HOSTILE),
        answer_html(_answer(_citation(), dates=_dates(HOSTILE))),
        answer_html(_answer(_citation(HOSTILE))),
        answer_html(
            _answer(reason=HOSTILE, unknown_terms=(HOSTILE,), nearest=(_citation(HOSTILE),))
        ),
    ],
)
def test_hostile_text_is_text(markup: str):
    found = _Tags(markup)
    assert not {"script", "img"} & {tag for tag, _ in found.tags}
    assert HOSTILE in found.text


def test_a_link_names_its_place_and_its_words():
    citation = _citation("Ünïcode 😀 words")
    query = parse_qs(place_link(citation).removeprefix("#src?"))
    assert query == {
        "document": ["folder/a b&c.txt"],
        "start": ["0"],
        "end": ["15"],
        "check": [fingerprint(citation.quote)],
    }


def test_a_very_long_question_is_clipped():
    shown = question_html("why " * 50_000)
    assert len(shown) < 3_000
    assert "…" in shown


def test_half_characters_of_a_question_can_be_sent():
    assert question_html("half \ud83d a smile") == '<p class="asked">half \ufffd a smile</p>'


def test_days_are_written_out():
    assert day(date(2023, 11, 6)) == "6 November 2023"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Looked in October 2021"),
        ({"order": "latest"}, "Looked in October 2021, newest first"),
        ({"since": date(2021, 1, 1), "until": date(2021, 12, 31)}, "Looked in 2021"),
        ({"since": date(2020, 1, 1), "until": date(2021, 12, 31)}, "Looked from 2020 to 2021"),
        (
            {"since": date(2021, 5, 1), "until": date(2021, 7, 31)},
            "Looked from May 2021 to July 2021",
        ),
        ({"until": date(2021, 10, 1)}, "Looked on 1 October 2021"),
        ({"until": date(2021, 10, 9)}, "Looked from 1 October 2021 to 9 October 2021"),
        ({"until": None}, "Looked since 1 October 2021"),
        ({"since": None}, "Looked until 31 October 2021"),
        ({"since": None, "until": None, "order": "earliest"}, "Oldest first"),
        (
            {"kept": False},
            "No document dated in October 2021 answers better; looked everywhere",
        ),
    ],
)
def test_how_the_dates_were_understood_is_told(changes: dict[str, object], expected: str):
    assert told(_dates(**changes)) == expected


def test_dates_that_an_answer_keeps_to_can_be_removed_and_others_need_not_be():
    refusal = _answer(reason="No.", dates=_dates())
    for answer in (_answer(_citation(), dates=_dates()), refusal):
        found = _Tags(answer_html(answer))
        [remove] = [attrs for attrs in found.named("a") if attrs["class"] == "undate"]
        assert remove["href"] == "#any-date"
        assert "last October" in found.text
    left = _Tags(answer_html(_answer(_citation(), dates=_dates(kept=False))))
    assert "looked everywhere" in left.text
    assert "undate" not in {attrs["class"] for attrs in left.named("a")}
    assert "dates" not in answer_html(_answer(_citation()))
