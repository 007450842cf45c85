"""Frame ratios and resolutions, and the size in pixels that each pair has. All even."""

from __future__ import annotations

import math
from typing import Final

RATIOS: Final[dict[str, tuple[int, int]]] = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:3": (4, 3),
    "3:4": (3, 4),
}
#: The length of a frame's shorter side.
RESOLUTIONS: Final[dict[str, int]] = {"480p": 480, "540p": 540, "720p": 720, "1080p": 1080}


def frame_size(ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height in pixels. Raises KeyError for a ratio or resolution not listed."""
    across, down = RATIOS[ratio]
    short = RESOLUTIONS[resolution]
    long = 2 * round(short * max(across, down) / min(across, down) / 2)
    return (long, short) if across >= down else (short, long)


def nearest_ratio(width: int, height: int) -> str:
    """The listed ratio that crops an image of this size least."""
    return min(RATIOS, key=lambda r: abs(math.log(width / height * RATIOS[r][1] / RATIOS[r][0])))
