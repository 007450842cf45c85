"""The dark foreground of a night: mountains, hills and woods, painted once, from far to near.

What is painted has a colour of its own, and a part that answers to the light of the sky, which may
change from frame to frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..noise import Array, F
from .noise_line import along, noise_line
from .optics import stack3, strips
from .terrain import Mountains
from .trees import Wood


@dataclass(frozen=True, slots=True)
class Tone:
    """Linear RGB of its own, and how strongly it answers to the sky's light."""

    own: Array
    answer: float = 0.0

    def mixed(self, other: Tone, part: Array) -> Array:
        """Between the two, by ``part`` (any shape, 0–1): four channels more."""
        a, b = self.channels(), other.channels()
        return np.asarray(a + (b - a) * part[..., None], F)

    def channels(self) -> Array:
        return np.append(self.own, self.answer).astype(F)


class Landscape:
    """A canvas ``(rows, columns)`` that ends at the horizon, premultiplied."""

    def __init__(self, columns: int, rows: int, unit: float) -> None:
        self.columns, self.rows, self.unit = columns, rows, unit
        self._paint = np.zeros((rows, columns, 4), F)
        self._seen_past = np.ones((rows, columns), F)

    def lay(self, cover: Array, paint: Array) -> None:
        """Paints ``(4,)`` or ``(rows, columns, 4)`` over the lowest rows, as ``cover`` has them."""
        low = slice(self.rows - cover.shape[0], None)
        self._paint[low] *= (1 - cover)[..., None]
        self._paint[low] += cover[..., None] * paint
        self._seen_past[low] *= 1 - cover

    def add_mountains(self, seen: Mountains, rock: Tone, snow: Tone, air: Tone) -> None:
        """``air`` is what haze turns them into.

        Their own light is soft; the sky's falls on the faces turned to it.
        """
        face = rock.mixed(snow, seen.snow)
        face[..., :3] *= (F(0.12) + F(0.88) * seen.light**1.4)[..., None]
        face[..., 3] *= F(0.05) + F(0.95) * seen.light**2
        haze = (F(0.12) + F(0.38) * seen.haze)[..., None]
        self.lay(seen.cover, face + (air.channels() - face) * haze)

    def add_hills(
        self, base: float, tall: float, rough: float, tone: Tone, random: np.random.Generator
    ) -> None:
        """A line of hills: heights in units above the horizon."""
        line = noise_line(1024, rough, random, 1, 220)
        x = (np.arange(self.columns) + 0.5) / self.unit
        top = base + tall * (0.5 + 0.30 * along(line, x * 400 + random.uniform(0, 1024)))
        self.lay(self._below(np.maximum(top, 0)), tone.channels())

    def add_wood(self, wood: Wood, needles: Tone, snow: Tone | None = None) -> None:
        """Trees standing at the horizon, with snow on their boughs if it has a tone."""
        self.lay(wood.cover, needles.channels())
        if snow:
            self.lay(wood.snow * wood.cover, snow.channels())

    def add_mist(self, tall: float, thick: float, tone: Tone) -> None:
        """Mist that lies on the ground, thinning out ``tall`` units up."""
        up = (self.rows - np.arange(self.rows, dtype=F) - F(0.5)) / F(self.unit)
        veil = np.exp(-((up / F(tall)) ** 2)) * F(thick)
        self.lay(np.repeat(veil[:, None], self.columns, 1), tone.channels())

    def finished(self) -> Land:
        """The canvas as far up as anything stands on it."""
        any_land = (self._seen_past < 0.998).any(1)
        top = int(np.argmax(any_land)) if any_land.any() else self.rows - 1
        own, answer = self._paint[top:, :, :3], self._paint[top:, :, 3]
        return Land(
            top, np.ascontiguousarray(own), np.ascontiguousarray(answer), self._seen_past[top:]
        )

    def _below(self, top: Array) -> Array:
        rows = int(np.ceil(top.max() * self.unit)) + 2
        up = rows - np.arange(rows, dtype=F) - F(0.5)
        return np.clip(top[None].astype(F) * F(self.unit) - up[:, None] + F(0.5), 0, 1)


@dataclass(frozen=True, slots=True)
class Land:
    """A finished piece of land, from row ``top`` of the picture downwards."""

    top: int
    own: Array  # (rows, columns, 3) premultiplied
    answer: Array  # (rows, columns)
    seen_past: Array  # (rows, columns)

    def over(self, picture: Array, light: Array | None = None) -> None:
        """Lays the land over ``picture`` in place, lit by ``light`` ``(columns, 3)`` from above."""
        low = picture[self.top : self.top + len(self.own)]
        for rows in strips(*self.answer.shape):
            part = low[rows]
            cv2.multiply(part, stack3(self.seen_past[rows]), dst=part)
            cv2.add(part, self.own[rows], dst=part)
            if light is not None:
                cv2.add(part, stack3(self.answer[rows]) * light, dst=part)
