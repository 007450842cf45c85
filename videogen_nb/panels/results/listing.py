"""Which tasks a gallery shows: the newest ones, and what the gateway finds for its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...client import VideoClient
from ...protocol.filters import MAX_TEXT
from ...protocol.models import TaskPage, TaskStatus, VideoTask
from .cards import RUNNING, matches

_PAGE: Final = 48
_UNFINISHED: Final = ",".join(status for status in TaskStatus if not status.finished)


class Listing:
    """``tasks`` are all that are loaded, the newest first; the gateway has ``total``."""

    def __init__(self) -> None:
        self.tasks: list[VideoTask] = []
        self.total = 0
        self._query = self._status = ""
        self._wanted = self._wanted_found = _PAGE
        self._found: dict[str, VideoTask] = {}
        self._found_total = 0
        self._gone: set[str] = set()

    @property
    def _searching(self) -> bool:
        return bool(self._query.strip() or self._status)

    def has_more(self, total: int) -> bool:
        """Whether a gateway with ``total`` tasks has older ones than those that are loaded."""
        if self._searching:
            return self._found_total > len(self._found)
        return total > len(self.tasks)

    def look_for(self, query: str, status: str) -> None:
        """Search for this from now on; ``status`` is "" = all, "running", or a status."""
        self._query, self._status = query, status
        self._found, self._found_total, self._wanted_found = {}, 0, _PAGE

    def want_more(self) -> None:
        """Load a further page from now on."""
        if self._searching:
            self._wanted_found += _PAGE
        else:
            self._wanted += _PAGE

    def matching(self) -> list[VideoTask]:
        """Return the loaded tasks that fit the search."""
        return [
            task
            for task in self.tasks
            if str(task.id) in self._found or matches(task, self._query, self._status)
        ]

    def forget(self, task: VideoTask) -> None:
        """Take a deleted task out; an answer that was asked for before does not bring it back."""
        self._gone.add(str(task.id))
        left = [known for known in self.tasks if known.id != task.id]
        self.total -= len(self.tasks) - len(left)
        self.tasks = left

    async def refresh(self, client: VideoClient) -> list[VideoTask]:
        """Ask the gateway for its newest tasks, which are returned, and for what fits."""
        page = await client.list_tasks(limit=self._wanted)
        while page.total and self._lists_deleted(page.tasks):  # it was asked for before
            page = await client.list_tasks(limit=self._wanted)
        await self._search(client)
        self.total = page.total
        self.tasks = [*page.tasks, *self._found_beyond(page.tasks)]
        return page.tasks

    async def _search(self, client: VideoClient) -> None:
        """Ask the gateway for all that fits the fields, however old it is."""
        query, status = self._query, self._status
        found = TaskPage()
        if self._searching:
            asked = _UNFINISHED if status == RUNNING else status
            found = await client.list_tasks(
                text=query[:MAX_TEXT], status=asked, limit=self._wanted_found
            )
        if (query, status) == (self._query, self._status):  # else another search is on its way
            here = [task for task in found.tasks if str(task.id) not in self._gone]
            self._found = {str(task.id): task for task in here}
            self._found_total = found.total - len(found.tasks) + len(here)

    def _found_beyond(self, tasks: Sequence[VideoTask]) -> list[VideoTask]:
        listed = {task.id for task in tasks}
        return [task for task in self._found.values() if task.id not in listed]

    def _lists_deleted(self, tasks: Sequence[VideoTask]) -> bool:
        return any(str(task.id) in self._gone for task in tasks)
