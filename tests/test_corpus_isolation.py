"""A parser may hang, crash or fill the memory: its file is told, and the next one is read."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from builders import parted, write_files

from corpus import Document, Problem, SourceFile, UnreadableSource, Worker, read_source
from corpus.errors import Unreadable, UnreadableNow
from corpus.formats.text import decoded
from corpus.parsing import Parsed, Refused, parse

PAGE = "<html><body><p>They met in {}.</p></body></html>"
MAIL = b"""From: Ada <a@b.example>
To: c@d.example
Subject: Talks
Date: Mon, 3 May 2021 10:00:00 +0000
Message-ID: <1@b>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

They met, says the mail.

--x
Content-Type: text/html
Content-Disposition: attachment; filename="minutes.html"

<html><body><p>They met, says the attachment.</p></body></html>

--x
Content-Type: image/png
Content-Disposition: attachment; filename="photo.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=

--x--
"""


def zipped(members: dict[str, bytes | str]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return packed.getvalue()


def read(folder: Path, name: str, **limits: float) -> tuple[list[Document], list[Problem]]:
    with Worker(**limits) as worker:
        return parted(list(read_source(SourceFile(folder / name, f"/{name}", name), worker)))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return write_files(tmp_path, {"a.html": PAGE.format("Accra")}) / "a.html"


def test_a_file_is_parsed_in_another_process_as_in_this_one(page: Path):
    with page.open("rb") as stream, Worker() as worker:
        [here] = parse(stream, page.name)
        [there] = worker.parse(page, page.name, ())
        process = worker._process
    assert there == here
    assert "They met in Accra." in here.extract.text
    assert process.poll() is not None


def test_what_takes_too_long_is_ended_and_the_next_file_read(page: Path):
    with Worker(seconds=0.001) as worker:
        with pytest.raises(UnreadableNow, match=r"took longer than 0\.001 seconds"):
            list(worker.parse(page, page.name, ()))
        worker._seconds = 60
        assert len(list(worker.parse(page, page.name, ()))) == 1


def test_a_crash_is_told_and_the_next_file_read(page: Path):
    with Worker() as worker:
        list(worker.parse(page, page.name, ()))
        first = worker._process
        items = worker.parse(page, page.name, ())
        first.kill()
        with pytest.raises(Unreadable, match="its parser crashed"):
            list(items)
        assert len(list(worker.parse(page, page.name, ()))) == 1
        assert worker._process is not first


def test_what_needs_too_much_memory_is_told(page: Path):
    with (
        Worker(memory=20 << 20) as worker,
        pytest.raises(Unreadable, match=r"crashed|memory"),
    ):
        list(worker.parse(page, page.name, ()))


def test_whether_it_may_be_read_another_time_is_told(tmp_path: Path, page: Path):
    write_files(tmp_path, {"b.bin": b"\x7fELF\0\0"})
    with pytest.raises(UnreadableSource) as slow:
        read(tmp_path, page.name, seconds=0.001)
    assert not slow.value.lasting
    with pytest.raises(UnreadableSource) as never:
        read(tmp_path, "b.bin")
    assert never.value.lasting
    with pytest.raises(UnreadableSource) as gone:
        read(tmp_path, "gone.pdf")
    assert not gone.value.lasting


def test_the_attachments_of_a_mail_are_documents_of_their_own(tmp_path: Path):
    write_files(tmp_path, {"a.eml": MAIL})
    [mail, minutes], [picture] = read(tmp_path, "a.eml")

    assert (mail.id, mail.title, mail.record) == ("a.eml", "Talks", None)
    assert str(mail.published) == "2021-05-03"
    assert "Ada" in (mail.author or "")
    assert mail.text == "They met, says the mail."
    assert (minutes.id, minutes.record) == ("a.eml/minutes.html", "minutes.html")
    assert minutes.text == "They met, says the attachment."
    assert minutes.sha256 == mail.sha256
    assert picture.source == "/a.eml, photo.png"


def test_an_archive_gives_its_members_however_deep(tmp_path: Path):
    inner = zipped({"c.html": PAGE.format("Lomé")})
    members = {
        "b.txt": "They met in Lagos.",
        "deep/inner.zip": inner,
        "__MACOSX/x": b"",
        "empty.txt": "",
    }
    data = zipped(members)
    write_files(tmp_path, {"a.zip": data})
    documents, problems = read(tmp_path, "a.zip")

    assert [(document.id, document.text) for document in documents] == [
        ("a.zip/b.txt", "They met in Lagos."),
        ("a.zip/deep/inner.zip/c.html", "They met in Lomé."),
    ]
    assert [(each.source, each.reason) for each in problems] == [
        ("/a.zip, empty.txt", "holds no text")
    ]


def test_archives_in_archives_have_an_end(tmp_path: Path):
    data = zipped({"a.txt": "They met."})
    for _ in range(5):
        data = zipped({"inner.zip": data})
    write_files(tmp_path, {"a.zip": data})

    with pytest.raises(UnreadableSource, match="holds nothing that Readout reads"):
        read(tmp_path, "a.zip")


def test_an_archive_that_unpacks_without_measure_is_refused(tmp_path: Path):
    write_files(tmp_path, {"a.zip": zipped({"a.txt": b"\0" * (200 << 20)})})

    with pytest.raises(UnreadableSource, match=r"unpack|expand|bomb"):
        read(tmp_path, "a.zip")


def test_every_file_at_hand_is_read_or_refused_with_a_reason(test_data: Path):
    folder = test_data / "files"
    read_, refused = [], {}
    with Worker(seconds=120) as worker:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.suffix == ".pdf":  # PDFs have tests of their own
                continue
            try:
                items = list(read_source(SourceFile(path, str(path), path.name), worker))
            except UnreadableSource as error:
                refused[path.name] = str(error)
                continue
            documents, _ = parted(items)
            for document in documents:
                assert document.text.strip()
                marks = document.marks.all()
                assert all(0 <= mark.start < mark.end <= len(document.text) for mark in marks)
            read_.append(path.name)
    assert len(read_) > 170
    assert not [name for name, why in refused.items() if "crashed" in why or "longer than" in why]


def test_members_that_cannot_be_read_do_not_lose_the_others():
    data = zipped({"a.txt": "They met.", "b.pdf": "%PDF-1.4 not really"})
    first, second = parse(BytesIO(data), "a.zip")

    assert isinstance(first, Parsed)
    assert isinstance(second, Refused)
    assert second.member == "b.pdf"


def test_half_a_text_in_an_encoding_of_zeros_is_told():
    with pytest.raises(Unreadable, match=r"not text in any|binary"):
        decoded("They met.".encode("utf-16-le")[:-1])
