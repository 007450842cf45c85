"""Forwarding calls from stdin to the gateway's ``/mcp``, and handling local files.

An ``image`` path is uploaded before a call, and a video is saved after it. Everything else is
passed on unchanged, so that there is only one set of tools.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import httpx2
import mcp
import mcp_types as types
from mcp.client.streamable_http import streamable_http_client
from mcp.server.stdio import stdio_server

from ...client import VideoClient
from ...errors import VideogenError
from ...gateway.http.mcp.catalogue import Answer
from ...gateway.http.mcp.server import Context, make_server, result
from ...i18n import Text
from ...local.discovery import Say, ensure_gateway
from ...local.reconnect import LocalTransport
from ...media.images.from_text import is_data_url, is_url
from ...network import AsyncTransport
from ...network.third_party_clients import async_client_of
from ...protocol.models import TaskId
from ...settings import Settings

SILENCE_S: Final = 120.0  # longer than any tool waits
TROUBLE: Final = (VideogenError, httpx2.HTTPError, mcp.MCPError, ExceptionGroup)


async def serve(settings: Settings, folder: Path | None, say: Say) -> None:
    """Serve the tools until stdin ends. The gateway is found or started at the first call."""
    bridge = Bridge(settings, folder, say)
    server = make_server(bridge.call)
    try:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
    finally:
        await bridge.aclose()


class Bridge:
    """Forwards calls to a gateway: the one in the settings, or the local one."""

    def __init__(self, settings: Settings, folder: Path | None, say: Say) -> None:
        self._settings = settings
        self._folder = folder
        self._say = say
        self._opening: asyncio.Task[VideoClient] | None = None
        self._transport: httpx.AsyncBaseTransport = AsyncTransport()

    async def call(
        self, name: str, arguments: Mapping[str, Any] | None, context: Context
    ) -> types.CallToolResult:
        """Forward one call; errors are returned, not raised."""
        try:
            client = await self._client()
            given = await _with_uploads(client, dict(arguments or {}))
            answer = await self._ask(client, name, given, context)
            told = answer.structured_content
            if name != "video" or answer.is_error or not isinstance(told, dict):
                return answer
            saved = await self._save(client, TaskId.parse(told["id"]))
            return _with_path(answer, {**told, "path": saved})
        except TROUBLE as trouble:
            error = _leaf(trouble)
            if isinstance(error, VideogenError):
                return _failed(error.code, error.text)
            if isinstance(error, (httpx2.HTTPError, mcp.MCPError)):
                return _failed("gateway_unreachable", _NO_ANSWER(why=str(error)[:300]))
            raise

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opening is not None:
            await (await self._opening).aclose()

    async def _client(self) -> VideoClient:
        if self._opening is None or (self._opening.done() and self._opening.exception()):
            self._opening = asyncio.create_task(self._open())
        return await asyncio.shield(self._opening)

    async def _open(self) -> VideoClient:
        settings = self._settings
        url, token = settings.url, settings.token
        if not url:
            address = await asyncio.to_thread(ensure_gateway, settings, say=self._say)
            url, token = address.url, address.token
            self._transport = LocalTransport(address, settings, say=self._say)
        return VideoClient(
            url, token=token, transport=self._transport, output=self._folder or Path("videos")
        )

    async def _ask(
        self, client: VideoClient, name: str, given: dict[str, Any], context: Context
    ) -> types.CallToolResult:
        try:
            return await self._ask_once(client, name, given, context)
        except TROUBLE as trouble:
            if not isinstance(_leaf(trouble), httpx2.TransportError):
                raise
        return await self._ask_once(client, name, given, context)  # each tool may be repeated

    async def _ask_once(
        self, client: VideoClient, name: str, given: dict[str, Any], context: Context
    ) -> types.CallToolResult:
        async def pass_on(progress: float, total: float | None, message: str | None) -> None:
            await context.session.report_progress(progress, total, message)

        http = async_client_of(httpx2, self._transport, headers=client.headers, timeout=SILENCE_S)
        transport = streamable_http_client(f"{client.url}/mcp", http_client=http)
        async with mcp.Client(transport) as asked:
            return await asked.call_tool(name, given, progress_callback=pass_on)

    async def _save(self, client: VideoClient, task: TaskId) -> str:
        video = await client.download(task)
        return await asyncio.to_thread(os.path.abspath, video.path)


async def _with_uploads(client: VideoClient, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with image paths replaced by uploads."""
    rows = given.get("rows")
    if isinstance(rows, list):
        given["rows"] = [
            await _with_uploads(client, dict(row)) if isinstance(row, Mapping) else row
            for row in rows
        ]
    image = given.get("image")
    if isinstance(image, str) and not is_url(image) and not is_data_url(image):
        given["image"] = (await client.upload_image(Path(image))).key
    return given


def _leaf(error: BaseException) -> BaseException:
    """Return the underlying error from the library's exception groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _with_path(answer: types.CallToolResult, told: dict[str, Any]) -> types.CallToolResult:
    text = types.TextContent(text=json.dumps(told, ensure_ascii=False, indent=1))
    return answer.model_copy(
        update={"structured_content": told, "content": [text, *answer.content[1:]]}
    )


def _failed(code: str, text: Text) -> types.CallToolResult:
    return result(Answer({"error": code, "message": str(text)}, failed=True))


_NO_ANSWER = Text("The gateway did not respond: {why}", "网关没有响应：{why}")
