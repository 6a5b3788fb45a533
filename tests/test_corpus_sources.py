"""What was added is found, file by file; what is passed over is told."""

import os
from pathlib import Path

import pytest
from builders import parted, write_files

from corpus import (
    BUNDLED,
    Problem,
    SourceFile,
    Unlisted,
    UnreadableSource,
    Worker,
    files_of,
    original_path,
    read_source,
    resolve_root,
)


def names_in(folder: Path) -> list[str]:
    return [file.name for file in files_of(str(folder)) if isinstance(file, SourceFile)]


def problems_in(folder: Path) -> list[Problem]:
    return [item for item in files_of(str(folder)) if isinstance(item, Problem)]


def test_a_folder_gives_its_files_in_a_fixed_order_named_from_the_folder(tmp_path: Path):
    write_files(tmp_path, {"b/d.md": "x", "b/c/e.txt": "x", "z.TXT": "x", "a.jsonl.gz": b"x"})

    assert list(files_of(str(tmp_path))) == [
        SourceFile(tmp_path / name, str(tmp_path / name), name)
        for name in ("a.jsonl.gz", "z.TXT", "b/d.md", "b/c/e.txt")
    ]


def test_a_file_is_named_by_its_own_name(tmp_path: Path):
    path = write_files(tmp_path, {"deep/er/a.txt": "x"}) / "deep/er/a.txt"

    assert list(files_of(str(path))) == [SourceFile(path, str(path), "a.txt")]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path):
    write_files(tmp_path, {".a.txt": "x", ".git/b.txt": "x", "c/.d/e.txt": "x", "f.txt": "x"})

    assert [file.name for file in files_of(str(tmp_path))] == ["f.txt"]


def test_a_hidden_file_that_was_added_itself_is_read(tmp_path: Path):
    path = write_files(tmp_path, {".a.txt": "x"}) / ".a.txt"

    assert names_in(path) == [".a.txt"]


def test_every_file_is_one_to_read_whatever_its_name_promises(tmp_path: Path):
    write_files(tmp_path, {"a.txt": "x", "b.docx": "x", "no-suffix": "x"})

    assert names_in(tmp_path) == ["a.txt", "b.docx", "no-suffix"]


@pytest.mark.parametrize("target", ["secret.txt", "elsewhere"])
def test_a_link_out_of_the_folder_is_told_and_not_followed(tmp_path: Path, target: str):
    write_files(tmp_path, {"secret.txt": "x", "elsewhere/b.txt": "x", "in/a.txt": "x"})
    (tmp_path / "in/link.txt").symlink_to(tmp_path / target)

    assert names_in(tmp_path / "in") == ["a.txt"]
    [problem] = problems_in(tmp_path / "in")
    assert problem.source == str(tmp_path / "in/link.txt")
    assert "link" in problem.reason


def test_links_inside_the_folder_are_harmless(tmp_path: Path):
    write_files(tmp_path, {"sub/a.txt": "x"})
    (tmp_path / "sub/again").symlink_to(tmp_path)
    (tmp_path / "b.txt").symlink_to(tmp_path / "sub/a.txt")

    assert names_in(tmp_path) == ["b.txt", "sub/a.txt"]
    assert problems_in(tmp_path) == []


def test_links_in_a_circle_are_a_file_that_cannot_be_read(tmp_path: Path):
    write_files(tmp_path, {"a.txt": "x"})
    (tmp_path / "b.txt").symlink_to("c.txt")
    (tmp_path / "c.txt").symlink_to("b.txt")

    a, *circle = files_of(str(tmp_path))

    assert a.name == "a.txt"
    for file in circle:
        with pytest.raises(UnreadableSource, match=file.name):
            list(read_source(file, Worker()))


def test_a_folder_may_be_added_through_a_link(tmp_path: Path):
    write_files(tmp_path, {"real/a.txt": "x"})
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert list(files_of(str(tmp_path / "link"))) == [
        SourceFile(tmp_path / "link/a.txt", str(tmp_path / "link/a.txt"), "a.txt")
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_told_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.txt")

    assert names_in(tmp_path) == []
    assert [problem.source for problem in problems_in(tmp_path)] == [str(tmp_path / "pipe.txt")]


@pytest.fixture
def misnamed(tmp_path: Path) -> Path:
    """A file whose name is Latin-1, as old archives have them."""
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(path)).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    return Path(os.fsdecode(path))


def test_a_name_that_is_not_utf_8_is_told_so_that_it_can_be_shown(misnamed: Path):
    assert names_in(misnamed.parent) == []
    [problem] = problems_in(misnamed.parent)
    assert problem.source == str(misnamed.parent / "caf�.txt")
    with pytest.raises(UnreadableSource, match="caf�"):
        resolve_root(misnamed)


def test_a_folder_that_cannot_be_listed_is_told_after_all_others_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_files(tmp_path, {"a/1.txt": "x", "b/2.txt": "x", "c/3.txt": "x"})
    scandir = os.scandir

    def without_rights(path: str):
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", without_rights)
    files = files_of(str(tmp_path))

    assert [next(files).name, next(files).name] == ["a/1.txt", "c/3.txt"]
    [unlisted] = files
    assert isinstance(unlisted, Unlisted)
    assert unlisted.source == str(tmp_path / "b")
    assert "cannot be listed (Permission denied)" in unlisted.reason


def test_a_root_that_vanished_is_told_with_the_way_to_remove_it(tmp_path: Path):
    [unlisted] = files_of(f"{tmp_path}/gone")
    assert unlisted.source == f"{tmp_path}/gone"
    assert f"readout remove {tmp_path}/gone" in unlisted.reason


def test_an_empty_folder_may_be_an_unmounted_disk(tmp_path: Path):
    [unlisted] = files_of(str(tmp_path))
    assert isinstance(unlisted, Unlisted)
    assert "holds no file" in unlisted.reason


def test_a_root_is_recorded_by_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_files(tmp_path, {"docs/a.txt": "x"})
    (tmp_path / "link").symlink_to("docs")
    monkeypatch.chdir(tmp_path)

    assert resolve_root(Path("docs/../docs/a.txt")) == str(tmp_path / "docs/a.txt")
    assert resolve_root(Path("link")) == str(tmp_path / "link")


def test_a_root_of_no_known_format_is_refused(tmp_path: Path):
    write_files(tmp_path, {"a.txt": b"\x7fELF\0\0"})

    with pytest.raises(UnreadableSource, match=r"a\.txt: not a format Readout reads; .*--help"):
        resolve_root(tmp_path / "a.txt")


def test_a_root_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableSource, match=r"nowhere: no such file or folder"):
        resolve_root(tmp_path / "nowhere")


def test_bundled_documents_are_read_from_the_package_wherever_it_lies():
    files = list(files_of(BUNDLED))
    documents, problems = parted([item for file in files for item in read_source(file, Worker())])

    assert [file.source for file in files] == [f"bundled/{file.name}" for file in files]
    assert [original_path(document.source) for document in documents] == [
        file.path for file in files
    ]
    assert not problems


def test_the_original_of_an_added_file_is_the_file(tmp_path: Path):
    assert original_path(str(tmp_path / "a.txt")) == tmp_path / "a.txt"
