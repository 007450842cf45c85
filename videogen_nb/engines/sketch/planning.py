"""Planning a request: from its parameters, otherwise from the prompt, otherwise from defaults.

Imports nothing heavy: the gateway plans, and its workers render.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from ...i18n import Text
from ..base import Drawn, InputImage, Plan
from ..rendering.value_checks import SECONDS, WHOLE_FPS, in_range, one_of, seed_of, whole_in_range
from . import notes
from .camera.moves import MOVES
from .catalogue import (
    CARD,
    DURATIONS,
    RATIOS,
    RESOLUTIONS,
    SCENE_NAMES,
    SCENES,
    Mood,
    frame_size,
    nearest_ratio,
)
from .language.prompt import read
from .scene_choice import of_image, of_prompt

FPS: Final = (12, 60)
_DEFAULT_DURATION: Final = 5.0
_DEFAULT_FPS: Final = 24
_DEFAULT_RATIO: Final = "16:9"
#: Beyond this ratio of image to frame length the camera pans, since a fixed crop would hide much.
_LONGER: Final = 1.22
#: Used in place of a move name when the video goes from one image to another.
DISSOLVE: Final = "dissolve"
#: Moves that suit any image; the gentlest are repeated so that they are drawn more often.
_SUITS_ANY: Final = ("push_in", "push_in", "pull_out", "pull_out", "orbit")
#: Seconds of work on two cores: to start a worker, and per million pixels of video.
_BEGIN_S: Final = 1.5
_FLAT_S: Final = 0.011  # an image, a card
_SCENE_S: Final = 0.04


def settle(prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage]) -> Plan:
    """Return the plan for a request; see :meth:`videogen_nb.engines.base.Engine.plan`."""
    return _Settling(prompt, requested).plan(images)


def first_image(images: Sequence[InputImage]) -> InputImage | None:
    """Return the image that the video starts from: the one with role "first", else the first."""
    return next((i for i in images if i.role == "first"), images[0] if images else None)


def last_image(images: Sequence[InputImage]) -> InputImage | None:
    """Return the image that the video ends with, if there is one besides the first."""
    others = (i for i in images if i is not first_image(images))
    return next((i for i in others if i.role == "last"), None)


def mood_of(parameters: Mapping[str, Any], prompt: str) -> Mood:
    """Return the mood stored in a plan's parameters, with the prompt added."""
    return Mood(**parameters["mood"], prompt=prompt)


class _Settling:
    """One request being turned into a plan; ``_said`` collects what was chosen and why."""

    def __init__(self, prompt: str, requested: Mapping[str, Any]) -> None:
        self._reading, self._requested = read(prompt), requested
        self._extra, self._seed = _extra(requested), seed_of(requested)
        self._caption = bool(requested.get("caption", True))
        self._said = [notes.SKETCH]
        self._drawn: Drawn | None = None

    def plan(self, images: Sequence[InputImage]) -> Plan:
        image, last = first_image(images), last_image(images)
        subject = self._of_image(image, last) if image else self._of_prompt()
        if unused := max(0, len(images) - 1 - (last is not None)):
            self._said.append(notes.images_unused(unused))
        duration, fps = self._duration(), self._fps()
        width, height = frame_size(subject["ratio"], subject["resolution"])
        flat = image or subject["scene"] == CARD
        parameters = {"duration": duration, "fps": fps, "width": width, "height": height, **subject}
        megapixels = round(duration * fps) * width * height / 1e6
        estimated_s = _BEGIN_S + megapixels * (_FLAT_S if flat else _SCENE_S)
        return Plan(parameters, self._seed, tuple(self._said), estimated_s, self._drawn)

    def _of_prompt(self) -> dict[str, Any]:
        reading, asked = self._reading, self._extra.get("scene")
        subject = of_prompt(reading, asked, self._caption)
        scene, self._drawn = subject.scene, subject.drawn
        self._said.append(notes.scene_chosen(reading, scene, asked is not None))
        default = "720p" if scene == CARD else SCENES[scene].default_resolution
        resolution = self._resolution(default)
        if resolution == default != "720p" and self._requested.get("resolution") is None:
            self._said.append(notes.smaller_by_default(resolution))
        ratio = self._ratio() or _DEFAULT_RATIO
        settled = {"ratio": ratio, "resolution": resolution, "scene": scene, "mood": self._mood()}
        if scene != CARD and (named := self._move_named()):
            settled["move"], why = named
            self._said.append(why)
        lettering = {"lettering": subject.caption} if subject.caption else {}
        return {**settled, "caption": self._caption, **lettering}

    def _of_image(self, image: InputImage, last: InputImage | None) -> dict[str, Any]:
        ratio = self._ratio()
        if ratio is None:
            ratio = nearest_ratio(image.width, image.height)
            self._said.append(notes.ratio_nearest(ratio))
        resolution = self._resolution("720p")
        named = (DISSOLVE, notes.DISSOLVES) if last else self._move_named()
        move, why = named or self._move_that_suits(image, ratio)
        self._said.append(why)
        weather: dict[str, Any] = dict.fromkeys(self._reading.falling, True)
        if weather:
            self._said.append(notes.falls_over(weather))
        self._drawn = of_image(self._reading, move)
        return {"ratio": ratio, "resolution": resolution, "move": move, "mood": weather}

    def _mood(self) -> dict[str, Any]:
        """Return the parts of the mood that the prompt sets."""
        mood = asdict(self._reading.mood)
        return {name: value for name, value in mood.items() if value and name != "prompt"}

    def _move_named(self) -> tuple[str, Text] | None:
        """Return the camera move that a parameter or the prompt names, with a note on which."""
        if move := self._extra.get("move"):
            return move, notes.move_asked(move)
        if move := self._reading.move:
            dice = random.Random(self._seed)  # noqa: S311 — picks a camera move, not a secret
            move = dice.choice(("pan_left", "pan_right")) if move == "pan" else move
            return move, notes.move_from_prompt(move, self._reading.move_words)
        return None

    def _move_that_suits(self, image: InputImage, ratio: str) -> tuple[str, Text]:
        """Choose a camera move for an image whose prompt names none, and explain it."""
        dice = random.Random(self._seed)  # noqa: S311 — picks a camera move, not a secret
        longer = image.width / image.height * RATIOS[ratio][1] / RATIOS[ratio][0]
        if not 1 / _LONGER < longer < _LONGER:
            move = dice.choice(("pan_left", "pan_right") if longer > 1 else ("pan_up", "pan_down"))
            return move, notes.move_from_shape(move)
        move = dice.choice(_SUITS_ANY)
        return move, notes.move_from_seed(move)

    def _duration(self) -> float:
        low, high = DURATIONS
        if (asked := self._requested.get("duration")) is not None:
            return float(in_range("duration", asked, DURATIONS, SECONDS))
        wanted = self._reading.duration_s
        if wanted is None:
            return _DEFAULT_DURATION
        seconds = min(max(wanted, low), high)
        if seconds == wanted:
            self._said.append(notes.duration_from_prompt(seconds))
        else:
            self._said.append(notes.duration_snapped(wanted, seconds, DURATIONS))
        return float(seconds)

    def _fps(self) -> int:
        asked = self._requested.get("fps")
        if asked is None:
            return _DEFAULT_FPS
        return whole_in_range("fps", asked, FPS, WHOLE_FPS)

    def _ratio(self) -> str | None:
        asked: Any = self._requested.get("ratio")
        if asked is not None:
            return one_of("ratio", asked, RATIOS)
        return self._from_prompt(self._reading.ratio if self._reading.ratio in RATIOS else None)

    def _resolution(self, default: str) -> str:
        asked = self._requested.get("resolution")
        if asked is not None:
            return one_of("resolution", asked, RESOLUTIONS)
        return self._from_prompt(self._reading.resolution) or default

    def _from_prompt(self, value: str | None) -> str | None:
        """Return an aspect ratio or resolution from the prompt, noting where it comes from."""
        if value is not None:
            self._said.append(notes.frame_from_prompt(value))
        return value


def _extra(requested: Mapping[str, Any]) -> dict[str, str]:
    allowed: dict[str, Collection[str]] = {"scene": (*SCENE_NAMES, CARD), "move": tuple(MOVES)}
    extra = {k: v for k, v in (requested.get("extra") or {}).items() if v is not None}
    for name in extra:
        one_of("extra", name, allowed)
    return {name: one_of(name, value, allowed[name]) for name, value in extra.items()}
