"""Of a book come its chapters in order, and what its metadata say."""

import io
import zipfile

import pytest

from corpus.errors import Unreadable
from corpus.formats import archive
from corpus.formats.epub import read

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>The Sea</dc:title><dc:creator>Jane Doe</dc:creator><dc:publisher>The Press</dc:publisher>
<dc:date>2023-11-20</dc:date></metadata><manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20.xhtml" media-type="application/xhtml+xml"/>
</manifest><spine><itemref idref="cover"/><itemref idref="nav"/><itemref idref="one"/>
<itemref idref="two"/></spine><guide><reference type="cover" href="cover.xhtml"/></guide>
</package>"""
CHAPTER = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
    "<body><h1>{0}</h1><p>Words of {0}.</p></body></html>"
)
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/nav.xhtml": CHAPTER.format("Contents"),
    "OEBPS/cover.xhtml": CHAPTER.format("Cover"),
    "OEBPS/text/one .xhtml": CHAPTER.format("One"),
    "OEBPS/text/two.xhtml": CHAPTER.format("Two"),
}


def packed(members: dict[str, str]) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in members.items():
            book.writestr(name, content)
    return stream


def test_chapters_come_in_order_each_with_its_place():
    extract = read(packed(BOOK))

    assert extract.text == "One\n\nWords of One.\n\nTwo\n\nWords of Two."
    assert [
        (mark.value, extract.text[mark.start : mark.end])
        for mark in extract.marks
        if mark.kind == "part"
    ] == [
        ("OEBPS/text/one .xhtml", "One\n\nWords of One."),
        ("OEBPS/text/two.xhtml", "Two\n\nWords of Two."),
    ]
    assert {fact.field: fact.value for fact in extract.facts} == {
        "title": "The Sea",
        "author": "Jane Doe",
        "publisher": "The Press",
        "published": "2023-11-20",
    }


def test_a_missing_chapter_is_told_and_the_rest_is_read():
    extract = read(packed({k: v for k, v in BOOK.items() if "one" not in k}))

    assert extract.text == "Two\n\nWords of Two."
    assert extract.notes == ("chapter OEBPS/text/one .xhtml is missing",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"META-INF/container.xml": "<a/>", "OEBPS/book.opf": "<package"}, "damaged|no text"),
        ({"OEBPS/book.opf": ""}, "damaged"),
        (
            {
                "META-INF/encryption.xml": "<e xmlns:x='u'><x:CipherReference "
                "URI='OEBPS/text/two.xhtml'/></e>"
            },
            "protected against copying",
        ),
    ],
)
def test_what_cannot_be_read_is_told(changes: dict[str, str], reason: str):
    with pytest.raises(Unreadable, match=reason):
        read(packed(BOOK | changes))


def test_a_book_whose_fonts_are_scrambled_is_read():
    fonts = "<e xmlns:x='u'><x:CipherReference URI='OEBPS/font.otf'/></e>"

    assert read(packed(BOOK | {"META-INF/encryption.xml": fonts})).text


def test_a_book_cut_short_is_refused():
    with pytest.raises(Unreadable, match="damaged"):
        read(io.BytesIO(packed(BOOK).getvalue()[:400]))


def test_a_damaged_chapter_is_told():
    data = packed(BOOK).getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        place = book.getinfo("OEBPS/text/two.xhtml").header_offset
    broken = bytearray(data)
    broken[place + 60 : place + 90] = bytes(30)
    extract = read(io.BytesIO(bytes(broken)))

    assert extract.text.startswith("One")
    assert "two.xhtml" in extract.notes[0]


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Unreadable, match="unpack to"):
        read(packed(BOOK | {"bomb": "0" * (archive.FREE_UNPACKED + 1)}))
    monkeypatch.setattr(archive, "MAX_MEMBERS", len(BOOK) - 1)
    with pytest.raises(Unreadable, match="files"):
        read(packed(BOOK))
