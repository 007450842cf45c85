"""Upkeep of a running gateway: it picks up changed settings and deletes expired uploads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from ...engines.registry import Registry
from ...people.lookup import People
from ..files.uploads import Uploads
from ..jobs.runner import Runner
from ..storage.store import Store
from ..threads import in_thread

PURGE_EVERY_S: Final = 3600.0
FOLLOW_EVERY_S: Final = 2.0  # how soon a change of the settings counts

logger = logging.getLogger(__name__)


class Upkeep:
    """What a gateway does again and again from ``open`` to ``close``."""

    def __init__(
        self, people: People, registry: Registry, store: Store, runner: Runner, uploads: Uploads
    ) -> None:
        self._people = people
        self._registry = registry
        self._store = store
        self._runner = runner
        self._uploads = uploads
        self._loops: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Start."""
        self._loops = [
            asyncio.create_task(_every(PURGE_EVERY_S, self._uploads.purge, "Deleting old uploads")),
            asyncio.create_task(_every(FOLLOW_EVERY_S, self.follow_settings, "Reloading settings")),
        ]

    def close(self) -> None:
        """Stop."""
        for loop in self._loops:
            loop.cancel()

    async def follow_settings(self) -> None:
        """Reload people, ``engines.toml`` and providers' tables if they have changed."""
        if self._people.refresh():
            self._runner.settings_changed()
        if await in_thread(self._registry.changed):
            self._registry.reload(self._store.engines_in_use())
            self._runner.settings_changed()


async def _every(seconds: float, work: Callable[[], Awaitable[object]], what: str) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:  # the boundary: a fault of an engine's package ends nothing else
            logger.exception("%s failed", what)
