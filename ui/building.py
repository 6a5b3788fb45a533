"""The commands that change what is indexed: ``readout add, remove, rebuild``."""

from contextlib import ExitStack

import click

from index import BuildReport, Home
from ui import completing, contract, terminal
from ui.extras import check_extra
from ui.options import common, placed, saying, settings


@click.command()
@click.argument("paths", nargs=-1, required=True, shell_complete=completing.addable)
@saying
@click.option("--password", help='To try on what is encrypted; kept in the home; "" forgets all.')
@common
def add(
    home: Home, paths: tuple[str, ...], said: dict[str, str], password: str | None, as_json: bool
) -> None:
    """Add files or folders to the corpus and rebuild the index.

    Readout reads PDF, Word, PowerPoint and Excel (.docx, .pptx, .xlsx), OpenDocument, RTF, HTML,
    e-mail (.eml, .msg), EPUB, CSV, Markdown, plain text, JSON lines, and ZIP archives of these.
    "bundled" stands for the documents that come with Readout. What is said of a file holds over
    what is found in it; say "" to take it back.

    Example: readout add report.pdf --title "Annual report" --published 2024-03-01
    """
    home.add(*paths, said=said, password=password)
    build(home, None, as_json=as_json)


@click.command()
@click.argument("paths", nargs=-1, required=True, shell_complete=completing.roots)
@common
def remove(home: Home, paths: tuple[str, ...], as_json: bool) -> None:
    """Take files or folders off the corpus and rebuild; the originals stay where they are.

    Example: readout remove bundled
    """
    home.remove(*paths)
    build(home, None, as_json=as_json)


@click.command()
@click.option(
    "--encoder",
    metavar="MODEL",
    help="Change to another sentence-transformers model, by folder or name.",
)
@click.option(
    "--review/--no-review",
    help="Show which golden questions get another first citation, and ask before switching.",
)
@click.option(
    "--ray",
    metavar="ADDRESS",
    help="Read, cut and encode on a Ray cluster: auto, local or host:port.",
)
@click.option(
    "--engine",
    metavar="WHERE",
    help="Let it be searched by faiss, or by the Milvus at this address or in this .db file.",
)
@common
def rebuild(
    home: Home,
    encoder: str | None,
    review: bool,
    ray: str | None,
    engine: str | None,
    as_json: bool,
) -> None:
    """Bring the index up to date with its documents.

    Golden questions are those of golden.jsonl in the home.

    Example: readout rebuild --review
    """
    if ray:
        check_extra("ray", "ray", 2)
    if engine is not None:
        home.engine = placed(home, engine)
    build(home, encoder, as_json=as_json, ask_first=review, ray=ray)


def build(
    home: Home,
    encoder: str | None,
    *,
    as_json: bool,
    ask_first: bool = False,
    ray: str | None = None,
) -> BuildReport:
    """Rebuilds the index, with a bar, and tells what came of it.

    Args:
        home: Where.
        encoder: The model to change to; None for the settings' or the home's own.
        as_json: Whether all is told as JSON.
        ask_first: Whether to show what changes for golden questions, and ask, before the switch.
        ray: The cluster to build on; None for this machine.
    """
    from assistant.review import Review, rebuild_and_review

    with ExitStack() as bars:
        on_progress = bars.enter_context(terminal.progress(as_json=as_json))

        def decide(found: Review) -> bool:
            if not ask_first or (found.asked and not found.changed):
                return True
            bars.close()
            terminal.show_review(found, err=True)
            return click.confirm("Switch to the new index?", err=True)

        wanted = encoder or settings().encoder
        report, found = rebuild_and_review(home, wanted, on_progress, decide=decide, ray=ray)
    if as_json:
        terminal.echo_json(contract.report_json(report) | {"golden": contract.review_json(found)})
        return report
    terminal.show_report(report)
    if not ask_first or not found.changed:
        terminal.show_review(found, err=False)
    return report
