"""``Session``: the connections to one gateway, and what it reports about itself."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from ..protocol import read_engines
from ..protocol import requests as wire
from ..protocol.polling import PollingPolicy, RetryPolicy, Spread, Timeouts, system_random
from ..protocol.requests import PATHS
from ..settings import Settings
from .archives import save
from .capabilities import OLDER, OURS, Capabilities
from .create import validation
from .create.at_most_once import Creator
from .transport import Exchange, Times, utc_now

if TYPE_CHECKING:
    from ..protocol.models import EngineList


class Session:
    """The connection to a gateway. Belongs to the event loop that uses it."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        language: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        polling: PollingPolicy | None = None,
        retry: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        output: Path | None = None,
        settings: Settings | None = None,
        engine: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = utc_now,
        spread: Spread = system_random,
    ) -> None:
        self.polling = polling or PollingPolicy()
        self.times = Times(clock=clock, sleep=sleep, now=now, spread=spread)
        self._exchange = Exchange(
            base_url,
            token=token,
            language=language,
            transport=transport,
            retry=retry or RetryPolicy(),
            timeouts=timeouts or Timeouts(),
            times=self.times,
        )
        self._creator = Creator(self._exchange)
        self._engine = engine
        self._watching = 0
        self._settings = settings or Settings.from_environment()
        self._output = output or self._settings.output

    @property
    def url(self) -> str:
        """The gateway's base URL."""
        return self._exchange.url

    @property
    def headers(self) -> dict[str, str]:
        """Headers for your own HTTP requests to this gateway: its token, if any."""
        return dict(self._exchange.headers_for(self.url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. Tasks on the gateway continue."""
        await self._exchange.http.aclose()

    async def is_ours(self) -> bool:
        """Return whether this is one of our gateways rather than an older one; ask once."""
        return await self._creator.knows_keys()

    async def capabilities(self) -> Capabilities:
        """Return the features that this gateway supports; ask once."""
        return OURS if await self.is_ours() else OLDER

    async def engines(self) -> EngineList:
        """Return the gateway's engines, what each can do, and whether it is ready.

        ``default`` is the engine used for this client's requests that do not name one.
        """
        told = await self._exchange.ask(wire.engines(), read_engines)
        return told.model_copy(update={"default": self._engine}) if self._engine else told

    async def health(self) -> dict[str, Any]:
        """Return the gateway's ``status``, ``service``, ``version``, ``pid``, ``started_at`` …"""
        return await self._exchange.ask(wire.health(), validation.as_dict)

    async def backup(self, path: str | os.PathLike[str]) -> Path:
        """Back up the gateway's data to a new file: tasks, images, videos, people.

        The gateway keeps running during the backup. ``videogen-nb restore`` checks and restores it.

        Raises:
            NotAllowed: only the gateway's owner can do this.
            DownloadError: the file exists or cannot be written. GatewayError: no response.
        """
        return await save(self._exchange, PATHS.backup, path)
