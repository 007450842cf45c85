"""Spruces and firs, each generated anew: whorls of drooping boughs, bare or snow-covered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..drawing.noise import Array
from ..drawing.sprites import Sheet, Sprite

_FINE = 2  # supersampling factor
_TONES = 32  # steps from a colour in the shade to the same colour in the light
_KNOTS = 9  # points along a bough
_ALONG = np.linspace(0, 1, _KNOTS)
_HUMP = np.sin(np.pi * _ALONG)
_PAD = np.sin(np.pi * np.clip(0.08 + 0.9 * _ALONG, 0, 1)) ** 0.7

Tone = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TreeLight:
    """Linear RGB colours of a tree's parts, and the direction of the light.

    Args:
        side: -1 for light from the left, 1 from the right, 0 for diffuse light.
        snow: fraction of each bough that is covered with snow, 0 to 1.
    """

    needles: Array
    needles_lit: Array
    bark: Array
    snow_shade: Array
    snow_lit: Array
    side: float
    snow: float


def conifer(tall: float, light: TreeLight, random: np.random.Generator) -> Sprite:
    """Return a random tree ``tall`` pixels high; no two are alike."""
    return _Grower(tall, light, random).grown()


class _Grower:
    """One tree being drawn. Lengths are in pixels of the finished sprite."""

    def __init__(self, tall: float, light: TreeLight, random: np.random.Generator) -> None:
        self._tall, self._light, self._random = tall, light, random
        self._slim = random.uniform(0.20, 0.31)  # half the width relative to the height
        self._bend = random.normal(0, 0.012)
        self._lean = random.normal(0, 0.008)
        self._droop = random.uniform(0.25, 0.6)
        self._middle = (self._slim * 1.35 + 0.05) * tall
        self._foot = 1.02 * tall + 2
        self._sheet = Sheet(int(2 * self._middle) + 1, int(1.16 * tall) + 4, _FINE)
        self._needles = self._tones(light.needles, light.needles_lit)
        self._snows = self._tones(light.snow_shade, light.snow_lit)

    def grown(self) -> Sprite:
        random = self._random
        self._trunk()
        up = random.uniform(0.03, 0.11)
        step = 1 + 90 / self._tall  # a small tree has fewer boughs
        while up < 0.985:
            self._whorl(up)
            up += step * (0.022 + 0.020 * (1 - up)) * random.uniform(0.75, 1.3)
        self._tip()
        return Sprite(self._sheet.rgba(), (self._middle, self._foot))

    def _tones(self, shade: Array, lit: Array) -> list[Tone]:
        steps = np.linspace(0, 1, _TONES)
        return [self._sheet.tone(shade + (lit - shade) * step) for step in steps]

    def _axis(self, up: float) -> tuple[float, float]:
        x = self._middle + (self._lean * up + self._bend * np.sin(up * 2.6)) * self._tall
        return float(x), self._foot - up * self._tall

    def _reach(self, up: float) -> float:
        """Return the length of the boughs at height ``up`` (0 foot, 1 tip), in pixels."""
        skirt = min(1.0, 0.55 + 4 * up)
        return self._slim * self._tall * max(1 - up, 0.01) ** 0.82 * skirt

    def _whorl(self, up: float) -> None:
        random = self._random
        count = int(random.integers(6, 9)) if up < 0.8 else 5
        spread = np.arange(count) + random.uniform(-0.3, 0.3, count)
        turns = random.uniform(0, 2 * np.pi) + 2 * np.pi * spread / count
        for k in np.argsort(np.sin(turns)):  # those towards the camera last
            self._bough(up + random.normal(0, 0.006), float(turns[k]))

    def _bough(self, up: float, turn: float) -> None:
        """Draw one bough as a drooping pad with a ragged lower edge, and the snow on it."""
        random, light, u = self._random, self._light, _ALONG
        x0, y0 = self._axis(up)
        length = self._reach(up) * random.uniform(0.6, 1.2)
        out, near = float(np.cos(turn)), float(np.sin(turn))
        rise = random.uniform(0.02, 0.14)
        # the lowest boughs lie on the ground
        sag = self._droop * random.uniform(0.75, 1.25)
        sag = min(sag, max(0.05, (self._foot - y0) / length - 0.15))
        x = x0 + out * length * u
        if abs(out) < 0.45:  # seen end-on, it is a fan rather than a feather
            x = x + (u - 0.5) * length * 0.5
        y = y0 + length * (sag * u**1.35 - rise * _HUMP) + near * 0.20 * length * u
        thick = length * 0.30 * _PAD + 0.004 * self._tall
        if abs(out) < 0.5:
            thick *= 0.55 + 0.45 * abs(near)
        side = 0.5 + 0.5 * out * light.side
        lit = float(np.clip(0.15 + 0.55 * side + 0.25 * near + 0.2 * up, 0, 1))
        hang = thick * random.uniform(0.45, 1.25, _KNOTS)
        self._fan(x, y, hang, _tone(self._needles, lit + random.uniform(-0.15, 0.15)))
        if light.snow > 0 and random.random() < 0.35 + 0.65 * light.snow:
            self._snow(x, y, thick, lit, near)

    def _fan(self, x: Array, y: Array, hang: Array, tone: Tone) -> None:
        """Draw a strip from the line (x, y) down to a zigzag of twigs."""
        m = 2 * _KNOTS - 1
        fine = np.empty((3, m))
        for row, line in zip(fine, (x, y, hang), strict=True):
            row[::2] = line
            row[1::2] = (line[1:] + line[:-1]) * 0.5
        wild = self._random.random((2, m))
        depth = fine[2] * (0.7 + 0.5 * wild[0])
        depth[1::2] *= 0.45
        lower = np.stack([fine[0] + (wild[1] - 0.5) * 0.35 * fine[2], fine[1] + depth], 1)
        self._sheet.fill(np.vstack([np.stack([x, y - 0.12 * hang], 1), lower[::-1]]), tone)

    def _snow(self, x: Array, y: Array, thick: Array, lit: float, near: float) -> None:
        """Draw a lumpy cushion of snow along the bough, shaded below and lit above."""
        random, light = self._random, self._light
        first = int(random.integers(0, 3))
        x, y, thick = x[first:], y[first:], thick[first:]
        n = len(x)
        lumps = thick * random.uniform(0.2, 0.7, n) * (0.55 + 0.45 * light.snow)
        lower = y + lumps * random.uniform(0.35, 1.1, n) * (1.0 + 0.3 * near)
        upper = y - 0.70 * lumps - 0.0015 * self._tall
        glow = random.uniform(0.85, 1.1)
        self._strip(x, upper, lower, _tone(self._snows, 0.30 * lit * glow))
        bright = _tone(self._snows, (0.22 + 0.78 * lit) * glow)
        self._strip(x + light.side * 0.06 * thick, upper, y + 0.05 * lumps, bright)

    def _strip(self, x: Array, upper: Array, lower: Array, tone: Tone) -> None:
        there, back = np.stack([x, upper], 1), np.stack([x, lower], 1)[::-1]
        self._sheet.fill(np.concatenate([there, back]), tone)

    def _trunk(self) -> None:
        t = np.linspace(0, 0.96, 8)
        axis = np.array([self._axis(up) for up in t])
        half = np.stack([0.016 * self._tall * (1 - t) ** 0.9 + 0.2, 0 * t], 1)
        self._sheet.fill(np.concatenate([axis - half, (axis + half)[::-1]]), self._light.bark)

    def _tip(self) -> None:
        x, y = self._axis(1.0)
        w, h = 0.006 * self._tall + 0.25, 0.05 * self._tall
        tones = self._snows if self._light.snow > 0.3 else self._needles
        self._sheet.fill([[x, y - 0.2 * h], [x + w, y + h], [x - w, y + h]], _tone(tones, 0.5))


def _tone(tones: list[Tone], level: float) -> Tone:
    return tones[min(max(int(level * _TONES), 0), _TONES - 1)]
