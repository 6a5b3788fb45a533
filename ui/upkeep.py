"""Commands that look after the index: what is in it, is it sound, and the way back."""

import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from index import (
    Generation,
    GenerationState,
    Home,
    SourceState,
    generation_states,
    roll_back,
    source_states,
)
from index import verify as check
from index.models import weights_of
from index.trust import trust as record_trust
from ui import contract, terminal
from ui.options import TOLD, common


@click.command()
@click.option("--documents", is_flag=True, help="List every document.")
@click.option("--problems", is_flag=True, help="List what was skipped, and why.")
@common
def status(home: Home, documents: bool, problems: bool, as_json: bool) -> None:
    """Show what is indexed, by which encoder, from where, and whether it is up to date.

    Example: readout status --problems
    """
    generation = Generation.serving(home)
    sources = list(source_states(home, generation))
    if as_json:
        state = contract.status_json(home, generation, sources)
        if documents:
            same = generation.store.same_texts()
            state["list"] = [
                contract.document_json(entry) | {"same_text_as": same.get(entry.id)}
                for entry in generation.documents()
            ]
        terminal.echo_json(state)
        return
    _show(home, generation, sources)
    for problem in generation.manifest.problems if problems else ():
        terminal.echo(terminal.one_line(f"{problem['source']}: {problem['reason']}"))
    if not documents:
        return
    same = generation.store.same_texts()
    for document in generation.documents():
        published = str(document.published or "")
        line = f"{document.id}  {published:10}  {document.title}"
        like = f"  (same text as {same[document.id]})" if document.id in same else ""
        terminal.echo(terminal.one_line(line + like))


def _show(home: Home, generation: Generation, sources: Sequence[SourceState]) -> None:
    """Prints the state of a home for people."""
    manifest = generation.manifest
    stages = ", ".join(f"{stage} {took:.1f} s" for stage, took in manifest.timings.items())
    terminal.show_table(
        {
            "home": home.path,
            "index": f"{generation.name}, built {manifest.created}",
            "documents": f"{manifest.documents:,}",
            "passages": f"{manifest.passages:,}",
            "encoder": f"{manifest.encoder.name} ({manifest.encoder.runtime})",
            "vectors": manifest.vectors,
            "problems": len(manifest.problems),
            "last build": stages,
        }
    )
    terminal.echo("\nSources")
    terminal.show_table({f"  {source.root}": _state(source) for source in sources})
    terminal.echo("\nIndexes")
    terminal.show_table({f"  {entry.name}": _size(entry) for entry in generation_states(home)})


def _state(source: SourceState) -> str:
    counted = f"{source.documents:,} document{'' if source.documents == 1 else 's'}"
    if source.trouble:
        return f"{counted}; {source.trouble}"
    if not source.is_stale:
        return f"{counted}, up to date"
    files = {"new": source.added, "changed": source.changed, "gone": source.removed}
    told = ", ".join(f"{count:,} {what}" for what, count in files.items() if count)
    return f"{counted}; files: {told}; run: readout rebuild"


def _size(entry: GenerationState) -> str:
    from rich.filesize import decimal  # lazy: no other command that reads needs rich

    size = f"{decimal(entry.bytes)}{', serves' if entry.serves else ''}"
    if entry.manifest is None:
        return f"{size}; damaged, run: readout verify"
    manifest = entry.manifest
    return f"{manifest.created}, {manifest.passages:,} passages, {manifest.vectors}, {size}"


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


@click.command()
@click.argument("model")
@common
def trust(home: Home, model: str, as_json: bool) -> None:
    """Say that MODEL, a folder or a name, may be used as it is now, to encode or to rerank.

    Only weights in safetensors are ever loaded, and only those that come with Readout without
    asking. If a model's files change later, it has to be trusted again.

    Example: readout trust intfloat/multilingual-e5-small
    """
    weights = weights_of(model)
    record_trust(home.models, model, weights)
    if as_json:
        terminal.echo_json({"model": model, "sha256": weights})
    else:
        terminal.echo(f"{model} may be used as it is now (SHA-256 {weights}).")
