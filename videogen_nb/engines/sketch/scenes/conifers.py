"""Spruces and firs, each grown anew: whorls of drooping boughs, bare or under snow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..noise import Array, F

_FINE = 2  # drawn so many times larger, then reduced
_SHIFT = 4  # bits of a pixel's fraction in a polygon's corners
_TONES = 32  # steps from a colour in the shade to the same in the light
_KNOTS = 9  # points along a bough
_ALONG = np.linspace(0, 1, _KNOTS)
_HUMP = np.sin(np.pi * _ALONG)
_PAD = np.sin(np.pi * np.clip(0.08 + 0.9 * _ALONG, 0, 1)) ** 0.7


@dataclass(frozen=True, slots=True)
class TreeLight:
    """Linear RGB colours of a wood's parts, and from which side the light comes.

    Args:
        side: -1 for light from the left, 1 from the right, 0 for none to speak of.
        snow: how much of each bough lies under snow, 0 to 1.
    """

    needles: Array
    needles_lit: Array
    bark: Array
    snow_shade: Array
    snow_lit: Array
    side: float
    snow: float


@dataclass(frozen=True, slots=True)
class Sprite:
    """A cut-out: premultiplied linear RGB ``(h, w, 3)``, its cover ``(h, w)``, where it stands.

    ``foot`` is the column and row of the trunk's foot.
    """

    colour: Array
    cover: Array
    foot: tuple[float, float]

    def stand(self, picture: Array, x: float, y: float, air: Array, haze: float) -> None:
        """Put it into ``picture`` with its foot at (x, y), behind ``haze`` (0 to 1) of ``air``.

        With a fourth channel the picture is premultiplied and that channel its cover.
        """
        left, top = x - self.foot[0], y - self.foot[1]
        x0, y0 = int(np.floor(left)), int(np.floor(top))
        h, w = self.cover.shape
        rows = slice(max(y0, 0), min(y0 + h + 1, picture.shape[0]))
        columns = slice(max(x0, 0), min(x0 + w + 1, picture.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        size, move = (w + 1, h + 1), np.array([[1, 0, left - x0], [0, 1, top - y0]], F)
        colour, cover = (cv2.warpAffine(a, move, size) for a in (self.colour, self.cover))
        part = np.s_[rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0]
        hidden = cover[part][..., None]
        here = picture[rows, columns]
        here *= 1 - hidden
        here[..., :3] += colour[part] * F(1 - haze) + hidden * (air * F(haze))
        if here.shape[2] == 4:
            here[..., 3:] += hidden

    def scaled(self, factor: float, wider: float = 1.0) -> Sprite:
        """The same at ``factor`` (at most 1 looks best) times its size, and perhaps stouter."""
        h = max(1, round(self.cover.shape[0] * factor))
        w = max(1, round(self.cover.shape[1] * factor * wider))
        colour, cover = (
            cv2.resize(a, (w, h), interpolation=cv2.INTER_AREA) for a in (self.colour, self.cover)
        )
        across, down = w / self.cover.shape[1], h / self.cover.shape[0]
        return Sprite(colour, cover, (self.foot[0] * across, self.foot[1] * down))

    def mirrored(self) -> Sprite:
        """The same the other way round (lit from the other side, too)."""
        w = self.cover.shape[1]
        colour, cover = (np.ascontiguousarray(a[:, ::-1]) for a in (self.colour, self.cover))
        return Sprite(colour, cover, (w - self.foot[0], self.foot[1]))


def conifer(tall: float, light: TreeLight, random: np.random.Generator) -> Sprite:
    """A tree ``tall`` pixels high; no two are alike."""
    grower = _Grower(tall * _FINE, light, random)
    grower.grow()
    return grower.sprite()


def _tones(shade: Array, lit: Array) -> list[tuple[float, ...]]:
    """Colours to draw with from ``shade`` to ``lit``: square roots of light, and full cover."""
    steps = np.linspace(0, 1, _TONES)[:, None]
    drawn = np.sqrt(np.clip(shade + (lit - shade) * steps, 0, 1)) * 255
    return [(*(float(v) for v in row), 255.0) for row in drawn]


def _tone(tones: list[tuple[float, ...]], level: float) -> tuple[float, ...]:
    return tones[min(max(int(level * _TONES), 0), _TONES - 1)]


class _Grower:
    def __init__(self, tall: float, light: TreeLight, random: np.random.Generator) -> None:
        self._tall, self._light, self._random = tall, light, random
        self._slim = random.uniform(0.20, 0.31)  # half the width against the height
        self._bend = random.normal(0, 0.012)
        self._lean = random.normal(0, 0.008)
        self._droop = random.uniform(0.25, 0.6)
        self._middle = (self._slim * 1.35 + 0.05) * tall
        shape = (int(1.16 * tall) + 8, int(2 * self._middle), 4)
        self._sheet = np.zeros(shape, np.uint8)
        self._foot = 1.02 * tall + 4
        self._needles = _tones(light.needles, light.needles_lit)
        self._snows = _tones(light.snow_shade, light.snow_lit)

    def grow(self) -> None:
        random = self._random
        self._trunk()
        bare = random.uniform(0.03, 0.11)
        step = 1 + 90 * _FINE / self._tall  # a small tree shows fewer boughs
        up, ups = bare, []
        while up < 0.985:
            ups.append(up)
            up += step * (0.022 + 0.020 * (1 - up)) * random.uniform(0.75, 1.3)
        for up in ups:
            self._whorl(up)
        self._tip()

    def sprite(self) -> Sprite:
        """The drawing is kept as square roots of light; here it becomes light again."""
        h, w = (-(-n // _FINE) for n in self._sheet.shape[:2])
        sheet = np.square(self._sheet[..., :3].astype(F) * F(1 / 255))
        cover = self._sheet[..., 3].astype(F) * F(1 / 255)
        colour, cover = (
            cv2.resize(a, (w, h), interpolation=cv2.INTER_AREA) for a in (sheet, cover)
        )
        return Sprite(colour, cover, (self._middle / _FINE, self._foot / _FINE))

    def _axis(self, up: float) -> tuple[float, float]:
        x = self._middle + (self._lean * up + self._bend * np.sin(up * 2.6)) * self._tall
        return float(x), self._foot - up * self._tall

    def _reach(self, up: float) -> float:
        """Length of the boughs that grow at height ``up`` (0 foot, 1 tip)."""
        skirt = min(1.0, 0.55 + 4 * up)
        return self._slim * self._tall * max(1 - up, 0.01) ** 0.82 * skirt

    def _whorl(self, up: float) -> None:
        random = self._random
        count = int(random.integers(6, 9)) if up < 0.8 else 5
        start = random.uniform(0, 2 * np.pi)
        turns = np.sort(
            (start + 2 * np.pi * (np.arange(count) + random.uniform(-0.3, 0.3, count)) / count)
            % (2 * np.pi)
        )
        facing = np.sin(turns)  # towards the eye
        for k in np.argsort(facing):
            self._bough(up + random.normal(0, 0.006), float(turns[k]))

    def _bough(self, up: float, turn: float) -> None:
        """One bough as a drooping pad with a ragged lower edge, and the snow on its back."""
        random, light = self._random, self._light
        x0, y0 = self._axis(up)
        length = self._reach(up) * random.uniform(0.6, 1.2)
        out, near = float(np.cos(turn)), float(np.sin(turn))
        u = _ALONG
        rise = random.uniform(0.02, 0.14)
        sag = self._droop * random.uniform(0.75, 1.25)
        x = x0 + out * length * u
        # the lowest boughs lie on the ground
        sag = min(sag, max(0.05, (self._foot - y0) / length - 0.15))
        y = y0 + length * (sag * u**1.35 - rise * _HUMP) + near * 0.20 * length * u
        thick = length * 0.30 * _PAD + 0.004 * self._tall
        if abs(out) < 0.5:
            thick *= 0.55 + 0.45 * abs(near)
        ragged = thick * random.uniform(0.45, 1.25, _KNOTS)
        if abs(out) < 0.45:  # seen end on, it is a fan rather than a feather
            x = x0 + out * length * u + (u - 0.5) * length * 0.5
        lit = self._lit(out, near, up)
        self._fan(x, y, ragged, _tone(self._needles, lit + random.uniform(-0.15, 0.15)))
        if light.snow > 0 and random.random() < 0.35 + 0.65 * light.snow:
            self._snow(x, y, thick, lit, near)

    def _lit(self, out: float, near: float, up: float) -> float:
        side = 0.5 + 0.5 * out * self._light.side
        return float(np.clip(0.15 + 0.55 * side + 0.25 * near + 0.2 * up, 0, 1))

    def _fan(self, x: Array, y: Array, hang: Array, colour: tuple[float, ...]) -> None:
        """A strip from the line (x, y) down to a zigzag of twigs."""
        m = 2 * _KNOTS - 1
        corners = np.empty((_KNOTS + m, 2))
        corners[:_KNOTS, 0], corners[:_KNOTS, 1] = x, y - 0.12 * hang
        lower = corners[: _KNOTS - 1 : -1]
        fine = np.empty((3, m))
        for row, line in zip(fine, (x, y, hang), strict=True):
            row[::2] = line
            row[1::2] = (line[1:] + line[:-1]) * 0.5
        wild = self._random.random((2, m))
        depth = fine[2] * (0.7 + 0.5 * wild[0])
        depth[1::2] *= 0.45
        lower[:, 0] = fine[0] + (wild[1] - 0.5) * 0.35 * fine[2]
        lower[:, 1] = fine[1] + depth
        self._fill(corners, colour)

    def _snow(self, x: Array, y: Array, thick: Array, lit: float, near: float) -> None:
        """Lumpy cushions along the bough, each shaded below and lit above."""
        random, light = self._random, self._light
        first = int(random.integers(0, 3))
        while first < len(x) - 2:
            last = first + int(random.integers(3, 7))
            part = slice(first, min(last, len(x)))
            self._cushion(x[part], y[part], thick[part] * random.uniform(0.75, 1.15), lit, near)
            first = last + int(random.random() < 1 - 0.6 * light.snow)

    def _cushion(self, x: Array, y: Array, thick: Array, lit: float, near: float) -> None:
        random, light = self._random, self._light
        n = len(x)
        round_ends = np.sin(np.pi * (np.arange(n) + 0.4) / (n - 0.2)) ** 0.5
        lumps = thick * random.uniform(0.34, 0.66, n) * round_ends * (0.55 + 0.45 * light.snow)
        lower = y + lumps * random.uniform(0.35, 1.1, n) * (1.0 + 0.3 * near)
        upper = y - 0.70 * lumps - 0.0015 * self._tall
        glow = random.uniform(0.85, 1.1)
        self._fill(self._pad(x, upper, lower), _tone(self._snows, 0.30 * lit * glow))
        shift = light.side * 0.06 * thick
        bright = _tone(self._snows, (0.22 + 0.78 * lit) * glow)
        self._fill(self._pad(x + shift, upper, y + 0.05 * lumps), bright)

    @staticmethod
    def _pad(x: Array, upper: Array, lower: Array) -> Array:
        n = len(x)
        corners = np.empty((2 * n, 2))
        corners[:n, 0], corners[:n, 1] = x, upper
        corners[n:, 0], corners[n:, 1] = x[::-1], lower[::-1]
        return corners

    def _trunk(self) -> None:
        t = np.linspace(0, 0.96, 8)
        axis = np.array([self._axis(up) for up in t])
        half = 0.016 * self._tall * (1 - t) ** 0.9 + 0.4
        left = axis - np.stack([half, 0 * half], 1)
        right = axis + np.stack([half, 0 * half], 1)
        bark = _tones(self._light.bark, self._light.bark)[0]
        self._fill(np.concatenate([left, right[::-1]]), bark)

    def _tip(self) -> None:
        x, y = self._axis(1.0)
        w, h = 0.006 * self._tall + 0.5, 0.05 * self._tall
        tones = self._snows if self._light.snow > 0.3 else self._needles
        self._fill(np.array([[x, y - 0.2 * h], [x + w, y + h], [x - w, y + h]]), _tone(tones, 0.5))

    def _fill(self, corners: Array, colour: tuple[float, ...]) -> None:
        points = (corners * (1 << _SHIFT) + 0.5).astype(np.int32)
        cv2.fillPoly(self._sheet, [points], colour, cv2.LINE_AA, _SHIFT)
