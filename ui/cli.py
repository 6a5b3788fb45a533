"""The command line: ``readout serve, ask, search, add, remove, rebuild, status, source, …``."""

import io
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from corpus import ReadoutError
from index import Filter, Home
from ui import (
    building,
    completing,
    configuring,
    contract,
    copying,
    doctor,
    evaluating,
    feedback,
    terminal,
    upkeep,
)
from ui.access import commands as access
from ui.citing import commands as citing
from ui.mcp import commands as mcp
from ui.memory import stay_small
from ui.options import (
    DONE,
    INTERRUPTED,
    TOLD,
    common,
    ranked,
    settings,
    threshold,
    within,
)
from ui.places import locator_of
from ui.settings import DEFAULTS

if TYPE_CHECKING:
    from assistant import Answer
    from assistant.ranking import Ranking


def main() -> None:
    """Runs the command line; every expected error becomes one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # rather than die of a quotation mark
    try:
        cli.main(prog_name="readout", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ReadoutError as error:
        terminal.echo(f"readout: {terminal.one_line(str(error))}", err=True)
        sys.exit(TOLD)
    except (KeyboardInterrupt, click.Abort):
        click.secho("readout: stopped; nothing was lost, run it again to go on", err=True)
        sys.exit(INTERRUPTED)


class _Commands(click.Group):
    """A group that ends well when whoever reads its output has had enough; click's own fails."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Keep the interpreter from telling it again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(DONE)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="readout")
@click.pass_context
def cli(context: click.Context) -> None:
    """Ask your documents; get the sentences that answer, each cited and openable.

    Example: readout serve
    """
    # A build told to stop by the system ends as by Ctrl-C: what is encoded is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if os.environ.get("NO_COLOR"):  # which rich knows by itself, and click does not
        context.color = False


@cli.command()
@click.option("--host", default=DEFAULTS.host, show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=DEFAULTS.port,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@click.option("--name", metavar="HOST", help="Name that people type, where it has one.")
@click.option("--auth/--no-auth", help="Have people log in on this machine, too.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@click.option("--review/--no-review", help="Ask in the page before a rebuild's switch.")
@ranked
@common
def serve(
    home: Home,
    host: str,
    port: int,
    name: str | None,
    auth: bool,
    open_browser: bool,
    review: bool,
    ranking: "Ranking",
    as_json: bool,
) -> None:
    """Serve the web chat; build the index first if there is none.

    Where other machines can reach it, people must log in: add them with readout user add.

    Example: readout serve --port 7861
    """
    stay_small()
    from ui import web  # lazy: gradio takes seconds to import
    from ui.writing.chatmodel import chat_model

    kept = replace(settings(), name=name, auth=auth)
    web.check_people(home, host, kept)
    web.check_port(host, port)
    writer = chat_model(kept)  # before the build, which may take hours
    if not _has_index(home):
        building.build(home, None, as_json=as_json)
    web.serve(
        home,
        host,
        port,
        ranking,
        open_browser=open_browser,
        ask_first=review,
        encoder=kept.encoder,
        writer=writer,
        settings=kept,
    )


@cli.command()
@click.argument("question")
@threshold
@within
@click.option("--any-date", is_flag=True, help="Look everywhere, whatever the words about time.")
@click.option(
    "--write", is_flag=True, help="Have the language model that is set write the answer up too."
)
@ranked
@common
def ask(
    home: Home,
    question: str,
    threshold: float | None,
    within: Filter | None,
    any_date: bool,
    write: bool,
    ranking: "Ranking",
    as_json: bool,
) -> None:
    """Answer QUESTION with quotes; with "-", one question a line from standard input.

    Words about time, such as "in May 2022", "last October" or "the latest", say where to look or
    what comes first, unless --since or --until does.

    With --write, the question and the cited passages also go to the language model of llm_url, and
    each sentence that it writes is checked against the passages it cites; see docs/asking.md.

    Example: readout ask --since 2023-01-01 "Who co-chaired the 11th dialogue?"
    """
    from assistant import Assistant  # lazy: the engines take a tenth of a second to import

    with Assistant.open(home, ranking) as assistant:

        def answered(line: str) -> "Answer":
            return assistant.ask(line, threshold, within, any_date=any_date)

        if write:
            from ui.writing import commands as writing  # lazy: an HTTP client takes a moment

            as_object, show = writing.of(assistant, settings())
        else:
            as_object, show = contract.answer_json, terminal.show_answer
        if question == "-":
            _answer_lines("question", lambda line: as_object(answered(line)))
        elif as_json:
            terminal.echo_json(as_object(answered(question)))
        else:
            show(answered(question))


@cli.command()
@click.argument("query")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@within
@common
def search(home: Home, query: str, k: int, within: Filter | None, as_json: bool) -> None:
    """List the passages closest to QUERY; with "-", one query a line from standard input.

    Example: readout search -k 3 "firearms trafficking"
    """
    from assistant import Assistant

    with Assistant.open(home) as assistant:

        def found(line: str) -> contract.Json:
            hits = assistant.search(line, k, within)
            return {
                "query": line,
                "passages": [contract.citation_json(hit) for hit in hits],
                "generation": assistant.generation.name,
            }

        if query == "-":
            _answer_lines("query", found)
        elif as_json:
            terminal.echo_json(found(query))
        else:
            for hit in assistant.search(query, k, within):
                terminal.show_passage(hit)


@cli.command()
@click.argument("document", shell_complete=completing.documents)
@click.option("--start", type=click.IntRange(0), help="First character to mark.")
@click.option("--end", type=click.IntRange(1), help="One past the last character to mark.")
@common
def source(home: Home, document: str, start: int | None, end: int | None, as_json: bool) -> None:
    """Print DOCUMENT with a span of it marked.

    Example: readout source 003_e53a6ec5a1052dec.txt --start 374 --end 448
    """
    if (start is None) != (end is None):
        raise click.UsageError("--start and --end go together")
    from assistant import Assistant, Quote

    with Assistant.open(home) as assistant:
        found = assistant.document(document)
        whole = Quote.of(found, 0, len(found.text))
        quote = None if start is None or end is None else Quote.of(found, start, end)
        verified = assistant.verify(found, quote or whole)
    if as_json:
        terminal.echo_json(
            {
                "document": contract.document_json(found),
                "text": found.text,
                "quote": asdict(quote) if quote else None,
                "locator": quote and locator_of(found, quote.start, quote.end),
                "verified": verified,
            }
        )
    else:
        terminal.show_source(found, quote, verified=verified)


for command in (
    *(building.add, building.remove, building.rebuild),
    *(citing.cite, citing.check, evaluating.evaluate),
    access.user,
    *(upkeep.status, upkeep.verify, upkeep.rollback, upkeep.trust, feedback.feedback),
    *(copying.copy, configuring.config, doctor.doctor, completing.completion, mcp.mcp),
):
    cli.add_command(command)


def _has_index(home: Home) -> bool:
    from index import NoIndex

    try:
        home.current()
    except NoIndex:
        return False
    return True


def _answer_lines(asked: str, answer: Callable[[str], contract.Json]) -> None:
    """Prints one JSON object for each line of standard input; a bad line does not end it.

    Args:
        asked: Under which key an object tells what was asked.
        answer: Answers a line.
    """
    failed = False
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").strip()
        try:
            found = answer(line)
        except ReadoutError as error:
            found = {asked: line[:200], "error": str(error)}
            failed = True
        terminal.echo_json(found)
        sys.stdout.flush()
    if failed:
        sys.exit(TOLD)
