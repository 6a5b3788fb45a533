"""Pages of a long list: each tells the address of the next."""

from urllib.parse import urlencode

from fastapi import Request


def address_of(request: Request, offset: int) -> str:
    """Returns the address, on this server, of the same request from ``offset`` on."""
    others = [pair for pair in request.query_params.multi_items() if pair[0] != "offset"]
    return f"{request.scope['path']}?{urlencode([*others, ('offset', offset)])}"
