"""The command ``readout evaluate``: what is asked, and where the results go."""

from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index import Home
from ui import contract, terminal
from ui.errors import FileUnwritable
from ui.options import common, ranked, threshold

if TYPE_CHECKING:
    from assistant.ranking import Ranking


def _place(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and not path.parent.is_dir():  # told before anything is asked
        raise click.BadParameter(f"{path.parent} is no folder.")
    return path


def _output(*names: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that names a file to write."""
    kind = click.Path(path_type=Path, dir_okay=False, writable=True)
    return click.option(*names, type=kind, metavar="FILE", callback=_place, help=text)


@click.command()
@click.argument("questions", required=False, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--corpus",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Index these files in a throw-away home and ask that.",
)
@_output("--report", text="Write a report with plots and every question, as HTML.")
@_output("--results", text="Write what came of each question, as JSON lines.")
@_output("--run", "run_file", text="Write what was found as a TREC run file.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Compare with the --results of an earlier run: differences, intervals, tests.",
)
@threshold
@ranked
@common
def evaluate(
    home: Home,
    questions: Path | None,
    corpus: tuple[Path, ...],
    report: Path | None,
    results: Path | None,
    run_file: Path | None,
    baseline: Path | None,
    threshold: float | None,
    ranking: "Ranking",
    as_json: bool,
) -> None:
    """Measure answers to QUESTIONS: a golden file, or a folder in BEIR layout.

    Without QUESTIONS, those that were collected in the page are asked: golden.jsonl in the home.
    A BEIR folder with a corpus.jsonl is measured on that, in a throw-away home; what is measured
    is the search, which reads no passages.

    Example: readout evaluate golden.jsonl --report report.html
    """
    from assistant.comparison import compare  # lazy: with these come the engines
    from assistant.runs import load_outcomes, outcome_lines, trec_run
    from ui.measuring import golden_file, measure
    from ui.report import report_html

    before = load_outcomes(baseline) if baseline else None
    asked = questions or golden_file(home)
    measured = measure(home, asked, corpus, ranking, threshold, as_json=as_json)
    if results:
        _write(results, outcome_lines(measured.outcomes))
    if run_file:
        _write(run_file, trec_run(measured.run))
    compared = compare(before, measured.outcomes) if before is not None else None
    if report:
        limit = ranking.weights.threshold if threshold is None else threshold
        about = {
            "questions": asked.name,
            "day": f"{date.today()}",
            "threshold": f"{limit:.2f}",
            "Readout": version("readout"),
        }
        _write(report, report_html(measured, about, compared))
    if as_json:
        terminal.echo_json(contract.evaluation_json(measured, compared))
        return
    terminal.show_measures(measured.measures)
    if compared:
        terminal.show_comparison(compared)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise FileUnwritable(f"{path}: cannot be written ({error.strerror})") from error
