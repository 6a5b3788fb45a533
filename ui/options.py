"""The options that every command has, and how a command ends that could not do its work."""

import functools
import math
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import click
from click.core import ParameterSource

from assistant.errors import RerankerError
from corpus import BUNDLED, FIELDS
from index import EncoderError, Filter, Home, Place, default_home
from index.models import weights_of
from index.trust import check_trusted
from ui.engines import address_of, place_of
from ui.kinds import FORMATS
from ui.settings import DEFAULTS, RANKS, Settings, load_settings

#: Exit statuses: done, a told error, interrupted (128 + SIGINT). Wrong usage is click's own 2.
DONE, TOLD, INTERRUPTED = 0, 1, 130

# Where a value is from that somebody typed, rather than kept.
_SAID = ParameterSource.COMMANDLINE


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

    @click.option(
        "--reader/--no-reader",
        default=DEFAULTS.reader,
        help="Answer with reading passages, or without: less well.",
    )
    @click.option(
        "--reranker",
        metavar="MODEL",
        help="Rank passages by this cross-encoder of sentence-transformers, by folder or name.",
    )
    @functools.wraps(command)
    def wrapped(reader: bool, reranker: str | None, home: Home, **options: object) -> None:
        context = click.get_current_context()
        said = {name for name in RANKS if context.get_parameter_source(name) == _SAID}
        if said == {"reader"}:
            reranker = None
        elif said == {"reranker"}:
            reader = True
        if reranker and not reader:
            raise click.UsageError("--no-reader and --reranker exclude each other")

        from assistant.ranking import with_reader, with_reranker, without_reader  # lazy: engines

        if reranker:
            try:
                check_trusted(home.models, reranker, weights_of(reranker))
            except EncoderError as error:
                raise RerankerError(str(error)) from error
        if not reader:
            ranking = without_reader()
        else:
            ranking = with_reranker(reranker) if reranker else with_reader()
        kept = settings()
        if kept.threshold is not None:
            ranking = replace(ranking, weights=replace(ranking.weights, threshold=kept.threshold))
        command(home=home, ranking=replace(ranking, citations=kept.citations), **options)

    return wrapped


def placed(home: Home, uri: str) -> Place:
    """Returns where ``--engine`` or ``--to`` says that passages are to be searched.

    Raises:
        BadSetting: If that is no address.
    """
    if uri == "faiss":
        return replace(home.engine, uri="")
    return home.engine.at(address_of(uri, Path.cwd()))


def settings() -> Settings:
    """Returns what holds for the command that runs, unless an option says otherwise."""
    kept: Settings = click.get_current_context().obj
    return kept


def _home(_: click.Context, __: click.Parameter, place: Path | None) -> Home:
    return Home(place or default_home())


def _settled(context: click.Context, parameter: click.Parameter, place: Path | None) -> Home:
    """Makes the settings of the home the defaults of the command's other options."""
    home = _home(context, parameter, place)
    context.obj = load_settings(home, os.environ).settings
    context.default_map = asdict(context.obj)
    home.engine = place_of(context.obj, home)
    return home


_home_option = functools.partial(
    click.option,
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    is_eager=True,  # before the options whose defaults lie in it
    help="Folder of the index [default: $READOUT_HOME, else the platform's data folder].",
)

#: The option for programs, which every command has.
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that commands have, and makes ``home`` a `Home` whose settings hold."""
    return _home_option(callback=_settled)(as_json(command))


def unsettled(command: Callable[..., None]) -> Callable[..., None]:
    """Does what `common` does for a command that itself looks at the settings, whatever they be."""
    return _home_option(callback=_home)(as_json(command))
