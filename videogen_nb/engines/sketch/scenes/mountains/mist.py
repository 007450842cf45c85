"""Mist that drifts between mountains: banks at several distances that hide what is beyond."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.compositing import enlarged, grid, stack3
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep

_SMALL = 4  # the mist is computed at a quarter of the size
#: (distance, height of its top and depth of its ragged edge, opacity, speed), in km and km per
#: second, as in a time lapse
_BANKS = (
    (1.8, 0.66, 0.17, 0.66, 0.11),
    (3.4, 0.72, 0.21, 0.72, 0.15),
    (6.5, 0.92, 0.30, 0.74, 0.20),
    (12.5, 1.28, 0.44, 0.64, 0.28),
)
DISTANCES = tuple(bank[0] for bank in _BANKS)


@dataclass(frozen=True, slots=True)
class _Bank:
    billows: ScrollingTile
    wisps: ScrollingTile
    bias: Array
    behind: Array
    drift: float

    def cover(self, t: float) -> Array:
        """Return the opacity at ``t`` seconds; its two noises move at different speeds."""
        way = self.drift * t
        noise = self.billows(way, 5.0 * t)
        cv2.scaleAdd(self.wisps(2.9 * way, 13.0 * t), 0.45, noise, dst=noise)
        cv2.scaleAdd(noise, 0.72, self.bias, dst=noise)
        return smoothstep(-0.35, 1.5, noise)


class MistBanks:
    """Banks of mist for images of one size. Thread-safe.

    Args:
        top: first row that has mist.
        behind: for each of ``DISTANCES``, how much of each pixel from ``top`` on is beyond it.
        density: 1 for mist in the valleys, 1.6 for thick mist.
        wind: speed of the drift, about 1; the sign is its direction.
    """

    def __init__(
        self, lens: Lens, top: int, behind: list[Array], density: float, wind: float, seed: int
    ) -> None:
        tiles = [fbm_tile(256, beta, rng(seed, 31, k), 2, 60) for k, beta in enumerate((3.0, 2.4))]
        x, y = grid(-(-len(behind[0]) // _SMALL), -(-lens.width // _SMALL), _SMALL)
        rise = (F(lens.horizon - top) - y) / F(lens.focal)
        across = (x - F(lens.centre)) / F(lens.focal)
        self._banks = []
        for k, (away, upper, ragged, cover, speed) in enumerate(_BANKS):
            scale = away**-0.1 * 44  # texels per km
            height = F(lens.camera_height) + rise * F(away)
            u, v = np.broadcast_arrays(
                across * F(away * scale) + F(61 * k), height * 110 + F(37 * k)
            )
            bias = (F(upper + 0.22 * (density - 1)) - height) / F(ragged)
            self._banks.append(
                _Bank(
                    ScrollingTile(tiles[0], u, v),
                    ScrollingTile(tiles[1], u * 2.3, v * 1.9),
                    np.ascontiguousarray(np.broadcast_to(bias, u.shape), F),
                    behind[k] * F(min(cover * density, 0.9)),
                    -wind * speed * scale,
                )
            )

    def at(self, t: float) -> list[Array]:
        """Return the opacity of each bank at ``t`` seconds, at reduced size, for :meth:`over`."""
        return [bank.cover(t) for bank in self._banks]

    def over(self, part: Array, rows: slice, colour: Array, covers: list[Array]) -> None:
        """Draw the mist over ``part``, which is ``rows`` of an image, counted from ``top``."""
        clear = np.ones(part.shape[:2], F)
        for bank, small in zip(self._banks, covers, strict=True):
            cover = enlarged(small, _SMALL, rows, part.shape[1])
            cover = cv2.multiply(cover, bank.behind[rows])
            cv2.subtract(1.0, cover, dst=cover)
            cv2.multiply(clear, cover, dst=clear)
        cv2.subtract(part, colour, dst=part)
        cv2.multiply(part, stack3(clear), dst=part)
        cv2.add(part, colour, dst=part)
