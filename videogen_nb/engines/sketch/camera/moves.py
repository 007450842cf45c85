"""Camera moves over an image: the part of it that the camera sees at each time.

A move is an eased path between two views, with additions: hand sway, parallax, drifting light.
Amplitudes grow more slowly than the duration, so long videos are calm and short ones still move.
Pure arithmetic, so that planning can import it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ....i18n import Text

_AROUND: Final = 1.03  # size of a view relative to the box it must keep
_FREE: Final = 0.02  # margin around that box, as a fraction of half the view
_RAMP: Final = 0.34  # fraction of a move spent accelerating, and again decelerating
_QUICKEST: Final = 1.2  # fastest pan, in frame lengths per second
_HAND_HZ: Final = (0.17, 0.31, 0.53, 0.87, 1.43)  # frequencies of a standing person's sway

#: Left, top, right and bottom, as fractions of the image's width and height.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees: centre and width in image pixels, roll in radians."""

    x: float
    y: float
    width: float
    roll: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The input of a move: image size, frame aspect ratio, focus, duration in seconds.

    ``focus`` is in fractions of the image's width and height, (0, 0) = upper left; ``keep`` is what
    a zoom must not cut off; ``flat`` marks an image of a page, whose lines stay straight.
    """

    width: int
    height: int
    ratio: float
    focus: tuple[float, float]
    duration_s: float
    seed: int
    keep: Box | None = None
    flat: bool = False

    @property
    def widest(self) -> float:
        """Return the width of the largest view of the frame's ratio that fits into the image."""
        return min(float(self.width), self.height * self.ratio)

    @property
    def pace(self) -> float:
        """Return how far a move goes, relative to one of 5 s: 0.3 at 1 s, 2.2 at 15 s."""
        return float((self.duration_s / 5) ** 0.7)

    def view(self, x: float, y: float, zoom: float) -> View:
        """Return the view ``zoom`` times narrower than the widest, as close to (x, y) as fits."""
        width = self.widest / zoom
        half_w, half_h = width / 2, width / self.ratio / 2
        return View(
            min(max(x, half_w), self.width - half_w),
            min(max(y, half_h), self.height - half_h),
            width,
        )

    def at_focus(self, zoom: float) -> View:
        """Return the view at the focus, no closer than ``keep`` allows."""
        x, y = self.focus[0] * self.width, self.focus[1] * self.height
        if self.keep is None:
            return self.view(x, y, zoom)
        left, right = (self.keep[k] * self.width for k in (0, 2))
        top, bottom = (self.keep[k] * self.height for k in (1, 3))
        needed = _AROUND * max(right - left, (bottom - top) * self.ratio)
        if needed <= self.widest:
            zoom = min(zoom, self.widest / needed)
        reach = self.widest / zoom / 2 * (1 - _FREE)
        x = _within(x, right - reach, left + reach)
        y = _within(y, bottom - reach / self.ratio, top + reach / self.ratio)
        return self.view(x, y, zoom)


def _within(place: float, low: float, high: float) -> float:
    return min(max(place, low), high) if low <= high else (low + high) / 2


@dataclass(frozen=True, slots=True)
class Sway:
    """Hand-held camera shake: sums of slow sines with seeded phases, each within ±1."""

    phases: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, seed: int) -> Sway:
        dice = random.Random(seed)  # noqa: S311 — camera shake, not a secret
        return cls(tuple(tuple(dice.uniform(0, math.tau) for _ in _HAND_HZ) for _ in range(3)))

    def __call__(self, t: float) -> tuple[float, float, float]:
        """Return the offsets at ``t`` seconds: sideways, vertical and roll, each −1 to 1."""
        weights = [hz**-0.8 for hz in _HAND_HZ]
        x, y, roll = (
            sum(
                w * math.sin(math.tau * hz * t + phase)
                for w, hz, phase in zip(weights, _HAND_HZ, phases, strict=True)
            )
            / sum(weights)
            for phases in self.phases
        )
        return x, y, roll


@dataclass(frozen=True, slots=True)
class Shot:
    """A move prepared for one image; ``view`` gives the camera's view at any time.

    ``sway_px`` and ``roll`` (radians) scale the shake; ``parallax`` is how much near things shift
    against distant ones, as a fraction of the frame's width; ``yaw`` is how much the side that the
    camera moves towards is magnified; ``light`` is the brightness change of the drifting light.
    """

    start: View
    end: View
    duration_s: float
    sway: Sway | None = None
    sway_px: float = 0.0
    roll: float = 0.0
    parallax: float = 0.0
    yaw: float = 0.0
    light: float = 0.0

    def view(self, u: float) -> View:
        """Return the view at ``u``, 0 to 1. Zooming looks even and keeps one point fixed."""
        e = ease(u)
        a, b = self.start, self.end
        width = a.width * (b.width / a.width) ** e
        along = (width - a.width) / (b.width - a.width) if abs(b.width - a.width) > 1e-6 else e
        seen = View(a.x + (b.x - a.x) * along, a.y + (b.y - a.y) * along, width)
        if self.sway is None:
            return seen
        dx, dy, roll = self.sway(u * self.duration_s)
        return replace(
            seen, x=seen.x + dx * self.sway_px, y=seen.y + dy * self.sway_px, roll=roll * self.roll
        )

    def orbit(self, u: float) -> tuple[float, float]:
        """Return the camera's position on its arc: sideways −1 to 1, up 0 to 1 (for parallax)."""
        angle = math.pi * ease(u)
        return -math.cos(angle), math.sin(angle)


def ease(u: float) -> float:
    """Ease ``u``, 0 to 1: smooth acceleration and deceleration, constant speed between."""
    u = min(max(u, 0.0), 1.0)
    if u > 0.5:
        return 1 - ease(1 - u)
    s = min(u / _RAMP, 1.0)
    return (_RAMP * s**3 * (1 - s / 2) + max(u - _RAMP, 0.0)) / (1 - _RAMP)


def _push_in(stage: Stage) -> Shot:
    return Shot(stage.at_focus(1.0), stage.at_focus(_nearest(stage)), stage.duration_s)


def _pull_out(stage: Stage) -> Shot:
    return Shot(stage.at_focus(_nearest(stage)), stage.at_focus(1.0), stage.duration_s)


def _nearest(stage: Stage) -> float:
    return 1 + 0.16 * stage.pace


def _pan(dx: int, dy: int) -> Callable[[Stage], Shot]:
    """Return a pan along one axis; it crosses an image longer than the frame from end to end."""

    def shot(stage: Stage) -> Shot:
        across = stage.widest if dx else stage.widest / stage.ratio
        side = stage.width if dx else stage.height
        travel = (0.15 if dx else 0.17) * stage.pace
        travel = max(travel, min(side / across - 1, _QUICKEST * stage.duration_s))
        zoom = max(1.03, (1 + travel) * across / side)
        way = travel * across / zoom / 2
        x, y = stage.focus[0] * stage.width, stage.focus[1] * stage.height
        half = across / zoom / 2 + way  # so that the whole path fits around the focus
        if dx:
            x = min(max(x, half), side - half)
        else:
            y = min(max(y, half), side - half)
        # At a constant zoom a pan would visibly cycle through all sampling phases: zoom a little.
        return Shot(
            stage.view(x - dx * way, y - dy * way, zoom),
            stage.view(x + dx * way, y + dy * way, zoom * 1.015),
            stage.duration_s,
        )

    return shot


def _orbit(stage: Stage) -> Shot:
    inside, strong = stage.at_focus(1.0), min(1.1, stage.pace)
    near = 1.07 if stage.flat else 1.18
    return Shot(
        replace(inside, width=inside.width / near),
        replace(inside, width=inside.width / (near + 0.03 * stage.pace)),
        stage.duration_s,
        parallax=0.0 if stage.flat else 0.05 * strong,
        yaw=(0.03 if stage.flat else 0.06) * strong,
    )


def _handheld(stage: Stage) -> Shot:
    inside = stage.at_focus(1.0)
    near = inside.width / 1.08
    room = (inside.width - near) / 2 / max(1.0, stage.ratio)  # along the frame's shorter side
    return Shot(
        replace(inside, width=near),
        replace(inside, width=near * 0.985),
        stage.duration_s,
        sway=Sway.of(stage.seed),
        sway_px=0.42 * room,
        roll=math.radians(0.35),
    )


def _still(stage: Stage) -> Shot:
    return Shot(
        stage.at_focus(1.0), stage.at_focus(1 + 0.025 * stage.pace), stage.duration_s, light=0.13
    )


@dataclass(frozen=True, slots=True)
class Move:
    """A named camera move: its title, an example prompt, and the function that builds its shot."""

    title: Text
    example: Text
    shot: Callable[[Stage], Shot]


#: In the order in which panels and docs list them.
MOVES: Final[dict[str, Move]] = {
    "push_in": Move(
        Text("push in", "推近"), Text("The camera slowly pushes in", "镜头缓慢推进"), _push_in
    ),
    "pull_out": Move(
        Text("pull out", "拉远"), Text("The camera slowly pulls out", "镜头缓缓拉远"), _pull_out
    ),
    "pan_left": Move(Text("pan left", "左移"), Text("Pan left", "镜头向左平移"), _pan(-1, 0)),
    "pan_right": Move(Text("pan right", "右移"), Text("Pan right", "镜头向右平移"), _pan(1, 0)),
    "pan_up": Move(Text("pan up", "上移"), Text("The camera pans up", "镜头向上摇"), _pan(0, -1)),
    "pan_down": Move(
        Text("pan down", "下移"), Text("The camera pans down", "镜头向下摇"), _pan(0, 1)
    ),
    "orbit": Move(
        Text("orbit with depth", "环绕"), Text("Orbit around it", "镜头环绕拍摄"), _orbit
    ),
    "handheld": Move(
        Text("handheld", "手持"), Text("Handheld camera", "手持镜头，轻微晃动"), _handheld
    ),
    "still": Move(
        Text("still, with drifting light", "静止，光影流动"),
        Text("Camera stands still, light drifts", "固定镜头，光影缓缓流动"),
        _still,
    ),
}
