"""What a file is shows in its bytes, whatever its name says."""

import zipfile
from io import BytesIO

import pytest
from builders import gzipped

from corpus import detection
from corpus.detection import media_type
from corpus.errors import Unreadable


def archive(members: dict[str, str]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, content in members.items():
            out.writestr(name, content)
    return packed.getvalue()


MAIL = b"From: a@b.example\nTo: c@d.example\nMessage-ID: <1@b>\nSubject: Talks\n\nThey met.\n"
PAGE = b"<!DOCTYPE html><html><body><p>They met.</p></body></html>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n...", detection.PDF),
        (b"\r\n\r\n%PDF-1.4 after junk", detection.PDF),
        (archive({"word/document.xml": "x"}), detection.DOCX),
        (archive({"ppt/presentation.xml": "x"}), detection.PPTX),
        (archive({"xl/workbook.xml": "x"}), detection.XLSX),
        (archive({"mimetype": detection.ODT}), detection.ODT),
        (archive({"mimetype": detection.EPUB}), detection.EPUB),
        (archive({"notes.txt": "x"}), detection.ZIP),
        (rb"{\rtf1\ansi They met.}", detection.RTF),
        (PAGE, detection.HTML),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?><!-- saved --><HTML lang=en><p>x", detection.HTML),
        (PAGE.decode().encode("utf-16"), detection.HTML),
        (MAIL, detection.MAIL),
        (b"From someone Tue May  4 2021\n" + MAIL, detection.MAIL),
        (MAIL.replace(b"\n", b"\r\n"), detection.MAIL),
        (b'{"_id": 1, "text": "They met."}\n{"_id": 2, "text": "x"}\n', detection.RECORDS),
        (gzipped(b'{"_id": 1, "text": "They met."}'), detection.RECORDS),
        (b"# Talks\n\nThey met.\n\n## Ships\n\nThree.\n", detection.MARKDOWN),
        (b"name;ships;men\na;1;2\nb;3;4\nc;5;6\n", detection.CSV),
        (b"name\tships\tmen\na\t1\t2\nb\t3\t4\n", detection.CSV),
        (b"\tThey met.\n\tThey left.\n\tThey met again.\n", detection.TEXT),
        (b"<head of state> visits\n", detection.TEXT),
        (b"Every PDF file begins with %PDF-1.7, they say.\n", detection.TEXT),
        (b"GIF89a is a format.", detection.TEXT),
        (b"<?xml version is what a file may begin with.", detection.TEXT),
        (b"<!-- x -->" * 60 + b"They met.", detection.TEXT),
        (b"<!-- x -->" * 60 + PAGE, detection.HTML),
        (b"<table border=1><tr><td>a</td></tr></table>", detection.HTML),
        (archive({"a.pdf": "%PDF-1.4\n...", "b.txt": "x"}), detection.ZIP),
        (b"name,ships,men\na,1,2\nb,3,4\n", detection.CSV),
        (b"They met, talked, and left.\n" * 5, detection.TEXT),
        (b"They met, and talked.\nThen, at last, they left.\n", detection.TEXT),
        (b"Subject: Talks\nDate: 3 May 2021\n\nThey met.\n", detection.TEXT),
        (b"BMW and GIF88 are words.", detection.TEXT),
        (b"", detection.TEXT),
    ],
)
@pytest.mark.parametrize("name", ["a", "a.txt", "a.pdf", "a.docx", "a.zip"])
def test_the_content_tells(data: bytes, expected: str, name: str):
    stream = BytesIO(data)
    assert media_type(stream, name) == expected
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.md", b"They met.", detection.MARKDOWN),
        ("a.CSV", b"name\nAda\n", detection.CSV),
        ("a.jsonl", b"not json", detection.RECORDS),
        ("a.eml", b"Subject: Talks\n\nThey met.", detection.MAIL),
        ("a.htm", b"They <b>met</b>.<br>", detection.HTML),
        ("a.html", b"1 < 2, they said.", detection.TEXT),
        ("a.md", PAGE, detection.HTML),
    ],
)
def test_the_name_tells_texts_apart_that_look_alike(name: str, data: bytes, expected: str):
    assert media_type(BytesIO(data), name) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
        (b"\x7fELF\2\1\1\0", "not a format"),
        (b"PK\3\4 cut short", "damaged archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut short", "damaged Office file"),
        (b"<?xml version='1.0'?><feed/>", "XML"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "XML"),
        (b"%!PS-Adobe-3.0", "PostScript"),
        (gzipped(b"They met."), "packed with gzip"),
        (b"\x1f\x8b\x08 cut short", "packed with gzip"),
    ],
)
def test_what_is_not_read_is_told_with_what_to_do(data: bytes, reason: str):
    with pytest.raises(Unreadable, match=rf"^(an? )?.*{reason}.*[;(].+"):
        media_type(BytesIO(data), "a.txt")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("unstructured/fake.doc", r"old Word document.*\.docx"),
        ("unstructured/tests-example.xls", r"old Excel workbook.*\.xlsx"),
        ("unstructured/password_protected.xlsx", "encrypted"),
    ],
)
def test_old_and_encrypted_office_files_are_told(test_data, path: str, reason: str):
    with (
        (test_data / "files" / path).open("rb") as stream,
        pytest.raises(Unreadable, match=reason),
    ):
        media_type(stream, "a.txt")
