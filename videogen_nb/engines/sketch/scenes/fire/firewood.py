"""Logs: those that burn, charred and cracked with embers, and the trunks of trees."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...noise import Array, F, linear, rng, smoothstep
from .place import TILE, Box, Place, Point

_BARK = linear("#6b4a33")


class _Log(NamedTuple):
    """A log in the picture. Pixels, where nothing else is said."""

    x: float  # of its foot
    y: float
    along_x: float  # its direction, of length 1
    along_y: float
    length: float
    radii: tuple[float, float]  # at its foot and its tip
    metres: float  # its true length
    shift: tuple[float, float]  # texels: where its bark begins


def paint_log(place: Place, foot: Point, tip: Point, radius: float, k: int) -> None:
    """Paint a log from ``foot`` to ``tip``, metres; ``k`` picks its bark.

    One whose tip is lower than a metre lies in the fire: it is charred and burnt away there.
    """
    log = _project(place, foot, tip, radius, k)
    reach = max(log.radii) * 1.2
    half_x, half_y = log.along_x * log.length / 2, log.along_y * log.length / 2
    box = place.box(log.x + half_x, log.y + half_y, abs(half_x) + reach, abs(half_y) + reach)
    if box is None:
        return
    s = ((box.x - log.x) * log.along_x + (box.y - log.y) * log.along_y) / log.length
    u = s * (log.metres * 55) + log.shift[0]
    gnarl = place.texture(u * 1.3, np.full_like(s, log.shift[1]))
    width = (log.radii[0] + (log.radii[1] - log.radii[0]) * np.clip(s, 0, 1)) * (1 + 0.035 * gnarl)
    d = ((box.y - log.y) * log.along_x - (box.x - log.x) * log.along_y) / width
    alpha = _outline(s, d, 1 / np.maximum(width, 1.5), log.radii[0] / log.length, 1 / log.length)
    burns = tip[1] < 1
    if burns:
        alpha *= smoothstep(0.98, 0.72, s + 0.05 * gnarl)
    s, d = np.clip(s, 0, 1), np.clip(d, -1, 1)
    at = [foot[i] + (tip[i] - foot[i]) * s for i in range(3)]
    char = np.exp(-(np.square(at[0] / 0.30) + np.square(at[2] / 0.30) + np.square(at[1] / 0.5)))
    v = np.arcsin(d) * 26 + log.shift[1]
    bark = place.texture(u, v)
    normal = _normal(log, d, bark - place.texture(u, v + 3))
    albedo = _BARK * ((0.75 + 0.22 * np.clip(bark, -2, 2)) * (1 - 0.80 * char))[..., None]
    points = [at[i] + radius * normal[i] for i in range(3)]
    place.lay(box.where, alpha, albedo, points, normal)
    if burns:
        crack = np.exp(-np.square(place.texture(u * 2, v * 2) / 0.28))
        _burn(place, box, alpha * np.clip(char * 1.25 - 0.35, 0, 1) * crack)
        if foot[2] < 0.1:
            _cover(place, box, alpha, at[1])


def _project(place: Place, foot: Point, tip: Point, radius: float, k: int) -> _Log:
    x0, y0, scale0 = place.eye.project(*foot)
    x1, y1, scale1 = place.eye.project(*tip)
    length = math.hypot(x1 - x0, y1 - y0)
    along = (x1 - x0) / length, (y1 - y0) / length
    random = rng(place.seed, 43, k)
    shift = float(random.uniform(0, TILE)), float(random.uniform(0, TILE))
    radii = radius * scale0, radius * scale1 * 0.92
    return _Log(x0, y0, *along, length, radii, math.dist(foot, tip), shift)


def _normal(log: _Log, d: Array, ridge: Array) -> tuple[Array, Array, Array]:
    """Of a cylinder, at ``d`` across it, -1 – 1, with the bark's ridges."""
    across = d + 0.45 * ridge
    facing = np.sqrt(np.maximum(1 - d * d, 0.02))
    return -log.along_y * across, -log.along_x * across, -facing


def _outline(s: Array, d: Array, edge: Array, thick: float, pixel: float) -> Array:
    """Cover of a log with rounded, sawn ends; ``s`` along it, 0–1, ``d`` across it, -1–1."""
    alpha = smoothstep(1, -1, (np.abs(d) - 1) / edge)
    cut = 0.35 * thick * np.sqrt(np.maximum(1 - np.square(np.clip(d, -1, 1)), 0))
    soft = 1.2 * pixel
    alpha *= smoothstep(-1, 1, (s + cut) / soft)
    alpha *= smoothstep(1, -1, (s - 1 - cut) / soft)
    return np.asarray(alpha, F)


def _burn(place: Place, box: Box, hot: Array) -> None:
    for glow, share in zip(place.glow, (0.5, 0.9), strict=True):
        glow[box.where] += hot * F(share)


def _cover(place: Place, box: Box, alpha: Array, up: Array) -> None:
    # The upper ends burn: there flames lick over the wood.
    hides = alpha * smoothstep(0.32, 0.10, up)
    place.cover[box.where] = np.maximum(place.cover[box.where], hides)
