"""Storing videos from providers: decoded once, kept byte for byte, with a sidecar file."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ...errors import NotAVideo, VideogenError
from ...i18n import Text
from ...media.provenance import describe, write_sidecar
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from ..workers.media_checker import MediaChecker
from ..workers.messages import SequenceRequest, VideoRequest
from ..workers.process import WorkerDied, WorkFailed
from .videos import Draft, VideoFiles

PROCESSES: Final = 1  # that decode videos
CHECK_S: Final = 300.0  # a video that takes longer to decode is given up
#: What an engine tells of its fetching and nobody else needs.
_FACTS: Final = ("last_frame", "images", "images_fps")


class Undecodable(VideogenError):
    """The download is not a video."""


class CheckFailed(VideogenError):
    """The check of a video failed, which says nothing about the video."""


class Ingest:
    """Checks and stores videos from providers."""

    def __init__(self, video_files: VideoFiles) -> None:
        self._video_files = video_files
        self._checker = MediaChecker(PROCESSES)

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """Yield a place for a download, which is cleaned up afterwards."""
        draft = self._video_files.draft()
        try:
            yield draft
        finally:
            self._video_files.discard(draft)

    async def keep(
        self,
        draft: Draft,
        record: TaskRecord,
        images: Sequence[tuple[str, str]],
        told: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Store a downloaded video; return ``sha256``, ``video`` and ``last_frame``.

        Args:
            images: the SHA-256 hash and role of each input image.
            told: information from the engine; ``last_frame`` is the path of that frame,
                ``images`` the paths of the images that become the video.

        Raises:
            Undecodable: it is not a video. CheckFailed: it could not be checked.
            OSError: it cannot be stored.
        """
        await in_thread(_take_last_frame, draft, told)
        done = await self._checked(draft, record.owner, told)
        facts = describe(
            engine=record.engine,
            prompt=record.prompt,
            parameters=record.parameters,
            seed=record.seed,
            images=images,
            notes=record.notes,
            sha256=done["sha256"],
            parent=record.parent,
            **record.origin,
            upstream={name: value for name, value in told.items() if name not in _FACTS},
        )
        await in_thread(write_sidecar, draft.video, facts)
        last_frame = draft.last_frame.exists()
        await in_thread(self._video_files.publish, draft, record.video)
        return {**done, "last_frame": last_frame}

    async def check(self, draft: Draft, owner: str) -> dict[str, Any]:
        """Check a video rendered by a worker on another machine, hash it, and make its poster.

        Raises like :meth:`keep`.
        """
        request = VideoRequest(draft.video, draft.poster, whole=False)
        return await self._ask(owner, None, request)

    async def close(self) -> None:
        """End the checking process."""
        await self._checker.close()

    async def _checked(self, draft: Draft, owner: str, told: Mapping[str, Any]) -> dict[str, Any]:
        images = tuple(map(Path, told.get("images") or ()))
        last_frame = draft.last_frame if draft.last_frame.exists() else None
        made = SequenceRequest(images, draft.video, told.get("images_fps")) if images else None
        return await self._ask(owner, made, VideoRequest(draft.video, draft.poster, last_frame))

    async def _ask(
        self, owner: str, first: SequenceRequest | None, request: VideoRequest
    ) -> dict[str, Any]:
        try:
            async with self._checker.turn(owner) as process:
                if first is not None:
                    await process.ask(first, silence_s=CHECK_S)
                return await process.ask(request, silence_s=CHECK_S)
        except WorkFailed as failed:
            if failed.code == "disk_full":
                raise OSError(errno.ENOSPC, "No space left on device") from failed
            if failed.code == NotAVideo.code:
                raise Undecodable(failed.text) from failed
            raise CheckFailed(_UNCHECKED(why=failed.text)) from failed
        except WorkerDied as died:
            raise CheckFailed(_UNCHECKED(why=died.text)) from died


_UNCHECKED = Text(
    "The video was generated but could not be checked; it will be downloaded and checked "
    "again. {why}",
    "视频已生成，但检查未能完成，将重新下载并检查。{why}",
)


def _take_last_frame(draft: Draft, told: Mapping[str, Any]) -> None:
    given = told.get("last_frame")
    if given and Path(given).is_file():
        Path(given).replace(draft.last_frame)
