"""What a user wants kept: ``readout.toml`` in the home, over it the environment, then options.

A setting is said in the file by its name, in the environment as ``READOUT_`` and its name in
capitals, and by the command's option of that name. Here the first two are read and checked. What
searches has a table of its own in the file: ``kind`` in ``[engine]`` is ``engine_kind``.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from annotated_types import Interval, MinLen, Predicate

from assistant.ranking import MAX_CITATIONS
from index import Home
from ui.errors import BadSetting

#: The file of a home's settings.
FILE = "readout.toml"

_PREFIX = "READOUT_"

# The table of the file whose names are those of settings without the table's.
_TABLE = "engine"

#: Where a value may come from, the weakest first.
Origin = Literal["default", "file", "environment"]

#: What ranks is one choice: who says a part of it says all of it, over what was said below.
RANKS = frozenset({"reader", "reranker"})

# How close a variable's name must be to a setting's to be a mistyped one, and no other program's.
_MISTYPED = 0.8


# What may stand before a host's name would be a password, and be shown.
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")


def _kept(
    default: Any,  # noqa: ANN401 (as dataclasses.field)
    means: str,
    *,
    may_be: str = "",
    secret: bool = False,
) -> Any:  # noqa: ANN401
    """Returns the field of a setting.

    Args:
        default: What holds where nothing is said.
        means: What it means.
        may_be: Which values it may have, where its type does not tell.
        secret: Whether its value is shown to nobody.
    """
    metadata = {"means": means, "may_be": may_be, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


def _is_address(text: str) -> bool:
    """Returns whether a text is an address that the client of `ui.writing` takes."""
    if not _ADDRESS.fullmatch(text):
        return False
    import httpx  # lazy: an HTTP client takes a moment, and most homes name no model

    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):  # the latter of a bad address in brackets
        return False
    return bool(url.host) and (url.port is None or 1 <= url.port <= 65535)


def _is_key(text: str) -> bool:
    """Returns whether a text can stand in a header."""
    return text.isascii() and text.isprintable() and text == text.strip() != ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds unless an option says otherwise; what each means stands in its metadata."""

    threshold: Annotated[float, Interval(ge=0, le=1)] | None = _kept(
        None, "Confidence below which to say that nothing answers; else the fitted one."
    )
    citations: Annotated[int, Interval(ge=1, le=20)] = _kept(
        MAX_CITATIONS, "Sentences that a plain answer quotes at most."
    )
    reader: bool = _kept(True, "Whether passages are read together with the question.")
    reranker: str | None = _kept(
        None, "Cross-encoder of sentence-transformers that ranks passages, by folder or name."
    )
    encoder: str | None = _kept(
        None, "Model of sentence-transformers that builds use; else that of the index."
    )
    review: bool = _kept(
        False, "Whether to ask before a rebuild's switch where golden questions change."
    )
    host: Annotated[str, MinLen(1)] = _kept("127.0.0.1", "Address that the page is served at.")
    port: Annotated[int, Interval(ge=1, le=65535)] = _kept(7860, "Port of that address.")
    llm_url: Annotated[str, Predicate(_is_address)] | None = _kept(
        None,
        "Address of an OpenAI-compatible API whose model may write answers up when asked to.",
        may_be="an address such as http://localhost:11434/v1, without a password",
    )
    llm_model: Annotated[str, MinLen(1)] | None = _kept(None, "Name of that model.")
    llm_key: Annotated[str, Predicate(_is_key)] | None = _kept(
        None,
        "Key for that API, where it wants one; never shown.",
        may_be="one line of printable ASCII, without spaces around it",
        secret=True,
    )
    llm_timeout: Annotated[int, Interval(ge=1, le=600)] = _kept(
        60, "Seconds of silence after which that model is given up."
    )
    engine_kind: Literal["faiss", "milvus"] | None = _kept(
        None, "What builds let search the index; else what searches it now, at first faiss."
    )
    engine_uri: Annotated[str, MinLen(1)] | None = _kept(
        None, "Address of the Milvus server, or a file of Milvus Lite (.db)."
    )
    engine_token: Annotated[str, MinLen(1)] | None = _kept(
        None, "What that server knows you by: name:password, or a key.", secret=True
    )
    engine_shards: Annotated[int, Interval(ge=1, le=64)] = _kept(
        1, "Shards of a collection that is written there."
    )
    engine_replicas: Annotated[int, Interval(ge=1, le=64)] = _kept(
        1, "How many times the server is to load it, so that one may fail."
    )
    name: str | None = _kept(
        None, "Name that people type to come to the page, where it has one, as behind a proxy."
    )
    auth: bool = _kept(
        False, "Whether people must log in even where only this machine can reach the page."
    )
    questions_a_minute: Annotated[int, Interval(ge=1, le=100_000)] = _kept(
        120, "Questions and searches a minute of one person, where people log in."
    )
    uploads_an_hour: Annotated[int, Interval(ge=1, le=100_000)] = _kept(
        1000, "How often an hour one person may bring files, where people log in."
    )


#: What holds where nothing is said.
DEFAULTS = Settings()

#: The settings whose values are shown to nobody.
SECRETS = frozenset(each.name for each in fields(Settings) if each.metadata["secret"])

#: What each setting means, by its name.
MEANINGS: Mapping[str, str] = {each.name: each.metadata["means"] for each in fields(Settings)}

_FIELDS = {each.name: each for each in fields(Settings)}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of a home, and who said them.

    Attributes:
        settings: What holds.
        origins: Who said each, by its name.
    """

    settings: Settings
    origins: Mapping[str, Origin]


def load_settings(home: Home, environment: Mapping[str, str]) -> Chosen:
    """Reads the settings of a home.

    Args:
        home: The home; its ``readout.toml`` may be missing.
        environment: The variables of the process; an empty one counts as not set.

    Raises:
        BadSetting: If the file cannot be read, or a setting is unknown or has no such value.
    """
    of_file = _of_file(home.path / FILE)
    of_environment = _of_environment(environment)
    origins: dict[str, Origin] = dict.fromkeys(MEANINGS, "default")
    origins |= dict.fromkeys(of_file, "file")
    origins |= dict.fromkeys(of_environment, "environment")
    chosen = Chosen(Settings(**of_file | of_environment), origins)
    _check_model(chosen, home.path / FILE)
    _check_engine(chosen.settings, home.path / FILE)
    return chosen


def _check_model(chosen: Chosen, file: Path) -> None:
    """Refuses an address without a model, and a model without an address.

    Raises:
        BadSetting: If only one of the two is said.
    """
    said, lacking = "llm_url", "llm_model"
    if chosen.settings.llm_url is None:
        said, lacking = lacking, said
    if getattr(chosen.settings, said) and not getattr(chosen.settings, lacking):
        where = f"{file}: {said}" if chosen.origins[said] == "file" else variable(said)
        raise BadSetting(
            f"{where}: needs {lacking} too; say {variable(lacking)}, or take {said} out"
        )


def _check_engine(settings: Settings, file: Path) -> None:
    """Refuses Milvus without an address, and an address without Milvus.

    Raises:
        BadSetting: If only one of the two is said.
    """
    if (settings.engine_kind == "milvus") != bool(settings.engine_uri):
        raise BadSetting(
            f'{file}: [engine] kind = "milvus" and uri, its address, belong together;'
            " say both, or neither"
        )


def variable(name: str) -> str:
    """Returns the variable of the environment that says a setting."""
    return f"{_PREFIX}{name.upper()}"


def allowed(name: str) -> str:
    """Returns, for people, which values a setting may have."""
    from pydantic import TypeAdapter  # lazy: a tenth of a second, and most homes say nothing

    if may_be := _FIELDS[name].metadata["may_be"]:
        return str(may_be)
    schema = TypeAdapter(get_type_hints(Settings, include_extras=True)[name]).json_schema()
    schema = schema.get("anyOf", [schema])[0]
    if schema["type"] == "boolean":
        return "true or false"
    if "enum" in schema:
        return " or ".join(schema["enum"])
    if schema["type"] == "string":
        return "a text that is not empty" if schema.get("minLength") else "a text"
    number = "a whole number" if schema["type"] == "integer" else "a number"
    return f"{number} from {schema['minimum']} to {schema['maximum']}"


def _of_file(path: Path) -> dict[str, Any]:
    """Returns what a file says; nothing if there is none."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror}); check its rights") from error
    except (ValueError, RecursionError) as error:  # also for numbers of thousands of digits
        raise BadSetting(
            f"{path}: is not TOML ({error}); mend that place; texts stand in quotes"
        ) from error
    if isinstance(said.get(_TABLE), dict):
        said |= {f"{_TABLE}_{name}": value for name, value in said.pop(_TABLE).items()}
    for name in said:
        if name not in MEANINGS:
            meant = _closest(name.lower(), 0.6)
            hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(MEANINGS)}"
            raise BadSetting(f"{path}: there is no setting {_shown('', name)}; {hint}")
    return _checked(
        said,
        lambda name: f"{path}: {name} = {_shown(name, said[name])}",
        lambda hint, value: _adapter(hint).validate_python(value, strict=True),
    )


def _of_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Returns what the environment says."""
    variables = {variable(name): name for name in MEANINGS}
    for name in sorted(environment.keys() - variables.keys() - {f"{_PREFIX}HOME"}):
        word = name.removeprefix(_PREFIX)
        if word != name and (meant := _closest(word.lower(), _MISTYPED)):
            raise BadSetting(f"{name}: no such setting; did you mean {variable(meant)}?")
    said = {name: value for key, name in variables.items() if (value := environment.get(key))}
    return _checked(
        said,
        lambda name: f"{variable(name)}={_shown(name, said[name])}",
        lambda hint, value: _adapter(hint).validate_strings(value),
    )


def _checked(
    said: Mapping[str, Any], told: Callable[[str], str], validate: Callable[[Any, Any], Any]
) -> dict[str, Any]:
    """Returns values as their settings have them.

    Args:
        said: Values by the names of settings.
        told: Tells where a setting was said, and what.
        validate: Turns a value into what a type hint wants.

    Raises:
        BadSetting: If a value is none of its setting's, or two exclude each other.
    """
    if not said:
        return {}
    from pydantic import ValidationError

    hints = get_type_hints(Settings, include_extras=True)
    values = {}
    for name, value in said.items():
        try:
            values[name] = validate(hints[name], value)
        except ValidationError as error:
            raise BadSetting(f"{told(name)}: must be {allowed(name)}; change it there") from error
    if not RANKS & values.keys():
        return values
    values = {name: getattr(DEFAULTS, name) for name in RANKS} | values
    if values["reranker"] and not values["reader"]:
        raise BadSetting(f"{told('reader')}: excludes a reranker; take one of the two out")
    return values


def _adapter(hint: Any) -> Any:  # noqa: ANN401 (any type, and pydantic's adapter of it)
    from pydantic import TypeAdapter

    return TypeAdapter(hint)


def _shown(name: str, value: object) -> str:
    """Returns a setting's value as it may have been typed, in at most 60 characters."""
    if name in SECRETS:
        return "…"
    typed = json.dumps(value, ensure_ascii=False, default=str)
    return typed if len(typed) <= 60 else f"{typed[:59]}…"


def _closest(name: str, least: float) -> str | None:
    """Returns the setting whose name is closest, or None if none is at least so close."""
    return next(iter(difflib.get_close_matches(name, MEANINGS, 1, least)), None)
