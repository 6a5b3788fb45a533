"""Completion in the shell: the command that sets it up, and what it offers for arguments."""

import sqlite3

import click
from click.shell_completion import CompletionItem, get_completion_class

from corpus import BUNDLED, ReadoutError
from index import Home, default_home
from index.generation import STORE
from index.store import Store
from ui import terminal
from ui.options import as_json

# Where click's scripts ask for completions; `main` looks there by the name of the program.
_VARIABLE = "_READOUT_COMPLETE"

# Documents offered at most: who sees more types another letter.
_MOST = 100


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@as_json
@click.pass_context
def completion(context: click.Context, shell: str, as_json: bool) -> None:
    """Print the script that makes SHELL complete commands, options, files and documents.

    For bash put into ~/.bashrc, and for zsh with its name into ~/.zshrc after compinit, the line:
    eval "$(readout completion bash)"

    For fish put into ~/.config/fish/config.fish the line: readout completion fish | source

    Example: readout completion bash
    """
    program = context.find_root()
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click cannot complete in {shell}")
    script = kind(program.command, {}, "readout", _VARIABLE).source()
    if as_json:
        terminal.echo_json({"shell": shell, "script": script})
    else:
        click.echo(script)


def documents(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Offers the ids of documents that begin as typed."""
    home = _home(context)
    try:
        found = Store(home.generations / home.current() / STORE).ids(incomplete, _MOST)
    except (ReadoutError, sqlite3.Error):
        return []  # no index, or a damaged one, of which every other command tells
    return [CompletionItem(name, help=terminal.one_line(title)) for name, title in found]


def roots(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offers what was added, and so can be removed."""
    try:
        added = _home(context).roots()
    except ReadoutError:
        return []
    return [CompletionItem(root) for root in added if root.startswith(incomplete)]


def addable(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offers files, and the word for the documents that come with Readout."""
    word = BUNDLED if incomplete and BUNDLED.startswith(incomplete) else None
    return [CompletionItem(word)] if word else [CompletionItem(incomplete, type="file")]


def _home(context: click.Context) -> Home:
    """Returns the home that was typed before, or else the usual one."""
    home = context.params.get("home")
    return home if isinstance(home, Home) else Home(default_home())
