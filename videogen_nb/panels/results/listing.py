"""The tasks of a gallery: the newest ones, and the gateway's search results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...client import VideoClient
from ...errors import TaskNotFound
from ...protocol.models import TaskPage, VideoTask
from .cards import Search

_PAGE: Final = 48  # more at each press
_AT_ONCE: Final = 500  # as many as a gateway of ours gives in one answer


class Listing:
    """Loaded ``tasks``, newest first; the gateway has ``total``."""

    def __init__(self) -> None:
        self.tasks: list[VideoTask] = []
        self.total = 0
        self._search = Search()
        self._wanted = self._wanted_found = _PAGE
        self._found: dict[str, VideoTask] = {}
        self._found_total = 0
        self._gone: set[str] = set()
        self._changes = 0  # that a person has made

    def has_more(self, total: int) -> bool:
        """Return whether there are older tasks than the loaded ones."""
        if self._search.active:
            return self._found_total > len(self._found)
        return total > len(self.tasks)

    def look_for(self, search: Search) -> None:
        """Set the search."""
        self._search = search
        self._found, self._found_total, self._wanted_found = {}, 0, _PAGE

    def want_more(self) -> None:
        """Load one more page from now on."""
        if self._search.active:
            self._wanted_found += _PAGE
        else:
            self._wanted += _PAGE

    def matching(self) -> list[VideoTask]:
        """Return the loaded tasks that match the search."""
        return [
            task for task in self.tasks if str(task.id) in self._found or self._search.matches(task)
        ]

    def note(self, task: VideoTask) -> None:
        """Update a task that was changed by the user."""
        self._changes += 1
        self.tasks = [task if known.id == task.id else known for known in self.tasks]
        if str(task.id) in self._found:
            self._found[str(task.id)] = task

    def forget(self, task: VideoTask) -> None:
        """Remove a deleted task, even from responses that are still to come."""
        self._gone.add(str(task.id))
        left = [known for known in self.tasks if known.id != task.id]
        self.total -= len(self.tasks) - len(left)
        self.tasks = left

    async def refresh(self, client: VideoClient) -> list[VideoTask]:
        """Ask the gateway for its newest tasks, which are returned, and for matches."""
        while True:
            changes = self._changes
            page = await _load(client, self._wanted)
            await self._look(client)
            late = page.total and self._lists_deleted(page.tasks)
            if changes == self._changes and not late:
                break  # else it was asked for before
        self.total = page.total
        self.tasks = [*page.tasks, *self._found_beyond(page.tasks)]
        return page.tasks

    async def _look(self, client: VideoClient) -> None:
        """Ask the gateway for all matches, however old."""
        search = self._search
        found = TaskPage()
        if search.active:
            found = await _load(client, self._wanted_found, **search.filters())
        if search == self._search:  # else another search is on its way
            here = [task for task in found.tasks if str(task.id) not in self._gone]
            self._found = {str(task.id): task for task in here}
            self._found_total = found.total - len(found.tasks) + len(here)

    def _found_beyond(self, tasks: Sequence[VideoTask]) -> list[VideoTask]:
        listed = {task.id for task in tasks}
        return [task for task in self._found.values() if task.id not in listed]

    def _lists_deleted(self, tasks: Sequence[VideoTask]) -> bool:
        return any(str(task.id) in self._gone for task in tasks)


async def _load(client: VideoClient, wanted: int, **filters: Any) -> TaskPage:
    """Load the newest ``wanted`` tasks, page by page."""
    page = await client.list_tasks(limit=min(wanted, _AT_ONCE), **filters)
    tasks = list(page.tasks)
    while len(tasks) < wanted and page.tasks and page.total > len(tasks):
        try:
            limit = min(wanted - len(tasks), _AT_ONCE)
            more = await client.list_tasks(limit=limit, after=tasks[-1], **filters)
        except TaskNotFound:  # deleted meanwhile: the next look begins anew
            break
        if not more.tasks:
            break
        tasks += more.tasks
    return page.model_copy(update={"tasks": tasks})
