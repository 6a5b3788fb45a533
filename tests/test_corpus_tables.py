"""Workbooks and files of records: rows with their columns' names, as people see them."""

import csv
import datetime as dt
import random
import re
import time
import zipfile
from contextlib import suppress
from io import BytesIO, StringIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import Unreadable
from corpus.formats import delimited, sheets, tables
from corpus.formats.cellvalues import shown
from corpus.formats.tables import Cell, header_rows, is_titled, names_of, placed


def marked(extract, kind: str) -> list[tuple[str, object]]:
    marks = sorted(mark for mark in extract.marks if mark.kind == kind)
    return [(extract.text[mark.start : mark.end], mark.value) for mark in marks]


def a_workbook(*rows: tuple, **others: tuple[tuple, ...]) -> BytesIO:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for name, more in others.items():
        sheet = workbook.create_sheet(name)
        for row in more:
            sheet.append(row)
    return saved(workbook)


def saved(workbook) -> BytesIO:
    stream = BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return stream


def contexts(*rows: tuple) -> list[object]:
    """The columns' names that each row of a sheet gets; None for none."""
    extract = sheets.read(a_workbook(*rows))
    names = {mark.start: mark.value for mark in extract.marks if mark.kind == "context"}
    return [names.get(mark.start) for mark in sorted(extract.marks) if mark.kind == "row"]


def of_csv(text: str):
    return delimited.read(BytesIO(text.encode()))


# Workbooks


def test_rows_know_their_sheet_their_number_and_their_columns():
    workbook = openpyxl.Workbook()
    workbook.active.title = "Seats"
    for row in (("State", "Seats"), ("Grenada", 15), ("Saint Lucia", 17)):
        workbook.active.append(row)
    hidden = workbook.create_sheet("Aid")
    hidden.sheet_state = "hidden"
    hidden["B3"] = "Ships only."
    extract = sheets.read(saved(workbook))

    assert extract.text == "State | Seats\nGrenada | 15\nSaint Lucia | 17\nShips only."
    assert [(value, text.count("\n")) for text, value in marked(extract, "sheet")] == [
        ("Seats", 2),
        ("Aid", 0),
    ]
    assert [value for _, value in marked(extract, "row")] == [1, 2, 3, 3]
    assert marked(extract, "context") == [
        ("Grenada | 15", "State | Seats"),
        ("Saint Lucia | 17", "State | Seats"),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # A title stands above the header.
        (
            [("Seats of 2023",), ("State", "Seats", "Women"), ("Grenada", 15, 5)],
            [None, None, "State | Seats | Women"],
        ),
        # Years name columns where other numbers stand under them.
        (
            [("State", 2021, 2022), ("Grenada", 7.5, 8.25), ("Dominica", 6, 7)],
            [None, "State | 2021 | 2022", "State | 2021 | 2022"],
        ),
        # Numbers from the first row on have no names, nor does a single column of text.
        ([(1, 2), (3, 4), (5, 6)], [None, None, None]),
        ([("One.",), ("Two.",), ("Three.",)], [None, None, None]),
        # One row of text over another may be anything; over two it is a header.
        ([("Name", "Role"), ("Ann", "Envoy")], [None, None]),
        (
            [("Name", "Role"), ("Ann", "Envoy"), ("Ben", "Clerk")],
            [None, "Name | Role", "Name | Role"],
        ),
        # An empty row inside a table changes nothing; another table has names of its own.
        (
            [("State", "Seats"), ("Grenada", 15), (), ("Dominica", 32)],
            [None, "State | Seats", "State | Seats"],
        ),
        (
            [("State", "Seats"), ("Grenada", 15), (), ("Ship", "Tons"), ("Swift", 90)],
            [None, "State | Seats", None, "Ship | Tons"],
        ),
        # The names may stand by themselves.
        (
            [("State", "Seats", "Women"), (), ("Grenada", 15, 5), ("Dominica", 32, 9)],
            [None, "State | Seats | Women", "State | Seats | Women"],
        ),
        # A header may take two rows.
        (
            [
                ("Region", "Votes", None, "Turnout"),
                (None, "For", "Against", None),
                ("North", 10, 20, 0.5),
                ("South", 11, 21, 0.6),
            ],
            [None, None, *["Region | Votes For | Votes Against | Turnout"] * 2],
        ),
        # A row of one cell is a title, a note or a source.
        (
            [("State", "Seats"), ("Grenada", 15), ("Dominica", 32), ("Source: UN",)],
            [None, "State | Seats", "State | Seats", None],
        ),
    ],
)
def test_a_header_is_found(rows, expected):
    assert contexts(*rows) == expected


SEATS = [("State", "Seats", "Share"), ("Grenada", 15, 3), ("Dominica", 32, 5), ()]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Names of another kind than the data above.
        (
            [("Minister", "Office", "Party"), ("Ann", "Health", "Green"), ("Bo", "Labour", "Red")],
            [None, "Minister | Office | Party", "Minister | Office | Party"],
        ),
        (
            [("Ministers",), ("Name", "Job", "Party"), ("Ann", "Aid", "A"), ("Bo", "Sea", "B")],
            [None, None, "Name | Job | Party", "Name | Job | Party"],
        ),
        # The title may stand by itself.
        (
            [("Ministers",), (), ("Name", "Job", "Party"), ("Ann", "Aid", "A"), ("Bo", "Sea", "B")],
            [None, None, "Name | Job | Party", "Name | Job | Party"],
        ),
        # Data of another kind, and wider ones, have no names rather than wrong ones.
        ([("Ann", "Health", "Green")], [None]),
        ([(5, 6, 7)], [None]),
        ([("Made by", "Ann"), ("Seen by", "Bo"), ("Sent by", "Cy")], [None, None, None]),
        # Years that follow each other are names.
        (
            [("State", 2019, 2020), ("Grenada", 7, 8)],
            [None, "State | 2019 | 2020"],
        ),
        # Data of the same kind go on, as does what stands under a title of their own.
        ([("Barbados", 30, 6)], ["State | Seats | Share"]),
        ([("Pacific",), ("Fiji", 55, 7)], [None, "State | Seats | Share"]),
        ([("Barbados", "n/a", 6)], ["State | Seats | Share"]),
    ],
)
def test_a_second_table_never_has_the_first_ones_names(rows, expected):
    assert contexts(*SEATS, *rows)[3:] == expected
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    above = "State,Seats,Share\nGrenada,15,3\nDominica,32,5\n\n"
    extract = of_csv(above + "\n".join(lines))
    names = {mark.start: mark.value for mark in extract.marks if mark.kind == "context"}
    assert [names.get(m.start) for m in sorted(extract.marks) if m.kind == "row"][3:] == expected


def test_years_of_a_second_table_take_the_place_of_the_first_ones():
    first = [("State", 2022), ("Grenada", 15), ("Dominica", 32), ()]

    assert contexts(*first, ("State", 2023), ("Fiji", 5))[3:] == [None, "State | 2023"]


def test_a_title_over_words_that_may_be_data_leaves_them_without_names():
    rows = contexts(
        *(("Name", "Role"), ("Ann", "Envoy"), ("Ben", "Clerk"), ()),
        *(("Second day",), ("Cy", "Judge"), ("Di", "Envoy")),
    )

    assert rows[3:] == [None, None, None]


def test_rows_under_a_merged_cell_keep_what_it_says():
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (
        ("Region", "Year", "Votes"),
        ("North", 1999, 10),
        (None, 2003, 11),
        ("South", 1999, 1),
    ):
        sheet.append(row)
    sheet.append(("East", 2003, 7))
    sheet.merge_cells("A2:A3")
    extract = sheets.read(saved(workbook))

    assert sorted(value for text, value in marked(extract, "context") if text == "2003 | 11") == [
        "North",
        "Year | Votes",
    ]
    assert "North" not in [
        v for text, v in marked(extract, "context") if text == "South | 1999 | 1"
    ]


@pytest.mark.parametrize("value", [b"<v/>", b"<v></v>", b""])
def test_formulas_without_a_value_are_told(value):
    stream = a_workbook(("State", "Seats"), ("Grenada", "=1+1"), ("Dominica", "=A1&A2"))
    other = BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(other, "w") as after:
        for name in before.namelist():
            after.writestr(name, re.sub(rb"(?<=</f>)<v ?(/>|></v>)", value, before.read(name)))
    other.seek(0)
    extract = sheets.read(other)

    assert extract.text == "State | Seats\nGrenada\nDominica"
    [note] = extract.notes
    assert note.startswith("formulas never computed, and left out: 2;")


def test_a_formula_that_gave_an_empty_text_was_computed():
    stream = a_workbook(("=1+1",), ("text",))
    other = BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(other, "w") as after:
        for name in before.namelist():
            content = before.read(name).replace(b'<c r="A1">', b'<c r="A1" t="str">')
            after.writestr(name, re.sub(rb"</f><v ?(/>|></v>)", b"</f><v></v>", content))
    other.seek(0)

    assert sheets.read(other).notes == ()


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (None, "General", ""),
        ("  as it is ", "0.00", "  as it is "),
        (True, "General", "TRUE"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (1 / 3, "General", "0.3333333333"),
        (1234567.891, "General", "1234567.891"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1234.5, "#,##0", "1,235"),
        (-1234.5, "#,##0.0_);(#,##0.0)", "(1,234.5)"),
        (-0.001, "0.00", "0.00"),
        (-2, "0.0", "-2.0"),
        (0, '0;-0;"none"', "none"),
        (0.345, "0%", "35%"),
        (0.0525, "0.00%", "5.25%"),
        (2.5, "0.##", "2.5"),
        (7, "000", "007"),
        (12.5, '"$"#,##0.00', "$12.50"),
        (-12.5, "[$€-407]#,##0.00", "-€12.50"),
        (1_250_000, '0.0,,"m"', "1.3m"),
        (5, "[Red]0.0", "5.0"),
        (0.5, "# ?/?", "0.5"),
        (12345, "0.00E+00", "12345"),
        (10**30, "0.00", "1e+30"),
        (float("inf"), "0.00", "inf"),
        (1234567890123456, "General", "1234567890123456"),
        (dt.datetime(2023, 11, 20), "dd/mm/yyyy", "2023-11-20"),
        (dt.datetime(2023, 11, 20, 9, 5), "dd/mm/yyyy", "2023-11-20 09:05"),
        (dt.date(2023, 11, 20), "d mmm", "2023-11-20"),
        (dt.time(9, 5, 7), "h:mm", "09:05:07"),
        (dt.timedelta(hours=30, minutes=2), "[h]:mm", "30:02:00"),
    ],
)
def test_values_are_shown_as_people_see_them(value, number_format, expected):
    assert shown(value, number_format) == expected


@given(
    st.floats() | st.integers(),
    st.text('0#?.,%;"\\[]$_* -()EemdyGral@', max_size=12),
)
def test_any_number_is_shown_in_any_format(value, number_format):
    assert isinstance(shown(value, number_format), str)


def test_a_sheet_said_to_be_huge_is_read_at_once():
    stream = a_workbook(("State", "Seats"), ("Grenada", 15))
    inflated = BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(inflated, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
                assert b"XFD1048576" in content
                # openpyxl warns of the extension; the reader must not.
                content = content.replace(
                    b"</sheetData>",
                    b'<row r="1048576"><c r="A1048576"/></row></sheetData>'
                    b'<extLst><ext uri="{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}"/></extLst>',
                )
            after.writestr(name, content)
    inflated.seek(0)
    started = time.monotonic()

    assert sheets.read(inflated).text == "State | Seats\nGrenada | 15"
    assert time.monotonic() - started < 5


def test_rows_beyond_the_most_are_told(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    extract = sheets.read(a_workbook((1,), (2,), More=((3,), (4,)), Last=((5,),)))

    assert extract.text == "1\n2\n3"
    assert extract.notes == ("only the first 3 rows were read",)


def test_a_formula_gives_the_value_it_had():
    stream = a_workbook(("=1+1",), ("text",))
    other = BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(other, "w") as after:
        for name in before.namelist():
            # openpyxl saves no values.
            content = re.sub(rb"</f><v ?(/>|></v>)", b"</f><v>2</v>", before.read(name))
            after.writestr(name, content)
    other.seek(0)

    assert sheets.read(other).text == "2\ntext"


def test_an_empty_workbook_holds_no_text():
    with pytest.raises(Unreadable, match="holds no text"):
        sheets.read(a_workbook())


def test_a_damaged_workbook_is_read_or_refused():
    data = a_workbook(("State", "Seats"), ("Grenada", 15), ("Dominica", 32)).getvalue()
    for share in (0, 0.3, 0.9):
        with pytest.raises(Unreadable, match="damaged workbook"):
            sheets.read(BytesIO(data[: int(share * len(data))]))
    chance = random.Random(3)
    for _ in range(40):
        broken = bytearray(data)
        for _ in range(3):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        with suppress(Unreadable):  # nothing else may be raised
            sheets.read(BytesIO(bytes(broken)))


def test_entities_in_a_workbook_are_not_expanded():
    entities = "<!DOCTYPE a [<!ENTITY l0 'lol'>" + "".join(
        f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12)
    )
    stream = a_workbook(("State",), ("Grenada",))
    for part in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        bomb = BytesIO()
        with zipfile.ZipFile(stream) as before, zipfile.ZipFile(bomb, "w") as after:
            for name in before.namelist():
                content = before.read(name)
                if name == part:
                    start = content.index(b"<", content.startswith(b"<?") and 5)
                    content = f"{entities}]>".encode() + content[start:].replace(
                        b"</t>", b"&l11;</t>", 1
                    ).replace(b"</v>", b"&l11;</v>", 1)
                after.writestr(name, content)
        started = time.monotonic()
        with suppress(Unreadable):
            assert len(sheets.read(bomb).text) < 100
        assert time.monotonic() - started < 5


# Files of records


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_records_are_parted_by_what_parts_them_evenly(delimiter):
    rows = ["State;Seats;Motto, in English", "Grenada;15;Ever, always", "Dominica;32;After God"]
    quoted = [
        delimiter.join(f'"{field}"' if delimiter in field else field for field in row.split(";"))
        for row in rows
    ]
    extract = of_csv("\r\n".join(quoted))

    assert extract.text == (
        "State | Seats | Motto, in English\nGrenada | 15 | Ever, always\nDominica | 32 | After God"
    )
    assert [value for _, value in marked(extract, "row")] == [1, 2, 3]
    assert [value for _, value in marked(extract, "context")] == [
        "State | Seats | Motto, in English"
    ] * 2


def test_commas_in_numbers_do_not_part_fields():
    assert of_csv("1,5;2,5\n3,5;4,5\n").text == "1,5 | 2,5\n3,5 | 4,5"


def test_a_quoted_field_may_hold_lines_and_quotation_marks():
    extract = of_csv('Name,Words\nAnn,"First line\nsecond ""line"""\nBen,none\n')

    assert extract.text == 'Name | Words\nAnn | First line second "line"\nBen | none'
    assert [value for _, value in marked(extract, "row")] == [1, 2, 3]


@pytest.mark.parametrize("parts", [",", ""])
def test_a_lone_quotation_mark_swallows_nothing(parts):
    lines = [f'"{n} Ann{parts}{n}' if n == 3 else f"{n} Ben{parts}{n}" for n in range(9)]

    assert len(marked(of_csv("\n".join(lines)), "row")) == 9


def test_text_in_one_column_keeps_its_commas():
    text = "Lorem, ipsum\ndolor sit\nsed, do, eiusmod\n\nut labore"
    extract = of_csv(text)

    assert extract.text == text.replace("\n\n", "\n")
    assert [value for _, value in marked(extract, "row")] == [1, 2, 3, 4]


def test_titles_and_sources_around_records_are_no_records():
    extract = of_csv(
        'Table 2. Population\nUnit: thousands\n\nRegion,2021,2022\nNorth,"1,200",1250\n'
        "South,900,910\n\nSource: Statistics Office\n"
    )

    assert marked(extract, "context") == [
        ("North | 1,200 | 1250", "Region | 2021 | 2022"),
        ("South | 900 | 910", "Region | 2021 | 2022"),
    ]
    assert extract.text.endswith("\nSource: Statistics Office")
    assert [value for _, value in marked(extract, "row")] == [1, 2, 3, 4, 5, 6]


def test_blank_lines_between_all_records_part_no_tables():
    extract = of_csv("State,Seats\n\nGrenada,15\n\nDominica,32\n\n")

    assert [value for _, value in marked(extract, "context")] == ["State | Seats"] * 2


def test_ragged_records_keep_all_their_fields():
    extract = of_csv("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3\n")

    assert extract.text == "a | b | c\n1 | 2 | 3\n1 | 2\n1 | 2 | 3 | 4\n1 | 2 | 3"


def test_other_encodings_are_read():
    text = "État,Sièges\nHaïti,119\nGrenade,15\n"
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        assert delimited.read(BytesIO(text.encode(encoding))).text.startswith(
            "État | Sièges\nHaïti"
        )


def test_a_field_of_any_length_is_read():
    assert len(of_csv('a,"' + "word " * 50_000 + '"\nb,c\n').text.split()) > 50_000


@given(
    st.lists(
        st.lists(st.text("ab \"'12\u00e9", max_size=8), min_size=3, max_size=3),
        min_size=2,
        max_size=12,
    ),
    st.sampled_from(",;\t|"),
)
@settings(deadline=None)
def test_no_field_is_lost_or_doubled(rows, delimiter):
    written = StringIO()
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    filled = [field for row in rows for field in row if field.strip()]
    if not filled:
        return
    extract = of_csv(written.getvalue())

    assert extract.text.replace(" | ", "\n").split("\n") == [
        " ".join(field.split()) for field in filled
    ]
    assert all(0 <= mark.start < mark.end <= len(extract.text) for mark in extract.marks)


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n,,,\n", '"",""\n'])
def test_a_file_without_a_field_holds_no_text(text):
    with pytest.raises(Unreadable, match="holds no text"):
        of_csv(text)


# Tables in texts


def test_a_cell_over_several_columns_names_them_all():
    header = [[Cell("State"), Cell("Seats", 2)], [Cell(""), Cell("Women"), Cell("Men")]]

    assert names_of(header) == ["State", "Seats Women", "Seats Men"]
    assert placed(header[0]) == ["State", "Seats", ""]


@pytest.mark.parametrize(
    ("second", "height"),
    [
        (["", "2021", "2022"], 2),
        (["", "Women", "Men"], 2),
        (["Grenada", "Women", "Men"], 1),
        (["", "15", "16"], 1),
        (["", "Women"], 1),
    ],
)
def test_a_header_goes_on_where_a_row_parts_what_it_names_together(second, height):
    rows = [[Cell("State"), Cell("Seats", 2)], [*map(Cell, second)], [*map(Cell, "abc")]]

    assert header_rows(rows, 1) == height
    assert header_rows(rows, 0) == 0
    assert header_rows(rows[:2], 1) == 1


@pytest.mark.parametrize(
    ("rows", "titled"),
    [
        ([["Name", "Age"], ["Ann", "41"]], True),
        ([["Name", ""], ["Ann", "41"]], False),
        ([["Name:", "Ann"], ["Age:", "41"]], False),
        ([["Name", "41"], ["Ann", "41"]], False),
        ([["Name " * 30, "Age"], ["Ann", "41"]], False),
        ([["Name", "Age"]], False),
        ([["Name"], ["Ann"]], False),
    ],
)
def test_a_first_row_of_short_words_is_a_header(rows, titled):
    assert is_titled([[Cell(text) for text in row] for row in rows]) is titled


# Real files


def test_every_text_of_real_workbooks_arrives(test_data):
    files = sorted((test_data / "files").rglob("*.xlsx"))
    assert files
    read = 0
    for path in files:
        try:
            extract = sheets.read(BytesIO(path.read_bytes()))
        except Unreadable:
            continue
        read += 1
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                texts = [" ".join(cell.split()) for cell in row if isinstance(cell, str)]
                there = [
                    text
                    for mark in extract.marks
                    if mark.kind == "row" and mark.value == number
                    for text in extract.text[mark.start : mark.end].split(" | ")
                ]
                assert {text for text in texts if text} <= {*there, *" | ".join(there).split(" | ")}
        workbook.close()
    assert read > len(files) / 2


def test_every_field_of_real_files_of_records_arrives(test_data):
    files = sorted((test_data / "files").rglob("*.csv"))
    assert files
    for path in files:
        extract = delimited.read(BytesIO(path.read_bytes()))
        assert len(marked(extract, "row")) == extract.text.count("\n") + 1, path.name
