"""The options that every command has, and how a command ends that could not do its work."""

import functools
import math
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from corpus import BUNDLED, FIELDS
from index import Filter, Home, default_home
from ui.kinds import FORMATS

#: Exit statuses: done, a told error, interrupted (128 + SIGINT). Wrong usage is click's own 2.
DONE, TOLD, INTERRUPTED = 0, 1, 130


def _is_number(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    if value is not None and math.isnan(value):  # which is in every range, or in none
        raise click.BadParameter("nan is not a number from 0 to 1.")
    return value


#: The option of the commands that answer.
threshold = click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    callback=_is_number,
    help="Confidence below which to say that nothing answers.",
)


def _source(name: str) -> str:
    """A source as documents name it: a bundled one as it is, any other by its whole path."""
    if name == BUNDLED or name.startswith(f"{BUNDLED}/"):
        return name
    return os.path.abspath(name)  # noqa: PTH100 (resolve() would follow links)


def saying(command: Callable[..., None]) -> Callable[..., None]:
    """Adds an option for each thing that can be said of a document, and makes ``said`` of them."""

    @functools.wraps(command)
    def wrapped(**options: object) -> None:
        given = {field: options.pop(field) for field in FIELDS}
        said = {field: str(value) for field, value in given.items() if value is not None}
        command(said=said, **options)

    for field in reversed(FIELDS):
        name = f"--{field.replace('_', '-')}"
        names = (name, "--date") if field == "published" else (name,)
        text = f"Say what the file's {field.replace('_', ' ')} is."
        wrapped = click.option(*names, field, help=text)(wrapped)
    return wrapped


def within(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that narrow a search, and makes ``within`` a `Filter` of them."""
    day = click.DateTime(["%Y-%m-%d"])

    @click.option("--document", "documents", multiple=True, help="Only in this document, by id.")
    @click.option("--source", "sources", multiple=True, help="Only in this file or folder.")
    @click.option("--publisher", "publishers", multiple=True, help="Only by this publisher.")
    @click.option(
        "--format",
        "formats",
        type=click.Choice(tuple(FORMATS)),
        multiple=True,
        help="Only documents of this format.",
    )
    @click.option("--since", type=day, help="Only what was published, or happened, from this day.")
    @click.option("--until", type=day, help="Only what was published, or happened, to this day.")
    @functools.wraps(command)
    def wrapped(
        documents: tuple[str, ...],
        sources: tuple[str, ...],
        publishers: tuple[str, ...],
        formats: tuple[str, ...],
        since: datetime | None,
        until: datetime | None,
        **options: object,
    ) -> None:
        narrowed = Filter(
            frozenset(documents),
            frozenset(map(_source, sources)),
            since.date() if since else None,
            until.date() if until else None,
            frozenset(publishers),
            frozenset(FORMATS[name].media_type for name in formats),
        )
        command(within=None if narrowed == Filter() else narrowed, **options)

    return wrapped


def ranked(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say what ranks the passages found, and makes ``ranking`` of them."""

    @click.option("--no-reader", is_flag=True, help="Answer without reading passages: less well.")
    @click.option(
        "--reranker",
        metavar="MODEL",
        help="Rank passages by this cross-encoder of sentence-transformers, by folder or name.",
    )
    @functools.wraps(command)
    def wrapped(no_reader: bool, reranker: str | None, **options: object) -> None:
        if no_reader and reranker is not None:
            raise click.UsageError("--no-reader and --reranker exclude each other")

        from assistant.ranking import with_reader, with_reranker, without_reader  # lazy: engines

        if no_reader:
            ranking = without_reader()
        else:
            ranking = with_reader() if reranker is None else with_reranker(reranker)
        command(ranking=ranking, **options)

    return wrapped


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that every command has, and makes ``home`` a `Home`."""

    @click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the index [default: $READOUT_HOME, else the platform's data folder].",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
    @functools.wraps(command)
    def wrapped(home: Path | None, **options: object) -> None:
        command(home=Home(home or default_home()), **options)

    return wrapped
