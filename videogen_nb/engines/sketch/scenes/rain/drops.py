"""Water on a window pane: running drops, and beads that refract the view upside down."""

from __future__ import annotations

import cv2
import numpy as np

from ...drawing.compositing import box_around
from ...drawing.noise import Array, F, along, noise_line, rng

NEVER = 1e3  # seconds; long after the end of any video
_STEP = 1 / 60


class Runner:
    """The path of one drop, in pixels and seconds; ``unit`` is 1 for a 720p image.

    The drop rests until it has collected enough water, then alternately slides and sticks.
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
        """Return the column at which its path crosses row ``y``."""
        away = np.asarray(y) - self._top
        wander = along(self._line, away / (1.5 * self._unit)) - along(self._line, 0.0)
        return self._x + self._sway * wander + self._lean * away

    def row(self, t: float) -> float:
        """Return the row of its centre at ``t`` seconds."""
        return float(np.interp(t, self._times, self._rows))

    def passing(self, y: Array) -> Array:
        """Return the times at which its centre passes rows ``y``; NEVER above its start."""
        times = np.interp(y, self._rows, self._times)
        return np.where(np.asarray(y) < self._top, NEVER, times)


def release(width: int, height: int, unit: float, wind: float, seed: int) -> list[Runner]:
    """Return the runners of a video of up to 15 seconds, in lanes that rarely cross.

    ``wind`` is their sideways drift in pixels per pixel of fall.
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
    """Return when the first runner passes each pixel (s), and how centrally (1 to 0)."""
    when, weight = np.full((height, width), NEVER, F), np.zeros((height, width), F)
    rows = np.arange(height) + 0.5
    for runner in runners:
        middle, reach = np.asarray(runner.column(rows), F), F(1.15 * runner.radius)
        part = slice(max(0, int((middle - reach).min())), max(0, int((middle + reach).max()) + 1))
        across = (np.arange(width, dtype=F)[part] + F(0.5) - middle[:, None]) / reach
        times = runner.passing(rows).astype(F)[:, None]
        square = np.clip(1.6 * (1 - across * across), 0, 1) * (times < NEVER)
        when[:, part] = np.where(square > 0, np.minimum(when[:, part], times), when[:, part])
        weight[:, part] = np.maximum(weight[:, part], square)
    return when, weight


#: (count in a 720p image, smallest and largest radius in pixels), small to large.
_SORTS = ((4200, 0.9, 2.2), (900, 2.2, 5.0), (240, 5.0, 9.5), (60, 9.5, 16.0))
_LANDING = 150  # medium-sized ones that land on the pane during the video
_TRAIL_GAP = 15.0  # pixels between the beads that a runner leaves behind
_PACKED = 1024  # width in pixels of the packed image of all beads, as cv2.remap needs

#: A pixel of the pane: the position that its bead refracts (image pixels), the bead's coverage,
#: its transmittance and its highlight, and when it appears and is absorbed by a runner (seconds).
_BEAD = np.dtype([(name, F) for name in ("u", "v", "cover", "clear", "gleam", "born", "gone")])


class Beads:
    """The beads on a pane, stored as sparse pixels. Thread-safe.

    Args:
        pane: ``(height, width)`` as filled by :class:`BeadPainter`.
        small: image pixels per pixel of the view.
        gleam: brightness of their highlights.
    """

    def __init__(self, pane: Array, small: int, gleam: float) -> None:
        self._index = np.flatnonzero(pane["cover"] > 0)
        self._beads = beads = pane.reshape(-1)[self._index]
        self._mirrored = (beads["gleam"] * F(gleam))[:, None]
        rows = -(-len(beads) // _PACKED)
        self._u, self._v = (
            np.resize((beads[axis] + 0.5) * F(1 / small) - 0.5, (rows, _PACKED)) for axis in "uv"
        )

    def draw(self, image: Array, view: Array, t: float) -> None:
        """Draw the beads over ``image`` (contiguous) in place, each refracting ``view``."""
        if not len(self._index):
            return
        beads, flat = self._beads, image.reshape(-1, 3)
        seen = cv2.remap(
            view, self._u, self._v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).reshape(-1, 3)[: len(beads)]
        there = np.clip((F(t) - beads["born"]) * 9, 0, 1)
        there *= np.clip((beads["gone"] - F(t)) * 25, 0, 1) * beads["cover"]
        old = flat.take(self._index, 0)
        seen = seen * beads["clear"][:, None] + self._mirrored
        flat[self._index] = old + (seen - old) * there[:, None]


class BeadPainter:
    """A painter that fills a ``pane`` bead by bead and never overlaps them."""

    def __init__(self, width: int, height: int, unit: float, seed: int) -> None:
        self.pane = np.zeros((height, width), _BEAD)
        self._width, self._height, self._unit = width, height, unit
        self._random = rng(seed, 42)
        self._field = 0.36 * min(width, height)  # radius of the view that a bead refracts

    def scatter(self, runners: list[Runner]) -> None:
        """Add beads that stay until a runner absorbs them, large ones first."""
        random, area = self._random, self._width * self._height / (1280 * 720 * self._unit**2)
        for sort, (count, least, most) in reversed(list(enumerate(_SORTS))):
            n = round(count * area)
            x, y = random.uniform(0, self._width, n), random.uniform(0, self._height, n)
            radius = random.uniform(least, most, n) * self._unit
            gone = self._taken(x, y, radius, runners)
            born = np.full(n, -NEVER)
            if sort == 1:
                landing = min(n, round(_LANDING * area))
                born[:landing] = random.uniform(0, 15, landing)
            for k in range(n):
                self._set(x[k], y[k], radius[k], born[k], gone[k])

    def trail(self, runner: Runner) -> None:
        """Add small beads that a runner leaves behind on its path."""
        random, y = self._random, max(runner.row(-NEVER), 0.0) + 2 * runner.radius
        while y < self._height:
            x = float(runner.column(y)) + random.normal(0, 0.28) * runner.radius
            radius = float(random.uniform(0.8, 1.4 + 1.9 * random.random() ** 3)) * self._unit
            time = float(runner.passing(np.array([y + 1.7 * runner.radius]))[0])
            if time < NEVER:
                self._set(x, y, radius, time + 0.05, NEVER)
            y += random.uniform(0.25, 1.7) * _TRAIL_GAP * self._unit

    @staticmethod
    def _taken(x: Array, y: Array, radius: Array, runners: list[Runner]) -> Array:
        """Return when the first runner touches and absorbs each bead."""
        gone = np.full(len(x), NEVER)
        for runner in runners:
            near = np.abs(x - runner.column(y)) < 0.85 * runner.radius + 0.7 * radius
            time = runner.passing(y - radius - 0.6 * runner.radius)
            gone = np.where(near, np.minimum(gone, time), gone)
        return gone

    def _set(self, x: float, y: float, radius: float, born: float, gone: float) -> None:
        box = box_around(self.pane, x, y, 1.5 * radius + 1, 1.5 * radius + 1)
        if box is None:
            return
        here, dx, dy = self.pane[box.where], (box.x - x) / radius, (box.y - y) / radius
        # No bead is perfectly round, and larger ones are less so.
        odd = min(0.18, 0.015 * radius / self._unit + 0.03)
        rim = 1 + odd * np.cos(2 * np.arctan2(dy, dx) + self._random.uniform(0, 6.28))
        distance = np.hypot(dx, 0.93 * dy) / rim
        cover = np.clip((1 - distance) * radius + 0.5, 0, 1).astype(F)
        bead = cover > 0
        if here["cover"][bead].any():
            return
        field = self._field
        for name, value in (
            ("u", x - dx * field),
            ("v", y - dy * field),
            ("cover", cover),
            ("clear", rim_light(distance, dy)),
            ("gleam", gleam(dx, dy)),
            ("born", born),
            ("gone", gone),
        ):
            here[name][bead] = np.broadcast_to(value, bead.shape)[bead]


def rim_light(distance: Array, dy: Array) -> Array:
    """Return the brightness within a bead: dark at the rim, most of all at its top."""
    edge = np.clip((distance - 0.55) / 0.45, 0, 1)
    return np.asarray(1.25 - (0.62 - 0.25 * dy) * edge * edge, F)


def gleam(dx: Array, dy: Array) -> Array:
    """Return the small highlight where a bead reflects the sky, 0 to 1."""
    return np.asarray(np.exp(-(np.square(dx + 0.33) + np.square(dy + 0.42)) / 0.035), F)
