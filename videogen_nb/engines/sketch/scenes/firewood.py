"""Logs: those that burn, charred and cracked with embers, and the trunks of trees."""

from __future__ import annotations

import math

import numpy as np

from ..noise import Array, F, linear, rng, smoothstep
from .place import TILE, Box, Place, Point

_BARK = linear("#6b4a33")


def paint_log(place: Place, foot: Point, tip: Point, radius: float, k: int) -> None:
    """Paint a log from ``foot`` to ``tip``, metres; ``k`` picks its bark.

    One whose tip is lower than a metre lies in the fire: it is charred and burnt away there.
    """
    random = rng(place.seed, 43, k)
    x0, y0, scale0 = place.eye.project(*foot)
    x1, y1, scale1 = place.eye.project(*tip)
    r0, r1 = radius * scale0, radius * scale1 * 0.92
    reach = max(r0, r1) * 1.2
    half_w, half_h = abs(x1 - x0) / 2 + reach, abs(y1 - y0) / 2 + reach
    box = place.box((x0 + x1) / 2, (y0 + y1) / 2, half_w, half_h)
    if box is None:
        return
    length = math.hypot(x1 - x0, y1 - y0)
    ax, ay = (x1 - x0) / length, (y1 - y0) / length
    s = ((box.x - x0) * ax + (box.y - y0) * ay) / length
    shift = float(random.uniform(0, TILE)), float(random.uniform(0, TILE))
    u = s * (math.dist(foot, tip) * 55) + shift[0]
    gnarl = place.texture(u * 1.3, np.full_like(s, shift[1]))
    width = (r0 + (r1 - r0) * np.clip(s, 0, 1)) * (1 + 0.035 * gnarl)
    d = ((box.y - y0) * ax - (box.x - x0) * ay) / width
    alpha = _outline(s, d, 1 / np.maximum(width, 1.5), r0 / length, 1 / length)
    burns = tip[1] < 1
    if burns:
        alpha *= smoothstep(0.98, 0.72, s + 0.05 * gnarl)
    d = np.clip(d, -1, 1)
    v = np.arcsin(d) * 26 + shift[1]
    bark = place.texture(u, v)
    across = d + 0.45 * (bark - place.texture(u, v + 3))
    facing = np.sqrt(np.maximum(1 - d * d, 0.02))
    normal = (-ay * across, -ax * across, -facing)
    s = np.clip(s, 0, 1)
    at = [foot[i] + (tip[i] - foot[i]) * s for i in range(3)]
    char = np.exp(-(np.square(at[0] / 0.30) + np.square(at[2] / 0.30) + np.square(at[1] / 0.5)))
    albedo = _BARK * ((0.75 + 0.22 * np.clip(bark, -2, 2)) * (1 - 0.80 * char))[..., None]
    points = [at[i] + radius * normal[i] for i in range(3)]
    place.lay(box.where, alpha, albedo, points, normal)
    if burns:
        crack = np.exp(-np.square(place.texture(u * 2, v * 2) / 0.28))
        _burn(place, box, alpha * np.clip(char * 1.25 - 0.35, 0, 1) * crack)
        if foot[2] < 0.1:
            _cover(place, box, alpha, at[1])


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
