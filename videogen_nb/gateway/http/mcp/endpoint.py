"""``/mcp`` over streamable HTTP: stateless, with the same access checks as other routes."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from ...refusals import Refusal
from ...service.batches import Batches
from ...threads import in_thread
from ..access.auth import language_of
from ..bodies import arriving
from ..context import gateway_of, requester_of
from ..errors import respond
from .tools import Call, call_tool

if TYPE_CHECKING:
    import mcp_types as types
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from .server import Context

PATH: Final = "/mcp"
MAX_BODY: Final = 2**20


class Endpoint:
    """An ASGI app. The library is loaded at the first request, without delaying others."""

    def __init__(self) -> None:
        self._opening: asyncio.Task[StreamableHTTPSessionManager] | None = None
        self._closing = contextlib.AsyncExitStack()
        self._serving: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body within limits and pass the request to the library (ASGI)."""
        request = Request(scope, receive)
        try:
            if importlib.util.find_spec("mcp") is None:
                raise Refusal("mcp_missing")
            async with arriving(request, MAX_BODY) as body:
                manager = await self._manager()
                await manager.handle_request(scope, _replayed(body.data, receive), send)
        except Refusal as refusal:
            language = language_of(request.headers)
            await respond(refusal, language, PATH)(scope, receive, send)

    async def close(self) -> None:
        """Stop the requests in progress."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)

    async def _manager(self) -> StreamableHTTPSessionManager:
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        return await asyncio.shield(self._opening)

    async def _open(self) -> StreamableHTTPSessionManager:
        manager = await in_thread(_load)
        ready = asyncio.Event()

        async def serve() -> None:
            async with manager.run():  # a task group: entered and left by one task
                ready.set()
                await asyncio.Event().wait()

        self._serving = asyncio.create_task(serve())
        await ready.wait()
        return manager


def _load() -> StreamableHTTPSessionManager:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from .server import make_server

    return StreamableHTTPSessionManager(
        make_server(_run), stateless=True, max_request_body_size=MAX_BODY
    )


async def _run(
    name: str, arguments: Mapping[str, Any] | None, context: Context
) -> types.CallToolResult:
    from .server import result

    request = context.request
    assert request is not None  # it came over HTTP
    batches: Batches = request.app.state.batches
    call = Call(
        gateway_of(request),
        batches,
        requester_of(request),
        lambda share: context.session.report_progress(share, 1.0),
    )
    return result(await call_tool(name, arguments, call))


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that replays a body, then continues."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay
