"""What people see in a terminal: answers, sources, tables and progress bars."""

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from assistant import Answer, Citation, Dates, Group, Quote
from assistant.comparison import Comparison, Difference
from assistant.measures import Measures
from assistant.review import Review
from assistant.synthesis import Written
from corpus import Document
from index import BuildReport, Progress, Soundness
from ui import contract
from ui.places import place_of
from ui.told import told

#: What people read for each stage of a build, here and in the page.
STAGES = {
    "compile": "Preparing the encoder for this computer, only once",
    "look": "Looking for changes",
    "read": "Reading documents and cutting them into passages",
    "encode": "Encoding new passages",
    "copy": "Copying vectors",
    "index": "Writing the index",
    "check": "Checking the new index",
    "ask": "Asking questions",
}


# Marks that would turn the direction of all that follows them on the line.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

# Control characters but tab and line feed: nothing that is shown may command the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def echo(text: str = "", **style: Any) -> None:  # noqa: ANN401 (what click.secho takes)
    """Prints a text that comes from people or their documents; control characters become �."""
    click.secho(_CONTROL.sub("\ufffd", _TURNING.sub("", text)), **style)


def one_line(text: str) -> str:
    """Returns a text on one line, all else as it is."""
    return re.sub(r"[\r\n]+", " ", text)


def show_answer(answer: Answer) -> None:
    """Prints an answer, or why there is none with what comes nearest."""
    for reading in answer.readings:
        echo(reading.told)
    if answer.abstained:
        echo(answer.reason or "", bold=True)
        echo("\nThe closest passages, which are not an answer:")
        cited = answer.nearest
    else:
        _show_quotes(answer)
        cited = answer.citations
    echo()
    for citation in cited:
        show_reference(citation)
        if answer.abstained:
            echo(f"    {_words(citation.quote.text)}")
    if not answer.abstained:
        echo(f"\nConfidence {answer.confidence:.0%}")
    if answer.dates:
        show_dates(answer.dates)


def _show_quotes(answer: Answer) -> None:
    """Prints what is quoted; the parts of an answer that has several under their labels."""
    if answer.note:
        echo(one_line(answer.note))
    for group in answer.groups or (Group("", answer.citations),):
        if group.label:
            echo(_words(group.label), underline=True)
        for citation in group.citations:
            echo(f"“{_words(citation.quote.text)}” [{citation.number}]", bold=True)
        if group.reason:
            echo(one_line(group.reason))


def show_written(written: Written) -> None:
    """Prints a sentence that was written; one that is not supported struck out, and why."""
    text = one_line(written.text)
    if written.supported:
        numbers = "".join(f"[{number}]" for number in written.citations)
        echo(f"{text} {numbers}")
    else:
        # The words tell it where a line through the text cannot.
        echo(f"(struck out, as {one_line(written.reason or '')}:) ", nl=False, dim=True)
        echo(text, strikethrough=True, dim=True)
    sys.stdout.flush()


def show_dates(dates: Dates) -> None:
    """Prints how a question's words about time were understood, and how to leave them unread."""
    narrowed = dates.since or dates.until
    undone = "; --any-date " + ("looks everywhere" if narrowed else "leaves that be")
    if not dates.kept:
        undone = ""
    echo(one_line(f"{told(dates)} (“{dates.words}”){undone}."))


def show_reference(citation: Citation) -> None:
    """Prints where a citation stands and how to open it."""
    document, quote = citation.document, citation.quote
    facts = [document.publisher, document.published and document.published.isoformat()]
    about = ", ".join(str(fact) for fact in facts if fact)
    title = f"{document.title} ({about})" if about else document.title
    echo(one_line(f"[{citation.number}] {title}"))
    name, span = shlex.quote(document.id), f"--start {quote.start} --end {quote.end}"
    arguments = f"{span} -- {name}" if document.id.startswith("-") else f"{name} {span}"
    echo(one_line(f"    readout source {arguments}"))
    if place := place_of(document, quote.start, quote.end):
        echo(one_line(f"    {place}"))
    if citation.passage.context:
        echo(one_line(f"    said of: {citation.passage.context}"))
    if citation.also_in:
        count = len(citation.also_in)
        echo(f"    also in {count:,} other document{'' if count == 1 else 's'}")
    if not citation.verified:
        echo("    the source has changed since it was read; rebuild", fg="red")


def show_passage(citation: Citation) -> None:
    """Prints a passage that a search found."""
    show_reference(citation)
    echo(f"    {citation.score:.3f}  {_words(citation.passage_text)}\n")


def show_source(document: Document, quote: Quote | None, *, verified: bool) -> None:
    """Prints a document, with a span of it marked."""
    echo(one_line(document.title), bold=True)
    dates = [f"published {document.published}" if document.published else ""]
    dates.append(f"event of {document.event_date}" if document.event_date else "")
    facts = [document.publisher or "", *dates, document.source]
    if quote is not None:
        facts.append(place_of(document, quote.start, quote.end))
    echo(one_line(" · ".join(fact for fact in facts if fact)))
    if not verified:
        echo("the source has changed since it was read; rebuild", fg="red")
    echo()
    if quote is None:
        echo(document.text)
        return
    echo(document.text[: quote.start], nl=False)
    # The brackets mark the place where colour cannot: in files, pipes and for those who see none.
    echo(f"⟦{quote.text}⟧", reverse=True, nl=False)
    echo(document.text[quote.end :])


def show_report(report: BuildReport) -> None:
    """Prints what a build did."""
    if report.changed:
        echo(
            f"Index {report.generation}: {report.documents:,} documents,"
            f" {report.passages:,} passages ({report.encoded:,} newly encoded)"
            f" in {report.seconds:.1f} s."
        )
    else:
        echo(f"Nothing has changed; index {report.generation} goes on serving.")
    for problem in report.problems:
        text = one_line(f"{problem.source}: {problem.reason}")
        echo(text, fg="yellow", err=True)


def show_review(found: Review, *, err: bool) -> None:
    """Prints what golden questions told of a new index, if there are any."""
    if text := review_text(found):
        echo(one_line(text), err=err)
    for entry in found.changed:
        echo(one_line(entry.question), bold=True, err=err)
        for when, citation in (("before", entry.before), ("now", entry.now)):
            echo(f"    {when:<6}  {first_quote(citation)}", err=err)


def review_text(found: Review) -> str:
    """Returns in one line what golden questions told, here and in the page; empty if nothing."""
    if found.fault:
        return f"Golden questions were not asked: {found.fault}"
    if found.changed:
        counts = f"{len(found.changed):,} of {found.asked:,} golden questions"
        return f"{counts} get another first citation:"
    if found.asked:
        return f"All {found.asked:,} golden questions keep their first citation."
    return ""


def first_quote(citation: Citation | None) -> str:
    """Returns an answer's first quote and its document on one line, here and in the page."""
    if citation is None:
        return "no answer"
    return one_line(f"“{_words(citation.quote.text)}” {citation.document.title}")


def show_soundness(found: Iterable[Soundness]) -> None:
    """Prints what a full check found, a line a generation."""
    for entry in found:
        what = f"Index {entry.generation}{' (serves)' if entry.serves else ''}"
        if entry.fault:
            echo(one_line(f"{what}: {entry.fault}"), fg="red")
        else:
            counts = f"{entry.documents:,} documents, {entry.passages:,} passages"
            echo(f"{what}: sound, {counts}")


def show_measures(measures: Measures) -> None:
    """Prints measures by name; what could not be measured is a dash."""
    show_table({name: measure_text(value) for name, value in measures.items()})


def show_comparison(found: Comparison) -> None:
    """Prints how a run differs from its baseline, a line a measure."""
    echo("\nAgainst the baseline: now - before [95% bootstrap interval], p of a randomisation test")
    rows = {name: comparison_text(each) for name, each in found.differences.items()}
    if test := found.mcnemar:
        rows["quote hit@1, McNemar"] = f"{test.gained:,} gained, {test.lost:,} lost, p {test.p:.3f}"
    show_table(rows)


def comparison_text(each: Difference) -> str:
    """Returns how a measure differs, in one line, here and in the report."""
    interval = "" if each.low is None else f" [{each.low:+.3f}, {each.high:+.3f}]"
    return (
        f"{each.before:.3f} → {each.now:.3f}  {each.difference:+.3f}{interval}, p {each.p:.3f},"
        f" {each.questions:,} questions"
    )


def measure_text(value: float | None) -> str:
    """Returns a measure as it is shown, here and in the report."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def show_table(rows: Mapping[str, object]) -> None:
    """Prints names and values in two columns."""
    width = max(map(len, rows), default=0)
    for name, value in rows.items():
        echo(one_line(f"{name:<{width}}  {value}"))


def echo_json(value: object) -> None:
    """Prints one JSON object on one line."""
    # What a stream cannot hold, JSON must escape in its own way.
    holds_all = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    click.echo(json.dumps(value, ensure_ascii=not holds_all, default=str))


@contextmanager
def progress(*, as_json: bool) -> Iterator[Callable[[Progress], None]]:
    """Shows the progress of a build on standard error: a bar, or JSON lines.

    Without a terminal there is one line for each stage.
    """
    if as_json:
        yield lambda step: click.echo(json.dumps(contract.progress_json(step)), err=True)
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
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def show(step: Progress) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(STAGES[step.stage], rate="")
            rate = f"{step.rate:,.0f}/s" if step.rate >= 1 else ""
            bars.update(tasks[step.stage], completed=step.done, total=step.total or None, rate=rate)

        yield show


def _lines() -> Callable[[Progress], None]:
    seen: set[str] = set()

    def show(step: Progress) -> None:
        if step.stage not in seen:
            seen.add(step.stage)
            echo(f"{STAGES[step.stage]} …", err=True)

    return show


def _words(text: str) -> str:
    return " ".join(text.split())
