"""Where the trees of a winter wood stand: dense far away, open along a way through the middle."""

from __future__ import annotations

import math

import numpy as np

#: x to the right, z away and height, in metres
Tree = tuple[float, float, float]

_TRIES = 184
_NEAR, _FAR = 20.0, 165.0
_YARD = 6.5  # metres kept free around a cabin


def plant(
    random: np.random.Generator, half: float, cabin: tuple[float, float] | None
) -> list[Tree]:
    """Trees, far ones first; the middle and the yard of the cabin at (x, z) stay free.

    ``half`` is half the width of what is seen, in metres a metre away.
    """
    trees: list[Tree] = []
    way = random.uniform(-0.25, 0.25)
    for z in np.geomspace(_FAR, _NEAR, _TRIES):
        x = random.uniform(-1.15, 1.15) * half * z
        off = abs(x / (half * z) - way * (1 - 20 / z))
        young = random.random() < 0.16
        free = 0.12 if young else 0.20 + 0.42 * math.exp(-z / 40)
        tall = random.uniform(1.3, 3.6) if young else random.uniform(5.5, 13.5)
        if z < 26:
            tall *= 0.82
        crowded = any(math.hypot(x - a, z - b) < 0.16 * (tall + c) for a, b, c in trees)
        if not crowded and not _in_the_way(x, z, cabin) and (off > free or z > 110):
            trees.append((x, float(z), tall))
    return trees


def _in_the_way(x: float, z: float, cabin: tuple[float, float] | None) -> bool:
    """Whether a tree would stand in the yard, or between the cabin and the eye."""
    if cabin is None:
        return False
    cx, cz = cabin
    hides = z < cz and abs(x - cx * z / cz) < 5.0 * z / cz
    return hides or math.hypot(x - cx, z - cz) < _YARD
