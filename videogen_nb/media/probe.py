"""Inspecting video files: format, decodability, and a poster image.

PyAV is imported when used: it is rarely needed, and importing it takes 30 MB.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import NotAVideo
from ..i18n import Text

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

#: Where in a video its poster is taken, as a share of its length: past any slow beginning.
POSTER_PLACE = 0.4


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """Properties of a video: size in pixels, frames per second, frames, seconds, codec."""

    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    codec: str


def probe(path: str | Path, *, whole: bool = True, name: str | Text | None = None) -> VideoFacts:
    """Decode a video and return its properties.

    ``whole=False`` decodes only key frames and counts the others: fast, for a video that was just
    encoded here. Downloaded videos should be decoded completely. ``name`` is used in messages; None
    = the file's name.

    Raises:
        NotAVideo: there is no video in it, a frame cannot be decoded, or its end is missing.
    """
    name = name or Path(path).name
    with opened_video(path, name) as (container, stream):
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = "DEFAULT" if whole else "NONKEY"
        packets = frames = 0
        for packet in container.demux(stream):
            packets += packet.size > 0 and not packet.is_corrupt
            frames += len(packet.decode())
        if not frames:
            raise NotAVideo(_NO_VIDEO(name=name, why="no frames"))
        if packets < stream.frames:
            raise NotAVideo(_CUT_SHORT(name=name, there=packets, told=stream.frames))
        fps = float(stream.average_rate or stream.guessed_rate or 0)
        frames = frames if whole else packets
        duration_s = frames / fps if fps else 0.0
        return VideoFacts(
            stream.width, stream.height, fps, frames, duration_s, stream.codec_context.name
        )


def poster_jpeg(path: str | Path, *, max_bytes: int = 30_000, max_side: int = 640) -> bytes:
    """Return a JPEG of the frame at 40% of the video, within both limits.

    Raises:
        NotAVideo: the video cannot be decoded.
    """
    name = Path(path).name
    with opened_video(path, name) as (container, stream):
        wanted = int((stream.duration or 0) * POSTER_PLACE)
        container.seek(wanted, stream=stream)
        last: VideoFrame | None = None
        for last in container.decode(stream):
            if last.pts is None or last.pts >= wanted:
                break
        if last is None:
            raise NotAVideo(_NO_VIDEO(name=name, why="no frames"))
        return fit_jpeg(to_rgb(last), max_bytes=max_bytes, max_side=max_side)


def to_rgb(frame: VideoFrame) -> Image:
    """Return a decoded or tagged frame as an RGB image."""
    from PIL import Image

    return Image.fromarray(frame.to_ndarray(format="rgb24"))


def fit_jpeg(image: Image, *, max_bytes: int, max_side: int) -> bytes:
    """Return the best JPEG within both limits: quality is reduced first, then size."""
    side = max_side
    while True:
        small = image.copy()
        small.thumbnail((side, side))
        for quality in (88, 80, 70, 58, 45):
            data = io.BytesIO()
            small.save(data, "JPEG", quality=quality)
            if data.tell() <= max_bytes or (side <= 32 and quality == 45):
                return data.getvalue()
        side = side * 3 // 4


def open_media(path: str | Path) -> InputContainer:
    """Open a media file for reading, whatever bytes its metadata contains.

    Bytes that are not UTF-8 become lone surrogates. PyAV does so by default from version 19;
    earlier ones raise ``UnicodeDecodeError`` without an option that version 19 no longer accepts.
    """
    import av

    options: dict[str, Any] = {}
    if int(av.__version__.split(".")[0]) < 19:
        options["metadata_errors"] = "surrogateescape"
    container: InputContainer = av.open(str(path), "r", **options)
    return container


@contextmanager
def opened_video(
    path: str | Path, name: str | Text
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a file and its first video stream; FFmpeg's errors become NotAVideo."""
    import av

    try:
        with open_media(path) as container:
            if not container.streams.video:
                raise NotAVideo(_NO_VIDEO(name=name, why="no video stream"))
            yield container, container.streams.video[0]
    except av.FFmpegError as error:
        raise NotAVideo(_NO_VIDEO(name=name, why=error.strerror)) from error


_NO_VIDEO = Text("Cannot decode {name} as a video ({why}).", "{name} 无法作为视频解码（{why}）。")
_CUT_SHORT = Text(
    "{name} is incomplete: it has {there} of {told} frames. Download it again.",
    "{name} 不完整：应有 {told} 帧，实际只有 {there} 帧。请重新下载。",
)
