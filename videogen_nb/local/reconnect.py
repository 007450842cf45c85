"""A way to the local gateway that survives its end.

The embedded gateway ends itself when it stands idle, and another version or ``serve`` may take its
place, on another port. A kernel that kept its connection must not notice: where nobody listens any
more, the gateway is found or started anew and the request goes there.
"""

from __future__ import annotations

import asyncio

import httpx

from ..network import AsyncTransport
from ..network.redirects import origin
from ..settings import Settings
from .discovery import GatewayAddress, Say, ensure_gateway


class LocalTransport(httpx.AsyncBaseTransport):
    """An HTTP transport for requests to the local gateway, under the address it had at first.

    Requests to anywhere else pass unchanged. Only a request of which nothing was sent goes to the
    new gateway, so that none arrives twice.

    Args:
        address: where the gateway is now; its ``url`` is the one that requests name.
        settings: with which it is found or started.
        say: is told when it has to be started.
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
        """Send it to where the gateway is.

        Raises:
            LocalGatewayError: it is gone and could not be started. httpx.TransportError: as usual.
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
