"""What is behind a camp fire at night: a wood, a lake below mountains, a tent on a meadow."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...noise import Array, F, gradient, linear, rng, smoothstep
from ..noise_line import along, noise_line
from ..spots import add_spots
from .firewood import paint_log
from .place import Place

#: kind → colour of the ground there.
SOILS = ("#6b4f38", "#6f665c", "#4d5236")

_NIGHT = ((0.0, "#050a1e"), (0.5, "#0c1a38"), (0.85, "#1c3252"), (1.0, "#33485e"))
_DUSK = (
    (0.0, "#182a5c"),
    (0.45, "#3d4a80"),
    (0.75, "#9a6a86"),
    (0.92, "#e08a62"),
    (1.0, "#f2ab68"),
)


def paint_backdrop(place: Place, kind: int, dusk: bool) -> None:
    """Paint ``kind`` (0, 1, 2) above the horizon, from far to near."""
    _sky(place, dusk)
    air = _air(dusk) * F(1.0 if kind == 0 or dusk else 1.5)
    if kind == 0:
        _conifers(place, 0, 0.20, 70, air * F(0.45))
        place.haze(air, 0.35, 60.0)
    elif kind == 1:
        _ridge(place, 0, 0.035, 0.16, air * F(0.75))
        _ridge(place, 1, 0.015, 0.09, air * F(0.42))
        _conifers(place, 1, 0.028, 160, air * F(0.16))
    else:
        _ridge(place, 2, 0.01, 0.07, air * F(0.6))
        _conifers(place, 2, 0.05, 60, air * F(0.22))


def _sky(place: Place, dusk: bool) -> None:
    eye = place.eye
    rows = math.ceil(eye.horizon) + 2
    y = np.linspace(0, 1, rows)
    colours = gradient(_DUSK if dusk else _NIGHT, y) * F(1.0 if dusk else 1.35)
    place.ambient[:rows] = colours[:, None]
    random = rng(place.seed, 50)
    count = 500
    x, y = random.uniform(0, eye.width, count), random.uniform(0, rows, count)
    bright = 0.05 * (1 - random.random(count)) ** (-1 / 1.6)
    bright = np.minimum(bright, 1.6) * (1 - y / rows) ** 0.5 * (0.25 if dusk else 1)
    tint = np.where(random.random(count)[:, None] < 0.5, linear("#b8ccff"), linear("#fff0dc"))
    sigma = np.full(count, 0.7 * max(eye.height, eye.width) / 1280)
    sky = np.ascontiguousarray(place.ambient[:rows])
    add_spots(sky, x, y, sigma, tint * bright[:, None])
    place.ambient[:rows] = sky


def _ridge(place: Place, k: int, base: float, tall: float, colour: Array) -> None:
    """A line of hills whose feet are at the horizon; ``base``, ``tall`` in parts of the width."""
    eye = place.eye
    line = noise_line(1024, 2.5, rng(place.seed, 51, k), 1, 200)
    x = np.arange(eye.width) / eye.width
    top = base + tall * (0.5 + 0.28 * along(line, x * 420))
    rows = math.ceil(eye.horizon) + 2
    y = (eye.horizon - np.arange(rows, dtype=F))[:, None] / eye.width
    alpha = smoothstep(-0.0008, 0.0008, top[None].astype(F) - y)[..., None]
    part = place.ambient[:rows]
    part += (colour - part) * alpha


def _conifers(place: Place, k: int, tall: float, count: int, colour: Array) -> None:
    """Firs in a row at the horizon, as dark shapes; ``tall`` in parts of the width."""
    eye = place.eye
    random = rng(place.seed, 52, k)
    rows = math.ceil(eye.horizon) + 2
    mask = np.zeros((rows, eye.width), np.uint8)
    for x in np.sort(random.uniform(-0.02, 1.02, count)):
        high = tall * eye.width * random.gamma(9, 1 / 9)
        steps = max(5, int(high / (0.006 * eye.width)))
        down = np.repeat(np.linspace(0, 1, steps + 1)[1:], 2)
        half = high * 0.16 * down**0.9 * random.uniform(0.8, 1.2, down.size)
        half[1::2] *= 0.55
        y = rows - high * (1 - down)
        y[1::2] -= high * 0.012
        lean = random.uniform(-0.02, 0.02) * high * (1 - down)
        left = np.stack([x * eye.width - half + lean, y], 1)
        right = np.stack([x * eye.width + half + lean, y], 1)
        tip = [[x * eye.width, rows - high]]
        shape = np.concatenate([tip, right, left[::-1]])
        cv2.fillPoly(mask, [np.round(shape * 256).astype(np.int32)], 255, cv2.LINE_AA, 8)
    part = place.ambient[:rows]
    part += (colour - part) * (mask / F(255))[..., None]


def _air(dusk: bool) -> Array:
    return linear("#6d5a74") * F(0.8) if dusk else linear("#203a54") * F(0.85)


def _wood(place: Place, dusk: bool) -> None:
    air = _air(dusk)
    random = rng(place.seed, 53)
    half = place.eye.width / place.eye.focal / 2
    for row, (z, count) in enumerate(((7.5, 13), (4.6, 9), (2.6, 6))):
        reach = half * (z + place.eye.away) * 1.05
        _bushes(place, row, z + 0.3, (1.3, 0.75, 0.30)[row])
        for k in range(count):
            x = reach * (2 * (k + random.uniform(0.05, 0.95)) / count - 1)
            deep = z + random.uniform(-0.5, 0.5)
            lean = random.uniform(-0.25, 0.25)
            thick = random.uniform(0.09, 0.20)
            # The nearest trees stand aside, so that the fire has the middle.
            if row == 2 and abs(x) < 0.45 * reach:
                continue
            tip = (x + lean, 7.0, deep)
            paint_log(place, (x, -0.1, deep), tip, thick, 100 + row * 20 + k)
        if row < 2:
            place.haze(air, (0.28, 0.14)[row], z - 0.3)


def _bushes(place: Place, k: int, z: float, tall: float) -> None:
    eye = place.eye
    line = noise_line(1024, 1.9, rng(place.seed, 54, k), 3, 160)
    x = (np.arange(eye.width) - eye.x) / eye.focal * (z + eye.away)
    heights = np.maximum(tall * (0.75 + 0.4 * along(line, x * 70 + 500)), 0.03).astype(F)
    place.thicket(z, heights, "#5a6130", k)


def paint_middle(place: Place, kind: int, dusk: bool) -> None:
    """Paint what stands on the ground of ``kind``, behind the fire."""
    if kind == 0:
        _wood(place, dusk)
    elif kind == 1:
        _water(place)
    elif kind == 2:
        _tent(place)


def _water(place: Place) -> None:
    """A lake from the far shore, at the horizon, to a few metres behind the fire."""
    eye = place.eye
    first = math.ceil(eye.horizon)
    shore = eye.project(0, 0, 3.4)[1]
    line = noise_line(1024, 2.2, rng(place.seed, 55), 1, 60)
    edge = shore + 0.006 * eye.height * along(line, np.arange(eye.width) / eye.width * 300)
    last = int(edge.max()) + 2
    up = first - 1 - ((np.arange(first, last) - first) * 2.4).astype(int)
    mirror = cv2.blur(place.ambient[np.clip(up, 0, None)], (1, 7)) * F(0.7)
    alpha = np.clip(edge[None] - np.arange(first, last)[:, None], 0, 1).astype(F)[..., None]
    part = place.ambient[first:last]
    part += (mirror - part) * alpha
    for lit in place.lit:
        lit[first:last] *= 1 - alpha


def _tent(place: Place) -> None:
    side = 1 if rng(place.seed, 56).random() < 0.5 else -1
    z, half, long, tall = 1.6, 0.95, 2.0, 1.35
    seen = place.eye.width / place.eye.focal / 2 * (z + place.eye.away)
    if seen < 2.2:  # in a narrow picture it stands farther back, and half behind the fire
        z = 3.6
        seen = place.eye.width / place.eye.focal / 2 * (z + place.eye.away)
    x = side * min(1.9, 0.62 * seen)
    near, far = x - side * half, x + side * half
    turn = 0.35 * side
    front = [(near, 0.0, z), (far, 0.0, z + abs(turn)), ((near + far) / 2, tall, z + 0.15)]
    back = [(px - side * 0.25, py, pz + long) for px, py, pz in front]
    place.panel([front[0], front[2], back[2], back[0]], "#b5793f")
    place.panel(front, "#c98a4a")
    middle = ((front[0][0] + front[1][0]) / 2, 0.0, (front[0][2] + front[1][2]) / 2 - 0.01)
    flap = [(middle[0] - 0.24, 0, middle[2]), (middle[0] + 0.24, 0, middle[2])]
    place.panel([*flap, (front[2][0], tall * 0.8, front[2][2])], "#2a1a10")
