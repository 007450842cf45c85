"""Quotas per person: queue, disk, and memory for incoming data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from ...people.lookup import People
from ...settings import Settings
from ..refusals import Refusal
from ..threads import in_thread
from .fair_semaphore import FairSemaphore

MAX_WAITING: Final = 10_000  # tasks in the queue, of everybody
IN_FLIGHT: Final = 96 * 2**20  # bytes of request bodies and downloads in memory, of everybody
IN_FLIGHT_EACH: Final = 32 * 2**20  # of one person: three images, or two creates that hold one
IN_FLIGHT_WAITING: Final = 64  # requests of one person that wait until there is room for theirs
IN_FLIGHT_WAIT_S: Final = 30.0
RESERVE: Final = 100 * 2**20  # bytes left on the disk, so that what is under way can be finished


class Quotas:
    """Refuses (429, 413, 507) before resources are used.

    ``in_flight`` limits incoming bytes, before the first one is read.
    """

    def __init__(self, settings: Settings, people: People) -> None:
        self._people = people
        self._folder = settings.data_folder
        self._max_tasks = settings.max_tasks
        self._max_upload = settings.max_upload_mb * 10**6
        self.in_flight = FairSemaphore(
            IN_FLIGHT, IN_FLIGHT_EACH, most_waiting=IN_FLIGHT_WAITING, wait_s=IN_FLIGHT_WAIT_S
        )

    def check_tasks(
        self, owner: str, *, waiting: int, unfinished: int, everybody: int, more: int = 1
    ) -> None:
        """Check whether ``more`` tasks can be accepted.

        Args:
            waiting: everyone's waiting tasks.
            unfinished: the owner's unfinished tasks.
            everybody: everyone's unfinished tasks.

        Raises:
            Refusal: too many tasks are waiting.
        """
        if waiting + more > MAX_WAITING:
            raise Refusal("queue_full", retry_after_s=30, count=waiting)
        in_all = self._people.total.queued
        if in_all is not None and everybody + more > in_all:
            raise Refusal("queue_full", retry_after_s=30, count=waiting)
        queued = self._people.named(owner).limits.queued
        if unfinished + more > (self._max_tasks if queued is None else queued):
            raise Refusal("too_many_tasks", retry_after_s=30, count=unfinished)

    def check_kept(self, owner: str, kept: int, more: int) -> None:
        """Check whether one more image of a person can be stored.

        Args:
            kept: bytes of the existing ones.
            more: bytes of this one.

        Raises:
            Refusal: there is no space for it.
        """
        upload_mb = self._people.named(owner).limits.upload_mb
        most = self._max_upload if upload_mb is None else int(upload_mb * 10**6)
        if kept + more > most:
            limit = f"{most / 10**6:,.0f} MB"
            raise Refusal("uploads_full", limit=limit)

    async def check_disk(self) -> None:
        """Raise Refusal if the disk is nearly full."""
        if await in_thread(_free, self._folder) < RESERVE:
            raise Refusal("disk_full")


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
