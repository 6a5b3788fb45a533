"""Sound inputs to begin with: some made here, and the real files of ``READOUT_TEST_DATA``."""

import csv
import os
from functools import cache
from io import BytesIO
from pathlib import Path

from tests.benchmarks.fuzz.packing import packed

# Bytes of the largest file that is a seed: of smaller ones more can be tried.
_LARGEST = 16_000

#: Passwords of the encrypted files among them.
PASSWORDS = ("password", "wrong")

_BODY = "<h1>Minutes</h1><p>They met in Accra on May 3, 2021. Ms. Doe (U.S.) left.</p>"
_BODY += "<ul><li>one<li>two &amp; three</ul><table><tr><th>A<th>B<tr><td rowspan=2>1<td>2</table>"

_MAIL = b"""From: =?utf-8?q?Ad=C3=A9?= <a@b.example>
To: c@d.example
Subject: =?iso-8859-1?b?VGFsa3M=?=
Date: Mon, 3 May 2021 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: quoted-printable

They met, says the mail.=20

> On Monday she wrote:
>> They left.

--x
Content-Type: multipart/alternative; boundary="y"

--y
Content-Type: text/html; charset="windows-1252"
Content-Transfer-Encoding: base64

PHA+VGhleSBtZXQuPC9wPg==
--y--
--x
Content-Type: text/csv
Content-Disposition: attachment; filename*=utf-8''a%20b.csv

a,b
1,2

--x
Content-Type: message/rfc822

Subject: inner
From: e@f.example

Hello.
--x--
"""


def html() -> list[bytes]:
    meta = '<meta charset="utf-8"><meta property="article:published_time" content="2021-05-03">'
    facts = '{"@type":"NewsArticle","headline":"Talks","datePublished":"2021-05-03"}'
    page = f'<script type="application/ld+json">{facts}</script></head><body><article>{_BODY}'
    head = f"<!DOCTYPE html><html lang=en><head>{meta}<title>Talks</title>"
    return [f"{head}{page}</article></body></html>".encode(), _BODY.encode(), *_files("html")]


def epub() -> list[bytes]:
    container = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    container += '<rootfile full-path="a.opf"/></rootfiles></container>'
    book = '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/'
    book += '1.1/"><metadata><dc:title>Talks</dc:title><dc:date>2021</dc:date></metadata><manifest>'
    book += '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine>'
    book += '<itemref idref="c"/></spine></package>'
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{_BODY}</body></html>'
    made = {"META-INF/container.xml": container, "a.opf": book, "c.xhtml": page}
    return [
        packed([("mimetype", b"application/epub+zip"), *_encoded(made)]),
        *_files("epub"),
    ]


def mail() -> list[bytes]:
    return [_MAIL, *_files("eml")]


def msg() -> list[bytes]:
    return _files("msg", 200_000)


def text() -> list[bytes]:
    transcript = "MR. PRICE:  Good afternoon.\n\nQUESTION:  Who met?\n\nMR. PRICE:  They did.\n"
    release = "Readout of the Call\n\nMay 3, 2021\n\nThe following is attributable to"
    release += " Spokesperson Ned Price:\n\nThe Caribbean Basin Security Initiative (CBSI) met"
    release += " today, e.g. in Washington, D.C.\n\n- one\n- two\n\n1. First.\n2. Sec-\nond.\n"
    return [text.encode() for text in (transcript, release)] + _files("txt")


def markdown() -> list[bytes]:
    made = "---\ntitle: Talks\n---\n# One\n\nThey *met* [here](x).\n\n## Two\n\n- a\n  - b\n\n"
    made += "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\n> quoted\n\n<p>html</p>\n"
    return [made.encode(), *_files("md")]


def delimited() -> list[bytes]:
    made = ('year,country,"what ""is"" it"\n2021,Oman,"two\nlines"\n2022,Chad,\n', "a\tb\n1\t2\n")
    return [text.encode() for text in made] + _files("csv", "tsv")


def rich_text() -> list[bytes]:
    made = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset204 A;}}{\info{\title T}}\pard\b Talks"
    made += rb"\b0\par They met \u8364?\'e9.\par{\listtext 1.}One\par\trowd\cellx1\intbl a\cell b"
    made += rb"\cell\row{\*\x {\pict ffd8}}}"
    return [made, *_files("rtf")]


def pdf() -> list[bytes]:
    shown = b"BT /F 12 Tf 14 TL 50 500 Td (They met in Accra.) Tj T* (Ms. Doe left.) Tj ET"
    made = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>endobj\n"
    made += b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 400 600]>>endobj\n"
    made += b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Rotate 0/Resources<</Font<</F 5 0 R"
    made += b">>>>>>endobj\n4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n" % (
        len(shown),
        shown,
    )
    made += b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    made += b"6 0 obj<</First 7 0 R/Last 7 0 R/Count 1>>endobj\n"
    made += b"7 0 obj<</Title(Talks)/Parent 6 0 R/Dest[3 0 R/Fit]>>endobj\n"
    made += b"trailer<</Root 1 0 R/Info<</Title(Talks)/CreationDate(D:20210503)>>>>\n"
    return [made, *_files("pdf", 30_000)]


def word() -> list[bytes]:
    import docx

    document = docx.Document()
    document.core_properties.title = "Talks"
    document.add_heading("Minutes")
    document.add_paragraph("They met in Accra.")
    document.add_paragraph("One", style="List Bullet")
    table = document.add_table(2, 2)
    for at in range(4):
        table.cell(at // 2, at % 2).text = f"cell {at}"
    return [_saved(document), *_files("docx", 30_000)]


def slides() -> list[bytes]:
    import pptx

    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Talks"
    slide.placeholders[1].text = "They met in Accra."
    slide.notes_slide.notes_text_frame.text = "A note."
    return [_saved(presentation), *_files("pptx", 50_000)]


def sheets() -> list[bytes]:
    import openpyxl

    workbook = openpyxl.Workbook()
    for row in (("Year", "Country"), (2021, "Oman"), (2022.5, "=A2+1"), (None, True)):
        workbook.active.append(row)
    workbook.active.merge_cells("A5:B6")
    return [_saved(workbook), *_files("xlsx")]


def opendocument() -> list[bytes]:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "drawing", "presentation", "style", "meta")
    )
    spaces += ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    cells = "<table:table table:name='T'><table:table-row><table:table-cell"
    cells += " table:number-columns-repeated='2' office:value-type='float' office:value='1.5'>"
    cells += "<text:p>1.5</text:p></table:table-cell></table:table-row></table:table>"
    bodies = {
        "text": "<text:h text:outline-level='1'>Talks</text:h><text:p>They met.<text:note>"
        f"<text:note-body><text:p>So.</text:p></text:note-body></text:note></text:p>{cells}",
        "spreadsheet": cells,
        "presentation": "<draw:page draw:name='p'><draw:frame><draw:text-box><text:p>They met."
        "</text:p></draw:text-box></draw:frame></draw:page>",
    }
    made = []
    for kind, body in bodies.items():
        content = f"<office:document-content {spaces}><office:body><office:{kind}>{body}"
        content += f"</office:{kind}></office:body></office:document-content>"
        manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
        manifest += 'manifest:1.0"/>'
        parts = {"content.xml": content, "META-INF/manifest.xml": manifest}
        mime = f"application/vnd.oasis.opendocument.{kind}".encode()
        made.append(packed([("mimetype", mime), *_encoded(parts)]))
    return [*made, *_files("odt", 40_000)]


def archives() -> list[bytes]:
    inner = packed([("c.html", _BODY.encode()), ("d.csv", b"a,b\n1,2\n")])
    members = [("a.txt", b"They met."), ("b/inner.zip", inner), ("m.eml", _MAIL), (".x", b"")]
    return [packed(members), packed([(f"{at}.md", b"# One\n\n# Two\n") for at in range(9)])]


def records() -> list[bytes]:
    made = b'{"_id": "a", "text": "They met.", "title": "Talks", "date": "2021-05-03"}\n'
    made += (
        b'{"id": 7, "text": "They\\r\\nleft \\ud83d\\ude00.", "url": "http://x/", "more": [1]}\n'
    )
    return [made, b'\n\n{"text": "no id"}\nnot json\n{"_id": "\\ud800", "text": "half"}\n']


def _encoded(parts: dict[str, str]) -> list[tuple[str, bytes]]:
    return [(name, content.encode()) for name, content in parts.items()]


def _saved(document: object) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


@cache
def _manifest() -> list[tuple[Path, int]]:
    folder = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data")) / "files"
    manifest = folder / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(folder / row["path"], int(row["bytes"])) for row in rows]


def _files(*endings: str | int) -> list[bytes]:
    """The real files of some endings, the small ones of them."""
    largest = next((each for each in endings if isinstance(each, int)), _LARGEST)
    return [
        path.read_bytes()
        for path, size in _manifest()
        if size <= largest and path.suffix.removeprefix(".") in endings
    ]
