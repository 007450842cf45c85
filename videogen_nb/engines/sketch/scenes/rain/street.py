"""A street by night, at dusk or by day: distant, out of focus, wet from rain."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...catalogue import Daytime
from ...drawing.colour import choose, linear, load_looks
from ...drawing.compositing import grid
from ...drawing.noise import Array, F, rng, smoothstep
from ...drawing.points import add_discs
from ...layers.sky import clear_sky

_GROUND = 0.62  # top of the street or lawn, as a fraction of the height


@dataclass(frozen=True, slots=True)
class StreetLook:
    """Colours (sRGB) of an outdoor view at one time of day.

    ``dark`` colours the silhouettes against the sky; ``lamps`` is the brightness of the lights and
    ``tints`` their colours; ``fog`` is the colour that fogged glass scatters.
    """

    sky: str
    ground: tuple[str, str]
    dark: tuple[str, ...]
    lamps: float
    tints: tuple[str, ...]
    fog: str
    fog_power: float
    gleam: float
    exposure: float = 1.0


_LOOKS = load_looks(StreetLook, __package__, "street")
#: Times of day that seeds cycle through if the prompt names none.
_TURNS: tuple[Daytime, ...] = ("day", "night", "dusk")


def street_look(time: Daytime | None, seed: int) -> StreetLook:
    """Choose a look for that time of day; if it is None, the seed picks the time as well."""
    return choose(_LOOKS, time, _TURNS[seed % 3], seed)


class Street:
    """The blurred view: a still part and moving lights. Thread-safe.

    Args:
        width, height: size in pixels of the small image in which it is computed.
    """

    def __init__(self, width: int, height: int, look: StreetLook, seed: int) -> None:
        self._width, self._height, self._look = width, height, look
        self._scale = min(width, height) / 180
        self._tints = np.stack([linear(tint) for tint in look.tints])
        random = rng(seed, 43)
        self._still = self._paint(random)
        self._drive(random)

    def at(self, t: float) -> Array:
        """Return the view at ``t`` seconds: ``(height, width, 3)`` linear RGB."""
        view = self._still.copy()
        span = 1.3 * self._width
        x = np.mod(self._from + self._speed * t, span) - 0.15 * self._width
        add_discs(view, x, self._lane, self._size, self._colour)
        return view

    def _paint(self, random: np.random.Generator) -> Array:
        w, h, s, look = self._width, self._height, self._scale, self._look
        view = np.ascontiguousarray(clear_sky(look.sky, h, w, _GROUND * h))
        for _ in range(15):  # houses, as blocks against the sky
            colour = linear(look.dark[int(random.integers(len(look.dark)))]).tolist()
            x, half = random.uniform(-0.05, 1.05) * w, random.uniform(0.05, 0.12) * w
            roof, base = (_GROUND - random.uniform(0.12, 0.50)) * h, _GROUND * h + 4 * s
            cv2.rectangle(view, (int(x - half), int(roof)), (int(x + half), int(base)), colour, -1)
        y = grid(h, w)[1] / F(h)
        near = ((y - F(_GROUND)) / F(1 - _GROUND)).clip(0, 1)[..., None]
        top, bottom = (linear(c) for c in look.ground)
        low = smoothstep(_GROUND - 0.03, _GROUND + 0.05, y)[..., None]
        view += (top + (bottom - top) * near - view) * low
        view = cv2.GaussianBlur(view, (0, 0), 5 * s)
        lights = np.zeros_like(view)
        self._lights(lights, random)
        view += lights
        self._mirror(view, lights)
        return view

    def _lights(self, lights: Array, random: np.random.Generator) -> None:
        """Add lit windows and signs, and two rows of lamps that approach on both sides."""
        w, h, s, power = self._width, self._height, self._scale, self._look.lamps
        n = max(24, round(36 * w / h))
        x, y = random.uniform(0, 1, n) * w, (_GROUND - 0.42 * random.random(n) ** 1.6) * h
        size = random.uniform(3.4, 9.5, n) * s
        tint = self._tints[random.integers(0, len(self._tints), n)]
        bright = power * random.uniform(0.12, 0.75, n) ** 1.2 * 1.5
        add_discs(lights, x, y, size, tint * bright[:, None])
        end = random.uniform(0.35, 0.65)
        near = np.tile([0.16, 0.26, 0.42, 0.68, 1.05], 2)
        x = (end + 0.62 * near * np.repeat([-1, 1], 5)) * w
        y = (_GROUND - 0.06 - 0.36 * near) * h
        lamp = np.tile(linear("#ffc27a") * F(1.25 * power), (10, 1))
        add_discs(lights, x, y, (2.6 + 11 * near) * s, lamp)

    def _mirror(self, view: Array, lights: Array) -> None:
        """Add long gleams below the lights, reflected by the wet ground."""
        ground = int(_GROUND * self._height)
        deep = self._height - ground
        seen = lights[max(0, ground - 2 * deep) : ground][::-1]
        seen = cv2.resize(seen, (self._width, deep), interpolation=cv2.INTER_AREA)
        seen = cv2.GaussianBlur(seen, (0, 0), sigmaX=1.5 * self._scale, sigmaY=16 * self._scale)
        begin = np.minimum(np.arange(deep, dtype=F) / F(8 * self._scale), 1)[:, None, None]
        view[ground:] += seen * begin * F(0.75)

    def _drive(self, random: np.random.Generator) -> None:
        """Prepare pairs of head and tail lights that pass along the street."""
        w, h, s, cars = self._width, self._height, self._scale, 7
        forth = np.repeat(random.random(cars) < 0.5, 2)
        gap = random.uniform(9, 16, cars) * s
        self._from = np.repeat(random.uniform(0, 1.3 * w, cars), 2)
        self._from[1::2] += gap
        self._speed = np.repeat(random.uniform(9, 24, cars), 2) * s * np.where(forth, 1, -1)
        self._lane = (_GROUND + np.where(forth, 0.085, 0.045)) * h
        self._size = np.repeat(random.uniform(4.5, 7.5, cars), 2) * s
        colours = np.where(forth[:, None], linear("#ffe6c4"), linear("#ff3424"))
        self._colour = colours * F(1.1 * max(self._look.lamps, 0.5))
