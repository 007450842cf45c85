"""Extracting frames from stored videos, in a separate process."""

from __future__ import annotations

from typing import Final

from ...errors import BadParameter
from ...i18n import Text
from ...media.images import MAX_BYTES
from ...protocol.models import TaskStatus
from ..refusals import Refusal
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from ..workers.media_checker import MediaChecker
from ..workers.messages import FrameRequest
from ..workers.process import WorkerDied, WorkFailed
from .videos import VideoFiles

PROCESSES: Final = 1
TAKE_S: Final = 60.0  # a video from which taking a frame takes longer is given up


class Frames:
    """Extracts frames from the videos of finished tasks."""

    def __init__(self, video_files: VideoFiles) -> None:
        self._video_files = video_files
        self._checker = MediaChecker(PROCESSES)

    async def take(self, record: TaskRecord, at: float | str) -> bytes:
        """Return the frame at a time in seconds, or the "last" one, as an image file.

        If the provider returned the last frame, that one is used.

        Raises:
            Refusal: the task has no video, or it cannot be read.
            BadParameter: the video is too short.
        """
        if not record.status.finished:
            raise Refusal("video_not_ready")
        if record.status is not TaskStatus.COMPLETED:
            raise Refusal("video_not_found")
        given = self._video_files.last_frame(record.video)
        if at == "last" and given.exists() and given.stat().st_size <= MAX_BYTES:
            return await in_thread(given.read_bytes)
        return await self._taken(record, None if at == "last" else float(at))

    async def _taken(self, record: TaskRecord, at: float | None) -> bytes:
        video = await self._video_files.original(record)
        draft = self._video_files.draft()
        try:
            request = FrameRequest(video, draft.last_frame, at)
            async with self._checker.turn(record.owner) as process:
                await process.ask(request, silence_s=TAKE_S)
            return await in_thread(draft.last_frame.read_bytes)
        except WorkFailed as failed:
            if failed.bad_input:
                raise BadParameter(failed.text, code="frame_not_there") from failed
            raise Refusal("frame_failed", why=failed.text) from failed
        except WorkerDied as died:
            raise Refusal("frame_failed", why=died.text, retry_after_s=5) from died
        finally:
            self._video_files.discard(draft)

    async def close(self) -> None:
        """End the process."""
        await self._checker.close()


def is_moment(at: float | str) -> bool:
    """Return whether a value selects a frame: "last", or seconds."""
    return at == "last" if isinstance(at, str) else 0 <= at < float("inf")


BAD_MOMENT: Final = Text(
    'Invalid frame {at!r}: it must be "last" or a number of seconds.',
    'frame 应为 "last" 或秒数，而不是 {at!r}。',
)
