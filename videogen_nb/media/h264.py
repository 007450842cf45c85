"""H.264 for browsers: yuv420p, BT.709, limited range, identical on every processor.

x264's number of threads is fixed and its output independent of the processor, so that the same
frames always give the same bytes.
"""

from __future__ import annotations

import errno
from fractions import Fraction
from math import ceil

import av
from av.video.stream import VideoStream

from ..i18n import Text
from .yuv import BT709, LIMITED

X264 = {
    "preset": "veryfast",
    "crf": "20",
    # chromaloc: chroma lies in the middle of its block. rc-lookahead: each frame that x264 holds
    # back costs 4 MB at 720p, and beyond five they buy little.
    "x264-params": "lookahead-threads=1:cpu-independent=1:chromaloc=1:rc-lookahead=5",
}
_THREADS = 3


def tune(stream: VideoStream, width: int, height: int, fps: int | Fraction) -> None:
    """Configure a stream that was added with the options :data:`X264`; both sides are even."""
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.gop_size = 2 * ceil(fps)  # a player can seek to every second second
    context.thread_type, context.thread_count = "FRAME", _THREADS
    context.color_range, context.colorspace = LIMITED, BT709
    context.color_primaries, context.color_trc = BT709, BT709


def unwritable(error: av.FFmpegError) -> Text:
    """Return the error for a video that could not be written."""
    if error.errno == errno.ENOSPC:
        return Text(
            "The disk is full, so the video could not be written. Free some space and try again.",
            "磁盘已满，无法写入视频。请清理空间后重试。",
        )
    return Text("The video could not be written ({why}).", "无法写入视频（{why}）。")(
        why=error.strerror
    )
