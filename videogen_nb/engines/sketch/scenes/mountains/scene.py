"""Mountains in mist: rows of ridges, and banks of mist that drift between them."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np

from .....i18n import Text
from ...noise import Array, F, fbm_tile, gradient, linear, rng, smoothstep
from ..base import Mood, Scene
from ..enlarge import bands, enlarged
from ..optics import stack3, vignette
from ..overlays import SnowFall
from ..spots import add_spots
from ..veil import HighVeil
from ..vista import Lens
from .looks import mountain_look
from .massif import KINDS, Massif
from .mist import DISTANCES, MistBanks

_HORIZON = 0.62  # of the height
_SMALL = 4  # the mist's colour is worked out at a fourth of the size


class MountainsScene(Scene):
    """Mountains by day, at dusk or at night, clear or in thick mist, green or under snow."""

    name: ClassVar[str] = "mountains"
    title: ClassVar[Text] = Text("Mountains", "山峦")
    example: ClassVar[Text] = Text("Mountains in the morning mist", "晨雾中的群山")
    understands: ClassVar[frozenset[str]] = frozenset({"time", "snow", "mist"})

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 29)
        self._look = mountain_look(mood.time, seed)
        self.exposure = self._look.exposure
        self._side = 1.0 if random.random() < 0.5 else -1.0
        self._unit = min(width, height) / 720
        lens = Lens(width, height, 1.15 * max(width, 0.9 * height), _HORIZON * height, 1.15)
        massif = Massif(lens, KINDS[seed % 3], self._look, self._side, mood.snow, seed)
        self._top = massif.top
        self._mist_colour = self._mist_light()
        self._sky = self._paint_sky(random)
        self._land, self._open = self._join(massif)
        wind = 1.0 if random.random() < 0.5 else -1.0
        density = (1.5 if mood.mist else 1.0) * (1.15 if seed % 3 == 1 else 1.0)
        self._mist = MistBanks(lens, self._top, massif.behind(DISTANCES), density, wind, seed)
        self._veil = HighVeil(
            width,
            lens.horizon,
            max(width, 0.9 * height),
            turn=random.uniform(0.3, 0.7) * np.pi,
            strength=random.uniform(0.2, 0.5),
            colour=linear(self._look.veil) * F(self._look.veil_power),
            speed=3.0 * wind,
            seed=seed,
        )
        self._shade = vignette(width, height, 0.2)
        self._flakes = SnowFall(width, height, seed, 0.5 * mood.wind) if mood.snow else None

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        veil, mist = self._veil.at(t), self._mist.at(t)
        for rows in bands(0, self._top):
            np.copyto(out[rows], self._sky[rows])
            self._veil.over(out, rows, veil)
        for rows in bands(self._top, self.height):
            np.copyto(out[rows], self._sky[rows])
            self._veil.over(out, rows, veil)
            low = slice(rows.start - self._top, rows.stop - self._top)
            part = out[rows]
            cv2.multiply(part, stack3(self._open[low]), dst=part)
            cv2.add(part, self._land[low], dst=part)
            colour = enlarged(self._mist_colour, _SMALL, low, self.width)
            self._mist.over(part, low, colour, mist)
        for rows in bands(0, self.height):
            cv2.multiply(out[rows], stack3(self._shade[rows]), dst=out[rows])
        if self._flakes is not None:
            self._flakes.draw(out, t)
        return out

    def _join(self, massif: Massif) -> tuple[Array, Array]:
        """The land with its still mist, and what of the sky is seen beside it."""
        land = massif.colour
        for rows in bands(0, len(land)):
            colour = enlarged(self._mist_colour, _SMALL, rows, self.width)
            land[rows] += colour * massif.mistiness[rows, :, None]
        return land, 1 - massif.cover

    def _orb(self) -> tuple[float, float]:
        """Column and row at which the sun or moon stands, or above which it would."""
        look = self._look
        x, _, z = look.toward
        off = np.clip(x / max(z, 0.3), -1.1, 1.1) * 0.30
        return (0.5 + self._side * off) * self.width, _HORIZON * self.height * (1 - look.orb_up)

    def _mist_light(self) -> Array:
        """The mist's colour from row ``top`` on, in small: lit towards the sun, else dim."""
        look = self._look
        x, _ = self._orb()
        w, h = -(-self.width // _SMALL), -(-(self.height - self._top) // _SMALL)
        columns = (np.arange(w, dtype=F)[None] + F(0.5)) * F(_SMALL)
        rows = (np.arange(h, dtype=F)[:, None] + F(0.5)) * F(_SMALL) + F(self._top)
        near = np.exp(-np.square((columns - F(x)) / F(0.55 * self.width)))
        low = smoothstep(self.height, 0.45 * self.height, rows)
        lit = (near * (F(0.25) + F(0.75) * low))[..., None]
        cool, warm = linear(look.mist), linear(look.mist_lit)
        return np.ascontiguousarray((cool + (warm - cool) * lit) * F(look.mist_power), F)

    def _paint_sky(self, random: np.random.Generator) -> Array:
        w, h, look = self.width, self.height, self._look
        y = (np.arange(h, dtype=F) + F(0.5)) / F(_HORIZON * h)
        sky = np.repeat(gradient(look.sky, y)[:, None], w, 1)
        x, row = self._orb()
        dx = np.arange(w, dtype=F)[None] + F(0.5 - x)
        dy = np.arange(h, dtype=F)[:, None] + F(0.5 - row)
        away = np.hypot(dx, dy) / F(h)
        glow = np.exp(-away / F(0.22)) + F(0.6) * np.exp(-away / F(0.06))
        sky += (F(look.glow_power) * glow)[..., None] * linear(look.glow)
        if look.stars:
            self._stars(sky, random)
        if look.orb_power:
            radius = 0.024 * min(w, h)
            disc = np.clip((1 - away * F(h / radius)) * F(radius) + F(0.5), 0, 1)
            face = self._maria(dx / F(radius), dy / F(radius)) if look.stars else F(1)
            sky += (disc * face * F(look.orb_power))[..., None] * linear(look.sun)
        return np.ascontiguousarray(sky, F)

    def _maria(self, dx: Array, dy: Array) -> Array:
        """The moon's darker plains."""
        tile = fbm_tile(64, 2.6, rng(self.seed, 12), 1, 16)
        u, v = (np.ascontiguousarray(a) for a in np.broadcast_arrays(dx * 9 + 32, dy * 9 + 32))
        return 1 - F(0.13) * cv2.remap(tile, u, v, cv2.INTER_LINEAR)

    def _stars(self, sky: Array, random: np.random.Generator) -> None:
        n = 420
        x, y = random.uniform(0, self.width, n), random.uniform(0, 1, n)
        flux = np.minimum(0.09 * (1 - random.random(n)) ** (-1 / 1.5), 1.6) * (1 - y) ** 0.4
        tint = np.where(random.random(n)[:, None] < 0.6, linear("#c4d4ff"), linear("#fff0dc"))
        sigma = np.full(n, max(0.6, 0.75 * self._unit))
        add_spots(sky, x, y * _HORIZON * self.height, sigma, tint * flux[:, None])
