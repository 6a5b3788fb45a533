"""The command ``readout config``: what is set, and who said so."""

import os
from pathlib import Path

import click
from click.core import ParameterSource

from index import Home
from ui import terminal
from ui.options import unsettled
from ui.settings import DEFAULTS, FILE, MEANINGS, SECRETS, Chosen, allowed, load_settings, variable

# What is shown in the place of a secret.
_HIDDEN = "set, not shown"


@click.command()
@unsettled
@click.pass_context
def config(context: click.Context, home: Home, as_json: bool) -> None:
    """Show each setting, and who said it: readout.toml, the environment, or nobody.

    A setting is kept in readout.toml in the home, a line each, such as: threshold = 0.4. A
    variable of the environment, such as READOUT_THRESHOLD, holds over that, and a command's own
    option over both.

    Example: readout config --json
    """
    chosen = load_settings(home, os.environ)
    file = home.path / FILE
    by_option = context.get_parameter_source("home") == ParameterSource.COMMANDLINE
    by_variable = "environment" if os.environ.get("READOUT_HOME") else "default"
    home_from = "option" if by_option else by_variable
    if as_json:
        terminal.echo_json(
            {
                "home": {"value": str(home.path), "from": home_from},
                "file": {"path": str(file), "exists": file.exists()},
                "settings": {name: _setting_json(name, chosen) for name in MEANINGS},
            }
        )
        return
    rows = {"home": (str(home.path), home_from)}
    for name, origin in chosen.origins.items():
        where = {"file": FILE, "environment": variable(name)}.get(origin, origin)
        rows[name] = (shown(_value(name, chosen)), where)
    width = max(len(value) for value, _ in rows.values())
    terminal.show_table(
        {name: f"{value:<{width}}  {where}" for name, (value, where) in rows.items()}
    )
    terminal.echo(f"\n{_file(file)}")


def _setting_json(name: str, chosen: Chosen) -> dict[str, object]:
    return {
        "value": _value(name, chosen),
        "from": chosen.origins[name],
        "default": getattr(DEFAULTS, name),
        "allowed": allowed(name),
        "variable": variable(name),
        "means": MEANINGS[name],
    }


def _value(name: str, chosen: Chosen) -> object:
    value = getattr(chosen.settings, name)
    return _HIDDEN if name in SECRETS and value is not None else value


def _file(path: Path) -> str:
    return f"Settings are kept in {path}{'' if path.exists() else ', which is not there yet'}."


def shown(value: object) -> str:
    """Returns a setting's value as people read it; a dash where there is none."""
    if value is None or value == "":
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)
