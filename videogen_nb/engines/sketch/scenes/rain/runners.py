"""Drops that run down a pane, by fits and starts, and when each has passed a place."""

from __future__ import annotations

import numpy as np

from ...drawing.noise import Array, F, along, noise_line, rng

NEVER = 1e3  # seconds; long after any video's end
_STEP = 1 / 60


class Runner:
    """One drop's way. Positions are pixels, times seconds; ``unit`` is 1 for a 720p image.

    It rests at its start until it has gathered enough water, then slides and sticks by turns.
    """

    def __init__(
        self,
        x: float,
        y: float,
        start: float,
        height: int,
        unit: float,
        lean: float,
        random: np.random.Generator,
    ) -> None:
        self.radius = float(random.uniform(9.5, 16.0)) * unit
        self._unit, self._x, self._top = unit, x, y
        self._line = noise_line(512, 2.7, random, 2, 34)
        self._sway = float(random.uniform(5, 12)) * unit
        self._lean = lean + float(random.normal(0, 0.03))
        speed = float(random.uniform(95, 190)) * unit
        beat, phase = float(random.uniform(1.6, 3.4)), float(random.uniform(0, 6.28))
        late = np.arange(0, 40, _STEP)
        pace = speed * (1 - 0.93 * np.sin(beat * late + phase) * np.cos(0.37 * beat * late))
        pace *= np.minimum(late / 0.8, 1)
        self._times = start + late
        self._rows = y + np.cumsum(pace) * _STEP
        gone = int(np.searchsorted(self._rows, height + 6 * self.radius)) + 1
        self._times, self._rows = self._times[:gone], self._rows[:gone]

    def column(self, y: Array | float) -> Array | float:
        """Where its way crosses row ``y``."""
        away = np.asarray(y) - self._top
        wander = along(self._line, away / (1.5 * self._unit)) - along(self._line, 0.0)
        return self._x + self._sway * wander + self._lean * away

    def row(self, t: float) -> float:
        """Its middle's row at ``t``."""
        return float(np.interp(t, self._times, self._rows))

    def speed(self, t: float) -> float:
        """Pixels a second at ``t``."""
        return (self.row(t + _STEP) - self.row(t - _STEP)) / (2 * _STEP)

    def passing(self, y: Array) -> Array:
        """When its middle passes rows ``y``; NEVER for those above its start."""
        times = np.interp(y, self._rows, self._times)
        return np.where(np.asarray(y) < self._top, NEVER, times)


def release(width: int, height: int, unit: float, wind: float, seed: int) -> list[Runner]:
    """The runners of a video of up to 15 seconds, in lanes that seldom cross.

    ``wind`` is by how many pixels a pixel of fall they are driven aside.
    """
    random = rng(seed, 41)
    lean = wind if random.random() < 0.5 else -wind
    lanes = max(4, round(width / (74 * unit)))
    order = random.permutation(lanes)
    starts = np.linspace(-7.0, 13.5, lanes) + random.uniform(-0.5, 0.5, lanes)
    runners = []
    for lane, start in zip(order, starts, strict=True):
        x = (lane + random.uniform(0.25, 0.75)) * width / lanes
        inside = random.random() < 0.45 and start > 0
        y = random.uniform(0.08, 0.45) * height if inside else -30 * unit
        runners.append(Runner(float(x), float(y), float(start), height, unit, lean, random))
    return runners


def passing_map(runners: list[Runner], width: int, height: int) -> tuple[Array, Array]:
    """For each pixel when the first runner comes by, and how squarely (1 in its middle to 0)."""
    when = np.full((height, width), NEVER, F)
    weight = np.zeros((height, width), F)
    rows = np.arange(height) + 0.5
    for runner in runners:
        times, middle = runner.passing(rows), np.asarray(runner.column(rows))
        reach = 1.15 * runner.radius
        x0 = np.clip(np.floor(middle - reach), 0, width).astype(int)
        x1 = np.clip(np.ceil(middle + reach), 0, width).astype(int)
        for row in np.flatnonzero((times < NEVER) & (x1 > x0)):
            part = slice(x0[row], x1[row])
            across = (np.arange(part.start, part.stop) + 0.5 - middle[row]) / reach
            square = np.clip(1.6 * (1 - across * across), 0, 1)
            first = when[row, part] > times[row]
            when[row, part] = np.where(first, times[row], when[row, part])
            weight[row, part] = np.maximum(weight[row, part], square)
    return when, weight
