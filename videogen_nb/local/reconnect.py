"""A transport that reconnects to the local gateway after a restart.

The local gateway stops when idle, and another version or ``serve`` may replace it on another
port. A kernel that kept its connection must not notice: if nothing listens anymore, the gateway is
found or started again, and the request is sent there.
"""

from __future__ import annotations

import asyncio

import httpx

from ..network import AsyncTransport
from ..network.redirects import origin
from ..settings import Settings
from .discovery import GatewayAddress, Say, ensure_gateway


class LocalTransport(httpx.AsyncBaseTransport):
    """An HTTP transport for requests to the local gateway, under its original address.

    Other requests are passed on unchanged. A request is sent to the new gateway only if none of it
    was sent to the old one, so that none arrives twice.

    Args:
        address: the gateway's current address; its ``url`` is used by requests.
        settings: settings to find or start it.
        say: called with a message when it must be started.
    """

    def __init__(
        self, address: GatewayAddress, settings: Settings, *, say: Say | None = None
    ) -> None:
        self._first = httpx.URL(address.url)
        self._now = address
        self._settings = settings
        self._say = say
        self._wire = AsyncTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it to the gateway's current address.

        Raises:
            LocalGatewayError: it has stopped and could not be started. httpx.TransportError: as
                usual.
        """
        if origin(request.url) != origin(self._first):
            return await self._wire.handle_async_request(request)
        try:
            return await self._wire.handle_async_request(self._redirected(request))
        except httpx.ConnectError:
            self._now = await asyncio.to_thread(ensure_gateway, self._settings, say=self._say)
            return await self._wire.handle_async_request(self._redirected(request))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    def _redirected(self, request: httpx.Request) -> httpx.Request:
        now = httpx.URL(self._now.url)
        headers = request.headers.copy()
        headers["Host"] = now.netloc.decode("ascii")
        if "Authorization" in headers and self._now.token:
            headers["Authorization"] = f"Bearer {self._now.token}"
        return httpx.Request(
            request.method,
            request.url.copy_with(scheme=now.scheme, host=now.host, port=now.port),
            headers=headers,
            stream=request.stream,
            extensions=request.extensions,
        )
