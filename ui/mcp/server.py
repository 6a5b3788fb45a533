"""The tools as the Model Context Protocol has them, whichever way a client comes."""

import json
from importlib.metadata import version
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Listed

from assistant import Assistant
from corpus import ReadoutError
from ui.line import Line
from ui.mcp.tools import INSTRUCTIONS, TOOLS, Tool

# They read, and only what is in the index: a client need not ask the user each time.
_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

_Context = ServerRequestContext[dict[str, Any], Any]


def create_server(assistant: Assistant, line: Line) -> Server[dict[str, Any]]:
    """Returns a server of the tools; how clients reach it is for others to say.

    The SDK's `MCPServer` would set up the logging of the whole process, and put its own words
    before ours when something cannot be done.

    Args:
        assistant: Who answers.
        line: Where calls wait for their turn.
    """
    named = {tool.name: tool for tool in TOOLS}
    listed = ListToolsResult(tools=[_listed(tool) for tool in TOOLS])

    async def list_tools(_: _Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return listed

    async def call_tool(_: _Context, asked: CallToolRequestParams) -> CallToolResult:
        tool = named.get(asked.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"no tool {asked.name!r}; there are {', '.join(named)}")

        def work() -> CallToolResult:
            found = tool.call(assistant, asked.arguments or {})
            # The text is for clients that do not read structured content.
            return CallToolResult(
                content=[_text(json.dumps(found, ensure_ascii=False))], structured_content=found
            )

        try:
            return await line.run(work)
        except ReadoutError as error:
            return CallToolResult(content=[_text(" ".join(str(error).split()))], is_error=True)

    return Server(
        "readout",
        title="Readout",
        version=version("readout"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _listed(tool: Tool[Any]) -> Listed:
    return Listed(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=_READS,
    )


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)
