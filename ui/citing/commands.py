"""Commands that cite: ``readout cite`` takes a quote away, ``readout check`` checks receipts."""

import json
import sys
from pathlib import Path

import click

from index import Home
from ui import terminal
from ui.addresses import address_of
from ui.completing import documents
from ui.options import TOLD, common, settings

_FORMS = """text markdown apa chicago bibtex ris csl-json link original receipt""".split()


@click.command()
@click.argument("document", shell_complete=documents)
@click.option("--start", type=click.IntRange(0), required=True, help="First character quoted.")
@click.option("--end", type=click.IntRange(1), required=True, help="One past the last.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    show_default=True,
    help="Chicago is author-date; original is a link to the page of the web it is from.",
)
@click.option(
    "--address",
    help="Where the page is served, for links to it [default: by the settings of host and port].",
)
@common
def cite(
    home: Home, document: str, start: int, end: int, form: str, address: str | None, as_json: bool
) -> None:
    """Cite the characters from --start to --end of DOCUMENT, or write a receipt of them.

    Example: readout cite 003_e53a6ec5a1052dec.txt --start 438 --end 675 --format apa
    """
    from assistant import Assistant, Quote
    from ui.citing.excerpt import excerpt_of  # lazy: as the engines
    from ui.citing.formats import FORMATS
    from ui.citing.receipts import receipt_of

    with Assistant.open(home) as assistant:
        found = assistant.document(document)
        receipt = receipt_of(assistant, found, Quote.of(found, start, end))
    address = address or address_of(settings().host, settings().port)
    written = receipt.model_dump(mode="json")
    if as_json:
        excerpt = excerpt_of(receipt, address)
        forms = {name: make(excerpt) for name, make in FORMATS.items()}
        terminal.echo_json(forms | {"receipt": written})
    elif form == "receipt":
        # In ASCII, as a terminal or a file may hold nothing else.
        click.echo(json.dumps(written, indent=2))
    else:
        terminal.echo(FORMATS[form](excerpt_of(receipt, address)).rstrip("\n"))


@click.command()
@click.argument(
    "receipts", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False)
)
@common
def check(home: Home, receipts: tuple[Path, ...], as_json: bool) -> None:
    """Check RECEIPTS, files of one receipt or a list of them: does each quote still stand?

    The exit status is 0 only if every one is verified.

    Example: readout check receipt.json
    """
    from assistant import Assistant
    from ui.citing.checking import check as checked  # lazy: as the engines
    from ui.citing.checking import checks_json
    from ui.citing.receipts import receipts_of_files

    given = receipts_of_files(receipts)
    with Assistant.open(home) as assistant:
        checks = [checked(assistant, each) for each in given]
    if as_json:
        terminal.echo_json(checks_json(checks))
    else:
        for each in checks:
            told = f"{each.state}: {each.receipt.document.title}: {each.detail}"
            verified = each.state == "verified"
            terminal.echo(terminal.one_line(told), fg=None if verified else "red")
            terminal.echo(f"    “{' '.join(each.receipt.quote.text.split())}”")
    if any(each.state != "verified" for each in checks):
        sys.exit(TOLD)
