"""Clouds over the sea: drifting density fields, lit by the sun or moon."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.colour import gradient
from ...drawing.compositing import strips
from ...drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep
from .view import SeaLook, SeaView

_FINE = 2.3  # scale of the second texture relative to the first
_SIZE = 512
_DEEPEST = 4.5  # lower bound of the density, negated
_SHINE_THROUGH = 0.85  # reduction of the opacity in front of the sun, which burns through


@dataclass(frozen=True, slots=True)
class CloudKind:
    """The parameters that turn two noises into one kind of cloud.

    A density of ``low`` means clear, and ``high`` overcast; ``drift`` is in texels per second.
    """

    beta: float
    stretch: float
    lowest: float
    fine: float
    low: float
    high: float
    opacity: float
    drift: tuple[float, float]


_SCATTERED = CloudKind(2.9, 1.6, 1.0, 0.42, 0.15, 1.55, 0.92, (4.0, -2.7))
_STREAKS = CloudKind(2.7, 4.5, 1.0, 0.30, 0.0, 2.1, 0.80, (6.0, -1.7))
_CEILING = CloudKind(2.9, 1.7, 1.0, 0.40, -1.5, 0.9, 0.96, (11.0, -6.0))
_BANK = CloudKind(3.0, 1.5, 3.0, 0.22, 0.0, 0.55, 0.95, (2.4, 0.0))


@dataclass(frozen=True, slots=True)
class CloudPlace:
    """The noise position of each pixel, and how light and opacity vary over the frame.

    Arrays are ``(h, w)``, colours ``(h, w, 3)``. ``toward`` points to the light, in texels.
    """

    u: Array
    v: Array
    toward: tuple[Array, Array]
    bias: Array
    fade: Array
    lit: Array
    dark: Array


class CloudStrip:
    """Some rows of a cloud layer. Thread-safe."""

    def __init__(
        self,
        kind: CloudKind,
        place: CloudPlace,
        rows: slice,
        coarse: ScrollingTile,
        fine: ScrollingTile,
    ) -> None:
        self._rows, self._kind = rows, kind
        u, v = place.u[rows], place.v[rows]
        nearer = u + place.toward[0][rows], v + place.toward[1][rows]
        self._here, self._nearer = (
            (coarse.elsewhere(a, b), fine.elsewhere(a * F(_FINE), b * F(_FINE)))
            for a, b in ((u, v), nearer)
        )
        self._bias = np.ascontiguousarray(place.bias[rows])
        self._fade = place.fade[rows] * F(kind.opacity)
        self._dark = np.ascontiguousarray(place.dark[rows])
        self._lit = np.ascontiguousarray(place.lit[rows])

    def over(self, sky: Array, t: float, clear: Array) -> None:
        """Draw the clouds at ``t`` seconds over ``sky`` in place.

        ``clear``, ``(h, w)``, is multiplied by their transmittance.
        """
        density, sky = self._density(self._here, t), sky[self._rows]
        shade = cv2.subtract(density, self._density(self._nearer, t))
        cv2.add(density, self._bias, dst=density)
        cover = smoothstep(self._kind.low, self._kind.high, density)
        shade = np.clip(shade * 0.55 + 0.55, 0, 1.25)
        shade += cover * (1 - cover) * 0.9  # bright edges
        colour = cv2.blendLinear(self._lit, self._dark, shade, 1 - shade)
        cover *= self._fade
        cv2.blendLinear(colour, sky, cover, 1 - cover, dst=sky)
        clear[self._rows] *= 1 - cover

    def _density(self, tiles: tuple[ScrollingTile, ScrollingTile], t: float) -> Array:
        # the fine noise drifts slightly faster, so that the clouds evolve
        du, dv = self._kind.drift[0] * t, self._kind.drift[1] * t
        fine = tiles[1](du * 1.9, dv * 1.9 + 33)
        return cv2.scaleAdd(fine, self._kind.fine, tiles[0](du, dv))


def sea_clouds(view: SeaView, look: SeaLook, seed: int) -> list[CloudStrip]:
    """Build strips of cloud layers, back to front: a high ceiling, sometimes a low bank."""
    light, day = _Light(view, look), look.hour == "day"
    kind = _CEILING if look.hour == "storm" else (_STREAKS, _SCATTERED)[(seed // 2 + seed) % 2]
    layers = [(kind, light.ceiling())]
    if day or (seed % 2 and kind is not _CEILING):
        layers.append((_BANK, light.bank(day, seed)))
    nowhere = np.zeros((1, 1), F)
    fine = ScrollingTile(fbm_tile(_SIZE, 2.5, rng(seed, 11, 2), 2, 195), nowhere, nowhere)
    found = []
    for part, (kind, place) in enumerate(layers, start=11):
        tile = fbm_tile(_SIZE, kind.beta, rng(seed, part, 1), kind.lowest, 165, kind.stretch)
        coarse = ScrollingTile(tile, nowhere, nowhere)
        reached = (place.fade > 1e-3) & (place.bias > kind.low - _DEEPEST)
        found += [
            CloudStrip(kind, place, rows, coarse, fine)
            for rows in strips(*place.u.shape)
            if reached[rows].any()
        ]
    return found


class _Light:
    """The half-size sky's coordinates, and the colours that clouds would have there."""

    def __init__(self, view: SeaView, look: SeaLook) -> None:
        self._x, self._up = view.sky_grid()
        self._sun_up = view.sun_up
        distance = view.sun_distance()
        near_sun = np.exp(-((distance / F(look.sun[2] * 2.2)) ** 2))
        self._open_sun = 1 - F(_SHINE_THROUGH) * near_sun
        shine = 1 + F(look.cloud_glow) * np.exp(-distance / 0.12)
        self._lit = gradient(look.cloud_lit, distance) * shine[..., None]
        self._dark = gradient(look.cloud_dark, distance)

    def ceiling(self) -> CloudPlace:
        """Return a flat layer high above, seen from below."""
        up = self._up
        depth = np.maximum(up, 0) + 0.045
        fade = smoothstep(0.0, 0.05, up) * smoothstep(0.62, 0.16, up) * self._open_sun
        u, v, bias = self._x / depth * 70, 41 / depth, np.zeros_like(up)
        return CloudPlace(u, v, self._toward(6.0), bias, fade, self._lit, self._dark)

    def bank(self, day: bool, seed: int) -> CloudPlace:
        """Return a bank of cumulus low over the horizon."""
        random, x, up = rng(seed, 13), self._x, self._up
        tall = float(random.uniform(0.05, 0.085) if day else random.uniform(0.018, 0.034))
        side = F(random.uniform(-0.35, 0.35))
        rise = 1.0 - 2.6 * smoothstep(0.0, 2.2 * tall, up)
        rise -= 0.9 * (1 - np.exp(-(((x - side) / 0.42) ** 2)))
        scale = F(410 if day else 500)
        from_above = np.full_like(x, 3.4), np.full_like(x, -6.0)
        return CloudPlace(
            u=x * scale,
            v=-up * scale * 1.9,
            toward=from_above if day else self._toward(8.0),
            bias=np.asarray(rise, F),
            fade=np.asarray(smoothstep(-0.004, 0.012, up) * self._open_sun, F),
            lit=self._lit,
            dark=self._dark,
        )

    def _toward(self, texels: float) -> tuple[Array, Array]:
        """Return steps of ``texels`` towards the light."""
        x, up = -self._x, F(self._sun_up) - self._up
        distance = np.sqrt(x * x + up * up) + 1e-4
        return x / distance * F(texels), -up / distance * F(texels)
