"""Requests that create a content generation task.

Source: Volcengine Ark, ``POST /contents/generations/tasks``, and the parameter names of its SDK
(``volcenginesdkarkruntime.resources.content_generation``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ..base import NO_CAPTION, InputImage, Plan
from ..upstream_images import data_url

_ROLES: Final = {"first": "first_frame", "last": "last_frame", "reference": "reference_image"}
_SHORT_SIDES: Final = {"480p": 480, "720p": 720, "1080p": 1080}
_FPS: Final = 24  # what the service makes; only for counting tokens ahead


def plan(
    requested: Mapping[str, Any], images: Sequence[InputImage], defaults: Mapping[str, Any]
) -> Plan:
    """Plan a request. The model chooses parameters that are not given.

    Args:
        requested: the requested parameters; ``extra`` is passed on unchanged.
        defaults: ``model`` and ``parameters`` of the instance.

    Raises:
        BadParameter: no model is set, or the images cannot be combined.
    """
    parameters, notes = dict(defaults), []
    parameters |= {n: requested[n] for n in ("ratio", "resolution", "seed") if n in requested}
    parameters |= dict(requested.get("extra", {}))
    if "duration" in requested:
        parameters["duration"] = max(1, math.ceil(requested["duration"]))
        if parameters["duration"] != requested["duration"]:
            notes.append(_ROUNDED(given=f"{requested['duration']:g}", s=parameters["duration"]))
    if "fps" in requested:
        notes.append(_NO_FPS)
    if requested.get("caption"):
        notes.append(NO_CAPTION)
    if not isinstance(parameters.get("model"), str) or not parameters["model"]:
        raise BadParameter(_NO_MODEL, code="model_missing")
    if "content" in parameters:
        raise BadParameter(_NO_CONTENT, code="extra_unknown")
    _check(images)
    seed = parameters.get("seed")
    return Plan(parameters, seed if isinstance(seed, int) else None, tuple(notes))


def body(
    prompt: str, parameters: Mapping[str, Any], images: Sequence[InputImage]
) -> dict[str, Any]:
    """Return the JSON body; images are included as data URLs, so they need no public address."""
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
    content += [
        {
            "type": "image_url",
            "image_url": {"url": data_url(image.path)},
            "role": _ROLES[image.role],
        }
        for image in images
    ]
    return {"content": content, **parameters}


def sized(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Add the resulting ``width``, ``height`` and ``fps`` to parameters, if known.

    For estimating tokens: a resolution is the area of 16:9 with that short side.
    """
    short = _SHORT_SIDES.get(str(parameters.get("resolution", "")))
    if short is None:
        return dict(parameters)
    return {**parameters, "width": round(short * 16 / 9), "height": short, "fps": _FPS}


def _check(images: Sequence[InputImage]) -> None:
    roles = [image.role for image in images]
    frames, references = [r for r in roles if r != "reference"], roles.count("reference")
    if frames and references:
        raise BadParameter(_EITHER, code="images_unfit")
    if len(frames) != len(set(frames)) or frames == ["last"]:
        raise BadParameter(_FRAMES, code="images_unfit")


_ROUNDED = Text(
    "The service accepts whole seconds only: {given} s was changed to {s} s.",
    "服务仅支持整数秒：{given} 秒已调整为 {s} 秒。",
)
_NO_FPS = Text(
    "The service chooses the frame rate itself; fps was ignored.", "帧率由服务决定，已忽略 fps。"
)
_NO_MODEL = Text(
    "No model is set. Set model in the engine's table in engines.toml, or pass "
    'extra={"model": "doubao-seedance-…"}. The provider\'s console lists the models '
    "available to you.",
    "未指定模型。请在 engines.toml 该引擎的表中设置 model，"
    '或传入 extra={"model": "doubao-seedance-…"}。可用模型见服务商控制台。',
)
_NO_CONTENT = Text(
    'extra must not contain "content": pass the prompt and images as usual.',
    "extra 中不能包含 content：提示词与图片请使用各自的参数。",
)
_EITHER = Text(
    "Pass either a first (and last) frame or reference images, not both.",
    "首帧（及尾帧）与参考图不能同时使用。",
)
_FRAMES = Text(
    "Pass at most one first frame and, with it, one last frame.",
    "首帧只能有一张，尾帧需与首帧一起使用且只能有一张。",
)
