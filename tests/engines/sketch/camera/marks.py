"""A chart of marks at known places, and where they are found in a frame: to measure motion."""

import numpy as np

from videogen_nb.engines.sketch.drawing.noise import rng

_SOFT = 4.0  # deviation of a mark, in pixels
_REACH = 11
_GROUND = 53  # luma just above that of the gray between the marks
WIDTH, HEIGHT = 800, 450


def mark_places():
    dice = rng(1)
    return np.array(
        [
            (x + dice.uniform(-8, 8), y + dice.uniform(-8, 8))
            for y in range(45, HEIGHT - 30, 60)
            for x in range(45, WIDTH - 30, 60)
        ]
    )


def mark_chart(places):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    gray = np.full((HEIGHT, WIDTH), 40, np.float32)
    for cx, cy in places:
        gray += 180 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * _SOFT**2))
    return np.repeat(np.clip(np.rint(gray), 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def found(luma, expected):
    """Centres of the marks near the ``expected`` ones, ``(n, 2)``; nan where out of sight."""
    h, w = luma.shape
    centres = np.full((len(expected), 2), np.nan)
    for k, (ex, ey) in enumerate(expected):
        x, y = round(ex), round(ey)
        if not (_REACH + 2 < x < w - _REACH - 3 and _REACH + 2 < y < h - _REACH - 3):
            continue
        rows, columns = np.arange(y - _REACH, y + _REACH + 1), np.arange(x - _REACH, x + _REACH + 1)
        part = luma[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(float)
        light = np.clip(part - _GROUND, 0, None)
        cx, cy = ex, ey
        for _ in range(6):  # a weighted mean that follows itself: no bias from the window's edge
            away = (columns[None] - cx) ** 2 + (rows[:, None] - cy) ** 2
            weight = np.exp(-away / (2 * _SOFT**2)) * light
            total = weight.sum()
            cx += 2 * ((weight * columns[None]).sum() / total - cx)
            cy += 2 * ((weight * rows[:, None]).sum() / total - cy)
        centres[k] = cx, cy
    return centres


def expected_places(places, view, size):
    """Where the marks must stand in a frame of ``size`` that shows ``view``."""
    step = view.width / size[0]
    x, y = (places[:, 0] + 0.5 - view.x) / step, (places[:, 1] + 0.5 - view.y) / step
    cos, sin = np.cos(-view.roll), np.sin(-view.roll)
    return np.stack(
        [cos * x - sin * y + size[0] / 2 - 0.5, sin * x + cos * y + size[1] / 2 - 0.5], axis=1
    )
