"""MCP over standard input and output, for one client that started this process."""

import signal

import anyio
from mcp.server.stdio import stdio_server

from assistant import Assistant
from assistant.ranking import Ranking
from index import Home
from ui.line import Line
from ui.mcp.server import create_server
from ui.watching import Watcher


def serve(home: Home, ranking: Ranking | None = None) -> None:
    """Serves until the client closes the input; what is printed meanwhile goes to standard error.

    Args:
        home: Where the index is; once another serves, it answers from that.
        ranking: How what is found is ranked; else as usual.

    Raises:
        ReadoutError: If the home has no index, or one that cannot be opened.
    """
    # Python would wait for the thread that waits for the client. To end at once loses nothing:
    # this process only reads.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    assistant = Assistant.open_sound(home, ranking)
    watcher = Watcher(assistant)
    watcher.start()
    try:
        anyio.run(_serve, assistant)
    finally:
        watcher.stop()


async def _serve(assistant: Assistant) -> None:
    server = create_server(assistant, Line())
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
