"""Starting from a frame of another video, extracted by the gateway or, if it cannot, here."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from ...errors import BadInput, BadParameter
from ...i18n import Text
from ...media.video import Video, VideoFile
from ...protocol import models
from ...protocol.models import TaskId
from ..threads import in_thread
from .loading import LoadedImage, load

if TYPE_CHECKING:
    from ...protocol.models import ImageRef, VideoTask

#: The endings of video files: what else a path names is taken for an image.
_VIDEO_FILES = (".mp4", ".mov", ".webm", ".mkv", ".m4v")


@dataclass(frozen=True, slots=True)
class FrameSource:
    """A frame of a task's video or of a video file."""

    task: TaskId | None
    video: Any
    at: float | None = None

    def reference(self, role: str) -> ImageRef:
        """Return the reference that our gateways understand."""
        assert self.task is not None
        task = models.TaskRef(
            conversation_id=self.task.conversation_id, message_id=self.task.message_id
        )
        frame = "last" if self.at is None else self.at
        return models.ImageRef.model_validate({"task": task, "frame": frame, "role": role})

    async def image(self) -> LoadedImage:
        """Extract the frame here, from the saved file.

        Raises:
            BadInput: the video is not saved here, or is too short.
        """
        return await in_thread(self._taken)

    def _taken(self) -> LoadedImage:
        from ...media.editing.frames.stills import frame_at
        from ...media.editing.sources import locate  # needs PyAV

        try:
            path, _ = locate(self.video)
        except BadInput as error:
            if self.task is None:
                raise
            raise BadInput(_NOT_HERE(id=self.task)) from error
        data = BytesIO()
        frame_at(path, "last" if self.at is None else self.at).save(data, "PNG")
        return load(data.getvalue(), f"{path.stem}.png")


def is_video(image: Any) -> TypeGuard[VideoFile | VideoTask]:
    """Return whether the argument is a video or a task rather than an image."""
    return isinstance(image, VideoFile | models.VideoTask)


async def frame_source(
    after: Any, at: float | None, find: Callable[[Any], Awaitable[TaskId]]
) -> FrameSource:
    """Return the frame to start from.

    Args:
        after: a video, a video file's path, a task or its id.
        at: in seconds; None = the last.

    Raises:
        BadParameter: it is none of these, or ``at`` is not a time.
    """
    if at is not None and not (isinstance(at, int | float) and 0 <= at < float("inf")):
        raise BadParameter(_BAD_TIME(at=at))
    if isinstance(after, Video):
        return FrameSource(after.task.id, after, at)
    if isinstance(after, VideoFile) or _is_file(after):
        return FrameSource(None, after, at)
    return FrameSource(await find(after), after, at)


def _is_file(after: Any) -> bool:
    if isinstance(after, models.VideoTask | Mapping):
        return False
    if isinstance(after, os.PathLike):
        return True
    return isinstance(after, str) and Path(after).suffix.lower() in _VIDEO_FILES


_BAD_TIME = Text("at= must be a number of seconds, not {at!r}.", "at= 应为秒数，而不是 {at!r}。")
_NOT_HERE = Text(
    "This older gateway cannot take a frame from task {id}, and its video is not "
    "saved here. Download it first: videos.download(task).",
    "该网关是旧版，无法从任务 {id} 中取出画面，其视频也未保存在本机。"
    "请先用 videos.download(task) 下载。",
)
