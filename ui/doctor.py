"""The command ``readout doctor``: is all well here, and what to do where it is not."""

import os
import platform
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from assistant.feedback import FEEDBACK
from corpus import ReadoutError
from index import EncoderError, Generation, Home, IndexingError, NoIndex, SourceState, source_states
from index.errors import first_line
from index.health import is_rebuilding, room, why_not_writable
from index.manifest import SOFTWARE, Manifest
from index.models import (
    DEFAULT_MODEL,
    ON_GPU,
    ORIGINAL,
    find_model,
    load_encoder,
    why_not_compiled,
)
from ui import terminal
from ui.access.users import FILE as USERS
from ui.engines import place_of
from ui.options import TOLD, unsettled
from ui.settings import load_settings

if TYPE_CHECKING:
    from packaging.requirements import Requirement

State = Literal["ok", "attention", "problem"]

_COLOURS: dict[State, str] = {"ok": "green", "attention": "yellow", "problem": "red"}

# Libraries that are compiled for a kind of machine, and may be there and yet not load.
_COMPILED = ("faiss", "lxml.etree", "onnxruntime", "pypdfium2", "rensa", "tantivy", "tokenizers")

_REINSTALL = "install Readout again, into an environment of its own"

# Passages that are encoded again and compared with what is stored; `readout verify` does all.
_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing.

    Attributes:
        name: The thing.
        state: How it is with it; with a problem Readout cannot do all of its work.
        detail: What was found.
        remedy: What to do, or None.
    """

    name: str
    state: State
    detail: str
    remedy: str | None = None

    @classmethod
    def of_error(cls, name: str, error: ReadoutError) -> "Finding":
        """Returns the problem that an error tells, and after its first semicolon the remedy."""
        detail, _, remedy = str(error).partition("; ")
        return cls(name, "problem", detail, remedy or None)


@click.command()
@unsettled
def doctor(home: Home, as_json: bool) -> None:
    """Look whether all is well: versions, settings, disk, encoder, index and sources.

    Each is ok, wants attention, or is a problem, with what to do; with a problem the exit status
    is 1. Nothing is changed. Every byte of the index is checked by readout verify.

    Example: readout doctor
    """
    found = []
    for finding in checkup(home):
        found.append(finding)
        if not as_json:
            _show(finding)
    counts = {state: sum(each.state == state for each in found) for state in _COLOURS}
    if as_json:
        checks = [asdict(finding) for finding in found]
        terminal.echo_json(
            {"sound": not counts["problem"], "checks": checks, "versions": _versions()}
        )
    else:
        terminal.echo(f"\n{_summary(counts)}")
    if counts["problem"]:
        sys.exit(TOLD)


def checkup(home: Home) -> Iterator[Finding]:
    """Yields what is found of a home and of what is installed, one after the other."""
    where = f"{platform.python_implementation()} {platform.python_version()}"
    yield Finding("Python", "ok", f"{where}, {platform.system()} {platform.machine()}")
    yield _libraries()
    yield _scanned_pages()
    yield _place(home)
    yield _neighbours(home)
    yield _settings(home)
    yield _disk(home)
    yield _lock(home)
    yield _encoder(home)
    yield from _index(home)


def _libraries() -> Finding:
    faults = [fault for need in _required() if (fault := _unmet(need))]
    for name in _COMPILED:
        try:
            import_module(name)
        except (ImportError, OSError) as error:
            faults.append(f"{name} cannot be loaded ({first_line(error)})")
    if faults:
        return Finding("libraries", "problem", ", ".join(faults), _REINSTALL)
    return Finding("libraries", "ok", f"Readout {SOFTWARE} and all {len(_required())} it needs")


def _required() -> list["Requirement"]:
    """Returns what Readout cannot do without; what extras bring is left out."""
    from packaging.requirements import Requirement  # lazy: no other command reads requirements

    needs = [Requirement(line) for line in requires("readout") or ()]
    return [need for need in needs if not need.marker or need.marker.evaluate({"extra": ""})]


def _unmet(need: "Requirement") -> str:
    try:
        found = version(need.name)
    except PackageNotFoundError:
        return f"{need.name} is not installed"
    if need.specifier.contains(found, prereleases=True):
        return ""
    return f"{need.name} is {found}, and {need.specifier} is needed"


def _versions() -> dict[str, str | None]:
    """Returns the versions of all that is needed, by name; None for what is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version(), "readout": SOFTWARE}
    for need in _required():
        try:
            found[need.name] = version(need.name)
        except PackageNotFoundError:
            found[need.name] = None
    return found


def _scanned_pages() -> Finding:
    if find_spec("rapidocr"):
        return Finding("scanned pages", "ok", f"are read by rapidocr {version('rapidocr')}")
    return Finding(
        "scanned pages", "ok", "are not read; if you have any, run: pip install 'readout[ocr]'"
    )


def _place(home: Home) -> Finding:
    if why := why_not_writable(home):
        remedy = "change its rights, or choose another with --home"
        if home.current_or_none():
            detail = f"{home.path}: can be asked, but not written ({why})"
            return Finding("home", "attention", detail, remedy)
        return Finding("home", "problem", f"{home.path}: cannot be written ({why})", remedy)
    there = "can be written" if home.path.exists() else "not there yet; the first build makes it"
    return Finding("home", "ok", f"{home.path}: {there}")


def _neighbours(home: Home) -> Finding:
    """Looks whether other users of this computer can read what is kept in the home."""
    if os.name != "posix" or not home.path.exists():
        return Finding("privacy", "ok", "the first build makes the home for its owner alone")
    if _mode(home.path) & 0o077 == 0:
        return Finding("privacy", "ok", "only its owner can look into the home")
    secret = [home.path / name for name in (USERS, FEEDBACK)]
    if open_ones := [path.name for path in secret if path.exists() and _mode(path) & 0o077]:
        detail = f"others on this computer can read {' and '.join(open_ones)}"
        return Finding("privacy", "problem", detail, f"run: chmod -R go= {home.path}")
    detail = "others on this computer can look into the home: documents' texts, golden questions"
    return Finding(
        "privacy", "attention", detail, f"if that is not meant, run: chmod 700 {home.path}"
    )


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _settings(home: Home) -> Finding:
    try:
        chosen = load_settings(home, os.environ)
        home.engine = place_of(chosen.settings, home)
    except ReadoutError as error:
        return Finding.of_error("settings", error)
    said = [name for name, origin in chosen.origins.items() if origin != "default"]
    return Finding("settings", "ok", f"set: {', '.join(said)}" if said else "all as they come")


def _disk(home: Home) -> Finding:
    from rich.filesize import decimal  # lazy: most commands need no rich

    try:
        found = room(home)
    except OSError as error:
        return Finding("disk", "attention", f"does not tell its space ({error.strerror})")
    detail = f"{decimal(found.free)} free, a rebuild takes {decimal(found.needed)}"
    if found.free < found.needed:
        return Finding("disk", "problem", detail, "free some space")
    if found.free < 2 * found.needed:
        return Finding("disk", "attention", detail, "free some space before long")
    return Finding("disk", "ok", detail)


def _lock(home: Home) -> Finding:
    if is_rebuilding(home):
        return Finding(
            "lock", "attention", "a rebuild is at work", "wait until it has ended to start another"
        )
    return Finding("lock", "ok", "no rebuild is at work")


def _encoder(home: Home) -> Finding:
    try:
        name = home.current_or_none()
        if name is None:
            find_model(DEFAULT_MODEL)
            detail = f"{DEFAULT_MODEL} is there; the first build compiles it for this computer"
            return Finding("encoder", "ok", detail)
        identity = Manifest.load(home.generations / name).encoder
        load_encoder(home.models, identity)
        if identity.name == DEFAULT_MODEL:
            find_model(DEFAULT_MODEL)  # what a rebuild begins with
    except EncoderError as error:
        return Finding.of_error("encoder", error)
    except IndexingError:
        return Finding("encoder", "attention", "not looked at, for the index is damaged")
    except OSError as error:
        detail = f"the weights of {DEFAULT_MODEL} cannot be read ({error.strerror})"
        return Finding("encoder", "problem", detail, _REINSTALL)
    if identity.runtime == ON_GPU:
        return Finding(
            "encoder", "ok", f"{identity.name}, in full precision, as GPUs made the index"
        )
    if identity.runtime == ORIGINAL:
        detail, _, remedy = why_not_compiled(home.models, identity).partition("; ")
        return Finding("encoder", "attention", f"{identity.name} {detail}", remedy)
    return Finding("encoder", "ok", f"{identity.name}, compiled for this computer, as it was made")


def _index(home: Home) -> Iterator[Finding]:
    """Yields what is found of the index and, if it can be opened, of its sources."""
    try:
        generation = Generation.serving(home)
        generation.check(_SAMPLES)
    except NoIndex as error:
        detail, _, remedy = str(error).partition("; ")
        yield Finding("index", "attention", detail, remedy)
        return
    except EncoderError:
        yield Finding("index", "attention", "not looked at, for its encoder cannot be loaded")
        return
    except IndexingError as error:
        yield Finding.of_error("index", error)
        return
    manifest = generation.manifest
    detail = f"{generation.name}: {manifest.documents:,} documents, {manifest.passages:,} passages"
    if other := _built_otherwise(home, manifest):
        yield Finding("index", "attention", f"{detail}; {other}", "run: readout rebuild")
    else:
        yield Finding("index", "ok", f"{detail}, sound")
    yield _sources(list(source_states(home, generation)), len(manifest.problems))


def _built_otherwise(home: Home, manifest: Manifest) -> str:
    """Returns by what an index was built, if a rebuild now would be by another; else nothing."""
    if manifest.software != SOFTWARE:
        return f"built by Readout {manifest.software}"
    try:
        wanted = load_settings(home, os.environ).settings.encoder
    except ReadoutError:
        return ""  # told by the settings' own line
    if wanted and Path(wanted).expanduser().is_dir():
        wanted = str(Path(wanted).expanduser().resolve())
    if wanted and wanted != manifest.encoder.name:
        return f"made by the encoder {manifest.encoder.name}, where the settings want {wanted}"
    return ""


def _sources(states: list[SourceState], skipped: int) -> Finding:
    for state in states:
        if state.trouble:
            return Finding("sources", "attention", f"{state.root}: {state.trouble}")
    stale = [state.root for state in states if state.is_stale]
    if stale:
        detail = f"changed since they were read: {', '.join(stale)}"
        return Finding("sources", "attention", detail, "run: readout rebuild")
    told = f"; {skipped:,} skipped, see: readout status --problems" if skipped else ""
    return Finding("sources", "ok", f"{len(states):,} as the index has them{told}")


def _show(finding: Finding) -> None:
    terminal.echo(f"{finding.state:<11}", nl=False, fg=_COLOURS[finding.state])
    told = f"{finding.name:<15}{finding.detail}"
    terminal.echo(terminal.one_line(f"{told}; {finding.remedy}" if finding.remedy else told))


def _summary(counts: dict[State, int]) -> str:
    problems, others = counts["problem"], counts["attention"]
    if not problems and not others:
        return "All is well."
    told = [f"{problems:,} problem{'' if problems == 1 else 's'}"] if problems else []
    told += [f"{others:,} to look at"] if others else []
    return f"{' and '.join(told)}; all else is well."
