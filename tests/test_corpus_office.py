"""Word files, presentations, OpenDocument and rich text: what comes out, and where it stood."""

import datetime as dt
import random
import re
import time
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from corpus.errors import Unreadable
from corpus.formats import office, opendocument, rtf, slides, word

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def saved(document) -> BytesIO:
    stream = BytesIO()
    document.save(stream)
    stream.seek(0)
    return stream


def changed(stream: BytesIO, change: Callable[[str, bytes], bytes | None]) -> BytesIO:
    """A package with each member as ``change`` makes it; None leaves it out."""
    other = BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(other, "w") as after:
        for name in before.namelist():
            content = change(name, before.read(name))
            if content is not None:
                after.writestr(name, content)
    other.seek(0)
    return other


def with_body(xml: str) -> BytesIO:
    """A Word file with a body of its own."""
    document = docx.Document()
    body = document.element.body
    body.clear()
    for element in parse_xml(f"<w:body {nsdecls('w', 'r', 'wp', 'a')}>{xml}</w:body>"):
        body.append(element)
    return saved(document)


def marked(extract, kind: str) -> list[tuple[str, object]]:
    """The stretches with a mark of one kind, in the order of their places."""
    marks = sorted(mark for mark in extract.marks if mark.kind == kind)
    return [(extract.text[mark.start : mark.end], mark.value) for mark in marks]


def context(extract) -> dict[str, object]:
    return dict(marked(extract, "context"))


def facts(extract) -> dict[str, object]:
    """The surest fact of each field."""
    return {fact.field: fact.value for fact in sorted(extract.facts, key=lambda fact: fact.sure)}


def refusal(read, stream) -> str:
    """Why a reader refuses a file; empty if it reads it. It must not fail otherwise."""
    try:
        read(stream)
    except Unreadable as error:
        return str(error)
    return ""


# Word


def test_paragraphs_and_tables_come_in_their_order_and_are_numbered():
    document = docx.Document()
    document.add_paragraph("Before.")
    document.add_paragraph("")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("State", "Seats", "Grenada", "15"), strict=True):
        cell.text = text
    document.add_paragraph("After.")
    extract = word.read(saved(document))

    assert extract.text == "Before.\nState | Seats\nGrenada | 15\n\nAfter."
    assert marked(extract, "paragraph") == [
        ("Before.", 1),
        ("State | Seats", 2),
        ("Grenada | 15", 3),
        ("After.", 4),
    ]
    assert context(extract) == {"Grenada | 15": "State | Seats"}


def test_headings_stand_under_the_title_and_those_above_them():
    document = docx.Document()
    document.add_heading("Dialogue", 0)
    document.add_heading("Sea", 1)
    document.add_heading("Patrols", 2)
    document.add_paragraph("Ships.")
    document.add_heading("Air", 1)
    document.add_paragraph("Planes.")
    extract = word.read(saved(document))
    deepest = {}
    for mark in sorted(extract.marks, key=lambda mark: mark.start):
        if mark.kind == "heading":
            deepest.update(
                dict.fromkeys(extract.text[mark.start : mark.end].split("\n\n"), mark.value)
            )

    assert deepest["Ships."] == "Dialogue › Sea › Patrols"
    assert deepest["Planes."] == "Dialogue › Air"
    assert facts(extract)["title"] == "Dialogue"


def test_a_heading_is_known_by_its_outline_level_and_by_the_style_it_is_based_on():
    document = docx.Document()
    own = document.styles.add_style("Kapitel", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = document.styles["Heading 1"]
    document.add_paragraph("Meer", style="Kapitel")
    paragraph = document.add_paragraph("Luft")
    paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="1"/>'))
    document.add_paragraph("Text.")
    extract = word.read(saved(document))

    assert ("Luft\n\nText.", "Meer › Luft") in marked(extract, "heading")


def test_a_paragraph_in_the_style_of_a_heading_is_none():
    document = docx.Document()
    document.add_heading("The ministers met and talked. " * 20, 1)

    assert marked(word.read(saved(document)), "heading") == []


def test_a_bullet_keeps_the_line_that_introduces_it_and_the_item_above_it():
    document = docx.Document()
    document.add_paragraph("The partners will:")
    document.add_paragraph("patrol the sea", style="List Bullet")
    document.add_paragraph("by night", style="List Bullet 2")
    document.add_paragraph("")
    document.add_paragraph("train officers", style="List Number")
    document.add_paragraph("They met.")
    document.add_paragraph("a list that nothing introduces", style="List Bullet")
    extract = word.read(saved(document))

    assert extract.text == (
        "The partners will:\npatrol the sea\nby night\ntrain officers\n\nThey met.\n\n"
        "a list that nothing introduces"
    )
    assert context(extract) == {
        "patrol the sea": "The partners will:",
        "by night": "The partners will: › patrol the sea",
        "train officers": "The partners will:",
    }


def test_insertions_count_and_deletions_do_not():
    extract = word.read(
        with_body(
            "<w:p><w:r><w:t>We </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>always </w:t></w:r></w:ins><w:moveFrom><w:r><w:t>x</w:t></w:r>"
            "</w:moveFrom><w:hyperlink><w:r><w:t>agree</w:t></w:r></w:hyperlink>"
            "<w:r><w:instrText>PAGE</w:instrText><w:tab/><w:t>here.</w:t></w:r></w:p>"
            "<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Controlled.</w:t></w:r></w:p>"
            "</w:sdtContent></w:sdt>"
        )
    )

    assert extract.text == "We always agree here.\n\nControlled."


def raised(text: str) -> str:
    return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{text}</w:t></w:r>'


@pytest.mark.parametrize(
    ("before", "text", "after", "expected"),
    [
        ("in 2019", "3", ".", "in 2019³."),
        ("cost 1,234.", "12", " Next", "cost 1,234.¹² Next"),
        ("10", "-6", " units", "10⁻⁶ units"),
        ("", "1", "200 ships", "¹200 ships"),
        ("km", "2", " of sea", "km2 of sea"),
        ("the 21", "st", " day", "the 21st day"),
    ],
)
def test_a_superscript_does_not_change_the_number_it_stands_at(before, text, after, expected):
    pieces = [f'<w:r><w:t xml:space="preserve">{piece}</w:t></w:r>' for piece in (before, after)]
    document = with_body(f"<w:p>{pieces[0]}{raised(text)}{pieces[1]}</w:p>")
    rich = rf"{{\rtf1\ansi {before}{{\super {text}}}{after}}}"

    assert word.read(document).text == expected
    assert rtf.read(BytesIO(rich.encode())).text == expected


def test_powers_and_fractions_of_formulas_keep_their_parts():
    m = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    run = "<m:r><m:t>{}</m:t></m:r>".format
    extract = word.read(
        with_body(
            f"<w:p><m:oMath {m}><m:sSup><m:e>{run('10')}</m:e><m:sup>{run('6')}</m:sup></m:sSup>"
            f"{run('+')}<m:f><m:num>{run('1')}</m:num><m:den>{run('2')}</m:den></m:f></m:oMath></w:p>"
        )
    )

    assert extract.text == "10⁶+1/2"


def test_hidden_text_is_left_out_and_a_deleted_end_joins_paragraphs():
    hide = "<w:r><w:rPr><w:vanish{}/></w:rPr><w:t>{}</w:t></w:r>".format
    deleted = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
    extract = word.read(
        with_body(
            "<w:p>" + hide("", "Hidden.") + hide(' w:val="0"', "Shown.") + "</w:p>"
            f'<w:p>{deleted}<w:r><w:t xml:space="preserve">First half </w:t></w:r></w:p>'
            "<w:p><w:r><w:t>and second.</w:t></w:r></w:p>"
            f"<w:p>{deleted}<w:r><w:t>Last.</w:t></w:r></w:p>"
        )
    )

    assert extract.text == "Shown.\n\nFirst half and second.\n\nLast."
    assert [value for _, value in marked(extract, "paragraph")] == [1, 2, 3]


def test_a_header_of_two_rows_names_each_column():
    document = docx.Document()
    table = document.add_table(3, 3)
    rows = [("Region", "Wells", ""), ("", "2021", "2022"), ("North", "1", "2")]
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    cells = [
        '<table:table-cell table:number-rows-spanned="2"><text:p>Region</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-spanned="2"><text:p>Wells</text:p>'
        "</table:table-cell><table:covered-table-cell/>",
        "<table:covered-table-cell/>" + "".join(map(an_odf_cell, ("2021", "2022"))),
        "".join(map(an_odf_cell, ("North", "1", "2"))),
    ]
    odt = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)

    for extract in (
        word.read(saved(document)),
        opendocument.read(an_opendocument(f"<table:table>{odt}</table:table>")),
    ):
        assert extract.text == "Region | Wells\n2021 | 2022\nNorth | 1 | 2"
        assert context(extract) == {"North | 1 | 2": "Region | Wells 2021 | Wells 2022"}


def an_odf_cell(text: str) -> str:
    return f"<table:table-cell><text:p>{text}</text:p></table:table-cell>"


def test_a_text_box_is_read_once_after_its_paragraph():
    box = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    extract = word.read(
        with_body(
            f"<w:p><w:r><w:t>Out</w:t></w:r><w:r><mc:AlternateContent {mc}>"
            f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
            "<w:r><w:t>side.</w:t></w:r></w:p><w:p><w:r><w:t>Next.</w:t></w:r></w:p>"
        )
    )

    assert extract.text == "Outside.\n\nIn the box.\n\nNext."


def test_merged_cells_are_read_once_and_name_their_rows():
    document = docx.Document()
    table = document.add_table(3, 3)
    rows = [("Region", "Seats", ""), ("Caribbean", "first", "3"), ("", "second", "4")]
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    extract = word.read(saved(document))

    assert extract.text == "Region | Seats\nCaribbean | first | 3\nsecond | 4"
    assert sorted(marked(extract, "context")) == [
        ("Caribbean | first | 3", "Region | Seats | Seats"),
        ("second | 4", "Caribbean"),
        ("second | 4", "Seats | Seats"),
    ]


def test_a_table_that_only_lays_out_is_read_as_paragraphs():
    document = docx.Document()
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "Left."
    inner = outer.cell(0, 1).add_table(2, 2)
    for cell, text in zip(inner._cells, ("Name", "Age", "Ann", "41"), strict=True):
        cell.text = text
    single = document.add_table(1, 1)
    single.cell(0, 0).text = "A note in a frame."
    extract = word.read(saved(document))

    assert extract.text == "Left.\nName | Age\nAnn | 41\n\nA note in a frame."


def test_a_footnote_follows_its_paragraph_with_its_number():
    stream = with_body(
        '<w:p><w:r><w:t>First.</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
        "<w:p><w:r><w:t>Second.</w:t></w:r></w:p>"
    )
    note = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2"><w:p><w:r><w:t>See page 3.</w:t></w:r>'
        "</w:p></w:footnote></w:footnotes>"
    )
    relation = (
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/footnotes" Target="footnotes.xml"/></Relationships>'
    )

    def change(name: str, content: bytes) -> bytes:
        if name == "word/_rels/document.xml.rels":
            return content.replace(b"</Relationships>", relation.encode())
        return content

    noted = changed(stream, change)
    with zipfile.ZipFile(noted, "a") as package:
        package.writestr("word/footnotes.xml", note)
    extract = word.read(noted)

    assert extract.text == "First.\n\nSee page 3.\n\nSecond."
    assert marked(extract, "paragraph") == [("First.", 1), ("See page 3.", 1), ("Second.", 2)]


def test_properties_become_facts_unless_a_program_wrote_them():
    document = docx.Document()
    document.add_paragraph("Text.")
    properties = document.core_properties
    assert facts(word.read(saved(document))) == {}  # what the template says

    properties.title, properties.author = "Joint Statement", "Ann Lee"
    properties.created = docx.opc.coreprops.dt.datetime(2023, 11, 20, 9)
    assert facts(word.read(saved(document))) == {
        "title": "Joint Statement",
        "author": "Ann Lee",
        "published": "2023-11-20",
    }

    properties.title = "Word Document"
    assert "title" not in facts(word.read(saved(document)))


def test_a_strict_file_and_one_that_lacks_a_part_are_read():
    document = docx.Document()
    document.add_heading("Sea", 1)
    document.add_paragraph("Ships.")

    def strict(name: str, content: bytes) -> bytes:
        return re.sub(
            rb"http://schemas\.openxmlformats\.org/(officeDocument|wordprocessingml)/2006/",
            rb"http://purl.oclc.org/ooxml/\1/",
            content,
        )

    def lacking(name: str, content: bytes) -> bytes | None:
        return None if "theme" in name else content

    expected = word.read(saved(document))
    assert word.read(changed(saved(document), strict)) == expected
    assert word.read(changed(saved(document), lacking)) == expected


@given(st.lists(st.text(max_size=60), max_size=8))
@settings(max_examples=30, deadline=None)
def test_no_word_of_a_word_file_is_lost_or_doubled(texts: list[str]):
    document = docx.Document()
    for text in texts:
        document.add_paragraph("".join(filter(str.isprintable, text)))
    words = [word for text in texts for word in "".join(filter(str.isprintable, text)).split()]
    if not words:
        return
    extract = word.read(saved(document))

    assert extract.text.split() == words
    assert all(0 <= mark.start < mark.end <= len(extract.text) for mark in extract.marks)


# Presentations


def a_presentation():
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Security"
    for text, left, top in (("right", 5, 3), ("lower", 1, 5), ("left", 1, 3.05)):
        box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
        box.text_frame.text = text
    slide.notes_slide.notes_text_frame.text = "Say hello."
    bullets = presentation.slides.add_slide(presentation.slide_layouts[1])
    bullets.shapes.title.text = "Aims"
    frame = bullets.placeholders[1].text_frame
    frame.text = "We will:"
    for text, level in (("patrol", 0), ("by night", 1), ("train", 0)):
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = text, level
    untitled = presentation.slides.add_slide(presentation.slide_layouts[6])
    untitled.element.set("show", "0")
    table = untitled.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ("State", "Seats", "Grenada", "15"), strict=True):
        cell.text = text
    return presentation


def test_a_presentation_is_read_slide_by_slide_in_reading_order():
    extract = slides.read(saved(a_presentation()))

    assert extract.text == (
        "Security\n\nleft\n\nright\n\nlower\n\nSay hello.\n\n"
        "Aims\n\nWe will:\npatrol\nby night\ntrain\nState | Seats\nGrenada | 15"
    )
    assert [(text.split("\n")[0], number) for text, number in marked(extract, "slide")] == [
        ("Security", 1),
        ("Aims", 2),
        ("State | Seats", 3),
    ]
    assert [value for _, value in marked(extract, "heading")] == ["Security", "Aims"]
    assert context(extract) == {
        "Say hello.": "Speaker notes",
        "patrol": "We will:",
        "by night": "We will: › patrol",
        "train": "We will:",
        "Grenada | 15": "State | Seats",
    }
    assert facts(extract)["title"] == "Security"


def test_groups_and_newer_shapes_are_read():
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    for text, top in (("below", 3), ("above", 1)):
        box = group.shapes.add_textbox(Inches(1), Inches(top), Inches(2), Inches(1))
        box.text_frame.text = text
    newer = slide.shapes.add_textbox(Inches(1), Inches(6), Inches(2), Inches(1))
    newer.text_frame.text = "newer"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    choice = etree.SubElement(
        etree.SubElement(slide.shapes.element, f"{{{mc}}}AlternateContent"), f"{{{mc}}}Choice"
    )
    choice.append(newer.element)

    assert slides.read(saved(presentation)).text == "above\n\nbelow\n\nnewer"


def test_a_chart_gives_its_categories_and_numbers_under_the_names_of_its_series():
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["East", "", "West"]
    data.add_series("2022", (0.125, 0.5, None))
    data.add_series("2023", (0.25, 0.75, 1))
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    place = (0, 0, Inches(5), Inches(3))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    extract = slides.read(saved(presentation))

    assert extract.text == "2022 | 2023\nEast | 12.5% | 25.0%\n50.0% | 75.0%\nWest | 100.0%"
    assert context(extract) == {
        "East | 12.5% | 25.0%": "2022 | 2023",
        "50.0% | 75.0%": "2022 | 2023",
        "West | 100.0%": "2023",
    }


def test_days_on_a_chart_are_days():
    data = CategoryChartData()
    data.categories = [dt.date(2023, 11, 20)]
    data.add_series("Ships", (4,))
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, 0, 0, Inches(5), Inches(3), data)

    assert slides.read(saved(presentation)).text == "Ships\n2023-11-20 | 4"


def test_a_superscript_on_a_slide_does_not_change_the_number_it_stands_at():
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    frame = slide.shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame
    for text, baseline in (("in 2019", "0"), ("3", "30000"), (" CO", "0"), ("2", "-25000")):
        run = frame.paragraphs[0].add_run()
        run.text = text
        run.font._element.set("baseline", baseline)

    assert slides.read(saved(presentation)).text == "in 2019³ CO2"


# OpenDocument

ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
        "meta": "meta",
        "presentation": "presentation",
    }.items()
)


def an_opendocument(body: str, kind: str = "text", before: str = "") -> BytesIO:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        package.writestr(
            "content.xml",
            f"{before}<office:document-content {ODF}><office:automatic-styles>"
            '<style:style style:name="P1" style:parent-style-name="Title"/>'
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
            "</office:body></office:document-content>",
        )
        package.writestr(
            "meta.xml",
            f'<office:document-meta {ODF} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
            "<dc:title>On Seas</dc:title>"
            "<meta:creation-date>2022-05-04T10:00:00</meta:creation-date>"
            "</office:meta></office:document-meta>",
        )
        package.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    stream.seek(0)
    return stream


def test_an_opendocument_text_is_read_as_a_word_file_is():
    extract = opendocument.read(
        an_opendocument(
            "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
            '<text:p text:style-name="P1">Seas</text:p>'
            '<text:h text:outline-level="1">Aims</text:h>'
            "<text:p>We<text:s/>will<text:note><text:note-citation>1</text:note-citation>"
            "<text:note-body><text:p>Soon.</text:p></text:note-body></text:note>:</text:p>"
            "<text:list><text:list-item><text:p>patrol</text:p><text:list><text:list-item>"
            "<text:p>by <text:span>night</text:span></text:p></text:list-item></text:list>"
            "</text:list-item></text:list>"
            "<table:table><table:table-header-rows><table:table-row><table:table-cell>"
            "<text:p>State</text:p></table:table-cell><table:table-cell><text:p>Seats</text:p>"
            "</table:table-cell></table:table-row></table:table-header-rows><table:table-row>"
            "<table:table-cell><text:p>Grenada</text:p></table:table-cell><table:table-cell>"
            "<text:p>15</text:p></table:table-cell></table:table-row></table:table>"
            "<text:p>Boxed<draw:frame><draw:text-box><text:p>In the box.</text:p></draw:text-box>"
            "</draw:frame> text.</text:p>"
        )
    )

    assert extract.text == (
        "Seas\n\nAims\n\nWe will:\npatrol\nby night\nState | Seats\nGrenada | 15\n\nSoon.\n\n"
        "Boxed text.\n\nIn the box."
    )
    assert context(extract) == {
        "patrol": "We will:",
        "by night": "We will: › patrol",
        "Grenada | 15": "State | Seats",
    }
    assert ("Grenada | 15", 7) in marked(extract, "paragraph")
    assert marked(extract, "heading")[-1][1] == "Seas › Aims"
    assert facts(extract) == {"title": "Seas", "published": "2022-05-04"}


def test_an_opendocument_sheet_has_rows_and_no_end_of_empty_ones():
    extract = opendocument.read(
        an_opendocument(
            '<table:table table:name="Seats"><table:table-row table:number-rows-repeated="3">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
            '<table:table-row><table:table-cell table:number-columns-repeated="2">'
            "<text:p>7</text:p></table:table-cell></table:table-row>"
            '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/>'
            "</table:table-row></table:table>",
            "spreadsheet",
        )
    )

    assert extract.text == "7 | 7"
    assert marked(extract, "row") == [("7 | 7", 4)]
    assert marked(extract, "sheet") == [("7 | 7", "Seats")]


def test_an_opendocument_presentation_has_slides_and_notes():
    extract = opendocument.read(
        an_opendocument(
            '<draw:page><draw:frame presentation:class="outline"><draw:text-box>'
            "<text:p>Body.</text:p></draw:text-box></draw:frame>"
            '<draw:frame presentation:class="title"><draw:text-box>'
            "<text:p>Seas</text:p></draw:text-box></draw:frame><presentation:notes><draw:frame>"
            "<draw:text-box><text:p>Say it.</text:p></draw:text-box></draw:frame>"
            "</presentation:notes></draw:page>",
            "presentation",
        )
    )

    assert extract.text == "Seas\n\nBody.\n\nSay it."
    assert marked(extract, "slide") == [(extract.text, 1)]
    assert context(extract) == {"Say it.": "Speaker notes"}


# Rich text


def test_rich_text_is_read_in_its_encoding_with_headings_lists_and_tables():
    source = (
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Times;}}{\info{\title Seas}{\author Ann Lee}"
        rb"{\creatim\yr2021\mo3\dy4\hr5}}\pard\outlinelevel0 Aims\par\pard "
        rb"\'cc\'ee\'f0\'e5 \u9733? a\line b \u-10179?\u-8704? {\field{\*\fldinst{HYPERLINK "
        rb'"http://a.b/"}}{\fldrslt{the \\cell link}}}\par We will:\par '
        rb"{\listtext\'b7\tab}patrol\par"
        rb"\trowd\cellx1\cellx2 State\cell Seats\cell\row"
        rb"\trowd Grenada\par Carriacou\cell 15\cell\row"
        rb"\pard End.\par}"
    )
    extract = rtf.read(BytesIO(source))

    assert extract.text == (
        "Aims\n\nМоре ★ a b 😀 the \\cell link\n\nWe will:\n· patrol\nState | Seats\n"
        "Grenada Carriacou | 15\n\nEnd."
    )
    assert context(extract) == {
        "· patrol": "We will:",
        "Grenada Carriacou | 15": "State | Seats",
    }
    assert marked(extract, "heading") == [(extract.text, "Aims")]
    assert facts(extract) == {"title": "Seas", "author": "Ann Lee", "published": "2021-03-04"}
    assert extract.notes == ()


def test_notes_of_rich_text_follow_what_refers_to_them():
    extract = rtf.read(
        BytesIO(
            rb"{\rtf1\ansi He left.{\super\chftn}{\footnote\pard\plain {\super\chftn} On 5 May."
            rb"\par Or 6 May.} He\'85\par"
            rb"\trowd A{\footnote In a table.}\cell 1\cell\row\trowd b\cell 2\cell\row"
            rb"\pard End.\par"
            rb"{\deleted {\footnote Gone.}}}"
        )
    )

    assert extract.text == (
        "He left. He…\nA | 1\nb | 2\n\nOn 5 May. Or 6 May.\n\nIn a table.\n\nEnd."
    )
    assert ("On 5 May. Or 6 May.", 1) in marked(extract, "paragraph")
    assert ("In a table.", 2) in marked(extract, "paragraph")


def test_deleted_and_hidden_rich_text_is_left_out():
    extract = rtf.read(
        BytesIO(
            rb"{\rtf1\ansi We {\deleted never \'e9\u233?\par }{\v hid{\b den}\v0 always }agree\v x"
            rb"\plain  here.\deleted y\deleted0\par {\v Gone.\par}End.\par}"
        )
    )

    assert extract.text == "We always agree here.\n\nEnd."


def test_a_font_without_an_end_is_none_and_no_text_is_lost():
    fonts = rb"{\fonttbl{\f0\fcharset204 Times;}{\f1\fcharset0 " + b"Arial" * 99 + b"}}"
    extract = rtf.read(BytesIO(rb"{\rtf1\ansi" + fonts + rb"\f0 \'c0 met; they left.}"))

    assert extract.text == "А met; they left."


def test_rich_text_that_breaks_off_is_read_as_far_as_it_goes():
    extract = rtf.read(BytesIO(rb"{\rtf1 Whole.\par Hal"))

    assert extract.text == "Whole.\n\nHal"
    assert extract.notes == ("it ends in the middle; what followed is lost",)


# Bad input


@pytest.mark.parametrize(
    ("read", "stream"),
    [
        (word.read, saved(docx.Document())),
        (slides.read, saved(pptx.Presentation())),
        (opendocument.read, an_opendocument("<text:p/>")),
        (rtf.read, BytesIO(rb"{\rtf1\ansi \par}")),
    ],
)
def test_an_empty_document_holds_no_text(read, stream):
    with pytest.raises(Unreadable, match="holds no text"):
        read(stream)


def a_document() -> BytesIO:
    document = docx.Document()
    document.add_paragraph("Text. " * 50)
    return saved(document)


READERS = [
    (word.read, a_document()),
    (slides.read, saved(a_presentation())),
    (opendocument.read, an_opendocument("<text:p>Text.</text:p>")),
]


@pytest.mark.parametrize(("read", "stream"), READERS)
def test_a_truncated_package_is_damaged(read, stream):
    data = stream.getvalue()
    for share in (0, 0.1, 0.5, 0.99):
        with pytest.raises(Unreadable, match=r"damaged .*; open it in .* and save it again"):
            read(BytesIO(data[: int(share * len(data))]))


@pytest.mark.parametrize(("read", "stream"), READERS)
def test_a_package_with_broken_xml_or_without_a_part_is_read_or_refused(read, stream):
    for broken in (b"<a", b"", b"<a/>", None):
        for lost in zipfile.ZipFile(stream).namelist():
            parts = {lost: broken}
            other = changed(stream, lambda name, old, parts=parts: parts.get(name, old))
            assert "\n" not in refusal(read, other)


@pytest.mark.parametrize(
    ("read", "stream"), [*READERS, (rtf.read, BytesIO(rb"{\rtf1\ansi\uc1 Text \u233?.\par}"))]
)
def test_changed_bytes_are_read_or_refused(read, stream):
    chance = random.Random(7)
    for _ in range(40):
        data = bytearray(stream.getvalue())
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        assert "\n" not in refusal(read, BytesIO(bytes(data)))


ENTITIES = (
    "<!DOCTYPE a [<!ENTITY l0 'lol '>"
    + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    + "<!ENTITY file SYSTEM 'file:///etc/passwd'>]>"
)


@pytest.mark.parametrize("entity", ["l11", "file"])
def test_entities_are_neither_expanded_nor_fetched(entity):
    xml = (
        f"{ENTITIES}<w:document xmlns:w='{W}'><w:body><w:p><w:r><w:t>Text &{entity};</w:t></w:r>"
        "</w:p></w:body></w:document>"
    )
    stream = changed(
        a_document(), lambda name, old: xml.encode() if name == "word/document.xml" else old
    )
    odt = an_opendocument(f"<text:p>Text &{entity};</text:p>", before=ENTITIES)
    started = time.monotonic()
    for read, source in ((word.read, stream), (opendocument.read, odt)):
        try:
            text = read(source).text
        except Unreadable:
            continue
        assert text == "Text"
    assert time.monotonic() - started < 5


def test_packages_that_would_unpack_to_too_much_are_refused(monkeypatch):
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", bytes(office.LARGE + 1))
    with pytest.raises(Unreadable, match="unpack to far more"):
        word.read(bomb)

    monkeypatch.setattr(office, "MAX_BYTES", 1000)
    with pytest.raises(Unreadable, match="unpack to far more"):
        slides.read(saved(a_presentation()))

    monkeypatch.setattr(office, "MAX_MEMBERS", 2)
    with pytest.raises(Unreadable, match="parts"):
        opendocument.read(an_opendocument("<text:p>Text.</text:p>"))


def test_an_encrypted_opendocument_says_so():
    stream = an_opendocument("<text:p>Text.</text:p>")
    encrypted = changed(
        stream, lambda name, old: b"<m:encryption-data/>" if "manifest" in name else old
    )
    with pytest.raises(Unreadable, match="encrypted"):
        opendocument.read(encrypted)


# Real files


def letters_of_body(data: bytes) -> Counter[str]:
    """The characters of the body, without deletions and second versions of boxes."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        tree = etree.fromstring(package.read("word/document.xml"))
    for second in tree.xpath("//*[local-name()='Fallback']"):
        second.getparent().remove(second)
    return letters(" ".join(tree.xpath("//*[local-name()='t']/text()")))


def letters(text: str) -> Counter[str]:
    return Counter("".join(unicodedata.normalize("NFKC", text).split()))


def test_every_character_of_real_word_files_arrives_once(test_data):
    files = sorted((test_data / "files").rglob("*.docx"))
    assert files
    for path in files:
        data = path.read_bytes()
        extract = word.read(BytesIO(data))
        assert not letters_of_body(data) - letters(extract.text), path.name
        parted = extract.text.count(" | ")
        more = letters(extract.text) - letters_of_body(data)
        assert sum(more.values()) - more["|"] <= 0.01 * len(extract.text), path.name
        assert more["|"] <= parted, path.name
        numbers = [mark.value for mark in sorted(extract.marks) if mark.kind == "paragraph"]
        assert numbers[0] == 1, path.name
        assert all(after - before in (0, 1) for before, after in pairwise(numbers)), path.name


def test_every_slide_of_real_presentations_is_read_or_holds_no_text(test_data):
    files = sorted((test_data / "files").rglob("*.pptx"))
    assert files
    for path in files:
        texts = [
            text
            for slide in pptx.Presentation(path).slides
            for shape in slide.shapes
            if shape.has_text_frame
            for text in [" ".join(shape.text_frame.text.split())]
        ]
        if not any(texts):
            assert "no text" in refusal(slides.read, BytesIO(path.read_bytes()))
            continue
        flat = " ".join(slides.read(BytesIO(path.read_bytes())).text.split())
        assert all(text in flat for text in texts if not text.isdigit()), path.name


def test_real_rich_and_opendocument_texts_are_read(test_data):
    for reader, ending in ((rtf.read, "rtf"), (opendocument.read, "odt")):
        files = sorted((test_data / "files").rglob(f"*.{ending}"))
        assert files
        for path in files:
            extract = reader(BytesIO(path.read_bytes()))
            assert len(extract.text.split()) > 20, path.name
            assert not re.search(r"[\x00-\x08\x0b-\x1f]", extract.text), path.name
