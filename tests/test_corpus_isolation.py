"""A parser may hang, crash or fill the memory: its file is told, and the next one is read."""

import json
import os
import signal
import subprocess
import sys
import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from builders import parted, write_files

from assistant import Assistant
from corpus import Document, Problem, SourceFile, UnreadableSource, Worker, read_source
from corpus.errors import Unreadable, UnreadableNow
from corpus.formats.text import decoded
from corpus.parsing import Parsed, Refused, parse
from index import rebuild

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


def test_a_worker_that_died_is_begun_anew(page: Path):
    with Worker() as worker:
        expected = worker.parse(page, page.name, ())
        first = worker._process
        first.kill()
        assert worker.parse(page, page.name, ()) == expected
        first.wait()
        assert worker.parse(page, page.name, ()) == expected
        assert worker._process is not first


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (-signal.SIGSEGV, Unreadable, "its parser crashed"),
        (-signal.SIGKILL, UnreadableNow, "ended from outside"),
    ],
)
def test_a_parser_that_crashes_again_is_told(
    page: Path, monkeypatch: pytest.MonkeyPatch, status: int, kind: type, reason: str
):
    asked = []
    with Worker() as worker:
        monkeypatch.setattr(worker, "_ask", lambda what: asked.append(what) or status)
        with pytest.raises(kind, match=reason) as told:
            worker.parse(page, page.name, ())
    assert type(told.value) is kind
    assert len(asked) == 2


def test_no_module_of_the_folder_one_is_in_is_run(tmp_path: Path, page: Path, monkeypatch):
    write_files(tmp_path, {"json.py": f"open({str(tmp_path / 'run')!r}, 'w')"})
    monkeypatch.chdir(tmp_path)
    with Worker() as worker:
        assert len(worker.parse(page, page.name, ())) == 1
    assert not (tmp_path / "run").exists()


def test_a_worker_ends_itself_if_who_asked_it_is_dead(tmp_path: Path):
    os.mkfifo(tmp_path / "a.html")  # nobody writes to it: to open it waits for ever
    asked = json.dumps({"path": str(tmp_path / "a.html"), "name": "a.html", "passwords": []})
    run = "from corpus import worker; worker._GRACE = 0; worker.main()"
    orphan = subprocess.Popen(
        [sys.executable, "-c", run, str(4 << 30), "0.5"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parents[1],
        text=True,
    )
    orphan.stdin.write(asked + "\n")
    orphan.stdin.flush()
    assert orphan.wait(30) == -signal.SIGALRM
    orphan.stdin.close()


def test_what_needs_too_much_memory_is_told(page: Path):
    with (
        Worker(memory=20 << 20) as worker,
        pytest.raises(Unreadable, match=r"crashed|memory|failed"),
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


def test_of_members_of_one_name_the_last_is_read_and_the_other_told(tmp_path: Path):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in ("They met.", "They left."):
            out.writestr("a.txt", text)
        out.writestr(".", "no name")
    write_files(tmp_path, {"a.zip": packed.getvalue()})
    [document], [problem] = read(tmp_path, "a.zip")

    assert (document.id, document.text) == ("a.zip/a.txt", "They left.")
    assert "same name" in problem.reason


def test_a_member_whose_parser_fails_does_not_lose_the_others(monkeypatch: pytest.MonkeyPatch):
    def fail(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("corpus.formats.html.read", fail)
    data = zipped({"a.html": PAGE, "b.txt": "They met."})
    failed, found = parse(BytesIO(data), "a.zip")

    assert isinstance(failed, Refused)
    assert "ZeroDivisionError" in failed.reason
    assert isinstance(found, Parsed)


def test_a_quote_from_an_archive_is_verified_by_the_archive(home_of, tmp_path: Path):
    home = home_of({"note.txt": "They left."})
    path = write_files(tmp_path / "documents", {"a.zip": zipped({"b.txt": "They met."})}) / "a.zip"
    rebuild(home)
    os.utime(path, ns=(1, 1))
    with Assistant.open(home) as assistant:
        document = assistant.document("a.zip/b.txt")
        quote = assistant.quote(document.id, 0, 9)
        assert assistant.verify(document, quote)
        path.write_bytes(zipped({"b.txt": "They met!"}))
        assert not assistant.verify(document, quote)


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
