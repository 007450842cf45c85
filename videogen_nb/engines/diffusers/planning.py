"""Planning a request for a pipeline: supported sizes, lengths and arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from ...errors import BadImage, BadParameter
from ...i18n import Text
from ..base import NO_CAPTION, InputImage, Plan
from ..rendering.value_checks import WHOLE_FPS, seed_of, whole_in_range
from .pipeline_arguments import open_to_people
from .pipeline_families import Family
from .schedulers import doubts, few_steps, unfit
from .settings import OWN

RATIOS: Final = ("16:9", "9:16", "1:1", "4:3", "3:4")
RESOLUTIONS: Final = ("480p", "720p", "1080p")
LONGEST: Final = 2  # times the length a model was made for
FPS: Final = (1, 60)

#: Shorter names that people use.
_ALIASES: Final = {
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "frames": "num_frames",
}
_MEASURES: Final = ("width", "height", "num_frames", "fps", "frame_rate")


def settle(
    family: Family,
    requested: Mapping[str, Any],
    images: Sequence[InputImage],
    defaults: Mapping[str, Any],
    scheduler: str = "auto",
    shift: float | None = None,
) -> Plan:
    """Return the plan of a request.

    Args:
        requested: see :meth:`videogen_nb.engines.base.Engine.plan`; ``extra`` without the engine's
            own settings.
        defaults: arguments of the pipeline from the engine's settings.
        scheduler, shift: the settings ``scheduler`` and ``flow_shift``.

    Raises:
        BadParameter, BadImage: the request is invalid; the message says what is valid.
    """
    notes: list[Text] = []
    image = first_image(images)
    pipeline = family.pipeline(image is not None)
    if pipeline is None:
        raise (
            BadImage(_NO_IMAGE, code="images_unfit")
            if image
            else BadParameter(_IMAGE_NEEDED, code="image_needed")
        )
    if wrong := unfit(family.flow, scheduler, shift):
        raise BadParameter(wrong)
    call = family.call(image is not None)
    wanted = {**defaults, **requested.get("extra", {})}
    given = {**few_steps(scheduler, call), **_arguments(wanted, call, pipeline, notes)}
    notes += doubts(scheduler, given)
    fps = _fps(requested.get("fps", given.get("fps", given.get("frame_rate"))), family)
    width, height = _size(family, requested, given, image, notes)
    frames = _frames(family, requested.get("duration"), given.get("num_frames"), fps, notes)
    _unused_images(images, image, call, notes)
    if requested.get("caption"):
        notes.append(NO_CAPTION)
    parameters = {
        **{name: value for name, value in given.items() if name not in _MEASURES},
        **{name: fps for name in ("fps", "frame_rate") if name in call},
        **{name: requested[name] for name in ("ratio", "resolution") if name in requested},
        "pipeline": pipeline,
        "width": width,
        "height": height,
        "num_frames": frames,
        "fps": fps,
        "duration": frames / fps,
    }
    return Plan(parameters, seed_of(requested), tuple(notes))


def first_image(images: Sequence[InputImage]) -> InputImage | None:
    """Return the first frame: the image with that role, or else the first not marked "last"."""
    first = next((image for image in images if image.role == "first"), None)
    return first or next((image for image in images if image.role != "last"), None)


def last_image(images: Sequence[InputImage]) -> InputImage | None:
    """Return the last frame."""
    return next((image for image in images if image.role == "last"), None)


def _arguments(
    extra: Mapping[str, Any], call: Mapping[str, Any], pipeline: str, notes: list[Text]
) -> dict[str, Any]:
    """Return the pipeline's arguments; unsupported ones are noted and ignored."""
    known = open_to_people(call)
    given: dict[str, Any] = {}
    for name, value in extra.items():
        full = _ALIASES.get(name, name)
        if full in known or full in _MEASURES:
            given[full] = value
            continue
        near = get_close_matches(name, [*sorted(known), *sorted(OWN)], 1)
        hint = _NEAR(name=near[0]) if near else _ALL(names=", ".join(sorted(known)))
        notes.append(_NOT_TAKEN(pipeline=pipeline, name=name[:60], hint=hint))
    for name in ("num_inference_steps", "width", "height", "num_frames"):
        if name in given and not (type(given[name]) is int and 1 <= given[name] <= 10_000):
            raise BadParameter(_NO_COUNT(name=name, value=str(given[name])[:40]))
    return given


def _size(
    family: Family,
    requested: Mapping[str, Any],
    given: Mapping[str, Any],
    image: InputImage | None,
    notes: list[Text],
) -> tuple[int, int]:
    own_share = image.width / image.height if image else family.width / family.height
    share = _share(requested["ratio"]) if "ratio" in requested else own_share
    if "width" in given or "height" in given:
        width = given.get("width") or given["height"] * share
        height = given.get("height") or given["width"] / share
    elif "resolution" in requested:
        short = _short(requested["resolution"])
        width, height = (short * share, short) if share >= 1 else (short, short / share)
    else:
        area = family.width * family.height
        width, height = math.sqrt(area * share), math.sqrt(area / share)
    step = family.side_step
    snapped = max(step, round(width / step) * step), max(step, round(height / step) * step)
    asked = {"ratio", "resolution"} & requested.keys() or {"width", "height"} & given.keys()
    if asked and (round(width), round(height)) != snapped:
        wanted = f"{round(width)}×{round(height)}"
        notes.append(_SIZE(wanted=wanted, width=snapped[0], height=snapped[1], step=step))
    return snapped


def _frames(family: Family, duration: Any, frames: Any, fps: int, notes: list[Text]) -> int:
    if frames is None and duration is None:
        wanted = float(family.frames)
    elif duration is not None:
        if not (isinstance(duration, (int, float)) and 0 < duration < math.inf):
            raise BadParameter(_NO_LENGTH(value=str(duration)[:40]), code="duration_range")
        wanted = float(duration * fps)
    else:
        wanted = float(frames)
    step = family.frame_step
    most = LONGEST * family.frames
    count = min(max(0, round((wanted - 1) / step)), (most - 1) // step) * step + 1
    if count != round(wanted):
        s = f"{count / fps:.2f}"
        notes.append(_LENGTH(wanted=round(wanted), frames=count, s=s, step=step, most=most))
    elif count > family.frames:
        notes.append(_LONG(usual=f"{family.frames / fps:.1f}"))
    return count


def _fps(asked: Any, family: Family) -> int:
    if asked is None:
        return family.fps
    return whole_in_range("fps", asked, FPS, WHOLE_FPS)


def _share(ratio: Any) -> float:
    wide, _, high = str(ratio).partition(":")
    if wide.isascii() and wide.isdecimal() and high.isascii() and high.isdecimal():
        share = int(wide) / int(high) if int(high) else 0
        if 0.2 <= share <= 5:
            return share
    raise BadParameter(_NO_RATIO(value=str(ratio)[:40]))


def _short(resolution: Any) -> int:
    short = str(resolution).removesuffix("p")
    if short.isascii() and short.isdecimal() and 16 <= int(short) <= 4320:
        return int(short)
    raise BadParameter(_NO_RESOLUTION(value=str(resolution)[:40]))


def _unused_images(
    images: Sequence[InputImage],
    image: InputImage | None,
    call: Mapping[str, Any],
    notes: list[Text],
) -> None:
    used = [image, last_image(images) if "last_image" in call else None]
    unused = sum(image not in used for image in images)
    if unused:
        notes.append(_UNUSED(count=unused))


_NO_IMAGE = Text(
    "This model generates videos from text only. Omit the image, or use another engine.",
    "该模型仅支持文生视频，请去掉图片或换用其他引擎。",
)
_IMAGE_NEEDED = Text(
    "This model generates videos from an image. Pass one as the first frame.",
    "该模型需要一张图片作为首帧，请提供图片。",
)
_NEAR = Text("did you mean {name}?", "是否想用 {name}？")
_ALL = Text("it accepts {names}", "可用参数：{names}")
_NOT_TAKEN = Text(
    "{pipeline} does not accept {name}, which was ignored ({hint}).",
    "{pipeline} 不支持参数 {name}，已忽略（{hint}）。",
)
_NO_COUNT = Text(
    "Invalid {name}: {value}. Use a whole number, 1 or greater.", "{name} 为 {value}，应为正整数。"
)
_SIZE = Text(
    "{wanted} pixels were changed to {width}×{height}: sides must be multiples of {step} for "
    "this model.",
    "{wanted} 像素已调整为 {width}×{height}：该模型要求边长为 {step} 的倍数。",
)
_LENGTH = Text(
    "{wanted} frames were changed to {frames} ({s} s): this model generates a multiple of "
    "{step} plus one, up to {most}.",
    "{wanted} 帧已调整为 {frames} 帧（{s} 秒）："
    "该模型要求帧数为 {step} 的倍数加一，最多 {most} 帧。",
)
_LONG = Text(
    "This model was made for videos of {usual} s; longer ones may repeat themselves.",
    "该模型适合 {usual} 秒的视频，更长的视频可能出现重复画面。",
)
_NO_LENGTH = Text("Invalid duration: {value}. Use seconds.", "{value} 不是有效时长（秒）。")
_NO_RATIO = Text(
    "Invalid aspect ratio: {value}. Use a value such as 16:9.",
    "宽高比 {value} 无效，应为 16:9 这样的形式。",
)
_NO_RESOLUTION = Text(
    "Invalid resolution: {value}. Use a value such as 480p.",
    "无法识别分辨率 {value}，请写成 480p 这样的形式。",
)
_UNUSED = Text(
    "{count} further {count:image was|images were} not used.", "另有 {count} 张图片未使用。"
)
