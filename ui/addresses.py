"""Addresses at which the page is served, as people type them."""

import socket
from collections.abc import Callable
from ipaddress import ip_address

#: Addresses that stand for all of a machine's own.
ANYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def address_of(host: str, port: int) -> str:
    """Returns what to type into a browser on the machine that serves at a host and a port."""
    name = "127.0.0.1" if host in ANYWHERE else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def is_loopback(host: str) -> bool:
    """Returns whether only programs of this machine can reach what is served at a host."""
    if host.lower() == "localhost":
        return True
    return _is_address(host) and ip_address(host).is_loopback


def names_check(host: str, name: str | None) -> Callable[[str], bool]:
    """Returns what tells whether a request's ``Host`` is one of ours.

    A site that has its name lead to this machine ("DNS rebinding") sends its own, never one of
    these. Who serves at all addresses is reached by any number, and by the machine's own names.

    Args:
        host: What is served at.
        name: The name that people type, or None if it is only that.
    """
    names = {*_THIS_MACHINE, host.lower(), *([name.lower()] if name else [])}
    anywhere = host in ANYWHERE
    if anywhere:
        own = {socket.gethostname().lower(), socket.getfqdn().lower()}
        names |= own | {f"{each}.local" for each in own}

    def is_ours(said: str) -> bool:
        if said.startswith("["):
            called, bracket, port = said[1:].partition("]")
            port = port if bracket else "?"
        else:
            called, colon, port = said.partition(":")
            port = colon + port
        if port and not (port[0] == ":" and port[1:].isascii() and port[1:].isdecimal()):
            return False
        return called.lower() in names or (anywhere and _is_address(called))

    return is_ours


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
