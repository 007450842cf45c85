"""Requests that create a video, in the formats of different servers.

Some accept JSON, some a form, some both; seconds are a number for some and text for others. A
server that cannot read one format says so without creating anything, and the next one is tried.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ..base import NO_CAPTION, InputImage, Plan
from ..sizes import size_of
from ..upstream_images import data_url, file_name, media_type

FORMS: Final = ("json", "form", "json_numbers")  # without an image
IMAGE_FORMS: Final = ("form", "json", "json_numbers")


def plan(
    requested: Mapping[str, Any], images: Sequence[InputImage], defaults: Mapping[str, Any]
) -> Plan:
    """Plan a request. The server chooses parameters that are not given.

    Raises:
        BadParameter: the ratio, resolution or images are not supported by the API.
    """
    parameters: dict[str, Any] = dict(defaults)
    notes: list[Text] = []
    parameters |= {name: requested[name] for name in ("fps", "seed") if name in requested}
    if "duration" in requested:
        parameters["duration"] = _seconds(requested["duration"], notes)
    if requested.get("caption"):
        notes.append(NO_CAPTION)
    if "ratio" in requested or "resolution" in requested:
        size = size_of(requested.get("ratio", "16:9"), requested.get("resolution", "720p"))
        width, height = size
        parameters |= {"width": width, "height": height}
        parameters |= {n: requested[n] for n in ("ratio", "resolution") if n in requested}
        notes.append(_SIZE(width=width, height=height))
    parameters |= dict(requested.get("extra", {}))
    _check(parameters, images)
    return Plan(parameters, requested.get("seed"), tuple(notes))


def fields(prompt: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a create request, with our names translated."""
    ours = ("duration", "width", "height", "ratio", "resolution")
    named = {name: value for name, value in parameters.items() if name not in ours}
    if "duration" in parameters:
        named.setdefault("seconds", str(parameters["duration"]))
    if "width" in parameters:
        named.setdefault("size", f"{parameters['width']}x{parameters['height']}")
    return {"prompt": prompt, **named}


def forms(images: Sequence[InputImage]) -> tuple[str, ...]:
    """Return the formats to try, the most likely first."""
    return IMAGE_FORMS if images else FORMS


def body(form: str, plain: Mapping[str, Any], images: Sequence[InputImage]) -> dict[str, Any]:
    """Return a create request in one format, as arguments of :meth:`Caller.ask`."""
    if form == "form":
        files = {name: (None, _as_text(value)) for name, value in plain.items()}
        return {"files": {**files, **_file(images)}}
    values = dict(plain)
    if images:
        values["input_reference"] = {"image_url": data_url(images[0].path)}
    if form == "json_numbers" and str(values.get("seconds", "")).isdecimal():
        values["seconds"] = int(values["seconds"])
    return {"json": values}


def _seconds(given: float, notes: list[Text]) -> int:
    seconds = max(1, math.ceil(given))
    if seconds != given:
        notes.append(_ROUNDED(given=f"{given:g}", s=seconds))
    return seconds


def _file(images: Sequence[InputImage]) -> dict[str, Any]:
    data = images[0].path.read_bytes() if images else None
    return {"input_reference": (file_name(data), data, media_type(data))} if data else {}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check(parameters: Mapping[str, Any], images: Sequence[InputImage]) -> None:
    if {"prompt", "input_reference"} & parameters.keys():
        raise BadParameter(_OWN_PLACES, code="extra_unknown")
    if len(images) > 1 or any(image.role == "last" for image in images):
        raise BadParameter(_ONE_IMAGE, code="images_unfit")


_SIZE = Text(
    "Requested at {width}×{height} pixels; the server may choose the nearest size it supports.",
    "请求尺寸为 {width}×{height} 像素，服务器可能改用其支持的最接近的尺寸。",
)
_ROUNDED = Text(
    "This server accepts whole seconds only: {given} s was changed to {s} s.",
    "此类服务器仅支持整数秒：{given} 秒已调整为 {s} 秒。",
)
_OWN_PLACES = Text(
    'extra must not contain "prompt" or "input_reference": pass the prompt and images as usual.',
    "extra 中不能包含 prompt 或 input_reference：提示词与图片请使用各自的参数。",
)
_ONE_IMAGE = Text(
    "This server accepts one image: a first frame or a reference.",
    "此类服务器仅支持一张图片，作为首帧或参考图。",
)
