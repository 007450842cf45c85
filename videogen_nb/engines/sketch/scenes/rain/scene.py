"""Rain on a window: hanging beads, running drops, and the view beyond out of focus."""

from __future__ import annotations

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import linear
from ...drawing.compositing import box_around, darken, enlarged, stack3, strips, vignette
from ...drawing.noise import Array, F
from ...layers.falling import RainFall
from ..base import Scene
from .drops import BeadPainter, Beads, Runner, gleam, passing_map, release, rim_light
from .street import Street, street_look

_SMALL = 4  # the blurred view is computed at a quarter of the size
_CLOUDED = 0.56  # opacity of the condensation on the glass
_FOGGING_S = 9.0  # time constant with which a wiped path fogs up again


class RainScene(Scene):
    """A wet window by day, at dusk or at night."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        self._look = street_look(mood.time, seed)
        self.exposure = self._look.exposure
        self._unit = min(width, height) / 720
        small = -(-width // _SMALL), -(-height // _SMALL)
        self._street = Street(*small, self._look, seed)
        self._shower = RainFall(*small, seed, 0.5 if mood.wind else 0.0)
        self._runners = release(width, height, self._unit, 0.3 if mood.wind else 0.0, seed)
        self._when, self._squarely = passing_map(self._runners, width, height)
        self._shade = vignette(width, height, 0.22)
        self._water = self._beads()

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        view = self._street.at(t)
        self._shower.draw(view, t)
        dimmed = self._dimmed(view)
        for rows in strips(self.height, self.width):
            clouded = enlarged(dimmed, _SMALL, rows, self.width)
            clear = enlarged(view, _SMALL, rows, self.width)
            self._cloud_over(clear, clouded, rows, t)
            out[rows] = clear
        # lenses this small show no finer detail
        self._water.draw(out, cv2.GaussianBlur(view, (0, 0), 1.4), t)
        for runner in self._runners:
            self._draw_runner(out, view, runner, t)
        darken(out, self._shade)
        return out

    def _beads(self) -> Beads:
        painter = BeadPainter(self.width, self.height, self._unit, self.seed)
        painter.scatter(self._runners)
        for runner in self._runners:
            painter.trail(runner)
        return Beads(painter.pane, _SMALL, 0.6 * self._look.gleam)

    def _dimmed(self, view: Array) -> Array:
        """Return the view through fogged glass: little more than its colours, and a white haze."""
        h, w = view.shape[:2]
        dim = cv2.resize(view, (w // 4, h // 4), interpolation=cv2.INTER_AREA)
        dim = cv2.GaussianBlur(dim, (0, 0), 1.6)
        dim *= 0.62
        dim += linear(self._look.fog, 0.38 * self._look.fog_power)
        return cv2.resize(dim, (w, h), interpolation=cv2.INTER_CUBIC)

    def _cloud_over(self, clear: Array, clouded: Array, rows: slice, t: float) -> None:
        """Blend fog over the clear view in place, less where a drop has passed recently."""
        since = cv2.subtract(t, self._when[rows])
        _, since = cv2.threshold(since, 0, 0, cv2.THRESH_TOZERO)
        wiped = cv2.exp(cv2.multiply(since, -1 / _FOGGING_S))
        cv2.multiply(wiped, self._squarely[rows], dst=wiped)
        wiped *= since > 0
        opacity = cv2.addWeighted(wiped, -_CLOUDED, wiped, 0, _CLOUDED)
        cv2.subtract(clouded, clear, dst=clouded)
        cv2.multiply(clouded, stack3(opacity), dst=clouded)
        cv2.add(clear, clouded, dst=clear)

    def _draw_runner(self, out: Array, view: Array, runner: Runner, t: float) -> None:
        """Draw a drop, elongated upwards in proportion to its speed."""
        r, y = runner.radius, runner.row(t)
        x = float(runner.column(y))
        tail = 1.25 + 0.9 * min((y - runner.row(t - 0.05)) / (9 * self._unit), 1.2)
        box = box_around(out, x, y + (1.2 - tail) / 2 * r, 1.3 * r, (1.2 + tail) / 2 * r + 1)
        if box is None:
            return
        dx, dy = (box.x - F(x)) / F(r), (box.y - F(y)) / F(r)
        up = np.where(dy < 0, dy / F(tail), dy)
        distance = np.hypot(dx * (1 + 0.45 * np.maximum(-up, 0)), up)
        cover = np.clip((1 - distance) * F(r) + 0.5, 0, 1)[..., None]
        field = 0.36 * min(self.width, self.height) / _SMALL
        u = np.broadcast_to(F(x / _SMALL) - dx * F(field), distance.shape)
        v = np.broadcast_to(F(y / _SMALL) - up * F(field), distance.shape)
        seen = cv2.remap(view, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen = seen * rim_light(distance, up)[..., None]
        seen += (gleam(dx, up) * F(self._look.gleam))[..., None]
        part = out[box.where]
        part += (seen - part) * cover
