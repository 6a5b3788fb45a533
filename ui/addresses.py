"""Addresses at which the page is served, as people type them."""

#: Addresses that stand for all of a machine's own; it then answers to any name.
ANYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104


def address_of(host: str, port: int) -> str:
    """Returns what to type into a browser on the machine that serves at a host and a port."""
    name = "127.0.0.1" if host in ANYWHERE else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
