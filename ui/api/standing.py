"""How a rebuild stands, as programs read it."""

from typing import Annotated, Literal

from pydantic import Field

from ui.api.models import Citation, Model
from ui.contract import Json, progress_json, report_json, review_json
from ui.rebuilding import Asking, Failed, Finished, Idle, Rebuilding, Running, Stopped


class Progress(Model):
    """How far a rebuild is."""

    stage: str
    """What it is at: compile, look, read, encode, index, check or ask."""
    done: int
    """Units of the stage that are done."""
    total: int
    """Units it has; 0 where that is not known."""
    seconds: float
    """Since the stage began."""
    rate: float
    """Units a second so far in this stage."""
    seconds_left: float | None
    """Until the end of the stage at that rate; null where nobody can know."""


class Changes(Model):
    """How many documents changed."""

    added: int
    """New ones."""
    changed: int
    """Those whose original has another content."""
    renamed: int
    """Those whose content lies elsewhere now."""
    removed: int
    """Those that are gone."""


class Left(Model):
    """Something in the corpus that was left out, or read only in part."""

    source: str
    """What it is."""
    reason: str
    """What is wrong and what to do."""


class Report(Model):
    """What a rebuild did."""

    generation: str
    """The index that serves now."""
    changed: bool
    """Whether it is a new one."""
    documents: int
    """Documents in it."""
    passages: int
    """Passages in it."""
    encoded: int
    """Passages that were newly encoded."""
    changes: Changes
    """What changed in the corpus."""
    problems: list[Left]
    """What was left out, and why."""
    seconds: float
    """How long it took."""


class NewFirst(Model):
    """A golden question that gets another first citation."""

    question: str
    """The question."""
    before: Citation | None
    """Its first citation from the index before, or null."""
    now: Citation | None
    """Its first citation from the new index, or null."""


class Golden(Model):
    """What golden questions told of the new index."""

    asked: int
    """How many were asked."""
    fault: str | None
    """Why the golden file cannot be used, or null."""
    changed: list[NewFirst]
    """Those that get another first citation."""


class Run(Model):
    """A rebuild."""

    run: int
    """How many rebuilds this server has started; tells one from the next."""


class IdleRun(Run):
    """No rebuild was asked for since the server began."""

    state: Literal["idle"]
    """How it stands."""


class RunningRun(Run):
    """A rebuild is at work."""

    state: Literal["running"]
    """How it stands."""
    progress: Progress
    """How far it is."""


class AskingRun(Run):
    """A new index is ready; it waits for approval, or to be cancelled."""

    state: Literal["asking"]
    """How it stands."""
    golden: Golden
    """What golden questions told of it."""


class FinishedRun(Run):
    """The last rebuild ended well."""

    state: Literal["finished"]
    """How it stands."""
    report: Report
    """What it did."""
    golden: Golden
    """What golden questions told."""


class StoppedRun(Run):
    """The last rebuild was cancelled; the index is what it was."""

    state: Literal["stopped"]
    """How it stands."""


class FailedRun(Run):
    """The last rebuild ended with an error; the index is what it was."""

    state: Literal["failed"]
    """How it stands."""
    message: str
    """What, where, and what to do next."""


#: How a rebuild stands.
Standing = Annotated[
    IdleRun | RunningRun | AskingRun | FinishedRun | StoppedRun | FailedRun,
    Field(discriminator="state"),
]


def standing_json(rebuilding: Rebuilding) -> Json:
    """Returns how a rebuild stands; `Standing` describes it."""
    run = {"run": rebuilding.runs}
    match rebuilding.state:
        case Idle():
            return run | {"state": "idle"}
        case Running(progress):
            return run | {"state": "running", "progress": progress_json(progress)}
        case Asking(review):
            return run | {"state": "asking", "golden": review_json(review)}
        case Finished(report, review):
            told = {"report": report_json(report), "golden": review_json(review)}
            return run | {"state": "finished"} | told
        case Stopped():
            return run | {"state": "stopped"}
        case Failed(message):
            return run | {"state": "failed", "message": message}
