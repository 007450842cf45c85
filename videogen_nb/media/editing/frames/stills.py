"""Single frames of a video as images."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ....errors import BadInput, NotAVideo
from ....i18n import Text
from ...probe import opened_video, to_rgb
from ..frame_timing import is_within, own_number

if TYPE_CHECKING:
    from PIL.Image import Image

#: A second of the video, or its last frame.
Moment: TypeAlias = "float | Literal['last']"


def frame_at(path: Path, at: Moment = "last", name: str | Text | None = None) -> Image:
    """Return the frame at ``at`` seconds, or the last one, upright and in RGB.

    ``name`` is used in messages; None = the file's name.

    Raises:
        BadInput: the video is too short. NotAVideo: it cannot be decoded.
    """
    name = name or path.name
    last = isinstance(at, str) and at == "last"
    if not last and not is_within(at, 0):
        raise BadInput(_NO_MOMENT(at=at))
    with opened_video(path, name) as (container, stream):
        if last:
            return _upright(_last(container, stream, name))
        return _upright(_shown_at(container, stream, name, Fraction(own_number(at))))


def frames_of(path: Path, every: float | None = None) -> Iterator[Image]:
    """Yield all frames of a video, or one every ``every`` seconds, upright and in RGB.

    Raises:
        BadInput: ``every`` is not a number. NotAVideo: it cannot be decoded.
    """
    if every is not None and not is_within(every, 0):
        raise BadInput(_NO_MOMENT(at=every))
    step, due = Fraction(own_number(every) or 0), Fraction(0)
    with opened_video(path, path.name) as (container, stream):
        first: Fraction | None = None
        for frame in container.decode(stream):
            first = _time(frame) if first is None else first
            if _time(frame) - first >= due:
                due += step
                yield _upright(frame)


def _last(container: InputContainer, stream: VideoStream, name: str | Text) -> VideoFrame:
    """Decode from the last key frame, or from the beginning if that yields nothing."""
    for start in ((stream.start_time or 0) + (stream.duration or 0), stream.start_time or 0):
        container.seek(start, stream=stream)
        for frame in deque(container.decode(stream), maxlen=1):
            return frame
    raise NotAVideo(_NO_FRAMES(name=name))


def _shown_at(
    container: InputContainer, stream: VideoStream, name: str | Text, at: Fraction
) -> VideoFrame:
    first = next(container.decode(stream), None)
    if first is None or stream.time_base is None:
        raise NotAVideo(_NO_FRAMES(name=name))
    moment = _time(first) + at
    container.seek(int(moment / stream.time_base), stream=stream)
    shown = None
    for frame in container.decode(stream) if at >= 0 else ():
        if shown is not None and _time(frame) > moment:
            return shown
        shown = frame
    frame_s = 1 / Fraction(stream.average_rate or stream.guessed_rate or 24)
    if shown is None or moment >= _time(shown) + frame_s:
        length = (stream.duration or 0) * stream.time_base
        raise BadInput(_BEYOND(name=name, length=float(length), at=float(at)))
    return shown


def _time(frame: VideoFrame) -> Fraction:
    return (frame.pts or 0) * Fraction(frame.time_base or 0)


def _upright(frame: VideoFrame) -> Image:
    image = to_rgb(frame)
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


_NO_FRAMES = Text("{name} has no frames.", "{name} 中没有画面。")
_NO_MOMENT = Text(
    "Invalid time {at!r}: use seconds, 0 or more.", "时间 {at!r} 无效：应为不小于 0 的秒数。"
)
_BEYOND = Text(
    "{name} is {length:.2f} s long, so there is no frame at {at:g} s.",
    "{name} 长 {length:.2f} 秒，没有第 {at:g} 秒的画面。",
)
