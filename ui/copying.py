"""The command ``readout copy``: another engine searches the index, and nothing is encoded again."""

import click

from index import Home, copy_index
from ui import terminal
from ui.options import common, placed, settings


@click.command()
@click.option(
    "--to",
    metavar="WHERE",
    help="faiss, or the address of a Milvus, or a .db file of Milvus Lite [default: [engine] of"
    " the settings].",
)
@common
def copy(home: Home, to: str | None, as_json: bool) -> None:
    """Let another engine search the index; texts and vectors are copied, nothing is encoded.

    Until all is there and checked, the index goes on serving as it is. What was stopped goes on
    where it was; readout rollback goes back. Rebuilds go where the settings say, else where the
    index is.

    Example: readout copy --to http://localhost:19530
    """
    place = home.engine if to is None else placed(home, to)
    if place.uri is None:
        raise click.UsageError(
            "say with --to where to copy the index, or in [engine] of readout.toml"
        )
    before = home.current_or_none()
    with terminal.progress(as_json=as_json) as on_progress:
        generation = copy_index(home, place, on_progress)
    manifest, changed = generation.manifest, generation.name != before
    wanted = settings().engine_kind
    strays = wanted is not None and home.engine.uri != place.uri
    if as_json:
        terminal.echo_json(
            {
                "generation": generation.name,
                "changed": changed,
                "documents": manifest.documents,
                "passages": manifest.passages,
                "vectors": manifest.vectors,
                "uri": manifest.uri or None,
                "seconds": manifest.timings.get("copy") if changed else 0.0,
            }
        )
        return
    where = f"{manifest.vectors}, at {manifest.uri}" if manifest.uri else "FAISS, in the home"
    if changed:
        counts = f"{manifest.documents:,} documents, {manifest.passages:,} passages"
        terminal.echo(f"Index {generation.name}: {counts}, searched by {where}.")
    else:
        terminal.echo(f"Index {generation.name} is searched there already: {where}.")
    if strays:
        terminal.echo(
            "The settings name another engine, to which the next rebuild would move it back; see:"
            " readout config",
            err=True,
            fg="yellow",
        )
