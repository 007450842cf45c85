"""The fronts of buildings at night: grids of windows, lit or dark, and lights along edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ...noise import Array, F, linear

_WARM: Final = ("#ffb45e", "#ffc985", "#ffd9a3", "#ff9d4a")
_COOL: Final = ("#e9f1ff", "#cfe4ff", "#fff3dc", "#ffe6c0")


@dataclass(frozen=True)
class FacadeStyle:
    """How a building's windows look. Pitches in metres."""

    pitch_x: float
    pitch_y: float
    fill_x: float  # of a pitch that is glass
    fill_y: float
    lit: float  # share of windows with light
    banded: float  # share of storeys lit as a whole
    bright: float
    colours: tuple[str, ...]


#: Offices, dwellings, hotels with tall glass, towers with few lights.
STYLES: Final = (
    FacadeStyle(3.6, 4.0, 0.78, 0.55, 0.30, 0.16, 1.0, _COOL),
    FacadeStyle(4.6, 3.6, 0.45, 0.50, 0.34, 0.00, 1.1, _WARM),
    FacadeStyle(3.0, 3.8, 0.62, 0.70, 0.42, 0.06, 0.8, _WARM + _COOL),
    FacadeStyle(6.0, 4.2, 0.70, 0.45, 0.16, 0.10, 1.2, _COOL),
)


def windows(
    width: int,
    height: int,
    scale: float,
    style: FacadeStyle,
    share: float,
    random: np.random.Generator,
) -> tuple[Array, Array]:
    """A front of ``width`` × ``height`` pixels.

    Args:
        scale: pixels a metre.
        share: multiplies the share of lit windows (fewer before nightfall).

    Returns:
        The windows' light ``(height, width, 3)`` and their glass ``(height, width)``, 0–1.
    """
    column, across = _grid(width, scale * style.pitch_x, style.fill_x)
    row, down = _grid(height, scale * style.pitch_y, style.fill_y)
    count = (int(row[-1]) + 1, int(column[-1]) + 1)
    on = random.random(count) < style.lit * share
    on |= (random.random(count[0]) < style.banded * share)[:, None] & (random.random(count) < 0.85)
    level = random.lognormal(-0.15, 0.6, count) * style.bright * on
    palette = np.array([linear(c) for c in style.colours])
    main, other = random.integers(len(palette), size=2)
    kind = np.where(random.random(count) < 0.8, main, other)
    light = (palette[kind] * np.minimum(level, 3.5)[..., None]).astype(F)
    glass = down[:, None] * across[None]
    return light[row[:, None], column[None]] * glass[..., None], glass


def _grid(size: int, pitch: float, fill: float) -> tuple[Array, Array]:
    """For each pixel its cell and how much of it lies in the cell's window."""
    cells = max(1, round(size / pitch))
    x = (np.arange(size) + 0.5) / size * cells
    cell = np.minimum(x.astype(int), cells - 1)
    edge = 0.5 * cells / size
    inside = (fill / 2 - np.abs(x - cell - 0.5)) / (2 * edge) + 0.5
    return cell, np.clip(inside, 0, 1).astype(F)
