"""Annotating, bulk cancelling and pruning tasks."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ...media.provenance import sidecar
from ...protocol.filters import Filters
from ...protocol.models import FINISHED, TaskStatus
from ..asker import Asker
from ..files.videos import VideoFiles
from ..refusals import Refusal
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from .classroom import whose
from .gateway import Gateway
from .validation import check_labels, check_words

UNFINISHED: Final = tuple(status for status in TaskStatus if status not in FINISHED)
ENDED: Final = tuple(status for status in TaskStatus if status in FINISHED)


@dataclass(frozen=True, slots=True)
class Usage:
    """The disk space of one person's tasks, and the free space, in bytes."""

    tasks: int
    videos: int
    images: int
    free: int


async def annotate(
    gateway: Gateway, asker: Asker, conversation_id: str, message_id: str, told: Any
) -> TaskRecord:
    """Star, title, label or group a task, finished or not.

    Raises:
        BadParameter: a value is invalid. Refusal: the task does not exist.
    """
    values = _annotations(told)
    record = await gateway.store.get(asker.owner, conversation_id, message_id)
    return await gateway.store.annotate(record, **values) if values else record


async def cancel_all(gateway: Gateway, asker: Asker, wanted: Filters) -> tuple[int, int]:
    """Cancel all matching unfinished tasks, the last one first, so that no others start.

    Return how many were cancelled, and how many could no longer be.
    """
    wanted = replace(wanted, statuses=wanted.statuses or UNFINISHED)
    stopped = late = 0
    for record in reversed(await gateway.store.matching(whose(asker, wanted), wanted)):
        try:
            await asyncio.shield(gateway.runner.cancel(record))
        except Refusal:
            late += 1
        else:
            stopped += 1
    return stopped, late


async def prune(
    gateway: Gateway, asker: Asker, wanted: Filters, *, dry_run: bool
) -> tuple[int, int]:
    """Delete matching finished tasks and their videos; starred ones only if requested.

    Return the number of tasks, and the size of their files in bytes.
    """
    ended = [status for status in wanted.statuses or ENDED if status in FINISHED]
    starred = False if wanted.starred is None else wanted.starred
    wanted = replace(wanted, statuses=tuple(ended), starred=starred)
    owner = whose(asker, wanted)
    records = await gateway.store.matching(owner, wanted) if ended else []
    size = await in_thread(_size, gateway.video_files, records)
    if not dry_run:
        await gateway.forget_all(records)
    return len(records), size


async def usage(gateway: Gateway, asker: Asker) -> Usage:
    """Return this person's disk usage and the free space."""
    records = await gateway.store.matching(asker.owner, Filters())
    videos = await in_thread(_size, gateway.video_files, records)
    images = await gateway.uploads.kept(asker.owner)
    free = await in_thread(shutil.disk_usage, gateway.settings.data_folder)
    return Usage(len(records), videos, images, free.free)


def _size(files: VideoFiles, records: Sequence[TaskRecord]) -> int:
    names = [record.video for record in records if record.status is TaskStatus.COMPLETED]
    paths = [
        path
        for name in names
        for video in [files.video(name)]
        for path in (video, files.poster(name), files.last_frame(name), sidecar(video))
    ]
    return sum(path.stat().st_size for path in paths if path.exists())


def _annotations(told: Any) -> dict[str, Any]:
    if not isinstance(told, Mapping):
        raise BadParameter(_OBJECT, code="malformed")
    values: dict[str, Any] = {}
    if "starred" in told:
        if not isinstance(told["starred"], bool):
            raise BadParameter(_FIELD(name="starred"), code="malformed")
        values["starred"] = told["starred"]
    for name in ("title", "group"):
        if name in told:
            if not (told[name] is None or isinstance(told[name], str)):
                raise BadParameter(_FIELD(name=name), code="malformed")
            values[name] = told[name] or None
            check_words(name, told[name])
    if "labels" in told:
        values["labels"] = tuple(check_labels(told["labels"] or []))
    return values


_OBJECT = Text("The body must be a JSON object.", "请求内容应为 JSON 对象。")
_FIELD = Text("{name} has the wrong type.", "{name} 的类型不对。")
