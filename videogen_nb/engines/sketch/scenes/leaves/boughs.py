"""A bough that reaches into the image: its wood, its leaves or flowers, and its sway."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import over, strips
from ...drawing.noise import Array, F, fbm_tile, rng
from ...layers.drift import Pose, TurningSprite

_FORKS = 3  # a bough, its branches, their twigs


@dataclass
class Bough:
    """The skeleton of a bough, in pixels.

    ``twigs`` are (points ``(n, 2)``, widths ``(n,)``), thick ones first. ``nodes`` are where leaves
    or flowers grow: x, y, heading in radians (0 = to the right).
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
        """Grow a bough from ``at`` (pixels) towards ``heading``, and branches from it."""
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
                shorter = random.uniform(0.30, 0.48) * (1 - 0.45 * along)
                self.grow(at, turn, length * shorter, widths[k] * 0.62, random, fork + 1)
            if fork > 0 or along > 0.3:
                self.nodes.append((*at, heading))
        self.twigs.insert(0 if fork == 0 else len(self.twigs), (np.array(points), widths))


def paint_wood(canvas: Array, bough: Bough, bark: str, light: str) -> None:
    """Paint the wood on ``canvas``, ``(h, w, 4)`` premultiplied; lit from above."""
    for points, widths in bough.twigs:
        for raised, fraction, colour in ((0.0, 1.0, bark), (0.22, 0.45, light)):
            ink = (*linear(colour).tolist(), 1.0)
            middle = points - np.stack([0 * widths, raised * widths], 1)
            at = np.round((middle - 0.5) * 16).astype(int).tolist()
            for start, end, width in zip(at, at[1:], widths.tolist(), strict=False):
                cv2.line(canvas, start, end, ink, max(1, round(width * fraction)), cv2.LINE_AA, 4)


def hang(
    canvas: Array,
    bough: Bough,
    sprites: list[TurningSprite],
    size: float,
    density: float,
    hanging: bool,
    random: np.random.Generator,
) -> None:
    """Draw sprites around the nodes: leaves ``hanging`` by their stalks, or flowers that do not."""
    for x, y, heading in bough.nodes:
        for _ in range(int(random.poisson(density))):
            away = heading + random.normal(0, 0.9 if hanging else 3)
            if hanging:  # rotate the tip downwards
                away += 0.55 * math.sin(math.pi / 2 - away)
            grown = size * random.uniform(0.70, 1.12)
            reach = grown * random.uniform(0.20, 0.45)
            at = x + reach * math.cos(away), y + reach * math.sin(away)
            tilt, axis = random.uniform(-1.0, 1.0), random.uniform(0, 3.14)
            sprite = sprites[int(random.integers(len(sprites)))]
            pose = Pose(*at, grown, away + math.pi / 2, tilt, axis)
            sprite.draw(canvas, pose, 0.5 + 0.65 * random.random())


_COARSE = 8  # the bend is smooth, so it is computed for every 8th pixel


class SwayingLayer:
    """A painted bough that sways in the wind.

    Args:
        layer: ``(h, w, 4)`` premultiplied linear light.
        root: pivot of the bough, in pixels.
        reach: length of the bough, in pixels.
        strength: amplitude of its tip, in pixels.
    """

    def __init__(
        self, layer: Array, root: tuple[float, float], reach: float, strength: float, seed: int
    ) -> None:
        left, top, w, h = cv2.boundingRect((layer[..., 3] > 0).astype(np.uint8))
        edge = math.ceil(2.2 * strength)
        rows = slice(max(0, top - edge), top + h + edge)
        columns = slice(max(0, left - edge), left + w + edge)
        self._where = rows, columns
        self._layer = layer[rows, columns].copy()
        height, width = self._layer.shape[:2]
        h, w = math.ceil(height / _COARSE), math.ceil(width / _COARSE)
        y, x = np.mgrid[0:h, 0:w].astype(F)
        x, y = (x + 0.5) * F(width / w) - 0.5, (y + 0.5) * F(height / h) - 0.5
        self._x, self._y = x, y
        dx, dy = x - F(root[0] - columns.start), y - F(root[1] - rows.start)
        distance = np.hypot(dx, dy)
        bend = np.minimum(distance / F(reach), 1.3) ** 1.6 * F(strength)
        # The bough rotates about its root, so displacement grows with the distance.
        self._swing_x, self._swing_y = -dy / (distance + 1) * bend, dx / (distance + 1) * bend
        phase = cv2.resize(fbm_tile(128, 3.0, rng(seed, 44), 2, 12), (w, h)) * 2.0
        phase += distance / F(0.3 * reach)
        tremble = np.minimum(distance / F(0.5 * reach), 1) * F(0.16 * strength)
        self._sine, self._cosine = np.sin(phase) * tremble, np.cos(phase) * tremble
        self._start = float(rng(seed, 45).uniform(0, 6.28))

    def over(self, image: Array, t: float) -> None:
        """Draw the bough, bent by the wind at ``t`` seconds, over ``image``, ``(h, w, 3)``."""
        x, y = self._maps(t)
        whole = image[self._where]
        for rows in strips(*whole.shape[:2]):
            moved = cv2.remap(
                self._layer, x[rows], y[rows], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            clear = cv2.subtract(1.0, cv2.extractChannel(moved, 3))
            over(whole[rows], cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), clear)

    def _maps(self, t: float) -> tuple[Array, Array]:
        """Return the source position of each pixel at ``t`` seconds."""
        a = self._start
        gust = 0.62 * math.sin(0.9 * t + a) + 0.38 * math.sin(1.73 * t + 2.1 * a) + 0.25
        s, c = math.sin(5.1 * t), math.cos(5.1 * t)
        s2, c2 = math.sin(3.7 * t + 1), math.cos(3.7 * t + 1)
        x = self._x + self._swing_x * F(gust) + self._sine * F(c) + self._cosine * F(s)
        y = self._y + self._swing_y * F(gust) + self._sine * F(c2) + self._cosine * F(s2)
        size = self._layer.shape[1::-1]
        return cv2.resize(x, size), cv2.resize(y, size)
