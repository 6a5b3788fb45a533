"""The command ``readout user``: who may log in, what they may do, and tokens for programs."""

import sys
from collections.abc import Callable

import click

from index import Home
from ui import terminal
from ui.access.passwords import SHORTEST
from ui.access.users import ROLES, Role, Users
from ui.options import unsettled

_name = click.argument("name")
_typed = click.option(
    "--stdin", "from_stdin", is_flag=True, help="Read the password from the first line of input."
)


@click.group()
def user() -> None:
    """Say who may log in to the page where people must, and what they may do.

    Who may ask, asks, searches, reads and cites. Who manages also adds, removes and corrects
    documents, rebuilds, and keeps golden questions.

    Example: readout user add ada --role manage
    """


@user.command()
@_name
@click.option(
    "--role", type=click.Choice(ROLES), default="ask", show_default=True, help="What they may do."
)
@_typed
@unsettled
def add(home: Home, name: str, role: Role, from_stdin: bool, as_json: bool) -> None:
    """Add somebody; their password is asked for, and not shown.

    Example: readout user add ada --role manage
    """
    added = Users(home).add(name, role, _password(from_stdin))
    _tell({"name": added.name, "role": added.role}, f"{added.name} may {role}.", as_json)


@user.command("list")
@unsettled
def list_users(home: Home, as_json: bool) -> None:
    """Show who may log in.

    Example: readout user list
    """
    people = [
        {"name": each.name, "role": each.role, "tokens": len(each.tokens)}
        for each in Users(home).all().values()
    ]
    if as_json:
        terminal.echo_json({"users": people})
    elif people:
        terminal.show_table(
            {str(each["name"]): f"{each['role']:<8}{each['tokens']} tokens" for each in people}
        )
    else:
        terminal.echo("Nobody yet; add somebody with: readout user add NAME --role manage")


@user.command()
@_name
@unsettled
def remove(home: Home, name: str, as_json: bool) -> None:
    """Take somebody away: their sessions and tokens end at once; what they said stays.

    Example: readout user remove ada
    """
    Users(home).remove(name)
    _tell({"removed": name.lower()}, f"{name.lower()} cannot log in any more.", as_json)


@user.command()
@_name
@_typed
@unsettled
def password(home: Home, name: str, from_stdin: bool, as_json: bool) -> None:
    """Give somebody another password; their sessions end at once, their tokens stay.

    Example: readout user password ada
    """
    users = Users(home)
    users.check(name)
    users.change_password(name, _password(from_stdin))
    told = f"{name.lower()} has another password, and has to log in again."
    _tell({"changed": name.lower()}, told, as_json)


@user.command()
@_name
@click.option("--revoke", is_flag=True, help="Make all tokens of theirs void instead.")
@unsettled
def token(home: Home, name: str, revoke: bool, as_json: bool) -> None:
    """Make a token with which a program asks in somebody's name; it is shown this once.

    Programs send it as: Authorization: Bearer TOKEN

    Example: readout user token ada
    """
    if revoke:
        count = Users(home).revoke_tokens(name)
        _tell({"revoked": count}, f"Void now: {count}", as_json)
        return
    made = Users(home).give_token(name)
    _tell({"token": made}, made, as_json)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: Callable[..., str] = click.prompt
    text = f"Password (at least {SHORTEST} characters)"
    return asked(text, hide_input=True, confirmation_prompt="Once more", err=True)


def _tell(found: dict[str, object], told: str, as_json: bool) -> None:
    if as_json:
        terminal.echo_json(found)
    else:
        terminal.echo(told)
