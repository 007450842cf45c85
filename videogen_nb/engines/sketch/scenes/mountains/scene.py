"""Mountains in mist: rows of ridges, cloud shadows on them, mist drifting between them."""

from __future__ import annotations

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import choose, linear
from ...drawing.compositing import darken, enlarged, grid, over, stack3, strips, vignette
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, rng, smoothstep
from ...layers.falling import SnowFall
from ...layers.sky import FixedStars, HighVeil, add_glow, away_from, clear_sky, orb
from ..base import Scene
from .massif import KINDS, LOOKS, Massif
from .mist import DISTANCES, MistBanks

_HORIZON = 0.62  # row of the horizon, as a fraction of the height
_SMALL = 4  # soft effects are computed at a quarter of the size
_SHADOW_SPEED = 26.0  # texels per second


class MountainsScene(Scene):
    """Mountains by day, at dusk or at night, clear or in thick mist, green or under snow."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 29)
        self._look = look = choose(LOOKS, "noon" if mood.noon else mood.time, "day", seed)
        self.exposure = look.exposure
        self._side = 1.0 if random.random() < 0.5 else -1.0
        self._wind = 1.0 if random.random() < 0.5 else -1.0
        span = max(width, 0.9 * height)
        lens = Lens(width, height, 1.15 * span, _HORIZON * height, 1.15)
        massif = Massif(lens, KINDS[seed % 3], look, self._side, mood, seed)
        self._top, self._shadows = massif.top, massif.shadows
        self._mist_colour = self._mist_light()
        self._sky = self._paint_sky()
        self._land, self._open = massif.colour, 1 - massif.cover
        for rows in strips(len(self._land), width):
            still = enlarged(self._mist_colour, _SMALL, rows, width)
            self._land[rows] += still * massif.mistiness[rows, :, None]
        density = (1.5 if mood.mist else 1.0) * (1.15 if seed % 3 == 1 else 1.0)
        self._mist = MistBanks(lens, self._top, massif.behind(DISTANCES), density, self._wind, seed)
        self._veil = HighVeil(
            width,
            lens.horizon,
            span,
            turn=random.uniform(0.3, 0.7) * np.pi,
            strength=random.uniform(0.45, 0.75),
            colour=linear(*look.veil),
            speed=22.0 * self._wind,
            seed=seed,
        )
        self._shade = vignette(width, height, 0.2)
        self._flakes = SnowFall(width, height, seed, 0.5 * mood.wind) if mood.snow else None

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        veil, mist, lit = self._veil.at(t), self._mist.at(t), self._lit(t)
        for rows in strips(self.height, self.width):
            np.copyto(out[rows], self._sky[rows])
            self._veil.over(out, rows, veil)
            first = max(rows.start, self._top)
            if first < rows.stop:
                low = slice(first - self._top, rows.stop - self._top)
                self._draw_land(out[first : rows.stop], low, lit, mist)
        darken(out, self._shade)
        if self._flakes is not None:
            self._flakes.draw(out, t)
        return out

    def _draw_land(self, part: Array, low: slice, lit: Array, mist: list[Array]) -> None:
        """Draw some rows of the land, counted from ``top``, and the mist in front of them."""
        land = cv2.multiply(self._land[low], stack3(enlarged(lit, _SMALL, low, self.width)))
        over(part, land, self._open[low])
        colour = enlarged(self._mist_colour, _SMALL, low, self.width)
        self._mist.over(part, low, colour, mist)

    def _lit(self, t: float) -> Array:
        """Return the light that cloud shadows leave on the land, at reduced size."""
        clouds, deep = self._shadows
        way = _SHADOW_SPEED * t
        dark = smoothstep(-0.2, 1.1, clouds(-way * self._wind, 0.25 * way)) - 0.3
        return np.asarray(1 - dark * deep * F(1.9 * self._look.shadows), F)

    def _orb(self) -> tuple[float, float]:
        """Return the column and row of the sun or moon, even if it is not drawn."""
        x, _, z = self._look.toward
        off = np.clip(x / max(z, 0.3), -1.1, 1.1) * 0.30
        up = self._look.orb[1]
        return (0.5 + self._side * off) * self.width, _HORIZON * self.height * (1 - up)

    def _mist_light(self) -> Array:
        """Return the mist's colour from row ``top`` on, at reduced size."""
        shade, lit, power = self._look.mist
        x, _ = self._orb()
        rows = -(-(self.height - self._top) // _SMALL)
        columns, rows_ = grid(rows, -(-self.width // _SMALL), _SMALL)
        near = np.exp(-np.square((columns - F(x)) / F(0.55 * self.width)))
        low = smoothstep(self.height, 0.45 * self.height, rows_ + F(self._top))
        amount = (near * (0.25 + 0.75 * low))[..., None]
        cool, warm = linear(shade, power), linear(lit, power)
        return np.ascontiguousarray(cool + (warm - cool) * amount, F)

    def _paint_sky(self) -> Array:
        w, h, look = self.width, self.height, self._look
        sky = clear_sky(look.sky, h, w, _HORIZON * h)
        x, y = self._orb()
        add_glow(sky, away_from(sky, x, y), look.glow, ((0.22, 1.0), (0.06, 0.6)))
        if look.stars:
            upper = sky[: int(_HORIZON * h)]
            FixedStars(upper.shape[:2], max(w, h), rng(self.seed, 40)).draw(upper, 0.6)
        if look.orb[0]:
            moon = self.seed if look.stars else None
            disc = orb(h, w, x, y, 0.024 * min(w, h), moon) * F(look.orb[0])
            sky += disc[..., None] * linear(look.sun[0])
        return np.ascontiguousarray(sky, F)
