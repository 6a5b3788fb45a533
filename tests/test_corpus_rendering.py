"""Pages of PDFs as pictures, and where on them the words of their text stand."""

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from builders import document_of, drawn, pdf_of
from PIL import Image

from corpus import Document, rendering
from corpus.errors import Unreadable
from corpus.formats import pdf
from corpus.marks import Marks
from corpus.rendering import page_png, printed

LINES = (
    "It was quiet. The lighthouse of Port Lumen is kept",
    "by officer Quill. It was quiet. It was quiet again.",
)
SENTENCE = "The lighthouse of Port Lumen is kept by officer Quill."


def document_at(path: Path, data: bytes) -> Document:
    """The PDF as a document that was read from ``path``."""
    path.write_bytes(data)
    extract = pdf.read(BytesIO(data))
    return document_of(
        extract.text,
        path.name,
        source=str(path),
        media_type="application/pdf",
        sha256=hashlib.sha256(data).hexdigest(),
        marks=Marks.of(extract.marks),
    )


def printed_words(document: Document, words: str, after: int = 0) -> rendering.Printed:
    start = document.text.index(words, after)
    return printed(document, start, start + len(words))


def dark(picture: Image.Image, box: tuple[float, float, float, float]) -> int:
    """How many dark points there are within fractions of a picture."""
    width, height = picture.size
    left, top, right, bottom = box
    area = (left * width, top * height, right * width, bottom * height)
    return sum(picture.convert("L").crop(tuple(map(round, area))).histogram()[:128])


@pytest.fixture
def harbour(tmp_path: Path) -> Document:
    pages = [drawn(50, 500, "The harbour was busy."), drawn(50, 400, *LINES)]
    return document_at(tmp_path / "a.pdf", pdf_of(pages))


def test_a_quote_is_boxed_line_by_line_and_its_ink_lies_in_the_boxes(harbour: Document):
    found = printed_words(harbour, SENTENCE)
    assert (found.pages, found.page) == (2, 2)
    assert [page for page, _ in found.boxes] == [2, 2]
    (_, first), (_, second) = found.boxes
    picture = Image.open(BytesIO(page_png(harbour, 2)))
    # The page is 400 points wide; the first line begins at 50 with other words, the second ends so.
    assert first[0] > 100 / 400
    assert second[0] == pytest.approx(50 / 400, abs=0.005)
    assert second[2] < first[2]
    assert second[1] > first[1]
    whole = dark(picture, (0, 0, 1, 1))
    in_boxes = dark(picture, first) + dark(picture, second)
    letters = len(SENTENCE.replace(" ", "")) / len("".join(LINES).replace(" ", ""))
    assert in_boxes / whole == pytest.approx(letters, abs=0.06)


def test_of_words_that_recur_on_a_line_those_at_the_place_are_boxed(harbour: Document):
    first = printed_words(harbour, "It was quiet.", harbour.text.index("Quill"))
    again = harbour.text.index("It was quiet again")
    last = printed_words(harbour, "It was quiet", again)
    assert first.boxes[0][1][2] < last.boxes[0][1][0]


def test_a_quote_over_two_pages_has_boxes_on_both(tmp_path: Path):
    pages = [
        drawn(50, 40, "The talks of the ministers went on"),
        drawn(50, 500, "until night."),
    ]
    document = document_at(tmp_path / "a.pdf", pdf_of(pages))
    found = printed(document, 4, len(document.text) - 7)
    assert found.page == 1
    assert [page for page, _ in found.boxes] == [1, 2]


def test_a_turned_page_is_boxed_as_it_is_shown(tmp_path: Path):
    document = document_at(tmp_path / "a.pdf", pdf_of([drawn(50, 400, *LINES)], page="/Rotate 90"))
    [(_, box)] = printed_words(document, "The lighthouse").boxes
    picture = Image.open(BytesIO(page_png(document, 1)))
    assert picture.width > picture.height
    assert dark(picture, box) > 0.1 * dark(picture, (0, 0, 1, 1))


def test_letters_that_the_file_has_otherwise_are_found(harbour: Document):
    # As a reader would have it that keeps ligatures and writes other gaps and hyphens.
    other_words = "o\ufb03cer\u00a0Qu\u00adill"
    assert len(other_words) == len("officer Quill") - 1
    text = harbour.text.replace("officer Quill", other_words)
    at = harbour.text.index("officer Quill")
    moved = [
        mark._replace(start=mark.start - (mark.start > at), end=mark.end - (mark.end > at))
        for mark in harbour.marks.all()
    ]
    other = replace(harbour, text=text, marks=Marks.of(moved))
    assert printed_words(other, other_words).boxes == printed_words(harbour, "officer Quill").boxes


def test_words_that_are_not_found_have_the_box_of_their_line(harbour: Document):
    other = replace(harbour, text=harbour.text.replace("lighthouse", "LIGHTHOUSE"))
    [(_, box)] = printed_words(other, "LIGHTHOUSE").boxes
    assert box[0] == pytest.approx(50 / 400, abs=0.005)


def test_without_places_there_is_the_first_page_and_no_box(harbour: Document):
    found = printed_words(replace(harbour, marks=Marks()), SENTENCE)
    assert (found.page, found.boxes) == (1, ())


def test_a_picture_is_bounded_however_large_the_page(tmp_path: Path):
    data = pdf_of([drawn(50, 400, *LINES)], page="/MediaBox [0 0 300 14400]")
    picture = Image.open(BytesIO(page_png(document_at(tmp_path / "a.pdf", data), 1)))
    assert picture.width * picture.height < 4_100_000


def test_another_file_than_the_one_that_was_read_is_refused(harbour: Document):
    path = Path(harbour.source)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Unreadable, match="has changed since it was read"):
        printed_words(harbour, SENTENCE)
    with pytest.raises(Unreadable, match="has changed since it was read"):
        page_png(harbour, 1)
    path.unlink()
    with pytest.raises(Unreadable, match="not there"):
        page_png(harbour, 1)


def test_what_cannot_be_rendered_is_told(harbour: Document, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Unreadable, match="no page 3"):
        page_png(harbour, 3)
    with pytest.raises(Unreadable, match="no PDF of its own"):
        page_png(replace(harbour, record="inner.pdf"), 1)
    with pytest.raises(Unreadable, match="no PDF of its own"):
        page_png(replace(harbour, media_type="text/plain"), 1)
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "_MEMORY", 1 << 20)
        with pytest.raises(Unreadable, match=r"crashed|memory"):
            page_png(harbour, 1)
        patch.setattr(rendering, "_SECONDS", 0.001)
        with pytest.raises(Unreadable, match="longer than"):
            page_png(harbour, 1)
    junk = b"%PDF-1.7 nothing more"
    Path(harbour.source).write_bytes(junk)
    with pytest.raises(Unreadable, match="damaged"):
        page_png(replace(harbour, sha256=hashlib.sha256(junk).hexdigest()), 1)


def test_sentences_of_real_files_have_a_box_with_ink_in_it(test_data: Path, tmp_path: Path):
    paths = [test_data / "files" / "pypdf" / name for name in ("crazyones.pdf", "example.pdf")]
    for path in paths:
        document = document_at(tmp_path / path.name, path.read_bytes())
        words = max(document.text.split(". "), key=len)[:200].strip()
        found = printed_words(document, words)
        assert found.boxes
        picture = Image.open(BytesIO(page_png(document, found.page)))
        for page, box in found.boxes:
            assert all(0 <= side <= 1 for side in box)
            assert page != found.page or dark(picture, box) > 10
