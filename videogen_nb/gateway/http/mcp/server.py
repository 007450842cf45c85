"""The tools as a server of the ``mcp`` library, whose import takes a second or two."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server

from ...._version import __version__
from .catalogue import INSTRUCTIONS, TOOLS, Answer, Tool

Context = ServerRequestContext[Any, Any]
#: Carries out a call: its name and arguments, and the context it came in.
Run = Callable[[str, Mapping[str, Any] | None, Context], Awaitable[types.CallToolResult]]


def make_server(run: Run) -> Server[Any]:
    """Return a server that lists the tools and calls ``run`` for them."""

    async def list_tools(
        context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_listed(tool) for tool in TOOLS.values()])

    async def call(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await run(params.name, params.arguments, context)

    return Server(
        "videogen-nb",
        version=__version__,
        title="videogen-nb",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call,
    )


def result(answer: Answer) -> types.CallToolResult:
    """Return a tool's result: text for the model, fields for its program, and images."""
    text = json.dumps(answer.told, ensure_ascii=False, indent=1)
    images = [
        types.ImageContent(data=b64encode(i).decode("ascii"), mime_type="image/jpeg")
        for i in answer.images
    ]
    return types.CallToolResult(
        content=[types.TextContent(text=text), *images],
        structured_content=answer.told,
        is_error=answer.failed,
    )


def _listed(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.schema(),
        annotations=types.ToolAnnotations(
            read_only_hint=tool.reads,
            destructive_hint=tool.destroys,
            idempotent_hint=True,
            open_world_hint=tool.pays,
        ),
    )
