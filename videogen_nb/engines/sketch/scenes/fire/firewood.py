"""Logs: those that burn, charred and cracked with embers, and the trunks of trees."""

from __future__ import annotations

import math

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng, smoothstep
from .place import TILE, Place, Point

_BARK = linear("#6b4a33")
_LOGS = 7


def leaning_logs(random: np.random.Generator) -> list[tuple[Point, Point, float]]:
    """Logs that lean together over the fire: foot, tip, radius; the farthest first."""
    turn = random.uniform(0, 6.28)
    logs = []
    for k in range(_LOGS):
        angle = turn + 2 * math.pi * (k + random.uniform(-0.25, 0.25)) / _LOGS
        far, over = random.uniform(0.36, 0.46), random.uniform(0.1, 0.3)
        x, z = far * math.sin(angle), far * math.cos(angle)
        tip = (-x * over, random.uniform(0.26, 0.36), -z * over)
        logs.append(((x, 0.04, z), tip, random.uniform(0.040, 0.058)))
    return sorted(logs, key=lambda log: -log[0][2])


def paint_log(place: Place, foot: Point, tip: Point, radius: float, k: int) -> None:
    """Paint a log from ``foot`` to ``tip``, metres; ``k`` picks its bark.

    One whose tip is lower than a metre lies in the fire: it is charred and burnt away there.
    """
    x0, y0, scale0 = place.project(*foot)
    x1, y1, scale1 = place.project(*tip)
    length = math.hypot(x1 - x0, y1 - y0)
    along_x, along_y = (x1 - x0) / length, (y1 - y0) / length
    thick, thin = radius * scale0, radius * scale1 * 0.92
    reach = max(thick, thin) * 1.2
    half_x, half_y = (x1 - x0) / 2, (y1 - y0) / 2
    box = place.box(x0 + half_x, y0 + half_y, abs(half_x) + reach, abs(half_y) + reach)
    if box is None:
        return
    random = rng(place.seed, 43, k)
    shift_u, shift_v = float(random.uniform(0, TILE)), float(random.uniform(0, TILE))
    s = ((box.x - F(x0)) * along_x + (box.y - F(y0)) * along_y) / length
    u = s * (math.dist(foot, tip) * 55) + shift_u
    gnarl = place.texture(u * 1.3, shift_v)
    width = (thick + (thin - thick) * np.clip(s, 0, 1)) * (1 + 0.035 * gnarl)
    d = ((box.y - F(y0)) * along_x - (box.x - F(x0)) * along_y) / width
    alpha = _outline(s, d, 1 / np.maximum(width, 1.5), thick / length, 1 / length)
    burns = tip[1] < 1
    if burns:
        alpha *= smoothstep(0.98, 0.72, s + 0.05 * gnarl)
    s, d = np.clip(s, 0, 1), np.clip(d, -1, 1)
    at = [foot[i] + (tip[i] - foot[i]) * s for i in range(3)]
    char = np.exp(-(np.square(at[0] / 0.30) + np.square(at[2] / 0.30) + np.square(at[1] / 0.5)))
    v = np.arcsin(d) * 26 + shift_v
    bark = place.texture(u, v)
    across = d + 0.45 * (bark - place.texture(u, v + 3))
    normal = (-along_y * across, -along_x * across, -np.sqrt(np.maximum(1 - d * d, 0.02)))
    albedo = _BARK * ((0.75 + 0.22 * np.clip(bark, -2, 2)) * (1 - 0.80 * char))[..., None]
    place.lay(box.where, alpha, albedo, [at[i] + radius * normal[i] for i in range(3)], normal)
    if not burns:
        return
    crack = np.exp(-np.square(place.texture(u * 2, v * 2) / 0.28))
    for glow, share in zip(place.glow, (0.5, 0.9), strict=True):
        glow[box.where] += alpha * np.clip(char * 1.25 - 0.35, 0, 1) * crack * F(share)
    if foot[2] < 0.1:  # the upper ends burn: there flames lick over the wood
        hides = alpha * smoothstep(0.32, 0.10, at[1])
        place.cover[box.where] = np.maximum(place.cover[box.where], hides)


def _outline(s: Array, d: Array, edge: Array, thick: float, pixel: float) -> Array:
    """Cover of a log with rounded, sawn ends; ``s`` along it, 0–1, ``d`` across it, -1–1."""
    cut = 0.35 * thick * np.sqrt(np.maximum(1 - np.square(np.clip(d, -1, 1)), 0))
    soft = 1.2 * pixel
    alpha = smoothstep(1, -1, (np.abs(d) - 1) / edge) * smoothstep(-1, 1, (s + cut) / soft)
    return np.asarray(alpha * smoothstep(1, -1, (s - 1 - cut) / soft), F)
