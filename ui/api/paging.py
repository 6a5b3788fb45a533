"""Pages of a long list: each tells the address of the next."""

from fastapi import Request


def address_of(request: Request, offset: int) -> str:
    """Returns the address, on this server, of the same request from ``offset`` on."""
    url = request.url.include_query_params(offset=offset)
    return f"{url.path}?{url.query}"
