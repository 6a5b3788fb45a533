"""The command that AI clients start: MCP over standard input and output."""

from typing import TYPE_CHECKING

import click

from index import Home
from ui.extras import check_extra
from ui.mcp import EXTRA
from ui.options import common, ranked

if TYPE_CHECKING:
    from assistant.ranking import Ranking


@click.command()
@ranked
@common
def mcp(home: Home, ranking: "Ranking", as_json: bool) -> None:  # noqa: ARG001 (it speaks JSON)
    """Serve AI clients over standard input and output (Model Context Protocol).

    Its tools are ask, search and read_source. Needs the extra: pip install 'readout[mcp]'. A
    running readout serve offers the same at /mcp.

    Example: readout mcp
    """
    check_extra(*EXTRA)
    from ui.mcp.stdio import serve  # lazy: only in the extra `mcp`

    serve(home, ranking)
