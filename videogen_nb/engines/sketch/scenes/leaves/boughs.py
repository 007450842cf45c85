"""A bough that reaches into the image: its wood, and what grows on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F
from ...drawing.sprites import polygon
from .turning import Pose, TurningSprite

_FORKS = 3  # a bough, its branches, their twigs


@dataclass
class Bough:
    """``twigs``: (points ``(n, 2)``, widths ``(n,)``), thick ones first; pixels.

    ``nodes``: where leaves or flowers grow: x, y, heading in radians (0 = to the right).
    """

    twigs: list[tuple[Array, Array]] = field(default_factory=list)
    nodes: list[tuple[float, float, float]] = field(default_factory=list)

    def grow(
        self,
        at: tuple[float, float],
        heading: float,
        length: float,
        thick: float,
        random: np.random.Generator,
        fork: int = 0,
    ) -> None:
        """Grow from ``at`` (pixels) towards ``heading``, and branches from there."""
        count = (22, 12, 7)[fork]
        step = length / count
        points, side = [at], random.choice([-1.0, 1.0])
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
                self.grow(at, turn, length * share, widths[k] * 0.62, random, fork + 1)
            if fork > 0 or along > 0.3:
                self.nodes.append((*at, heading))
        self.twigs.insert(0 if fork == 0 else len(self.twigs), (np.array(points), widths))


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
            part += alpha * np.append(linear(colour), 1)


def _limb(mask: Array, ends: Array, widths: Array, shift: float, share: float) -> None:
    ahead = ends[1] - ends[0]
    normal = np.array([-ahead[1], ahead[0]]) / max(float(np.hypot(*ahead)), 1e-6)
    if normal[1] > 0:
        normal = -normal
    middle = ends - normal * (shift * widths[:, None])
    half = normal * (share * widths[:, None] / 2)
    polygon(mask, np.concatenate([middle + half, (middle - half)[::-1]]))
    for end, width in zip(middle, widths, strict=True):
        centre = np.round((end - 0.5) * 16).astype(int).tolist()
        cv2.circle(mask, centre, round(float(width) * share * 8), 255, -1, cv2.LINE_AA, 4)


def hang_leaves(
    canvas: Array,
    bough: Bough,
    leaves: list[TurningSprite],
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
        leaf = leaves[int(random.integers(len(leaves)))]
        leaf.lay(canvas, poses[k], 0.45 + 0.75 * random.random())


def hang_blossoms(
    canvas: Array,
    bough: Bough,
    flowers: list[TurningSprite],
    size: float,
    random: np.random.Generator,
) -> None:
    """Lay flowers in clusters at the nodes."""
    for x, y, _ in bough.nodes:
        if random.random() > 0.40:
            continue
        for k in range(int(random.integers(2, 6))):
            angle, far = random.uniform(0, 6.28), size * 0.55 * math.sqrt(random.random())
            fx, fy = x + far * math.cos(angle), y + far * math.sin(angle) + 0.1 * size
            grown, turn = size * random.uniform(0.80, 1.12), random.uniform(0, 6.28)
            pose = Pose(fx, fy, grown, turn, random.uniform(-1.05, 1.05), random.uniform(0, 3.14))
            light = 0.62 + 0.42 * (k + 1) / 5 * random.uniform(0.8, 1.1)
            flowers[int(random.integers(len(flowers)))].lay(canvas, pose, light)
