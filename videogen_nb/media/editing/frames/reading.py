"""Reading the frames of a part of a video at another frame rate."""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction

from av.video.frame import VideoFrame

from ...probe import opened_video
from ..sources import Source
from .fitting import Canvas, Fitter


def read_frames(
    source: Source, start: Fraction, count: int, fps: Fraction, canvas: Canvas
) -> Generator[VideoFrame]:
    """Decode ``count`` frames from ``start`` seconds and fit each into the canvas.

    Frame ``k`` is the source frame at the midpoint of its time, so a video with the same rate
    contributes each of its frames once. After the video's end, its last frame is repeated.

    Raises:
        NotAVideo: a frame cannot be decoded.
    """
    fitter = Fitter(canvas, (source.width, source.height), source.turn)
    origin = source.start + start
    with opened_video(source.path, source.path.name) as (container, stream):
        stream.thread_type = "AUTO"
        if start and stream.time_base:
            container.seek(int(origin / stream.time_base), stream=stream)
        decoded = container.decode(stream)
        shown, upcoming = next(decoded), next(decoded, None)
        fitted: VideoFrame | None = None
        for index in range(count):
            moment = origin + (index + Fraction(1, 2)) / fps
            while upcoming is not None and _time(upcoming) <= moment:
                shown, upcoming, fitted = upcoming, next(decoded, None), None
            fitted = fitted or fitter.fit(shown)
            yield fitted


def _time(frame: VideoFrame) -> Fraction:
    return (frame.pts or 0) * Fraction(frame.time_base or 0)
