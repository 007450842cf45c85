"""Encoding frames as an H.264 MP4 for browsers: yuv420p, BT.709, limited range, faststart.

Two threads draw frames ahead while x264 encodes, so that two cores are used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ...errors import EngineCancelled, EngineError
from ...media.h264 import X264, tune, unwritable

DRAWING_THREADS = 2
_AHEAD = 4  # frames drawn before the encoder asks: enough to keep it fed, 6 MB at 720p

Draw = Callable[[int], VideoFrame]


@dataclass(frozen=True, slots=True)
class Reel:
    """The size of a video: pixels (both even), frames per second, number of frames."""

    width: int
    height: int
    fps: int
    frames: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Reel:
        """Return the reel for a plan's ``width``, ``height``, ``fps`` and ``duration`` (s)."""
        frames = max(1, round(parameters["duration"] * parameters["fps"]))
        return cls(parameters["width"], parameters["height"], parameters["fps"], frames)


def encode(
    draw: Draw,
    reel: Reel,
    path: Path,
    *,
    metadata: Mapping[str, str],
    on_frame: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> None:
    """Write the video of ``draw(0) … draw(reel.frames - 1)`` to ``path``.

    Args:
        draw: returns a tagged yuv420p frame; called from two threads at once.
        metadata: the MP4's ``title``, ``comment`` and so on.
        on_frame: called with the number of frames encoded so far, after each.
        cancelled: checked before each frame.

    Raises:
        EngineCancelled: ``cancelled()`` became true. Partial output is removed.
        EngineError: the file cannot be written. Partial output is removed.
    """
    try:
        with closing(_drawn_ahead(draw, reel.frames)) as frames:
            _write(frames, reel, path, metadata, on_frame, cancelled)
    except av.FFmpegError as error:
        path.unlink(missing_ok=True)
        raise EngineError(unwritable(error)) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(
    frames: Iterator[VideoFrame],
    reel: Reel,
    path: Path,
    metadata: Mapping[str, str],
    on_frame: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> None:
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata.update(metadata)
        stream = container.add_stream("libx264", rate=reel.fps, options=X264)
        assert isinstance(stream, VideoStream)
        tune(stream, reel.width, reel.height, reel.fps)
        for index, frame in enumerate(frames):
            if cancelled():
                raise EngineCancelled
            frame.pts, frame.time_base = index, Fraction(1, reel.fps)
            container.mux(stream.encode(frame))
            on_frame(index + 1)
        container.mux(stream.encode(None))


def _drawn_ahead(draw: Draw, frames: int) -> Generator[VideoFrame]:
    """Yield all frames in order, drawing a few of them ahead."""
    pool = ThreadPoolExecutor(DRAWING_THREADS, thread_name_prefix="draw")
    waiting: deque[Future[VideoFrame]] = deque()
    try:
        for index in range(frames):
            waiting.append(pool.submit(draw, index))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
