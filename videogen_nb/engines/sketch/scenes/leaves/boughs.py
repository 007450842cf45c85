"""A bough that reaches into the picture: its wood, and what grows on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from ...noise import Array, F, linear
from .sprites import Pose, Sprite

_FORKS = 3  # a bough, its branches, their twigs


@dataclass
class Bough:
    """``twigs``: (points ``(n, 2)``, widths ``(n,)``), thick ones first; pixels.

    ``nodes``: where leaves or flowers grow: x, y, heading in radians (0 = to the right).
    """

    twigs: list[tuple[Array, Array]] = field(default_factory=list)
    nodes: list[tuple[float, float, float]] = field(default_factory=list)


def grow(
    root: tuple[float, float],
    heading: float,
    length: float,
    thick: float,
    random: np.random.Generator,
) -> Bough:
    """Grow one from ``root`` (pixels) towards ``heading``."""
    bough = Bough()
    _grow(bough, root, heading, length, thick, 0, random)
    return bough


def _grow(
    bough: Bough,
    start: tuple[float, float],
    heading: float,
    length: float,
    thick: float,
    fork: int,
    random: np.random.Generator,
) -> None:
    count = 22 if fork == 0 else 12 if fork == 1 else 7
    step = length / count
    points, at, side = [start], start, random.choice([-1.0, 1.0])
    bend = random.uniform(-0.02, 0.02)
    widths = thick * np.linspace(1, 0.38, count + 1)
    for k in range(1, count + 1):
        heading += bend + random.normal(0, 0.10 + 0.03 * fork)
        at = (at[0] + step * math.cos(heading), at[1] + step * math.sin(heading))
        points.append(at)
        along = k / count
        if fork + 1 < _FORKS and k % (3 if fork == 0 else 4) == 0 and along > 0.12:
            side = -side
            turn = heading + side * random.uniform(0.45, 0.95)
            share = random.uniform(0.30, 0.48) * (1 - 0.45 * along)
            _grow(bough, at, turn, length * share, widths[k] * 0.62, fork + 1, random)
        if fork > 0 or along > 0.3:
            bough.nodes.append((*at, heading))
    bough.twigs.insert(0 if fork == 0 else len(bough.twigs), (np.array(points), widths))


def paint_wood(canvas: Array, bough: Bough, bark: str, light: str) -> None:
    """Paint the wood on ``canvas``, ``(h, w, 4)`` premultiplied; lit from above."""
    for points, widths in bough.twigs:
        for shift, share, colour in ((0.0, 1.0, bark), (-0.22, 0.45, light)):
            low = np.maximum(np.floor(points.min(0) - widths[0] - 2), 0).astype(int)
            high = np.maximum(np.ceil(points.max(0) + widths[0] + 2), 0).astype(int)
            part = canvas[low[1] : high[1], low[0] : high[0]]
            if part.size == 0:
                continue
            mask = np.zeros(part.shape[:2], np.uint8)
            for k in range(len(points) - 1):
                _limb(mask, points[k : k + 2] - low, widths[k : k + 2], shift, share)
            alpha = (mask / F(255))[..., None]
            part *= 1 - alpha
            part[..., :3] += linear(colour) * alpha
            part[..., 3:] += alpha


def _limb(mask: Array, ends: Array, widths: Array, shift: float, share: float) -> None:
    ahead = ends[1] - ends[0]
    normal = np.array([-ahead[1], ahead[0]]) / max(float(np.hypot(*ahead)), 1e-6)
    if normal[1] > 0:
        normal = -normal
    middle = ends - normal * (shift * widths[:, None])
    half = normal * (share * widths[:, None] / 2)
    quad = np.array(
        [middle[0] + half[0], middle[1] + half[1], middle[1] - half[1], middle[0] - half[0]]
    )
    cv2.fillConvexPoly(mask, np.round((quad - 0.5) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    for end, width in zip(middle, widths, strict=True):
        centre = np.round((end - 0.5) * 16).astype(int).tolist()
        cv2.circle(mask, centre, round(float(width) * share * 8), 255, -1, cv2.LINE_AA, 4)


def hang_leaves(
    canvas: Array,
    bough: Bough,
    sprites: list[Sprite],
    size: float,
    density: float,
    random: np.random.Generator,
) -> None:
    """Lay leaves at the nodes, the back ones darker, each pointing outwards and down."""
    poses = []
    for x, y, heading in bough.nodes:
        for _ in range(int(random.poisson(density))):
            away = heading + random.normal(0, 0.9)
            # Leaves hang: turn the tip towards straight down.
            away += 0.55 * math.sin(math.pi / 2 - away)
            grown = size * random.uniform(0.62, 1.15)
            reach = grown * random.uniform(0.20, 0.42)
            at = x + reach * math.cos(away), y + reach * math.sin(away)
            tilt, axis = random.uniform(-1.0, 1.0), random.uniform(0, 3.14)
            poses.append(Pose(*at, grown, away + math.pi / 2, tilt, axis))
    for k in random.permutation(len(poses)):
        deep = random.random()
        sprite = sprites[int(random.integers(len(sprites)))]
        sprite.lay(canvas, poses[k], 0.45 + 0.75 * deep)


def hang_blossoms(
    canvas: Array,
    bough: Bough,
    flowers: list[Sprite],
    bud: Sprite,
    size: float,
    density: float,
    random: np.random.Generator,
) -> None:
    """Lay flowers in clusters at the nodes, buds towards their edges."""
    for x, y, heading in bough.nodes:
        if random.random() > density:
            continue
        for k in range(int(random.integers(2, 6))):
            angle, far = random.uniform(0, 6.28), size * 0.55 * math.sqrt(random.random())
            at = x + far * math.cos(angle), y + far * math.sin(angle) + 0.1 * size
            turn = random.uniform(0, 6.28)
            if k == 0 and random.random() < 0.5:
                out = heading + random.uniform(-1.2, 1.2)
                shift = size * 0.45
                where = at[0] + shift * math.cos(out), at[1] + shift * math.sin(out)
                bud.lay(canvas, Pose(*where, size * 0.6, out + math.pi / 2))
                continue
            tilt, axis = random.uniform(-1.05, 1.05), random.uniform(0, 3.14)
            grown = size * random.uniform(0.80, 1.12)
            light = 0.62 + 0.42 * (k + 1) / 5 * random.uniform(0.8, 1.1)
            flowers[int(random.integers(len(flowers)))].lay(
                canvas, Pose(*at, grown, turn, tilt, axis), light
            )
