"""Settling every parameter of a request: what was asked, else what the prompt says, else a default.

Imports nothing heavy: the gateway plans, only its workers render.
"""

from __future__ import annotations

import math
import random
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ..base import InputImage, Plan
from . import notes
from .camera.moves import MOVES
from .catalogue import SCENE_NAMES, SCENES
from .frame_size import RATIOS, RESOLUTIONS, frame_size, nearest_ratio
from .language.prompt import Reading, read
from .mood import Mood

DURATIONS: Final = (1, 15)
FPS: Final = (12, 60)
_DEFAULT_DURATION: Final = 5.0
_DEFAULT_FPS: Final = 24
_DEFAULT_RATIO: Final = "16:9"
_SEEDS: Final = 2**31
#: An image so much longer than the frame is moved along, since a still crop would hide much.
_LONGER: Final = 1.22
#: Moves that suit any image, the gentlest more often.
_SUITS_ANY: Final = ("push_in", "push_in", "pull_out", "pull_out", "orbit")
#: Seconds of work on two cores: to begin, and for a million pixels of video.
_BEGIN_S: Final = 0.6
_IMAGE_S: Final = 0.009
_SCENE_S: Final = 0.04


def settle(prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage]) -> Plan:
    """The plan for a request; see :meth:`videogen_nb.engines.base.Engine.plan`."""
    reading = read(prompt)
    extra = _extra(requested)
    said = [notes.SKETCH]
    seed = _seed(requested)
    image = first_image(images)
    subject = (
        _subject_of_image(image, reading, requested, extra, seed, said)
        if image
        else _subject_of_prompt(reading, requested, extra, said)
    )
    if len(images) > 1:
        said.append(notes.images_unused(len(images) - 1))
    duration, fps = _duration(requested, reading, said), _fps(requested)
    width, height = frame_size(subject["ratio"], subject["resolution"])
    parameters = {"duration": duration, "fps": fps, "width": width, "height": height, **subject}
    megapixels = round(duration * fps) * width * height / 1e6
    cost_s = _IMAGE_S if image else _SCENE_S
    return Plan(parameters, seed, tuple(said), _BEGIN_S + megapixels * cost_s)


def first_image(images: Sequence[InputImage]) -> InputImage | None:
    """The image the video is made from: the one for the first frame, else simply the first."""
    return next((i for i in images if i.role == "first"), images[0] if images else None)


def _subject_of_prompt(
    reading: Reading, requested: Mapping[str, Any], extra: Mapping[str, str], said: list[Text]
) -> dict[str, Any]:
    scene = extra.get("scene", reading.scene)
    said.append(notes.scene_chosen(reading, scene, "scene" in extra))
    if reading.move_words:
        said.append(notes.move_unused(reading.move_words))
    default = SCENES[scene].default_resolution
    resolution = _resolution(requested, reading, default, said)
    if resolution == default != "720p" and requested.get("resolution") is None:
        said.append(notes.smaller_by_default(resolution))
    ratio = _ratio(requested, reading, said) or _DEFAULT_RATIO
    mood = {key: value for key, value in asdict(reading.mood).items() if value and key != "prompt"}
    return {"ratio": ratio, "resolution": resolution, "scene": scene, "mood": mood}


def _subject_of_image(
    image: InputImage,
    reading: Reading,
    requested: Mapping[str, Any],
    extra: Mapping[str, str],
    seed: int,
    said: list[Text],
) -> dict[str, Any]:
    ratio = _ratio(requested, reading, said)
    if ratio is None:
        ratio = nearest_ratio(image.width, image.height)
        said.append(notes.ratio_nearest(ratio))
    resolution = _resolution(requested, reading, "720p", said)
    return {
        "ratio": ratio,
        "resolution": resolution,
        "move": _move(image, ratio, reading, extra, seed, said),
    }


def _move(
    image: InputImage,
    ratio: str,
    reading: Reading,
    extra: Mapping[str, str],
    seed: int,
    said: list[Text],
) -> str:
    dice = random.Random(seed)  # noqa: S311 — a camera's choice, no secret
    if "move" in extra:
        said.append(notes.move_asked(extra["move"]))
        return extra["move"]
    if reading.move:
        move = dice.choice(("pan_left", "pan_right")) if reading.move == "pan" else reading.move
        said.append(notes.move_from_prompt(move, reading.move_words))
        return move
    longer = image.width / image.height * RATIOS[ratio][1] / RATIOS[ratio][0]
    if not 1 / _LONGER < longer < _LONGER:
        move = dice.choice(("pan_left", "pan_right") if longer > 1 else ("pan_up", "pan_down"))
        said.append(notes.move_from_shape(move))
        return move
    move = dice.choice(_SUITS_ANY)
    said.append(notes.move_from_seed(move))
    return move


def mood_of(parameters: Mapping[str, Any], prompt: str) -> Mood:
    """The mood of a plan's parameters, with the prompt."""
    return Mood(**parameters["mood"], prompt=prompt)


# One function a parameter ----------------------------------------------------------------------


def _duration(requested: Mapping[str, Any], reading: Reading, said: list[Text]) -> float:
    low, high = DURATIONS
    if (asked := requested.get("duration")) is not None:
        if not low <= _number("duration", asked) <= high:
            raise _out_of_range("duration", asked, low, high, Text("seconds", "秒"))
        return float(asked)
    if reading.duration_s is None:
        return _DEFAULT_DURATION
    seconds = min(max(reading.duration_s, low), high)
    if seconds == reading.duration_s:
        said.append(notes.duration_from_prompt(seconds))
    else:
        said.append(notes.duration_snapped(reading.duration_s, seconds, DURATIONS))
    return float(seconds)


def _fps(requested: Mapping[str, Any]) -> int:
    asked = requested.get("fps")
    if asked is None:
        return _DEFAULT_FPS
    if not FPS[0] <= _number("fps", asked) <= FPS[1] or asked != int(asked):
        raise _out_of_range("fps", asked, *FPS, Text("whole frames a second", "整数帧每秒"))
    return int(asked)


def _ratio(requested: Mapping[str, Any], reading: Reading, said: list[Text]) -> str | None:
    asked: Any = requested.get("ratio")
    if asked is not None:
        return _one_of("ratio", asked, RATIOS)
    if reading.ratio in RATIOS:
        said.append(notes.frame_from_prompt(reading.ratio))
        return reading.ratio
    return None


def _resolution(
    requested: Mapping[str, Any], reading: Reading, default: str, said: list[Text]
) -> str:
    asked = requested.get("resolution")
    if asked is not None:
        return _one_of("resolution", asked, RESOLUTIONS)
    if reading.resolution is not None:
        said.append(notes.frame_from_prompt(reading.resolution))
        return reading.resolution
    return default


def _seed(requested: Mapping[str, Any]) -> int:
    """The seed asked for; else a random one, kept in the plan so that the video can be repeated."""
    asked = requested.get("seed")
    if asked is None:
        return secrets.randbelow(_SEEDS)
    if isinstance(asked, bool) or not isinstance(asked, int) or not 0 <= asked < 2**63:
        raise BadParameter(
            Text(
                "The seed is {asked!r}; give a whole number from 0 to 9223372036854775807, or "
                "none.",
                "seed 的值 {asked!r} 无效，请使用 0 到 9223372036854775807 的整数，或不指定。",
            )(asked=asked)
        )
    return asked


def _extra(requested: Mapping[str, Any]) -> dict[str, str]:
    allowed: dict[str, Collection[str]] = {"scene": SCENE_NAMES, "move": tuple(MOVES)}
    extra = {k: v for k, v in (requested.get("extra") or {}).items() if v is not None}
    for name in extra:
        _one_of("extra", name, allowed)
    return {name: _one_of(name, value, allowed[name]) for name, value in extra.items()}


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadParameter(
            Text("{name} is {value!r}, which is not a number.", "{name} 的值 {value!r} 不是数字。")(
                name=name, value=value
            )
        )
    return value


def _one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise BadParameter(
            Text(
                "{name} is {value!r}; this engine knows {allowed}.",
                "{name} 的值 {value!r} 不受支持，可用：{allowed}。",
            )(name=name, value=value, allowed=", ".join(allowed))
        )
    return value


def _out_of_range(name: str, value: Any, low: float, high: float, unit: Text) -> BadParameter:
    return BadParameter(
        Text(
            "{name} is {value}; this engine takes {low} to {high} {unit}.",
            "{name} 的值 {value} 超出范围，本引擎支持 {low}–{high}（{unit}）。",
        )(name=name, value=value, low=low, high=high, unit=unit)
    )
