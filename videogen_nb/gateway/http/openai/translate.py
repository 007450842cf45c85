"""Translating create requests of ``/v1/videos`` to native ones.

``model`` is ``engine`` or ``engine:model``. Fields that the API does not define are our own (seed,
fps, ratio, resolution, duration, labels …), and unknown ones are passed to the engine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ....engines.registry import Registry
from ....errors import BadParameter
from ....i18n import Text
from ....protocol.models import EngineInfo
from ....protocol.parameters import NAMES
from .parse import IMAGE, Sent, decode_data_url

_OURS: Final = ("prompt", "images", "conversation_id", "section_id", "again", *NAMES)
#: The senders' own bookkeeping, which says nothing about the video.
_BOOKKEEPING: Final = ("user", "metadata")
_OTHERS: Final = (IMAGE, "model", "size", "seconds", *_BOOKKEEPING)
_SIZE: Final = re.compile(r"(\d{2,5}) ?[xX×*] ?(\d{2,5})")
#: Scripts written for the hosted service name its models.
_HOSTED: Final = re.compile(r"(?i)sora(-|$)")


@dataclass(frozen=True, slots=True)
class Order:
    """The body of a native create request, the adjustments, and an image to store."""

    body: dict[str, Any]
    notes: tuple[Text, ...] = ()
    image: bytes | None = None
    image_name: str | None = None


def translate(sent: Sent, registry: Registry) -> Order:
    """Translate a create request.

    Raises:
        BadParameter: the engine is unknown, or a size, duration or reference is invalid.
        BadImage: a data URL contains no bytes.
    """
    notes: list[Text] = []
    given = {name: value for name, value in sent.fields.items() if value not in (None, "")}
    body = {name: given[name] for name in _OURS if name in given}
    extra = _extra(given)
    body["engine"], model = _engine(given, registry, notes)
    if model is not None:
        extra.setdefault("model", model)
    if "seconds" in given:
        body.setdefault("duration", _seconds(given["seconds"]))
    if "size" in given:
        info = registry.find(body["engine"]).info("en")
        body = {**_frame(str(given["size"]), info, notes), **body}
    if extra:
        body["extra"] = extra
    body.setdefault("prompt", "")  # an empty one is told as that, in words
    url, key, data = _reference(given.get(IMAGE))
    if sent.image is not None:
        data = sent.image
    elif url is not None:
        body["image_url"] = url
    elif key is not None:
        body["image_attachment"] = {"key": key}
    return Order(body, tuple(notes), data, sent.image_name)


def _extra(given: Mapping[str, Any]) -> dict[str, Any]:
    extra = given.get("extra", {})
    if not isinstance(extra, dict):
        raise BadParameter(_EXTRA, code="malformed")
    unknown = {n: v for n, v in given.items() if n not in (*_OURS, *_OTHERS)}
    return {**unknown, **extra}


def _engine(
    given: Mapping[str, Any], registry: Registry, notes: list[Text]
) -> tuple[str, str | None]:
    """Return the engine's name, and its model, if given."""
    model = str(given["model"]) if "model" in given else None
    if "engine" in given:
        engine = str(given["engine"])
        return engine, None if model == engine else model
    if model is None:
        return registry.default, None
    engine, colon, rest = model.partition(":")
    if model not in registry.engines and _HOSTED.match(model):
        notes.append(_NOT_HERE(model=model[:60], engine=registry.default))
        return registry.default, None
    if colon and model not in registry.engines:
        return engine, rest or None
    return model, None


def _seconds(given: Any) -> float:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        seconds = math.nan
    if isinstance(given, bool) or not 0 < seconds < math.inf:
        raise BadParameter(_NO_SECONDS(given=str(given)[:40]), code="seconds_invalid")
    return seconds


def _frame(size: str, info: EngineInfo, notes: list[Text]) -> dict[str, str]:
    """Return the engine's ratio and resolution nearest to a size in pixels."""
    match = _SIZE.fullmatch(size.strip())
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (width and height):
        raise BadParameter(_NO_SIZE(given=size[:40]), code="size_invalid")
    divisor = math.gcd(width, height)
    own_ratio, own_resolution = f"{width // divisor}:{height // divisor}", f"{min(width, height)}p"
    ratio = _nearest(width / height, {r: _share(r) for r in info.ratios}, own_ratio)
    lengths = {r: _length(r) for r in info.resolutions}
    resolution = _nearest(min(width, height), lengths, own_resolution)
    if (ratio, resolution) != (own_ratio, own_resolution):
        notes.append(_SNAPPED(size=f"{width}x{height}", ratio=ratio, resolution=resolution))
    return {"ratio": ratio, "resolution": resolution}


def _nearest(wanted: float, choices: Mapping[str, float | None], own: str) -> str:
    known = {name: value for name, value in choices.items() if value}
    return min(known, key=lambda name: abs(math.log(known[name] / wanted)), default=own)


def _share(ratio: str) -> float | None:
    wide, _, high = ratio.partition(":")
    return int(wide) / int(high) if _are_numbers((wide, high)) else None


def _length(resolution: str) -> float | None:
    short = resolution.lower().removesuffix("p")
    return float(short) if _are_numbers([short]) else None


def _are_numbers(words: Iterable[str]) -> bool:
    return all(word.isascii() and word.isdecimal() and int(word) for word in words)


def _reference(given: Any) -> tuple[str | None, str | None, bytes | None]:
    """Parse a reference that is not a file: a URL, the key of an upload, or a data URL."""
    if isinstance(given, str):
        given = {"image_url": given}
    if given is None:
        return None, None, None
    url, key = (given.get("image_url"), given.get("file_id")) if isinstance(given, dict) else (0, 0)
    if isinstance(key, str) and key and not url:
        return None, key, None
    if not isinstance(url, str) or not url:
        raise BadParameter(_NO_REFERENCE, code="reference_invalid")
    if url[:5].lower() != "data:":
        return url, None, None
    return None, None, decode_data_url(url.encode())


_EXTRA = Text("extra must be an object.", "extra 应为对象。")
_NOT_HERE = Text(
    "The model {model} is not available; the engine {engine} generates the video.",
    "没有模型 {model}：改由引擎 {engine} 生成。",
)
_SNAPPED = Text(
    "The size {size} was changed to {ratio} at {resolution}, the nearest that this engine "
    "supports.",
    "尺寸 {size} 已调整为该引擎支持的最接近值：{ratio}、{resolution}。",
)
_NO_SIZE = Text(
    "Invalid size: {given!r}. Use width and height in pixels, such as 1280x720.",
    "无法识别尺寸 {given!r}，请给出宽和高（像素），例如 1280x720。",
)
_NO_SECONDS = Text(
    "Invalid seconds: {given!r}. Use a number such as 4.",
    "seconds 的值 {given!r} 不是有效时长，请给出数字，例如 4。",
)
_NO_REFERENCE = Text(
    "Invalid input_reference: send an image file, or an object with an image_url (http, https "
    "or a data URL) or with the key of an upload as file_id.",
    "input_reference 应为图片文件，或一个对象：含 image_url（http、https 或 data URL）、"
    "或含 file_id（所上传附件的 key）。",
)
