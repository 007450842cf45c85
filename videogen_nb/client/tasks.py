"""``Tasks``: list, follow, change and download the tasks on a gateway."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Unpack

from ..errors import BadParameter
from ..i18n import Text
from ..media.video import Video
from ..protocol import (
    models,
    read_cancelled,
    read_cleared,
    read_created,
    read_groups,
    read_page,
    read_spending,
    read_task,
    read_usage,
)
from ..protocol import requests as wire
from ..protocol.filters import ANY, FilterArguments, check_told, read_filters
from ..protocol.models import TaskId
from ..protocol.parameters import expand
from ..protocol.values import as_count, as_limit, as_list, as_switch, as_text, plain
from . import watch
from .callbacks import safely
from .create.at_most_once import as_task
from .download import Downloader, found_again, video_task
from .session import Session
from .task_ids import TaskLike, find
from .transport import OnProgress

if TYPE_CHECKING:
    from ..protocol.models import (
        Cancelled,
        Cleared,
        DiskUsage,
        Group,
        SpendingTable,
        TaskPage,
        VideoTask,
    )

_KNOWN_FILTERS = {"status", "text", "since", "until", "conversation_id"}
_FILTERS_UNKNOWN = Text(
    "This older gateway filters tasks only by status, text, since, until and "
    "conversation_id, and pages by offset.",
    "该网关是旧版网关，只能按 status、text、since、until、conversation_id 筛选任务，并用 "
    "offset 翻页。",
)
_PRUNE_WHAT = Text(
    'Say which tasks to delete: older_than="30d", or a filter such as group=….',
    '请指定要删除的任务：older_than="30d"，或 group=… 等条件。',
)
_KEEP_WHAT = Text(
    'keep must be "starred" or "nothing", not {keep!r}. Nothing was deleted.',
    'keep 应为 "starred" 或 "nothing"，而不是 {keep!r}。未删除任何任务。',
)
_ONE_AGE = Text(
    "older_than and until both limit the age of tasks. Use only one of them. Nothing was deleted.",
    "older_than 与 until 都用于指定任务的时间，请只用一个。未删除任何任务。",
)
OnChange: TypeAlias = "Callable[[VideoTask], object]"


class Tasks(Session):
    """Methods for existing tasks."""

    @cached_property
    def _downloader(self) -> Downloader:
        return Downloader(self._exchange, self._output, self.get_task, self._settings)

    async def get_task(self, task: TaskLike) -> VideoTask:
        """Return a task with its current status.

        Raises:
            TaskNotFound: the gateway does not know the task.
        """
        asked = wire.status(await self._id_of(task))
        return self._creator.completed(await self._exchange.ask(asked, read_task))

    @expand
    async def list_tasks(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        after: TaskLike | None = None,
        **filters: Unpack[FilterArguments],
    ) -> TaskPage:
        """Return a page of tasks, newest first; ``total`` counts all matches.

        Args:
            limit: the maximum number; None = all, up to 10,000.
            after: the last task of the previous page. Such pages do not shift when tasks are added.
            status: one status, or several separated by commas.
            group, batch, label, engine, starred, conversation_id: values to filter by.
            text: words that must all occur in the prompt, title, labels, notes, group or id.
            since, until: creation time: a time, a day, or an age (``"7d"``).

        Raises:
            BadParameter: the status or filter is unknown. TaskNotFound: ``after`` was deleted.
        """
        wanted = read_filters(filters, self.times.now())
        limit, offset = as_count("limit", limit), as_count("offset", offset)
        behind = None if after is None else await self._id_of(after)
        if (behind or wanted.to_query().keys() - _KNOWN_FILTERS) and not await self.is_ours():
            raise BadParameter(_FILTERS_UNKNOWN)
        page = await self._exchange.ask(
            wire.list_tasks(wanted, limit, offset, behind),
            lambda answer: read_page(answer, wanted=wanted, limit=limit, offset=offset),
        )
        return self._creator.all_completed(page)

    async def annotate(
        self,
        task: TaskLike,
        *,
        starred: bool | None = None,
        title: str | None = None,
        labels: Sequence[str] | None = None,
        group: str | None = None,
    ) -> VideoTask:
        """Star, title, label or group a task; None leaves a field unchanged, ``""`` clears it.

        Raises:
            TaskNotFound: the gateway does not know the task. RequestRefused: a value is invalid.
        """
        values: dict[str, Any] = {
            "title": as_text("title", title),
            "group": as_text("group", group),
        }
        values = {name: value for name, value in values.items() if value is not None}
        if starred is not None:
            values["starred"] = as_switch("starred", starred)
        if labels is not None:
            values["labels"] = plain("labels", as_list("labels", labels, str))
        return await self._exchange.ask(wire.annotate(await self._id_of(task), values), read_task)

    async def groups(self) -> list[Group]:
        """Return the groups (folders) and the number of tasks in each, newest first."""
        return (await self._exchange.ask(wire.groups(), read_groups)).groups

    @expand
    async def cancel_all(self, **filters: Unpack[FilterArguments]) -> Cancelled:
        """Cancel all matching unfinished tasks; without a filter, all of your own.

        Takes the filters of :meth:`list_tasks`. Returns how many were cancelled, and how many can
        no longer be stopped.
        """
        check_told(filters)
        wanted = read_filters(filters, self.times.now())
        return await self._exchange.ask(wire.cancel_all(wanted), read_cancelled)

    @expand
    async def prune(
        self,
        *,
        older_than: timedelta | str | None = None,
        keep: Literal["starred", "nothing"] = "starred",
        dry_run: bool = False,
        **filters: Unpack[FilterArguments],
    ) -> Cleared:
        """Delete finished tasks and their videos from the gateway. Downloaded videos are kept.

        Args:
            older_than: an age such as ``"30d"``; required unless there is a filter.
            keep: ``"starred"`` keeps starred tasks, ``"nothing"`` keeps none.
            dry_run: delete nothing; return how much would be deleted.

        Raises:
            BadParameter: neither an age nor a filter was given, or two ages were.
        """
        dry_run = as_switch("dry_run", dry_run)
        if keep not in ("starred", "nothing"):
            raise BadParameter(_KEEP_WHAT(keep=keep))
        if older_than is not None and filters.get("until") is not None:
            raise BadParameter(_ONE_AGE)
        until = filters.get("until") if older_than is None else older_than
        given: dict[str, Any] = {**filters, "until": until}
        check_told(given)
        wanted = read_filters(given, self.times.now())
        if wanted == ANY:
            raise BadParameter(_PRUNE_WHAT)
        answers = []
        for starred in [wanted.starred or False] if keep == "starred" else [False, True]:
            asked = wire.prune(replace(wanted, starred=starred), dry_run=dry_run)
            answers.append(await self._exchange.ask(asked, read_cleared))
        return models.Cleared(
            tasks=sum(answer.tasks for answer in answers),
            bytes=sum(answer.bytes for answer in answers),
            dry_run=dry_run,
        )

    async def usage(self) -> DiskUsage:
        """Return the disk space that your tasks use and the free space, in bytes."""
        return await self._exchange.ask(wire.usage(), read_usage)

    async def spending(
        self,
        by: Sequence[str] | str = "engine",
        *,
        since: datetime | date | timedelta | str | None = None,
        until: datetime | date | timedelta | str | None = None,
    ) -> SpendingTable:
        """Return what paid videos have cost: your own, or everyone's for teachers and the owner.

        Args:
            by: fields to group by: some of ``engine``, ``day``, ``group``, ``person``.
            since, until: time of the payment; see :meth:`list_tasks`.
        """
        words = [word.strip() for word in by.split(",")] if isinstance(by, str) else list(by)
        told = {name: v for name, v in (("since", since), ("until", until)) if v is not None}
        period = read_filters(told, self.times.now())
        return await self._exchange.ask(wire.spending(words, period), read_spending)

    async def collect(self, task: TaskLike, upstream: str | None = None) -> VideoTask:
        """Find at its provider a task that failed after it was sent, without paying again.

        Args:
            upstream: its id at the provider, if you know it.

        Raises:
            RequestRefused: it was not sent, was not found, or several tasks match.
        """
        asked = wire.collect(await self._id_of(task), upstream)
        return as_task(await self._exchange.ask(asked, read_created), None)

    async def watch(
        self, task: TaskLike, *, max_wait_s: float | None = None
    ) -> AsyncGenerator[VideoTask, None]:
        """Yield the task immediately, at every change, and when it has finished.

        Args:
            max_wait_s: seconds to wait; None = 20 minutes.

        Raises:
            WaitTimeout: it did not finish in time; it continues, and the error contains it.
            TaskStalled: an older gateway's task no longer changes.
        """
        known = task if isinstance(task, models.VideoTask) else await self._id_of(task)
        seen = watch.watch(
            self.get_task,
            known,
            policy=self.polling,
            times=self.times,
            max_wait_s=as_limit("max_wait_s", max_wait_s),
            crowd=lambda: self._watching,
            find=self._found_again,
        )
        self._watching += 1
        try:
            async with aclosing(seen):
                async for changed in seen:
                    yield changed
        finally:
            self._watching -= 1

    async def wait(
        self,
        task: TaskLike,
        *,
        max_wait_s: float | None = None,
        on_change: OnChange | None = None,
    ) -> VideoTask:
        """Wait for a task and return it when completed. Stopping the wait never stops the task.

        Args:
            max_wait_s: seconds to wait; None = 20 minutes.
            on_change: called with the task at every change.

        Raises:
            TaskFailed, TaskCancelled: it ended without a video; the error contains it.
            WaitTimeout: it did not finish in time; it continues.
            TaskStalled: an older gateway's task no longer changes.
        """
        last: VideoTask | None = None
        async for last in self.watch(task, max_wait_s=max_wait_s):
            safely(on_change)(last)
        assert last is not None  # watch yields at least once or raises
        return watch.completed(last)

    async def cancel(self, task: TaskLike) -> VideoTask:
        """Cancel a task. Cancelling it again has no effect.

        Raises:
            RequestRefused: it has already ended, or the gateway cannot cancel it.
        """
        return await self._exchange.ask(wire.cancel(await self._id_of(task)), read_task)

    async def retry(self, task: TaskLike) -> VideoTask:
        """Retry a failed, cancelled or unknown task as a new task with this one as its parent.

        Raises:
            RequestRefused: it is not finished, or has a video.
            OutcomeUnknown: the response was lost; the new task may or may not exist.
        """
        answer = await self._creator.retry(await self._id_of(task))
        return as_task(answer, None)

    async def delete(self, task: TaskLike) -> None:
        """Delete a finished task and its files from the gateway. Downloaded videos are kept."""
        await self._exchange.ask(wire.delete(await self._id_of(task)), lambda answer: None)

    async def download(
        self,
        task: TaskLike,
        path: str | os.PathLike[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """Save a completed task's video.

        It is downloaded under a temporary name and renamed once it is complete and can be decoded,
        so an incomplete file is never left behind. An expired link is renewed once.

        Args:
            path: a file (replaced if it exists) or a folder; None = the output folder, with a name
                derived from the prompt and the task's id.
            on_progress: called with (bytes so far, total bytes or None).

        Returns:
            The saved video.

        Raises:
            LinkExpired, NotAVideo, DownloadError: it could not be downloaded; the message says why.
            TaskFailed, TaskCancelled: there is no video.
        """
        if not (isinstance(task, models.VideoTask) and task.status.finished):
            task = await self.get_task(task)
        video = video_task(self._creator.completed(task))
        return await self._downloader.video(video, path, on_progress and safely(on_progress))

    async def _found_again(self, task: VideoTask) -> VideoTask | None:
        found = await found_again(self._exchange, task)
        return found and self._creator.completed(found)

    async def _id_of(self, task: TaskLike | Mapping[str, Any]) -> TaskId:
        return await find(task, self.list_tasks)
