"""How much one person may have of what all share: the line, the disk, memory while uploading."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from ...settings import Settings
from ..refusal import Refusal

MAX_WAITING: Final = 5_000  # tasks in the line, of everybody
MAX_ARRIVING: Final = 16  # uploads of one person at a time: each is up to 10 MiB in memory
RESERVE: Final = 100 * 2**20  # bytes left on the disk, so that what is under way can be finished


class Quotas:
    """Says no (429, 413, 507) before anything is taken that would be too much."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_folder
        self._max_tasks = settings.max_tasks
        self._max_upload = settings.max_upload_mb * 10**6
        self._arriving: Counter[str] = Counter()

    async def check_task(self, *, waiting: int, unfinished: int) -> None:
        """Whether one more task may be taken.

        Args:
            waiting: tasks in the line, of everybody.
            unfinished: tasks of the asker that have not ended.

        Raises:
            Refusal: 429, 507.
        """
        if waiting >= MAX_WAITING:
            raise Refusal(429, "queue_full", headers={"Retry-After": "30"}, count=waiting)
        if unfinished >= self._max_tasks:
            headers = {"Retry-After": "30"}
            raise Refusal(429, "too_many_tasks", headers=headers, count=unfinished)
        await self.check_disk()

    @asynccontextmanager
    async def arriving(self, owner: str) -> AsyncIterator[None]:
        """While an upload of somebody is read and checked.

        Raises:
            Refusal: 429, 507.
        """
        if self._arriving[owner] >= MAX_ARRIVING:
            raise Refusal(429, "too_many_uploads", headers={"Retry-After": "2"})
        await self.check_disk()
        self._arriving[owner] += 1
        try:
            yield
        finally:
            self._arriving[owner] -= 1

    def check_kept(self, kept: int, more: int) -> None:
        """Whether one more image of somebody may be kept.

        Args:
            kept: bytes of those there are.
            more: bytes of this one.

        Raises:
            Refusal: 413.
        """
        if kept + more > self._max_upload:
            limit = f"{self._max_upload / 10**6:,.0f} MB"
            raise Refusal(413, "uploads_full", limit=limit)

    async def check_disk(self) -> None:
        """Raises Refusal (507): little is left on the disk."""
        if await asyncio.to_thread(_free, self._folder) < RESERVE:
            raise Refusal(507, "disk_full")


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
