"""A rebuild loses nothing, encodes only what is new, and never serves what is not sound."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from builders import flip_a_byte, json_lines, write_files

from corpus import BUNDLED
from index import (
    Cancelled,
    DamagedIndex,
    EmptyCorpus,
    FileStamp,
    Generation,
    Hit,
    Home,
    HomeUnusable,
    Manifest,
    NoIndex,
    Progress,
    RebuildRunning,
    build,
    local,
    rebuild,
    seals,
)
from index.cutting import embedded_text
from index.models import DEFAULT_MODEL, EncoderIdentity, _weights_hash, find_model

TEXTS = {
    "sea.txt": "The coast guard will patrol the waters of the Caribbean.",
    "arms.txt": "A working group will improve the tracing of illegal firearms.",
    "talks.txt": "The ministers met in Saint Lucia for the annual dialogue.",
}
QUERIES = ("patrols at sea", "Who traces firearms?", "dialogue", "lunar eclipse")
HomeOf = Callable[[dict[str, str]], Home]


pytestmark = pytest.mark.usefixtures("_weights_are_hashed_once")


def hits(home: Home, queries: Iterable[str] = QUERIES) -> list[list[Hit]]:
    generation = Generation.serving(home)
    return [generation.search(query, 10) for query in queries]


def texts_in(home: Home) -> dict[str, str]:
    return {document.id: document.text for document in Generation.serving(home).documents()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `home_of` puts its texts."""
    return tmp_path / "documents"


def only(home: Home, *roots: Path) -> Home:
    """Makes ``roots`` the sources of a home."""
    for root in roots:
        home.add(root)
    home.remove(Path(BUNDLED))
    return home


def test_a_build_finds_what_it_was_given(home_of: HomeOf):
    home = home_of(TEXTS)

    best = [found[0].passage.document_id for found in hits(home, QUERIES[:3])]
    assert best == ["sea.txt", "arms.txt", "talks.txt"]
    assert texts_in(home) == TEXTS


def test_hits_come_ranked_and_as_slices_of_their_documents(home_of: HomeOf):
    home = home_of(TEXTS)
    generation = Generation.serving(home)

    for found in hits(home):
        assert [hit.rank for hit in found] == [1, 2, 3]
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
        for hit in found:
            text = generation.document(hit.passage.document_id).text
            assert text[hit.passage.start : hit.passage.end] == TEXTS[hit.passage.document_id]


def test_hits_of_one_score_come_by_their_ids_however_many_are_asked_for(home_of: HomeOf):
    # The walk meets files before folders, so their numbers are not in the order of their ids.
    # To the encoder and the words they are one text; to people, and to what finds repeats, four.
    texts = {"d": "Same text.", "b": "Sâme text.", "c": "Samé text.", "a": "Sämé text."}
    records = ({"_id": name, "title": "T", "text": text} for name, text in texts.items())
    home = home_of({"a.jsonl": json_lines(*records).decode()})
    generation = Generation.serving(home)

    for k in range(1, 5):
        found = generation.search("same text", k)
        assert [hit.passage.id for hit in found] == ["a#0", "b#0", "c#0", "d#0"][:k]
    assert generation.search("same text", 0) == []


def test_a_changed_text_is_the_only_one_encoded_again(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"sea.txt": "The navy will patrol the harbour.", "new.txt": "A new text."})

    report = rebuild(home)

    assert (report.changed, report.generation) == (True, "000002")
    assert (report.documents, report.passages, report.encoded) == (4, 4, 2)
    assert texts_in(home)["sea.txt"] == "The navy will patrol the harbour."


def test_an_unchanged_corpus_makes_no_new_generation(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    (folder / "sea.txt").touch()

    report = rebuild(home)

    assert (report.changed, report.generation, report.encoded) == (False, "000001", 0)
    assert (report.documents, report.passages) == (3, 3)
    assert home.names() == ["000001"]


def test_what_is_embedded_is_the_text_under_its_title_and_heading(bundled_home: Home):
    generation = Generation.serving(bundled_home)
    document = next(generation.documents())
    passage = generation.passages_of(document.id)[0]

    expected = f"{document.title}\n{document.text[passage.start : passage.end]}"
    assert embedded_text(document, passage) == expected


def test_every_passage_fits_the_window_of_the_encoder(home_of: HomeOf):
    heading = "A heading that says at length what all of the following paragraphs are about "
    words = "Security talks go on. " * 200
    home = home_of({"a.md": f"# {'Title ' * 25}\n\n## {heading * 2}\n\n{words}", "b.txt": words})
    generation = Generation.serving(home)

    for document in generation.documents():
        texts = [
            embedded_text(document, passage) for passage in generation.passages_of(document.id)
        ]
        assert max(generation.encoder.count_tokens(texts)) + 2 <= generation.encoder.window


def test_progress_is_told_for_every_stage_up_to_its_end(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "A new text."})
    told: list[Progress] = []

    rebuild(home, on_progress=told.append)

    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == ["look", "read", "encode", "index", "check"]
    last = {progress.stage: progress for progress in told}
    assert {stage: last[stage].done for stage in stages[2:]} == {
        stage: last[stage].total for stage in stages[2:]
    }


def test_a_cancelled_build_keeps_what_it_encoded_and_the_old_generation(
    home_of: HomeOf, folder: Path
):
    home = home_of(TEXTS)
    before = hits(home)
    records = [{"_id": f"r{number}", "text": f"Record number {number}."} for number in range(70)]
    write_files(folder, {"many.jsonl": json_lines(*records)})
    told: list[Progress] = []

    with pytest.raises(Cancelled, match="kept"):
        rebuild(home, None, told.append, lambda: bool(told) and told[-1].stage == "encode")
    assert home.current() == "000001"
    assert hits(home) == before
    assert 0 < told[-1].total == 70

    report = rebuild(home)
    assert (report.passages, report.encoded) == (73, 6)


def test_a_damaged_record_of_what_was_encoded_is_thrown_away(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(home.generations, {"encoded.sqlite": "not a database" * 100})
    write_files(folder, {"new.txt": "A new text."})

    assert rebuild(home).encoded == 1


@pytest.mark.parametrize("moment", ["encode", "check"])
def test_a_build_that_dies_leaves_the_old_generation_serving(
    home_of: HomeOf, folder: Path, moment: str
):
    home = home_of(TEXTS)
    before = hits(home)
    write_files(folder, {"new.txt": "A new text."})

    def die(progress: Progress) -> None:
        if progress.stage == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(home, on_progress=die)
    assert hits(home) == before

    report = rebuild(home)
    assert report.changed
    assert report.encoded == (1 if moment == "encode" else 0)
    assert "new.txt" in texts_in(home)


def test_a_generation_that_fails_its_check_is_never_switched_to(
    home_of: HomeOf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "A new text."})

    def refuse(generation: Generation, samples: int) -> None:
        raise DamagedIndex(generation.name)

    with monkeypatch.context() as patch:
        patch.setattr(Generation, "check", refuse)
        with pytest.raises(DamagedIndex):
            rebuild(home)
    assert home.current() == "000001"
    assert texts_in(home) == TEXTS

    assert rebuild(home).changed
    assert "new.txt" in texts_in(home)


def test_the_check_finds_what_does_not_belong_together(bundled_home: Home):
    generation = Generation.serving(bundled_home)
    generation.check(20)

    generation.manifest = replace(generation.manifest, documents=3)
    with pytest.raises(DamagedIndex, match=generation.name):
        generation.check(20)


def test_a_folder_that_vanished_keeps_its_documents(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    folder.rename(folder.with_name("unmounted"))
    note = write_files(folder.parent, {"note.txt": "A note that was added meanwhile."}) / "note.txt"
    home.add(note)

    report = rebuild(home)

    assert texts_in(home) == {**TEXTS, "note.txt": note.read_text()}
    [problem] = report.problems
    assert problem.source == str(folder)
    assert "3 document(s) as last read are kept" in problem.reason


def test_an_added_file_that_vanished_or_spoilt_keeps_its_documents(new_home: Home, tmp_path: Path):
    records = json_lines({"_id": "a", "text": "One."}, {"_id": "b", "text": "Two."})
    write_files(tmp_path, {"a.txt": "Gone soon.", "b.jsonl": records})
    only(new_home, tmp_path / "a.txt", tmp_path / "b.jsonl")
    rebuild(new_home)
    (tmp_path / "a.txt").unlink()
    write_files(tmp_path, {"b.jsonl": b"\x1f\x8b no json"})

    report = rebuild(new_home)

    assert texts_in(new_home) == {"a.txt": "Gone soon.", "a": "One.", "b": "Two."}
    assert {problem.source for problem in report.problems} >= {
        str(tmp_path / "a.txt"),
        str(tmp_path / "b.jsonl"),
    }


def test_an_index_that_cannot_be_read_just_now_is_not_taken_for_lost(
    new_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_files(tmp_path, {"a.txt": "Kept.", "b.txt": "Only the second has it."})
    only(new_home, tmp_path / "a.txt")
    rebuild(new_home)
    new_home.add(tmp_path / "b.txt")
    rebuild(new_home)
    (tmp_path / "b.txt").unlink()
    serving = new_home.generations / new_home.current()
    really = seals.sha256_of

    def failing(path: Path) -> str:
        if path.is_relative_to(serving):
            raise OSError(24, "Too many open files", str(path))
        return really(path)

    with monkeypatch.context() as patch:
        patch.setattr(seals, "sha256_of", failing)
        with pytest.raises(HomeUnusable, match=r"cannot be read \(Too many open files\)"):
            rebuild(new_home)
    rebuild(new_home)

    assert texts_in(new_home) == {"a.txt": "Kept.", "b.txt": "Only the second has it."}


def test_a_file_in_a_folder_that_spoilt_keeps_its_document(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"sea.txt": b"\0\1\2", "new.txt": "A new text."})

    rebuild(home)

    assert texts_in(home) == {**TEXTS, "new.txt": "A new text."}
    [problem] = Generation.serving(home).manifest.problems
    assert problem["source"] == str(folder / "sea.txt")


def test_a_folder_that_cannot_be_looked_into_keeps_its_documents(
    home_of: HomeOf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    home = home_of(TEXTS)
    is_file = Path.is_file

    def stale(path: Path) -> bool:
        if path == folder:
            raise OSError(116, "Stale file handle", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", stale)
    report = rebuild(home)

    assert texts_in(home) == TEXTS
    assert [problem.source for problem in report.problems] == [str(folder)]
    assert "Stale file handle" in report.problems[0].reason


def test_a_folder_that_came_up_empty_keeps_its_documents(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    shutil.rmtree(folder)
    folder.mkdir()  # what an unmounted disk leaves behind

    report = rebuild(home)

    [problem] = report.problems
    assert "holds no file" in problem.reason
    assert "3 document(s) as last read are kept" in problem.reason
    assert texts_in(home) == TEXTS


def test_what_was_deleted_stays_gone_although_a_folder_beside_it_cannot_be_listed(
    home_of: HomeOf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    home = home_of(TEXTS)
    write_files(folder, {"sub/kept.txt": "Kept."})
    rebuild(home)
    (folder / "sea.txt").unlink()
    scandir = os.scandir

    def without_rights(path: str | int):
        if path == str(folder / "sub"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", without_rights)
    rebuild(home)

    assert set(texts_in(home)) == {"arms.txt", "talks.txt", "sub/kept.txt"}


def test_a_build_that_dies_at_the_switch_leaves_both_generations_it_could_go_back_to(
    home_of: HomeOf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    home = home_of(TEXTS)
    write_files(folder, {"two.txt": "Two."})
    rebuild(home)
    write_files(folder, {"three.txt": "Three."})

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Generation, "check", die)
        with pytest.raises(KeyboardInterrupt):
            rebuild(home)
    assert home.names() == ["000001", "000002"]

    rebuild(home)
    assert home.names() == ["000002", "000003"]
    assert home.previous() == "000002"


def test_new_problems_are_kept_although_no_document_changed(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"image.png": b"\x89PNG\r\n"})

    report = rebuild(home)

    assert (report.changed, report.encoded) == (True, 0)
    assert [told["source"] for told in Generation.serving(home).manifest.problems] == [
        str(folder / "image.png")
    ]
    assert not rebuild(home).changed


def test_a_disk_that_fills_up_is_told_and_the_old_generation_serves(
    home_of: HomeOf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "A new text."})

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    def unwritable(*_: object) -> None:
        raise ValueError("No space left on device")

    for place, name, failing in (
        (build.StoreWriter, "add", full),
        (build.Journal, "add", full),
        (local.LexicalIndex, "build", unwritable),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, failing)
            with pytest.raises(HomeUnusable, match="free some space"):
                rebuild(home)
        assert texts_in(home) == TEXTS
    assert rebuild(home).changed


def test_a_record_cannot_take_the_id_that_another_file_gave_way_to(new_home: Home, tmp_path: Path):
    first, second = (write_files(tmp_path / name, {"a.txt": f"Of {name}."}) for name in "xy")
    only(new_home, first, second)
    rebuild(new_home)
    [evaded] = {document.id for document in Generation.serving(new_home).documents()} - {"a.txt"}
    thief = write_files(tmp_path / "z", {"z.jsonl": json_lines({"_id": evaded, "text": "Thief."})})
    new_home.remove(second)
    new_home.add(thief / "z.jsonl")
    new_home.add(second)

    rebuild(new_home)

    assert sorted(texts_in(new_home).values()) == ["Of x.", "Of y.", "Thief."]


def test_a_file_deleted_from_a_folder_is_gone(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    (folder / "sea.txt").unlink()

    report = rebuild(home)

    assert texts_in(home).keys() == {"arms.txt", "talks.txt"}
    assert (report.encoded, report.problems) == (0, ())


def test_a_root_that_was_removed_takes_its_documents_with_it(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    home.add(Path(BUNDLED))
    home.remove(folder)

    rebuild(home)

    assert all(document.startswith("00") for document in texts_in(home))


def test_two_sources_that_claim_one_id_are_both_kept(new_home: Home, tmp_path: Path):
    write_files(tmp_path, {"one/a.txt": "The first.", "two/a.txt": "The second."})
    only(new_home, tmp_path / "one", tmp_path / "two")

    rebuild(new_home)
    once = texts_in(new_home)
    write_files(tmp_path, {"two/b.txt": "Another."})
    rebuild(new_home)

    assert once["a.txt"] == "The first."
    [other] = once.keys() - {"a.txt"}
    assert re.fullmatch(r"a\.txt~[0-9a-f]{8}", other)
    assert texts_in(new_home) == {**once, "b.txt": "Another."}


@pytest.mark.parametrize("roots", [("docs", "docs/a.txt"), ("docs/sub/b.txt", "docs", "docs/sub")])
def test_a_file_added_by_itself_and_with_its_folder_is_one_document(
    new_home: Home, tmp_path: Path, roots: tuple[str, ...]
):
    write_files(tmp_path, {"docs/a.txt": "One text.", "docs/sub/b.txt": "Another text."})
    only(new_home, *(tmp_path / root for root in roots))

    report = rebuild(new_home)

    assert report.documents == 2
    assert sorted(texts_in(new_home).values()) == ["Another text.", "One text."]


def test_nothing_to_index_is_told_with_the_reason(new_home: Home, tmp_path: Path):
    write_files(tmp_path, {"docs/empty.txt": ""})
    only(new_home, tmp_path / "docs")

    with pytest.raises(EmptyCorpus, match=r"empty\.txt: holds no text.*run: readout add"):
        rebuild(new_home)
    with pytest.raises(NoIndex):
        Generation.serving(new_home)


def test_any_damaged_file_is_told_by_name(bundled_home: Home):
    folder = bundled_home.generations / bundled_home.current()
    files = [path for path in folder.rglob("*") if path.stat().st_size and path.is_file()]
    files = [path for path in files if not path.name.endswith(".lock")]
    assert {path.name for path in files} > {"documents.sqlite", "vectors.faiss", "manifest.json"}

    for path in files:
        content = path.read_bytes()
        for damage in (flip_a_byte, Path.unlink):
            damage(path)
            with pytest.raises(DamagedIndex, match=f"{re.escape(str(path))}: damaged.*rebuild"):
                Generation.serving(bundled_home)
            path.write_bytes(content)
    assert texts_in(bundled_home)


def test_no_byte_of_a_manifest_can_change_unnoticed(bundled_home: Home):
    folder = bundled_home.generations / bundled_home.current()
    path = folder / "manifest.json"
    content = path.read_bytes()
    assert isinstance(Manifest.load(folder), Manifest)

    for position in range(0, len(content), 3):
        flip_a_byte(path, position)
        with pytest.raises(DamagedIndex, match=r"manifest\.json"):
            Manifest.load(folder)
        path.write_bytes(content)


@pytest.mark.parametrize("name", ["vectors.faiss", "documents.sqlite", "manifest.json"])
def test_a_rebuild_repairs_a_damaged_generation(home_of: HomeOf, name: str):
    home = home_of(TEXTS)
    before = hits(home)
    flip_a_byte(home.generations / "000001" / name)

    report = rebuild(home)

    assert (report.changed, report.encoded, report.generation) == (True, 3, "000002")
    assert hits(home) == before


def test_where_the_serving_generation_is_damaged_the_one_before_lends_its_vectors(
    home_of: HomeOf, folder: Path
):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "A new text."})
    rebuild(home)
    flip_a_byte(home.generations / "000002" / "vectors.faiss")

    assert rebuild(home).encoded == 1


def test_the_generation_before_is_kept_and_older_ones_go(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    for number in range(3):
        write_files(folder, {"new.txt": f"Version {number}."})
        rebuild(home)

    assert (home.current(), home.names()) == ("000004", ["000003", "000004"])
    home.switch_to("000003")
    assert texts_in(home)["new.txt"] == "Version 1."
    folders = {path.name for path in home.generations.iterdir() if path.is_dir()}
    assert folders == {"000003", "000004"}  # a slow build notes beside one that it was read


def test_asking_writes_nothing_to_a_generation(home_of: HomeOf):
    home = home_of(TEXTS)
    folder = home.generations / home.current()
    before = {path: FileStamp.of(path) for path in folder.rglob("*")}

    hits(home)

    assert {path: FileStamp.of(path) for path in folder.rglob("*")} == before


def test_a_reader_keeps_the_generation_it_started_with(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    reader = Generation.serving(home)
    before = reader.search("patrols at sea", 3)
    write_files(folder, {"sea.txt": "Nothing of that."})

    rebuild(home)

    assert reader.search("patrols at sea", 3) == before
    assert reader.document("sea.txt").text == TEXTS["sea.txt"]


def test_a_pointer_that_was_spoilt_is_repaired_by_a_rebuild(home_of: HomeOf):
    home = home_of(TEXTS)
    before = hits(home)
    write_files(home.path, {"CURRENT": "garbage"})
    with pytest.raises(HomeUnusable, match="run: readout rebuild"):
        Generation.serving(home)

    report = rebuild(home)

    assert (report.generation, report.encoded) == ("000002", 0)
    assert hits(home) == before


def test_a_pointer_to_a_generation_that_is_gone_is_damage(home_of: HomeOf):
    home = home_of(TEXTS)
    home.switch_to("000007")

    with pytest.raises(DamagedIndex, match="000007: damaged or missing"):
        Generation.serving(home)


def test_only_one_process_writes_at_a_time(home_of: HomeOf, folder: Path):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "A new text."})
    program = (
        "import sys, filelock\n"
        "with filelock.FileLock(sys.argv[1]):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(home.path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RebuildRunning, match="another rebuild is at work"):
            rebuild(home)
        assert texts_in(home) == TEXTS  # reading needs no lock
        other.kill()

    assert rebuild(home).changed  # the lock of a process that died is free


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path):
    write_files(tmp_path, {"file": "x"})

    with pytest.raises(HomeUnusable, match="file/home: cannot be written"):
        rebuild(Home(tmp_path / "file" / "home"))


def test_another_encoder_encodes_everything_again(
    home_of: HomeOf, compiled_models: Path, tmp_path: Path
):
    home = home_of(TEXTS)
    model = _copy_of_the_default_model(tmp_path / "model")
    home.models.unlink()
    shutil.copytree(compiled_models, home.models)
    _pretend_compiled(home.models, str(model))

    assert rebuild(home, str(model)).encoded == 3
    manifest = Generation.serving(home).manifest
    assert manifest.encoder.name == str(model)
    assert not rebuild(home).changed  # the home remembers its encoder
    assert rebuild(home, DEFAULT_MODEL).encoded == 3


def test_a_model_that_was_moved_is_the_same_and_encodes_nothing_again(
    home_of: HomeOf, compiled_models: Path, tmp_path: Path
):
    home = home_of(TEXTS)
    old, new = tmp_path / "old", tmp_path / "new"
    _copy_of_the_default_model(old)
    home.models.unlink()
    shutil.copytree(compiled_models, home.models)
    _pretend_compiled(home.models, str(old))
    rebuild(home, str(old))
    old.rename(new)

    moved = rebuild(home, str(new))

    assert (moved.changed, moved.encoded) == (True, 0)
    assert Generation.serving(home).manifest.encoder.name == str(new)
    assert not rebuild(home).changed


def test_a_switch_that_fails_leaves_no_generation_behind(
    home_of: HomeOf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    home = home_of(TEXTS)
    write_files(folder, {"new.txt": "A new text."})

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Home, "switch_to", fail)
        with pytest.raises(HomeUnusable, match="No space left"):
            rebuild(home)
    assert home.names() == [home.current()]
    rebuild(home)
    assert "new.txt" in texts_in(home)


def _copy_of_the_default_model(folder: Path) -> Path:
    """The default model with another setting, its weights linked rather than copied."""
    original = find_model(DEFAULT_MODEL)
    shutil.copytree(original, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(original / "model.safetensors")
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {"note": "another"}))
    return folder


def _pretend_compiled(models: Path, name: str) -> None:
    """Puts the default's compiled files where those of ``name`` would be, to save the compiling."""
    [compiled] = models.iterdir()
    weights = _weights_hash(Path(name))
    folder = shutil.copytree(compiled, models / weights[:16])
    default = EncoderIdentity(**json.loads((compiled / "identity.json").read_text()))
    identity = replace(default, name=name, weights=weights)
    (folder / "identity.json").write_text(json.dumps(asdict(identity)))
