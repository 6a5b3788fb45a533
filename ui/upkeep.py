"""Commands that look after the index: what is in it, is it sound, and the way back."""

import sys
from dataclasses import asdict
from typing import Any

import click

from index import Generation, Home, roll_back
from index import verify as check
from ui import contract, terminal
from ui.options import TOLD, common


@click.command()
@click.option("--documents", is_flag=True, help="List every document.")
@click.option("--problems", is_flag=True, help="List what was skipped, and why.")
@common
def status(home: Home, documents: bool, problems: bool, as_json: bool) -> None:
    """Show what is indexed, by which encoder, and from where.

    Example: readout status --problems
    """
    generation = Generation.serving(home)
    manifest = generation.manifest
    state: dict[str, Any] = {
        "home": str(home.path),
        "generation": generation.name,
        "created": manifest.created,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "bytes": generation.size(),
        "encoder": f"{manifest.encoder.name} ({manifest.encoder.runtime})",
        "problems": len(manifest.problems),
        "sources": home.roots(),
    }
    if as_json:
        state |= {"encoder": asdict(manifest.encoder), "problems": manifest.problems}
        state["timings"] = manifest.timings
        if documents:
            state["list"] = [contract.document_json(entry) for entry in generation.documents()]
        terminal.echo_json(state)
        return
    terminal.show_table(state | {"sources": ", ".join(state["sources"])})
    for problem in manifest.problems if problems else ():
        terminal.echo(terminal.one_line(f"{problem['source']}: {problem['reason']}"))
    for document in generation.documents() if documents else ():
        published = str(document.published or "")
        line = f"{document.id}  {published:10}  {document.title}"
        terminal.echo(terminal.one_line(line))


@click.command()
@common
def verify(home: Home, as_json: bool) -> None:
    """Check every file, count and place of the index, and a sample of its vectors.

    Example: readout verify
    """
    found = check(home)
    if as_json:
        terminal.echo_json({"generations": [asdict(entry) for entry in found]})
    else:
        terminal.show_soundness(found)
    if any(entry.fault for entry in found if entry.serves):
        sys.exit(TOLD)


@click.command()
@common
def rollback(home: Home, as_json: bool) -> None:
    """Go back to the index before the last rebuild; the sources stay as they are.

    Example: readout rollback
    """
    name = roll_back(home)
    if as_json:
        terminal.echo_json({"generation": name})
    else:
        click.echo(f"Index {name} serves again, until the next rebuild.")
