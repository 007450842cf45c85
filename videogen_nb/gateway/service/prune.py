"""Pruning: deleting finished tasks and their videos, and the disk space that tasks use."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...media.provenance import sidecar
from ...protocol.filters import Filters
from ...protocol.models import FINISHED, TaskStatus
from ..files.videos import VideoFiles
from ..requester import Requester
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from .classroom import whose
from .gateway import Gateway

ENDED: Final = tuple(status for status in TaskStatus if status in FINISHED)


@dataclass(frozen=True, slots=True)
class Usage:
    """The disk space of one person's tasks, and the free space, in bytes."""

    tasks: int
    videos: int
    images: int
    free: int


async def prune(
    gateway: Gateway, requester: Requester, wanted: Filters, *, dry_run: bool
) -> tuple[int, int]:
    """Delete matching finished tasks and their videos; starred ones only if requested.

    Return the number of tasks, and the size of their files in bytes.
    """
    ended = [status for status in wanted.statuses or ENDED if status in FINISHED]
    starred = False if wanted.starred is None else wanted.starred
    wanted = replace(wanted, statuses=tuple(ended), starred=starred)
    owner = whose(requester, wanted)
    records = await gateway.store.matching(owner, wanted) if ended else []
    size = await in_thread(_size, gateway.video_files, records)
    if not dry_run:
        await gateway.forget_all(records)
    return len(records), size


async def usage(gateway: Gateway, requester: Requester) -> Usage:
    """Return this person's disk usage and the free space."""
    records = await gateway.store.matching(requester.owner, Filters())
    videos = await in_thread(_size, gateway.video_files, records)
    images = await gateway.uploads.kept(requester.owner)
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
