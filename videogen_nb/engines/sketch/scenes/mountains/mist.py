"""Mist that drifts between mountains: banks at several distances, each before what lies behind."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep
from ..enlarge import enlarged
from ..optics import stack3
from ..vista import Lens

_SMALL = 4  # the mist is worked out at a fourth of the size
#: (km away, height of its upper side and depth of its ragged edge in km, cover, km a second)
_BANKS = (
    (1.7, 0.62, 0.16, 0.55, 0.016),
    (3.0, 0.66, 0.20, 0.62, 0.020),
    (5.0, 0.78, 0.26, 0.66, 0.022),
    (8.5, 0.98, 0.34, 0.62, 0.026),
    (13.0, 1.25, 0.45, 0.55, 0.030),
)
DISTANCES = tuple(bank[0] for bank in _BANKS)


@dataclass(frozen=True, slots=True)
class _Bank:
    billows: ScrollingTile
    wisps: ScrollingTile
    bias: Array
    behind: Array
    drift: float


class MistBanks:
    """Banks of mist for pictures of one size. Safe from several threads.

    Args:
        top: first row that has mist.
        behind: for each of ``DISTANCES`` how much of each pixel from ``top`` on lies behind.
        density: 1 for mist in the valleys, 1.6 for thick mist.
        wind: side and strength of the drift, about 1.
    """

    def __init__(
        self,
        lens: Lens,
        top: int,
        behind: list[Array],
        density: float,
        wind: float,
        seed: int,
    ) -> None:
        tiles = [fbm_tile(256, beta, rng(seed, 31, k), 2, 60) for k, beta in enumerate((3.0, 2.4))]
        rows, columns = behind[0].shape
        y = np.arange(_SMALL / 2, rows + _SMALL, _SMALL, dtype=F)[: -(-rows // _SMALL), None]
        x = np.arange(_SMALL / 2, columns + _SMALL, _SMALL, dtype=F)[: -(-columns // _SMALL)]
        rise = (F(lens.horizon - top) - y) / F(lens.focal)
        across = (x[None] - F(lens.width / 2)) / F(lens.focal)
        self._banks = []
        for k, (away, upper, ragged, cover, speed) in enumerate(_BANKS):
            height = F(lens.eye) + rise * F(away)
            u = np.broadcast_to(
                across * F(away * 42 / (1 + 0.12 * k)) + F(61 * k), (len(y), x.size)
            )
            v = np.broadcast_to(height * F(110) + F(37 * k), u.shape)
            bias = (F(upper + 0.22 * (density - 1)) - height) / F(ragged)
            self._banks.append(
                _Bank(
                    ScrollingTile(tiles[0], u, v),
                    ScrollingTile(tiles[1], u * F(2.3), v * F(1.9)),
                    np.ascontiguousarray(np.broadcast_to(bias, u.shape), F),
                    behind[k] * F(min(cover * density, 0.9)),
                    -wind * speed * 42 / (1 + 0.12 * k),
                )
            )

    def at(self, t: float) -> list[Array]:
        """The cover of each bank at ``t``, in small: for :meth:`over`."""
        return [self._cover(bank, t) for bank in self._banks]

    def over(self, part: Array, rows: slice, colour: Array, covers: list[Array]) -> None:
        """Lays the mist over ``part``, which is ``rows`` of a picture, counted from ``top``."""
        clear = np.ones(part.shape[:2], F)
        for bank, small in zip(self._banks, covers, strict=True):
            cover = enlarged(small, _SMALL, rows, part.shape[1])
            cover = cv2.multiply(cover, bank.behind[rows])
            cv2.subtract(1.0, cover, dst=cover)
            cv2.multiply(clear, cover, dst=clear)
        cv2.subtract(part, colour, dst=part)
        cv2.multiply(part, stack3(clear), dst=part)
        cv2.add(part, colour, dst=part)

    @staticmethod
    def _cover(bank: _Bank, t: float) -> Array:
        """The two noises move at different paces, so that the banks change as they drift."""
        way = bank.drift * t
        noise = bank.billows(way, 0.9 * t)
        cv2.scaleAdd(bank.wisps(2.9 * way, 2.6 * t), 0.45, noise, dst=noise)
        cv2.scaleAdd(noise, 0.72, bank.bias, dst=noise)
        return smoothstep(-0.35, 1.5, noise)
