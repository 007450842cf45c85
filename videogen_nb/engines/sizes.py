"""Converting an aspect ratio and a resolution to pixels."""

from __future__ import annotations

from typing import Final

from ..errors import BadParameter
from ..i18n import Text

_STEP: Final = 16  # sizes that video models take are multiples of it


def size_of(ratio: str, resolution: str) -> tuple[int, int]:
    """Return width and height in pixels, multiples of 16; the resolution is the shorter side.

    Raises:
        BadParameter: one of them cannot be read.
    """
    wide, _, high = ratio.partition(":")
    short = resolution.removesuffix("p")
    if not all(part.isascii() and part.isdecimal() and int(part) for part in (wide, high, short)):
        raise BadParameter(_NO_SIZE(ratio=ratio[:20], resolution=resolution[:20]))
    share = int(wide) / int(high)
    if not 0.2 <= share <= 5 or not 64 <= int(short) <= 4320:
        raise BadParameter(_NO_SIZE(ratio=ratio[:20], resolution=resolution[:20]))
    side = int(short) if share == 16 / 9 or share == 9 / 16 else _snap(int(short))
    long = _snap(side * max(share, 1 / share))
    return (long, side) if share >= 1 else (side, long)


def _snap(pixels: float) -> int:
    return max(_STEP, round(pixels / _STEP) * _STEP)


_NO_SIZE = Text(
    "Cannot compute a size from the aspect ratio {ratio!r} and the resolution {resolution!r}. "
    'Use values such as 16:9 and 720p, or extra={{"size": "1280x720"}}.',
    "宽高比 {ratio!r} 与分辨率 {resolution!r} 无法换算为尺寸。请使用如 16:9 与 720p 的值，"
    '或传入 extra={{"size": "1280x720"}}。',
)
