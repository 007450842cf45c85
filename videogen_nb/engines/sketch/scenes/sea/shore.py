"""The surf zone: wash running up the sand and back, and lacy foam.

Water is where ``away``, the distance from the camera, is large; everything else follows from how
far a pixel is behind the edge of a wash. Distances from the camera are in metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import stack3, strips
from ...drawing.noise import Array, F, ScrollingTile, along, fbm_tile, lookup, rng, smoothstep
from .view import CAMERA_M, SeaLook, SeaView

_FIRST_ROW = 0.62  # top of the surf zone, as a fraction of the height
_TILE = 512
_PULLED_BACK, _RUN_UP = 0.845, 0.955  # extremes of the wash, as fractions of the height
_WASH_S = 6.4  # period of a wash in seconds; two alternate
_WASHES = 2


@dataclass(frozen=True, slots=True)
class Wash:
    """A sheet of water running up the sand or back."""

    edge: Array  # (1, columns), distance of its edge in metres
    run: float  # 0 fully back, 1 furthest up
    fading: float  # fading of the foam left behind, 0 to 1
    fresh: float  # freshness of the foam at its edge, 0 to 1


class Surf:
    """All washes on the shore as functions of time. Thread-safe."""

    def __init__(self, view: SeaView, seed: int) -> None:
        self.rest = view.row_distance(_PULLED_BACK)
        self.highest = view.row_distance(_RUN_UP)
        self.reach = self.rest - self.highest
        self._phase = float(rng(seed, 22).uniform(0, 1))
        self._smooth = fbm_tile(_TILE, 4.2, rng(seed, 21), 1, 10)
        columns = np.arange(view.half_width) * 2 + 1 - view.width / 2
        self._along = columns / view.focal * self.rest
        bays = self._noise_along(34.0, 100, 0)
        tide = float(rng(seed, 29).uniform(-0.6, 0.9))
        self.bays = (bays - bays.mean() + F(tide)) * F(0.30 * self.reach)

    def swing(self, t: float) -> float:
        """Return the phase in radians of the water's back-and-forth motion."""
        return 2 * math.pi * (t / _WASH_S + self._phase)

    def washes(self, t: float) -> list[Wash]:
        return [self._wash(k, t) for k in range(_WASHES)]

    def _wash(self, k: int, t: float) -> Wash:
        phase = (t / _WASH_S + k / _WASHES + self._phase) % 1.0
        if phase < 0.46:
            run = math.sin(math.pi * phase / 0.92) ** 0.85
        else:
            run = math.cos(math.pi * (phase - 0.46) / 1.08) ** 1.6
        edge = self.rest + (0.12 - 1.05 * run * (1 - 0.10 * k)) * self.reach
        edge = edge + self.bays * (0.55 + 0.6 * run)
        edge += self._noise_along(17.0, 40 + 150 * k, t) * (0.13 * self.reach * (0.3 + run))
        edge += self._noise_along(6.5, 90 + 130 * k, t * 1.7) * (0.028 * self.reach)
        return Wash(
            edge.astype(F)[None],
            run,
            float(smoothstep(0.44, 0.9, phase)),
            float(smoothstep(0, 0.10, phase) * (1 - smoothstep(0.72, 1.0, phase))),
        )

    def _noise_along(self, metres: float, row: int, t: float) -> Array:
        """Return smooth noise ``(columns,)`` along the shore, drifting slowly with ``t``."""
        line = self._smooth[row % _TILE]
        return along(np.append(line, line[0]), (self._along / metres + 0.013 * t) * _TILE)


def dry_sand(look: SeaLook, x: Array, away: Array, seed: int) -> Array:
    """Return the beach's colours ``(h, w, 3)`` at (x, away) in metres: shaded ripples and grain."""
    shade = np.ones_like(x)
    for part, (metres, beta, lowest, strength) in enumerate(
        ((7.0, 2.8, 5.0, 0.16), (2.3, 2.2, 5.0, 0.13), (1.1, 1.2, 20.0, 0.07))
    ):
        height = fbm_tile(_TILE, beta, rng(seed, 26, part), lowest, 150)
        slope = np.roll(height, -2, 0) - np.roll(height, 2, 0)
        slope *= F(strength) / slope.std()
        shade += lookup(slope, x * F(_TILE / metres), away * F(_TILE / metres))
    return np.asarray(np.maximum(shade, 0.35)[..., None] * linear(*look.dry_sand), F)


class _Strip(NamedTuple):
    """Some rows of the shore; arrays are ``(rows, columns)``, or with three colours."""

    rows: slice
    away: Array
    pixel: Array  # depth of a pixel in metres
    lace: ScrollingTile
    fine_lace: ScrollingTile
    sand: Array  # dry or wet, without its reflection
    wet: Array
    nearest: float


class Shore:
    """The surf zone and the beach, drawn over the water. Thread-safe."""

    def __init__(self, view: SeaView, look: SeaLook, seed: int) -> None:
        self._surf = surf = Surf(view, seed)
        self._reach = surf.reach
        self._top = max(0, int(_FIRST_ROW * view.height) - view.horizon)
        x, away = (grid[self._top :] for grid in view.water_grid())
        slant = float(rng(seed, 20).uniform(0.05, 0.24)) * (-1 if seed % 2 else 1)
        slanted = away + F(slant) * x
        damp = slanted - (surf.highest + 0.02 * surf.reach + surf.bays * 1.1)
        wet = smoothstep(-0.30 * surf.reach, 0.16 * surf.reach, damp).astype(F)
        wet_colour = linear(*look.wet_sand)
        sand = dry_sand(look, x, away, seed)
        sand += (wet_colour * F(0.42) - sand) * wet[..., None]
        # transforms of the reflected sky to the colours of thin water and of foam
        self._thin = _scale_and_add(0.50, wet_colour * F(0.35))
        self._white = _scale_and_add(0.75, linear(*look.foam))
        pixel = np.maximum(away * away / F(view.focal * CAMERA_M), 0.008).astype(F)
        lace = ScrollingTile(_lace(seed), x[:1, :1], away[:1, :1])
        u, v = x * F(_TILE), away * F(_TILE)
        self._strips = [
            _Strip(
                r,
                np.ascontiguousarray(slanted[r]),
                pixel[r],
                lace.elsewhere(u[r] * 0.2, v[r] * 0.16),
                lace.elsewhere(u[r] * 0.46 + 90, v[r] * 0.368),
                sand[r],
                wet[r],
                float(slanted[r].min()),
            )
            for r in strips(*x.shape)
        ]
        fade = max(1, int(0.05 * view.height))
        self._fade_in = smoothstep(0, fade, np.arange(fade, dtype=F)).astype(F)[:, None, None]

    def over(self, water: Array, mirrored: Array, t: float) -> None:
        """Draw the shore at ``t`` seconds over ``water`` in place (both at half width)."""
        sea, sheen = water[self._top :], mirrored[self._top :]
        washes = self._surf.washes(t)
        swing = self._surf.swing(t)
        laces = (3 * math.sin(0.5 * t) + 8, 26 * math.sin(swing) + 40, 20 * math.sin(swing + 0.5))
        for strip in self._strips:
            rows = strip.rows
            drawn = self._draw(strip, sea[rows], sheen[rows], washes, laces)
            if drawn is not None:
                fade = self._fade_in[rows]
                drawn[: len(fade)] = sea[rows][: len(fade)] * (1 - fade) + drawn[: len(fade)] * fade
                sea[rows] = drawn

    def _draw(
        self,
        strip: _Strip,
        sea: Array,
        sheen: Array,
        washes: list[Wash],
        laces: tuple[float, float, float],
    ) -> Array | None:
        """Return the rows with foam, sand and thin water, or None if they are all open sea."""
        edge = np.minimum(washes[0].edge, washes[1].edge)
        if strip.nearest >= float(edge.max()) + 5 * self._reach:
            return None
        fine_lace = strip.fine_lace(9.0, laces[2] + 40)
        lace = strip.lace(laces[0], laces[1])
        foam = np.zeros_like(strip.away)
        behind = strip.away - edge
        for wash in washes:
            self._foam_of_wash(strip, foam, wash, lace, fine_lace)
        image = self._join(strip, self._shallows(sea, sheen, behind), sheen, behind)
        white = np.clip(foam, 0, 1, out=foam) * F(0.9)
        return cv2.blendLinear(cv2.transform(sheen, self._white), image, white, 1 - white)

    def _shallows(self, sea: Array, sheen: Array, behind: Array) -> Array:
        """Blend in thin water: less of the sea's own colour, more sand and reflection."""
        deep = np.clip(behind / F(1.6 * self._reach), 0, 1)
        thin = cv2.transform(sheen, self._thin)
        return cv2.blendLinear(sea, thin, deep * 0.70 + 0.30, 0.70 - deep * 0.70)

    def _foam_of_wash(
        self, strip: _Strip, foam: Array, wash: Wash, lace: Array, fine_lace: Array
    ) -> None:
        behind = strip.away - wash.edge
        white = _bell(behind / (strip.pixel + F(0.035 * self._reach)), 1.48, 0.71)
        white *= (fine_lace * 0.5 + 0.65) * F(0.20 + 0.80 * wash.fresh)
        cv2.max(foam, white, dst=foam)
        trail = cv2.absdiff(behind, 0)
        trail *= F(-1 / ((0.20 + 0.75 * wash.run) * self._reach))
        np.exp(np.maximum(trail, -30, out=trail), out=trail)
        trail *= behind > 0
        net = cv2.addWeighted(lace, 1, fine_lace, 0.55, -0.22 - 0.55 * wash.fading)
        trail *= np.clip(net, 0, 1, out=net) * F(0.25 + 0.75 * wash.fresh)
        cv2.max(foam, trail, dst=foam)

    def _join(self, strip: _Strip, image: Array, sheen: Array, behind: Array) -> Array:
        """Join sand and water at the edge, with the edge's thin shadow."""
        ground = cv2.multiply(sheen, stack3(strip.wet), scale=0.46)
        cv2.add(ground, strip.sand, dst=ground)
        water = smoothstep(-1, 1, behind / (strip.pixel * 1.5))
        image = cv2.blendLinear(image, ground, water, 1 - water)
        ahead = behind + strip.pixel * 1.2 + F(0.02 * self._reach)
        shadow = _bell(ahead / (strip.pixel + F(0.03 * self._reach)), 1.0, 1.0) * (1 - water)
        return cv2.multiply(image, stack3(1 - shadow * 0.35), dst=image)


def _lace(seed: int) -> Array:
    """Return the net of foam that a broken wave leaves behind."""
    cells = np.abs(fbm_tile(_TILE, 2.9, rng(seed, 23), 5, 40))
    small = np.abs(fbm_tile(_TILE, 2.6, rng(seed, 24), 12, 90))
    lace = np.exp(-((cells / 0.20) ** 2)) + 0.55 * np.exp(-((small / 0.22) ** 2))
    return np.clip(lace, 0, 1.3).astype(F)


def _scale_and_add(scale: float, colour: Array) -> Array:
    """Return the matrix of ``x * scale + colour`` for ``cv2.transform``."""
    return np.hstack([np.eye(3, dtype=F) * F(scale), colour[:, None]])


def _bell(x: Array, ahead: float, behind: float) -> Array:
    """Return exp(-(k·x)²), with a different k on each side of 0."""
    steep = cv2.absdiff(x, 0)
    cv2.addWeighted(steep, (behind + ahead) / 2, x, (behind - ahead) / 2, 0, dst=steep)
    np.minimum(steep, 5, out=steep)
    cv2.multiply(steep, steep, dst=steep, scale=-1)
    return np.exp(steep, out=steep)
