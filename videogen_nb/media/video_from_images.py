"""Making a video from images: frames in order, or one animated image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, ImageSequence

from ..errors import NotAVideo
from ..i18n import Text
from .editing.writing import Content, write
from .images.limits import MAX_PIXELS
from .yuv import from_rgb

MAX_FRAMES: Final = 20_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_DEFAULT_MS: Final = 100  # of a frame of an animated image that does not say; as browsers do
_FASTEST: Final = 60
_SLOWEST: Final = 8


@dataclass(frozen=True, slots=True)
class _Plan:
    """The size in even pixels, the frame rate, and how many frames each image lasts."""

    width: int
    height: int
    fps: Fraction
    times: Sequence[int]


def write_sequence(images: Sequence[Path], target: Path, fps: float | None = None) -> None:
    """Write an MP4 (H.264) from images, scaled to the size of the first.

    Args:
        images: PNG, JPEG, WebP or GIF files; an animated one contributes its frames.
        fps: None = each frame keeps its duration in the animated image.

    Raises:
        NotAVideo: one cannot be decoded or is too large, or there are fewer than two frames.
        EditError: the file cannot be written.
    """
    try:
        plan = _planned(images, fps)
        frames = _frames(images, plan)
        write(Content(frames, sum(plan.times), plan.width, plan.height, plan.fps), target)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAVideo(_UNREADABLE(why=str(error)[:200])) from error


def _planned(images: Sequence[Path], fps: float | None) -> _Plan:
    lengths: list[float] = []
    sizes: list[tuple[int, int]] = []
    for image in _opened(images):
        image.load()  # WebP tells a frame's length only then
        lengths.append(float(image.info.get("duration") or _DEFAULT_MS))
        sizes.append(image.size)
        if image.width * image.height > MAX_PIXELS or len(sizes) > MAX_FRAMES:
            raise NotAVideo(_TOO_LARGE)
    if len(sizes) < 2:
        raise NotAVideo(_ONE)
    width, height = sizes[0]
    rate = Fraction(fps or _rate(min(lengths))).limit_denominator(1001)
    times = [1 if fps else max(1, round(ms / 1000 * rate)) for ms in lengths]
    return _Plan(max(2, width // 2 * 2), max(2, height // 2 * 2), rate, times)


def _rate(shortest_ms: float) -> float:
    """Return the frame rate for an animation whose shortest frame lasts this long."""
    rate = min(_FASTEST, 1000 / shortest_ms)
    while rate < _SLOWEST:
        rate *= 2
    return rate


def _frames(images: Sequence[Path], plan: _Plan) -> Iterator[VideoFrame]:
    for image, times in zip(_opened(images), plan.times, strict=True):
        rgb = image.convert("RGB")
        if rgb.size != (plan.width, plan.height):
            near = abs(rgb.width - plan.width) < 2 and abs(rgb.height - plan.height) < 2
            box = (0, 0, plan.width, plan.height)
            rgb = rgb.crop(box) if near else rgb.resize((plan.width, plan.height))
        array = np.ascontiguousarray(rgb, np.uint8)
        for _ in range(times):
            yield from_rgb(array)


def _opened(images: Sequence[Path]) -> Iterator[Image.Image]:
    for path in images:
        with Image.open(path, formats=_FORMATS) as image:
            yield from ImageSequence.Iterator(image)


_UNREADABLE = Text("The images cannot be decoded: {why}", "无法解码这些图片：{why}")
_TOO_LARGE = Text("The images are too large or too many.", "图片过大或过多。")
_ONE = Text("There is only one image, which is not a video.", "只有一张图片，不是视频。")
