"""A row of cumulus clouds that drifts past, slowly changing its shape."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.compositing import grid, over, strips
from ...drawing.noise import Array, F, fbm_tile, lookup, rng
from .cumulus import CloudPlanes, CumulusVolume

_CELL = 6  # the volume's size is a multiple of its coarse grid's cell
_LONGEST_S = 17  # seconds for which clouds keep entering from outside the frame


@dataclass(frozen=True, slots=True)
class CloudColours:
    """Linear RGB colours of a cloud: of sunlight, skylight, and the air in front of it.

    ``haze`` is the opacity of that air at the clouds' base; it falls to 0 at the top.
    """

    sun: Array
    sky: Array
    air: Array
    haze: float


class CloudBank:
    """Clouds that share one base, drawn over images ``width`` pixels wide. Thread-safe.

    Args:
        base: row of the clouds' underside in the image.
        puffs: from :func:`.cumulus.heap`, with x relative to the image's left edge at t = 0.
        toward: direction to the sun, as for :class:`.cumulus.CumulusVolume`.
        drift: speed to the right, in pixels per second.
        zoom: image pixels per pixel of the volume.
    """

    def __init__(
        self,
        width: int,
        height: int,
        base: float,
        puffs: Array,
        *,
        toward: tuple[float, float, float],
        colours: CloudColours,
        drift: float,
        zoom: float,
        seed: int,
    ) -> None:
        self._width, self._drift, self._seed = width, drift, seed
        self._unit = min(width, height) / 720
        room = round(abs(drift) * _LONGEST_S)
        # slightly more than the drift needs, since the swirls also reach over the edge
        spare = round(48 * self._unit)
        self._left = spare + (room if drift > 0 else 0)
        self._span = width + room + 2 * spare
        top = base - float((puffs[:, 1] + 1.3 * puffs[:, 3]).max()) - 30 * self._unit
        self._y0, self._y1 = max(0, int(top)), min(height, int(base + 24 * self._unit))
        planes = self._volume(base, puffs, toward, zoom)
        self._layer = self._paint(planes, base, colours, zoom)
        self._flow = self._displacements()

    def over(self, image: Array, t: float) -> None:
        """Draw the clouds at ``t`` seconds over ``image`` in place."""
        shift = self._left - self._drift * t
        grown = F(t - 5.0)  # the shapes are undistorted at five seconds
        columns = np.arange(self._width, dtype=F)[None] + F(shift)
        for rows in strips(self._y1 - self._y0, self._width):
            lines = np.arange(rows.start, rows.stop, dtype=F)[:, None]
            x, y = self._flow[0][rows] * grown + columns, self._flow[1][rows] * grown + lines
            seen = cv2.remap(self._layer, x, y, cv2.INTER_LINEAR, borderValue=(0, 0, 0, 1))
            part = image[self._y0 + rows.start : self._y0 + rows.stop]
            over(part, cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), cv2.extractChannel(seen, 3))

    def _volume(
        self, base: float, puffs: Array, toward: tuple[float, float, float], zoom: float
    ) -> CloudPlanes:
        small = puffs / zoom
        small[:, 0] += self._left / zoom
        width = -(-round(self._span / zoom) // _CELL) * _CELL
        height = -(-round((self._y1 - self._y0) / zoom) // _CELL) * _CELL
        fine = zoom / self._unit
        return CumulusVolume(
            width, height, (base - self._y0) / zoom, small, toward, self._seed, fine
        ).light()

    def _paint(self, planes: CloudPlanes, base: float, colours: CloudColours, zoom: float) -> Array:
        """Return the coloured clouds: ``(rows, span, 4)``, premultiplied RGB and 1 minus alpha."""
        u, v = self._crumpled(zoom)
        direct, ambient, cover = (
            cv2.remap(p, u, v, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            for p in (planes.direct, planes.ambient, planes.cover)
        )
        np.clip(cover, 0, 1, out=cover)
        rows = np.arange(self._y0, self._y1, dtype=F)[:, None]
        low = np.clip(1 - (F(base) - rows) / F(max(base - self._y0, 1)), 0, 1)
        haze = np.broadcast_to(F(colours.haze) * (0.25 + 0.75 * low * low), cover.shape)
        layer = np.empty((*cover.shape, 4), F)
        for c in range(3):
            light = direct * colours.sun[c] + ambient * colours.sky[c]
            layer[..., c] = np.maximum(light * (1 - haze) + cover * haze * colours.air[c], 0)
        layer[..., 3] = 1 - cover
        return layer

    def _crumpled(self, zoom: float) -> tuple[Array, Array]:
        """Return each pixel's position in the volume, displaced by noise finer than the volume."""
        shape = (self._y1 - self._y0, self._span)
        fine = fbm_tile(256, 2.2, rng(self._seed, 62), 6, 90)
        x, y = grid(*shape)
        step = F(0.9 / self._unit)
        dx, dy = lookup(fine, x * step, y * step), lookup(fine, y * step + 90, x * step)
        push = F(1.1 * self._unit)
        return (x + dx * push) / F(zoom) - 0.5, (y + dy * push) / F(zoom) - 0.5

    def _displacements(self) -> tuple[Array, Array]:
        """Return the velocity in pixels per second, x and y, that swirls and lifts the clouds."""
        stream = fbm_tile(256, 3.4, rng(self._seed, 63), 3, 12)
        # so that a swirl spans about 250 of 1280 pixels
        x, y = grid(self._y1 - self._y0, self._width, 0.078 / self._unit)
        along_y, along_x = np.gradient(lookup(stream, x, y))
        strength = 1.9 * self._unit / max(float(along_x.std()), 1e-6)
        above = np.linspace(1.0, 0.0, len(along_x), dtype=F)[:, None]  # the bases stay flat
        free = np.minimum(above * 1.8, 1) * F(strength)
        return along_y * free, above * F(1.2 * self._unit) - along_x * free
