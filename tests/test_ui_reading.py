"""The source pane's text: a quote, its document and its check are of one and the same text."""

import pytest

from assistant import Quote, UnknownPlace
from tests.builders import document_of
from ui.linking import CHANGED, fingerprint
from ui.reading import open_quote, read_more

OLD = document_of("Ana Silva chaired the talks.", title="The talks of May")
NEW = document_of("Ana Silva chaired the talks again.", title="The talks of June")
CHECK = fingerprint(Quote.of(OLD, 0, 9))


class Switching:
    """Stands in for an assistant whose index is switched after each read."""

    def __init__(self, *documents):
        self.documents = list(documents)

    def document(self, _):
        return self.documents.pop(0)

    def quote(self, document_id, start, end):
        return Quote.of(self.document(document_id), start, end)

    def verify(self, document, quote):
        return document.text[quote.start : quote.end] == quote.text and document == OLD


def test_all_that_is_opened_is_of_one_text():
    assistant = Switching(OLD, NEW, NEW)
    opened = open_quote(assistant, "a.txt", 0, 9, CHECK)
    assert opened["title"] == OLD.title
    assert "".join((*opened["before"], opened["quote"], *opened["after"])) == OLD.text
    assert opened["length"] == len(OLD.text)
    assert opened["warning"] is None
    assert assistant.documents == [NEW, NEW]
    assert open_quote(Switching(NEW, OLD), "a.txt", 0, 9, CHECK)["warning"] == CHANGED


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-4, 9), (0, 1000)])
def test_a_place_that_is_not_there_is_told(start, end):
    with pytest.raises(UnknownPlace, match="no characters"):
        open_quote(Switching(OLD), "a.txt", start, end, CHECK)


def also_of(document, *words):
    """The places of words in a document as a page tells them."""
    quotes = [
        Quote(document.text.index(each), document.text.index(each) + len(each), each)
        for each in words
    ]
    return [f"{quote.start}-{quote.end}-{fingerprint(quote)}" for quote in quotes]


def test_what_is_cited_too_is_cut_out_around_the_quote():
    text = "Ana Silva 😀 chaired the talks. Rain fell. Bo Lund spoke. It ended."
    document = document_of(text)
    quote = Quote.of(document, text.index("Rain"), text.index("Rain") + 10)
    also = also_of(document, "Bo Lund spoke.", "Ana Silva 😀", "😀 chaired", "Rain fell. Bo")
    opened = open_quote(
        Switching(document), "a.txt", quote.start, quote.end, fingerprint(quote), also
    )
    assert opened["before"] == ("", "Ana Silva 😀", "", " chaired", " the talks. ")
    assert opened["quote"] == "Rain fell."
    assert opened["after"] == ("", " Bo", "", " Lund spoke.", " It ended.")


@pytest.mark.parametrize("also", ["0-9-0123456789abcdef", "5-5-", "a-b-c", "", "9-0-" + "0" * 16])
def test_a_place_whose_words_have_changed_or_that_is_none_is_not_marked(also):
    opened = open_quote(Switching(OLD), "a.txt", 0, 9, CHECK, [also])
    assert opened["after"] == (OLD.text[9:],)


def test_more_of_a_text_has_what_is_cited_in_it():
    document = document_of("x" * 15_000 + " Bo Lund spoke. " + "y" * 15_000)
    edition = open_quote(Switching(document), "a.txt", 0, 9, fingerprint(Quote.of(document, 0, 9)))[
        "edition"
    ]
    also = also_of(document, "Bo Lund spoke.")
    more = read_more(Switching(document), "a.txt", edition, 10_009, True, also)
    assert more["text"] == ("x" * 4_991 + " ", "Bo Lund spoke.", " " + "y" * 4_993)
    assert (more["start"], more["end"]) == (10_009, 20_009)
    back = read_more(Switching(document), "a.txt", edition, 25_000, False, also)
    assert "".join(back["text"]) == document.text[15_000:25_000]
    assert back["text"][1] == "Bo Lund spoke."
