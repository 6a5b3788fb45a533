"""The source pane's text: a quote, its document and its check are of one and the same text."""

import pytest

from assistant import Quote, UnknownPlace
from tests.builders import document_of
from ui.markup import CHANGED, fingerprint
from ui.reading import open_quote

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
    assert opened["before"] + opened["quote"] + opened["after"] == OLD.text
    assert opened["length"] == len(OLD.text)
    assert opened["warning"] is None
    assert assistant.documents == [NEW, NEW]
    assert open_quote(Switching(NEW, OLD), "a.txt", 0, 9, CHECK)["warning"] == CHANGED


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-4, 9), (0, 1000)])
def test_a_place_that_is_not_there_is_told(start, end):
    with pytest.raises(UnknownPlace, match="no characters"):
        open_quote(Switching(OLD), "a.txt", start, end, CHECK)
