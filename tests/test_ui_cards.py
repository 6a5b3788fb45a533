"""The cards of cited passages: each quote marked where it stands in its passage."""

import re
from dataclasses import replace
from html import unescape

from builders import document_of

from assistant import Citation, Quote
from corpus import Passage
from index import Repeat
from ui.cards import cards_html

BEFORE = "The harbour was busy all day long. " * 20
AFTER = " Nobody else was there that night." * 20
QUOTE = "Ada Quill keeps the <b>lighthouse</b>."
OTHER = "Nobody else was there"


def citation_of(text: str, words: str, number: int = 1, passage: str = "a#0") -> Citation:
    """A citation of the words in a text that is one passage."""
    start = text.index(words)
    quote = Quote(start, start + len(words), words)
    document = document_of(text)
    whole = Passage(passage, document.id, 0, 0, len(text), None, None, ())
    return Citation(number, document, whole, quote, 0.5, True)


def contexts(html: str) -> list[str]:
    return re.findall(r'<p class="context" dir="auto">(.*?)</p>', html, re.DOTALL)


def marked(html: str) -> list[tuple[str, str]]:
    found = re.findall(r'<span class="quoted q(\d+)">(.*?)</span>', html, re.DOTALL)
    return [(number, unescape(words)) for number, words in found]


def told(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def test_a_short_passage_is_shown_whole_with_its_quote_marked():
    text = f"It is late. {QUOTE} All is well."
    html = cards_html([citation_of(text, QUOTE)])
    assert told(contexts(html)[0]) == text
    assert marked(html) == [("1", QUOTE)]
    assert "Whole passage" not in html
    assert "<b>" not in html


def test_of_a_long_passage_some_words_are_shown_and_the_rest_can_be_opened():
    text = BEFORE + QUOTE + AFTER
    html = cards_html([citation_of(text, QUOTE)])
    [context] = contexts(html)
    shown = told(context)
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    cut = shown.removeprefix("… ").removesuffix(" …")
    at = text.index(cut)
    assert not (text[at - 1] + text[at + len(cut)]).strip()  # cut between words
    assert len(cut) < len(QUOTE) + 300
    assert marked(context) == [("1", QUOTE)]
    whole = re.search(r'<details class="whole">.*?<p dir="auto">(.*?)</p>', html, re.DOTALL)
    assert told(whole[1]) == text
    assert marked(whole[1]) == [("1", QUOTE)]


def test_a_passage_without_spaces_is_cut_all_the_same():
    text = "漢" * 1000 + QUOTE + "字" * 1000
    shown = told(contexts(cards_html([citation_of(text, QUOTE)]))[0])
    assert QUOTE in shown
    assert len(shown) < len(QUOTE) + 300


def test_quotes_of_one_passage_share_a_card_and_none_is_shown_twice():
    text = f"{BEFORE}{QUOTE}{AFTER}"
    overlapping = citation_of(text, f"{QUOTE} Nobody", 3)
    group = [citation_of(text, OTHER, 2), citation_of(text, QUOTE, 1), overlapping]
    html = cards_html(group)
    assert html.count('class="card"') == 1
    assert told(contexts(html)[0]).count(QUOTE) == 1
    expected = [("1", QUOTE), ("3", " Nobody"), ("2", " else was there")]
    assert marked(contexts(html)[0]) == expected
    html = cards_html([citation_of(text, QUOTE), citation_of(text, OTHER, 2, "a#1")])
    assert html.count('class="card"') == 2


def test_the_documents_that_say_the_same_are_named_and_a_changed_source_is_flagged():
    citation = replace(
        citation_of(QUOTE, QUOTE),
        also_in=tuple(Repeat(f"{at}.txt", f"Copy <{at}>", None) for at in range(15)),
        verified=False,
    )
    html = cards_html([citation])
    assert "also in 15 other documents" in html
    assert "Copy <0>" in told(html)
    assert "and 3 more" in html
    assert "source changed since it was read" in html
    assert ">verified<" not in html
