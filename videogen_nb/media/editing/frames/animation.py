"""Exporting videos as animated GIF and WebP images."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ....errors import BadInput, EditError
from ....i18n import Text
from ...h264 import unwritable
from ...probe import to_rgb
from ..frame_timing import as_number, frames_in, is_within, own_number
from ..sources import Source, VideoSource, inspect
from ..writing import check_target, new_file
from .fitting import Canvas
from .reading import read_frames

Frames = Callable[[], Generator[VideoFrame]]


def gif(video: VideoSource, path: Path | None = None, *, width: int = 480, fps: float = 12) -> Path:
    """Write a video as a looping GIF with an optimized palette.

    Args:
        path: None = next to the video.
        width: in pixels, at most the video's.
        fps: frames per second, at most the video's.

    Returns:
        The path of the GIF.

    Raises:
        BadInput: the video does not exist, or a number is invalid. EditError: it cannot be written.
    """
    source, canvas, rate, count = _measured(video, width, fps)
    target = check_target(path or source.path.with_suffix(".gif"), [source.path])

    def frames() -> Generator[VideoFrame]:
        yield from read_frames(source, Fraction(0), count, rate, canvas)

    with new_file(target) as part:
        try:
            palette = _palette(frames())
            _write_gif(part, frames(), palette, canvas, rate)
        except av.FFmpegError as error:
            raise EditError(unwritable(error)) from error
    return target


def webp(
    video: VideoSource,
    path: Path | None = None,
    *,
    width: int = 480,
    fps: float = 12,
    quality: int = 75,
) -> Path:
    """Write a video as an animated WebP: smaller than a GIF, and in full colour.

    Args:
        path: None = next to the video.
        width: in pixels, at most the video's.
        quality: 0 to 100.

    Raises:
        BadInput: the video does not exist, or a number is invalid. EditError: it cannot be written.
    """
    source, canvas, rate, count = _measured(video, width, fps)
    level = round(as_number("quality", quality, 0, 100))
    target = check_target(path or source.path.with_suffix(".webp"), [source.path])
    with (
        closing(read_frames(source, Fraction(0), count, rate, canvas)) as frames,
        new_file(target) as part,
    ):
        images = (to_rgb(frame) for frame in frames)
        next(images).save(
            part,
            "WEBP",
            save_all=True,
            append_images=images,
            duration=round(1000 / rate),
            loop=0,
            quality=level,
        )
    return target


def _measured(video: VideoSource, width: int, fps: float) -> tuple[Source, Canvas, Fraction, int]:
    if not is_within(width, 16, 4096) or not is_within(fps, 1, 50):
        raise BadInput(_BAD_NUMBERS(width=width, fps=fps))
    source = inspect(video)
    width, fps = own_number(width), own_number(fps)
    width = min(width, source.width) // 2 * 2
    height = max(2, round(width * source.height / source.width / 2) * 2)
    rate = min(Fraction(fps).limit_denominator(1001), source.fps)
    return source, Canvas(width, height), rate, frames_in(source.duration, rate)


def _palette(frames: Iterable[VideoFrame]) -> VideoFrame:
    """Return the 256 colours that suit all frames."""
    graph, source = Graph(), None
    sink = graph.add("buffersink")
    for index, frame in enumerate(frames):
        if source is None:
            source = _source(graph, frame, "in")
            colours = graph.add("palettegen")
            source.link_to(colours)
            colours.link_to(sink)
            graph.configure()
        _push(source, frame, index)
    assert source is not None
    source.push(None)
    return cast(VideoFrame, sink.pull())


def _write_gif(
    part: Path, frames: Iterable[VideoFrame], palette: VideoFrame, canvas: Canvas, rate: Fraction
) -> None:
    graph, source = Graph(), None
    sink = graph.add("buffersink")
    with av.open(str(part), "w", format="gif") as container:
        stream = container.add_stream("gif", rate=rate)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = canvas.width, canvas.height, "pal8"
        for index, frame in enumerate(frames):
            if source is None:
                source = _source(graph, frame, "in")
                colours = _source(graph, palette, "palette")
                use = graph.add("paletteuse", "dither=bayer:bayer_scale=3")
                source.link_to(use, 0, 0)
                colours.link_to(use, 0, 1)
                use.link_to(sink)
                graph.configure()
                _push(colours, palette, 0)
                colours.push(None)
            _push(source, frame, index)
            _encode_ready(container, stream, sink, rate)
        assert source is not None
        source.push(None)
        _encode_ready(container, stream, sink, rate)
        container.mux(stream.encode(None))


def _encode_ready(container: Any, stream: VideoStream, sink: Any, rate: Fraction) -> None:
    while True:
        try:
            made = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        made.time_base = 1 / rate
        container.mux(stream.encode(made))


def _source(graph: Graph, frame: VideoFrame, name: str) -> Any:
    return graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        name=name,
        time_base=Fraction(1, 1000),
    )


def _push(source: Any, frame: VideoFrame, index: int) -> None:
    frame.pts, frame.time_base = index, Fraction(1, 1000)
    source.push(frame)


_BAD_NUMBERS = Text(
    "Invalid size or rate: width must be 16 to 4096 (is {width}), fps 1 to 50 (is {fps}).",
    "尺寸或帧率无效：宽度应为 16 到 4096（现为 {width}），帧率应为 1 到 50（现为 {fps}）。",
)
