"""Files become documents whose text is the file's own, or are refused by name."""

import tomllib
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from builders import gzipped, json_lines, parted, write_files
from hypothesis import given
from hypothesis import strategies as st

import corpus.formats.records
import corpus.formats.text
from corpus import (
    BUNDLED,
    Document,
    Marks,
    Problem,
    SourceFile,
    UnreadableSource,
    Worker,
    files_of,
    fingerprints,
    read_source,
)

READOUT = "Readout of the Dialogue\n\nOn November 16, 2023, “they” met in Castries.\n"
RECORDS = json_lines(
    {"_id": "a", "title": "First", "text": "One."}, {"_id": "b", "text": "Two.\nThree."}
)


def read_all(path: Path) -> tuple[list[Document], list[Problem]]:
    with Worker() as worker:
        return parted(list(read_source(SourceFile(path, str(path), path.name), worker)))


def read_bytes(folder: Path, name: str, data: bytes) -> tuple[list[Document], list[Problem]]:
    return read_all(write_files(folder, {name: data}) / name)


def bare(documents: list[Document]) -> list[Document]:
    """The documents without where their pieces and facts are from."""
    return [replace(document, marks=Marks(), facts=()) for document in documents]


def text_of(folder: Path, data: bytes) -> str:
    [document], problems = read_bytes(folder, "a.txt", data)
    assert not problems
    return document.text


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.txt", "text/plain"),
        ("a.TEXT", "text/plain"),
        ("a.md", "text/markdown"),
        ("a.markdown", "text/markdown"),
    ],
)
def test_a_text_file_is_one_document(tmp_path: Path, name: str, media_type: str):
    documents, problems = read_bytes(tmp_path, name, READOUT.encode())

    assert not problems
    assert bare(documents) == [
        Document(
            id=name,
            source=str(tmp_path / name),
            media_type=media_type,
            title="Readout of the Dialogue",
            text=READOUT,
            published=None,
            event_date=date(2023, 11, 16),
            sha256=sha256(READOUT.encode()).hexdigest(),
        )
    ]


def test_a_text_without_a_headline_has_the_files_name_for_title(tmp_path: Path):
    [document], _ = read_bytes(tmp_path, "note 7.txt", b"They met on Monday.")

    assert document.title == "note 7"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_become_line_feeds_and_all_else_stays(tmp_path: Path, end: str):
    text = "One\t \n\n  Two\u2028\x0bThree\xa0\n"

    assert text_of(tmp_path, text.replace("\n", end).encode()) == text


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"])
def test_unicode_text_is_read_with_and_without_its_mark(tmp_path: Path, encoding: str, mark: str):
    assert text_of(tmp_path, (mark + READOUT).encode(encoding)) == READOUT


@given(st.text(st.characters(exclude_characters="\0\r\ufeff", codec="utf-8"), min_size=1))
def test_any_utf_8_text_is_kept_as_it_is(tmp_path_factory: pytest.TempPathFactory, text: str):
    data = f"{text}.".encode()

    assert text_of(tmp_path_factory.mktemp("any"), data) == f"{text}."


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "Le président a été élu. Les ministres sont à Genève, où ils se réunissent.\n"),
        ("cp1252", "The president, Jovenel Moïse, was assassinated in his home.\n"),
        ("cp1252", "The theme was “Regional Coordination”—the partners’ own words.\n"),
        ("cp1252", "Los ministros se reunirán en Panamá, según anunció el señor Núñez.\n"),
        (
            "cp1250",
            "Ministři zahraničních věcí se dohodli na posílení spolupráce v oblasti námořní"
            " bezpečnosti, řekl mluvčí vlády v pondělí večer.\n",
        ),
        ("cp1251", "Совет Безопасности принял резолюцию о положении в регионе.\n"),
    ],
)
def test_text_in_an_older_encoding_is_read_letter_for_letter(
    tmp_path: Path, encoding: str, text: str
):
    assert text_of(tmp_path, (text * 3).encode(encoding)) == text * 3


def test_an_accent_deep_in_a_long_western_file_is_read(tmp_path: Path):
    text = "The partners met in the capital.\n" * 5000 + "Le président a été élu à Genève.\n" * 9

    assert text_of(tmp_path, text.encode("cp1252")) == text


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0\x01\0\0\0",
        b"PK\x03\x04\x14\0\0\0\x08\0\xff\xfe\xfd" + bytes(range(256)) * 4,
        b"text with a \0 in it",
        b"x" * 70_000 + b"\0",
    ],
)
def test_a_binary_file_is_refused_whatever_its_name(tmp_path: Path, data: bytes):
    with pytest.raises(UnreadableSource, match=r"a\.txt: (not a format|a damaged|binary)"):
        read_bytes(tmp_path, "a.txt", data)


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_without_text_is_refused(tmp_path: Path, data: bytes):
    with pytest.raises(UnreadableSource, match=r"a\.txt: holds no text"):
        read_bytes(tmp_path, "a.txt", data)


def test_a_text_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in (corpus.formats.text, corpus.formats.records):
        monkeypatch.setattr(module, "MAX_TEXT_BYTES", 100)

    assert text_of(tmp_path, b"x" * 100) == "x" * 100
    with pytest.raises(UnreadableSource, match=r"a\.txt: larger than"):
        read_bytes(tmp_path, "a.txt", b"x" * 101)
    with pytest.raises(UnreadableSource, match=r"b\.jsonl: .*a line is longer than"):
        read_bytes(tmp_path, "b.jsonl", json_lines({"_id": "a", "text": "x" * 100}))


@pytest.mark.parametrize("name", ["gone.txt", "gone.jsonl", "gone.jsonl.gz"])
def test_a_missing_file_is_told_by_name(tmp_path: Path, name: str):
    with pytest.raises(UnreadableSource, match=f"{name}: cannot be read.*No such file"):
        read_all(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_a_file_that_may_not_be_read_is_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    write_files(tmp_path, {name: "x"})
    # Rights do not bind root, as which tests may run.
    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(UnreadableSource, match=rf"{name}: cannot be read \(Permission denied\)"):
        read_all(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_a_folder_of_a_files_name_is_not_read(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()

    with pytest.raises(UnreadableSource, match=f"{name}: cannot be read"):
        read_all(tmp_path / name)


def test_each_record_of_json_lines_is_a_document(tmp_path: Path):
    line = (
        b'{"_id": 7, "title": " A\\n title ", "text": "One.\\r\\nTwo.", "date": "2023-11-20T09:00",'
        b' "publisher": "Department", "author": "A. Writer", "url": "https://example.org/7"}'
    )
    documents, problems = read_bytes(tmp_path, "a.jsonl", line + b"\r\n")

    assert not problems
    assert bare(documents) == [
        Document(
            id="7",
            source=str(tmp_path / "a.jsonl"),
            media_type="application/jsonl",
            title="A title",
            text="One.\nTwo.",
            published=date(2023, 11, 20),
            event_date=None,
            sha256=sha256(line).hexdigest(),
            publisher="Department",
            author="A. Writer",
            url="https://example.org/7",
            record="7",
        )
    ]


def test_a_record_without_a_title_takes_it_from_its_text_or_its_id(tmp_path: Path):
    records = json_lines(
        {"_id": "a", "text": "Talks in Accra\n\nThey met."}, {"_id": "b", "text": "They met."}
    )
    documents, _ = read_bytes(tmp_path, "a.jsonl", records)

    assert [document.title for document in documents] == ["Talks in Accra", "b"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.NDJSON.GZ"])
def test_json_lines_are_read_with_and_without_gzip(tmp_path: Path, name: str):
    data = gzipped(RECORDS) if name.lower().endswith("gz") else RECORDS
    documents, problems = read_bytes(tmp_path, name, data)

    assert [(document.id, document.text) for document in documents] == [
        ("a", "One."),
        ("b", "Two.\nThree."),
    ]
    assert not problems


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + RECORDS, RECORDS.rstrip(), b"\n \n" + RECORDS])
def test_marks_blank_lines_and_a_missing_last_line_end_do_no_harm(tmp_path: Path, data: bytes):
    documents, problems = read_bytes(tmp_path, "a.jsonl", data)

    assert [document.id for document in documents] == ["a", "b"]
    assert not problems


BAD_LINES = [
    (b'{"_id": "a", "text": "One."', "JSON"),
    (b"[" * 200_000, "JSON"),
    (b'{"_id": "a", "text": "\xff"}', "JSON"),
    (b'["a", "One."]', "object"),
    (b"null", "object"),
    (b'{"text": "One."}', "_id"),
    (b'{"_id": null, "text": "One."}', "_id"),
    (b'{"_id": " ", "text": "One."}', "_id"),
    (b'{"_id": ["a"], "text": "One."}', "_id"),
    (b'{"_id": "a"}', "no text"),
    (b'{"_id": "a", "text": 7}', "no text"),
    (b'{"_id": "a", "text": "  "}', "no text"),
    (b'{"_id": "good", "text": "Again."}', "earlier line"),
]
_BAD_IDS = [f"{number}-{reason}" for number, (_, reason) in enumerate(BAD_LINES)]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=_BAD_IDS)
def test_a_bad_record_is_told_by_its_line_and_the_others_are_read(
    tmp_path: Path, line: bytes, reason: str
):
    records = json_lines({"_id": "good", "text": "One."}, line, {"_id": "b", "text": "Two."})
    documents, [problem] = read_bytes(tmp_path, "a.jsonl", records)

    assert [(document.id, document.text) for document in documents] == [
        ("good", "One."),
        ("b", "Two."),
    ]
    assert problem.source == f"{tmp_path / 'a.jsonl'}, line 2"
    assert reason in problem.reason


def test_of_very_many_bad_records_only_the_first_are_told_one_by_one(tmp_path: Path):
    documents, problems = read_bytes(tmp_path, "a.jsonl", b"{\n" * 1500 + RECORDS)

    assert [document.id for document in documents] == ["a", "b"]
    assert len(problems) == 101
    assert problems[-1].reason.startswith("1,400 more lines")


def test_half_a_character_becomes_a_replacement_mark(tmp_path: Path):
    line = rb'{"_id": "a\udc00", "title": "T\ud83d", "text": "One \ud800 two \ud83d\ude00."}'
    [document], _ = read_bytes(tmp_path, "a.jsonl", line)

    assert (document.id, document.title, document.text) == (
        "a\ufffd",
        "T\ufffd",
        "One \ufffd two 😀.",
    )


@pytest.mark.parametrize("value", ["soon", "2023-02-31", "9999-12-31", "0001-01-01", 7, None, []])
def test_no_date_of_a_record_stops_the_reading(tmp_path: Path, value: object):
    text = "He spoke yesterday, and will speak tomorrow."
    record = {"_id": "a", "date": value, "text": text}
    [document], problems = read_bytes(tmp_path, "a.jsonl", json_lines(record))

    assert document.text == text
    assert not problems


@pytest.mark.parametrize("data", [b"", b"\n\n", b'{"title": "no id"}\n'])
def test_json_lines_without_any_document_are_refused(tmp_path: Path, data: bytes):
    with pytest.raises(UnreadableSource, match=r"a\.jsonl: holds no record"):
        read_bytes(tmp_path, "a.jsonl", data)


@pytest.mark.parametrize(
    "data",
    [
        gzipped(RECORDS)[:-12],
        gzipped(RECORDS)[:20] + b"\xff" * 9 + gzipped(RECORDS)[29:],
    ],
    ids=["truncated", "damaged"],
)
def test_a_damaged_archive_is_told_by_name(tmp_path: Path, data: bytes):
    with pytest.raises(UnreadableSource, match=r"a\.jsonl\.gz: cannot be read"):
        read_bytes(tmp_path, "a.jsonl.gz", data)
    with pytest.raises(OSError, match=r"gzip|CRC|end|Error|block|damaged"):
        fingerprints(tmp_path / "a.jsonl.gz")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path):
    path = write_files(tmp_path, {"a.jsonl": RECORDS}) / "a.jsonl"
    items = read_source(SourceFile(path, str(path), path.name), Worker())

    assert next(items).id == "a"
    path.write_bytes(RECORDS * 2)
    with pytest.raises(UnreadableSource, match=r"a\.jsonl: changed while it was read"):
        list(items)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", READOUT.encode("utf-16")),
        ("a.md", READOUT.replace("\n", "\r\n").encode()),
        ("a.jsonl", RECORDS.replace(b"\n", b"\r\n")),
        ("a.jsonl", b"\xef\xbb\xbf" + RECORDS),
        ("a.jsonl.gz", gzipped(RECORDS)),
        ("a.jsonl", rb'{"_id": "a\udc00", "text": "One."}'),
        *(
            ("a.jsonl", json_lines({"_id": "good", "text": "One."}, line, *RECORDS.splitlines()))
            for line, _ in BAD_LINES
        ),
        *(
            ("a.jsonl", json_lines(line, {"_id": "good", "text": "Two."}, *RECORDS.splitlines()))
            for line, _ in BAD_LINES
        ),
    ],
)
def test_fingerprints_are_those_of_the_documents(tmp_path: Path, name: str, data: bytes):
    documents, _ = read_bytes(tmp_path, name, data)

    assert fingerprints(tmp_path / name) == {
        document.record: document.sha256 for document in documents
    }


def test_a_changed_file_has_another_fingerprint(tmp_path: Path):
    [before, _], _ = read_bytes(tmp_path, "a.jsonl", RECORDS)
    write_files(tmp_path, {"a.jsonl": RECORDS.replace(b"One.", b"Won.")})

    after = fingerprints(tmp_path / "a.jsonl")
    assert after.keys() == {"a", "b"}
    assert after["a"] != before.sha256


def test_the_fingerprint_of_a_missing_file_is_an_os_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        fingerprints(tmp_path / "gone.txt")


@pytest.mark.parametrize(
    ("name", "title", "published", "event_date"),
    [
        (
            "000_fbc2b366f62d71d8.txt",
            "Caribbean – U.S. Security Dialogue Reinforces Regional Collaboration in Maritime"
            " Domain, Firearms Tracing",
            None,
            date(2020, 10, 28),
        ),
        (
            "003_e53a6ec5a1052dec.txt",
            "Readout of the 11th Caribbean-United States Security Cooperation Dialogue",
            date(2023, 11, 20),
            date(2023, 11, 16),
        ),
    ],
)
def test_the_bundled_documents_are_unchanged_and_described(
    name: str, title: str, published: date | None, event_date: date
):
    file = next(file for file in files_of(BUNDLED) if file.name == name)
    listing = tomllib.loads((file.path.parent / "sources.toml").read_text(encoding="utf-8"))
    entry = next(entry for entry in listing["document"] if entry["file"] == name)
    [document] = read_source(file, Worker())

    assert document.sha256 == entry["sha256"] == sha256(file.path.read_bytes()).hexdigest()
    assert fingerprints(file.path) == {None: entry["sha256"]}
    assert document.text == file.path.read_text(encoding="utf-8")
    assert (document.id, document.source) == (name, f"bundled/{name}")
    assert (document.title, document.published, document.event_date) == (
        title,
        published,
        event_date,
    )
    assert document.publisher == entry["publisher"]
