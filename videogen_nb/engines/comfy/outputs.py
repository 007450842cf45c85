"""The files that a workflow saved, and which of them become the task's video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import UpstreamRefused
from ...i18n import Text
from ..http_client import MAX_VIDEO, Caller

DEFAULT_FPS: Final = 16.0  # of frames where neither request nor workflow has a frame rate
MAX_FRAMES: Final = 5000
_VIDEOS: Final = (".mp4", ".webm", ".mov", ".mkv", ".m4v")
_ANIMATED: Final = (".gif", ".apng")
_PERHAPS: Final = (".png", ".webp")
_IMAGES: Final = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class Output:
    """A saved file: its node, its name, and its URL.

    ``animated``: whether the node marked it as an animated image; None = unknown.
    """

    node: str
    name: str
    url: str
    animated: bool | None = None

    @property
    def suffix(self) -> str:
        """The file name's extension, in lower case."""
        return Path(self.name).suffix.lower()


async def fetch(calls: Caller, outputs: Sequence[Output], path: Path, fps: float) -> dict[str, Any]:
    """Write the first video unchanged; else an animated image, else frames.

    Raises:
        UpstreamRefused: there is no video and nothing to make one from; or see
            ``Caller.download``.
    """
    videos = [one for one in outputs if one.suffix in _VIDEOS]
    if videos:
        return await calls.download(videos[0].url, path)
    images = _images(outputs)
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    files, size = [], 0
    for number, one in enumerate(images, 1):
        file = folder / f"{number:05}{one.suffix}"
        size += int((await calls.download(one.url, file))["bytes"])
        if size > MAX_VIDEO:
            raise UpstreamRefused(_TOO_LARGE, code="not_a_video")
        files.append(str(file))
    made_from = {"files": len(files), "first": images[0].name}
    own = len(files) == 1
    return {"bytes": size, "images": files, "images_fps": None if own else fps, "from": made_from}


def _images(outputs: Sequence[Output]) -> list[Output]:
    """Return one animated image, or the frames of the node that saved the most."""
    animated = [one for one in outputs if one.animated or one.suffix in _ANIMATED]
    if animated:
        return animated[:1]
    still = [one for one in outputs if one.suffix in _IMAGES]
    most = Counter(one.node for one in still).most_common(1)
    frames = [one for one in still if most and one.node == most[0][0]]
    alone = len(frames) == 1 and frames[0].animated is None and frames[0].suffix in _PERHAPS
    if not (alone or 2 <= len(frames) <= MAX_FRAMES):
        raise UpstreamRefused(_NO_VIDEO(count=len(outputs)), code="not_a_video")
    return frames


_NO_VIDEO = Text(
    "The workflow ended without saving a video or frames ({count} files). End the "
    "workflow with a Save Video, Video Combine or Save Image node.",
    "工作流结束时没有保存视频或画面（文件 {count} 个）。请以 Save Video、Video Combine 或 "
    "Save Image 节点结尾。",
)
_TOO_LARGE = Text(
    "The frames that the workflow saved are too large. End the workflow with a Save Video or "
    "Video Combine node.",
    "工作流保存的画面总量过大。请以 Save Video 或 Video Combine 节点结尾。",
)
