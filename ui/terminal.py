"""What people see in a terminal: answers, sources, tables and progress bars."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

import click

from assistant import Answer, Citation, Quote
from assistant.evaluation import Measures
from corpus import Document
from index import BuildReport, Progress, Soundness

#: What people read for each stage of a build, here and in the page.
STAGES = {
    "compile": "Preparing the encoder for this computer, only once",
    "read": "Reading the documents",
    "cut": "Cutting documents into passages",
    "encode": "Encoding new passages",
    "index": "Writing the index",
    "check": "Checking the new index",
    "ask": "Asking questions",
}


def show_answer(answer: Answer) -> None:
    """Prints an answer, or why there is none with what comes nearest."""
    if answer.abstained:
        click.secho(answer.reason or "", bold=True)
        click.echo("\nThe closest passages, which are not an answer:")
        cited = answer.nearest
    else:
        for citation in answer.citations:
            click.secho(f"“{_one_line(citation.quote.text)}” [{citation.number}]", bold=True)
        cited = answer.citations
    click.echo()
    for citation in cited:
        show_reference(citation)
        if answer.abstained:
            click.echo(f"    {_one_line(citation.quote.text)}")
    if not answer.abstained:
        click.echo(f"\nConfidence {answer.confidence:.0%}")


def show_reference(citation: Citation) -> None:
    """Prints where a citation stands and how to open it."""
    document, quote = citation.document, citation.quote
    facts = [document.publisher, document.published and document.published.isoformat()]
    about = ", ".join(str(fact) for fact in facts if fact)
    click.echo(f"[{citation.number}] {document.title}{f' ({about})' if about else ''}")
    place = f"readout source {document.id} --start {quote.start} --end {quote.end}"
    click.echo(f"    {place}")
    if not citation.verified:
        click.secho("    the source has changed since it was read; rebuild", fg="red")


def show_passage(citation: Citation) -> None:
    """Prints a passage that a search found."""
    show_reference(citation)
    click.echo(f"    {citation.score:.3f}  {_one_line(citation.passage_text)}\n")


def show_source(document: Document, quote: Quote | None, *, verified: bool) -> None:
    """Prints a document, with a span of it marked."""
    click.secho(document.title, bold=True)
    dates = [f"published {document.published}" if document.published else ""]
    dates.append(f"event of {document.event_date}" if document.event_date else "")
    facts = [document.publisher or "", *dates, document.source]
    click.echo(" · ".join(fact for fact in facts if fact))
    if not verified:
        click.secho("the source has changed since it was read; rebuild", fg="red")
    click.echo()
    if quote is None:
        click.echo(document.text)
        return
    click.echo(document.text[: quote.start], nl=False)
    # The brackets mark the place where colour cannot: in files, pipes and for those who see none.
    click.secho(f"⟦{quote.text}⟧", reverse=True, nl=False)
    click.echo(document.text[quote.end :])


def show_report(report: BuildReport) -> None:
    """Prints what a build did."""
    if report.changed:
        click.echo(
            f"Index {report.generation}: {report.documents:,} documents,"
            f" {report.passages:,} passages ({report.encoded:,} newly encoded)"
            f" in {report.seconds:.1f} s."
        )
    else:
        click.echo(f"Nothing has changed; index {report.generation} goes on serving.")
    for problem in report.problems:
        click.secho(f"skipped {problem.source}: {problem.reason}", fg="yellow", err=True)


def show_soundness(found: Iterable[Soundness]) -> None:
    """Prints what a full check found, a line a generation."""
    for entry in found:
        what = f"Index {entry.generation}{' (serves)' if entry.serves else ''}"
        if entry.fault:
            click.secho(f"{what}: {entry.fault}", fg="red")
        else:
            counts = f"{entry.documents:,} documents, {entry.passages:,} passages"
            click.echo(f"{what}: sound, {counts}")


def show_measures(measures: Measures) -> None:
    """Prints measures by name; what could not be measured is a dash."""
    show_table({name: _measure(value) for name, value in measures.items()})


def _measure(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def show_table(rows: Mapping[str, object]) -> None:
    """Prints names and values in two columns."""
    width = max(map(len, rows), default=0)
    for name, value in rows.items():
        click.echo(f"{name:<{width}}  {value}")


def echo_json(value: object) -> None:
    """Prints one JSON object on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


@contextmanager
def progress(*, as_json: bool) -> Iterator[Callable[[Progress], None]]:
    """Shows the progress of a build on standard error: a bar, or JSON lines.

    Without a terminal there is one line for each stage.
    """
    if as_json:
        yield lambda step: click.echo(json.dumps(asdict(step)), err=True)
        return
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console  # lazy: a question shows no bar
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def show(step: Progress) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(STAGES[step.stage])
            bars.update(tasks[step.stage], completed=step.done, total=step.total or None)

        yield show


def _lines() -> Callable[[Progress], None]:
    seen: set[str] = set()

    def show(step: Progress) -> None:
        if step.stage not in seen:
            seen.add(step.stage)
            click.echo(f"{STAGES[step.stage]} …", err=True)

    return show


def _one_line(text: str) -> str:
    return " ".join(text.split())
