"""First and last frames: default prompts and checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ...protocol.models import EngineInfo

#: What an engine's ``modes`` name where it takes a last frame, too.
MODE: Final = "last_frame"

_PUSH_IN: Final = Text("the camera moves in slowly", "镜头缓慢推进")
_ACROSS: Final = Text(
    "a smooth transition from the first image to the last", "从第一张图片平滑过渡到最后一张"
)
_ONLY_FIRST: Final = Text("{title} takes a first frame only.", "{title} 仅支持首帧。")
_NO_LAST: Final = Text(
    "{title} does not support a last frame. Remove it, or choose another engine.",
    "{title} 不支持尾帧，请移除尾帧或更换引擎。",
)


def default_prompt(inputs: Mapping[str, Any]) -> Text:
    """Return the prompt for a video from images only."""
    return _ACROSS if has_last(inputs) else _PUSH_IN


def has_last(inputs: Mapping[str, Any]) -> bool:
    """Return whether the arguments for a create request include a last frame."""
    return any(image["role"] == "last" for image in inputs.get("images", ()))


def only_first(engine: EngineInfo | None) -> Text:
    """Return a notice if the engine does not support a last frame; empty otherwise."""
    return _ONLY_FIRST(title=engine.title) if engine and _refuses(engine) else Text.same("")


def check_last(engine: EngineInfo | None, inputs: Mapping[str, Any]) -> None:
    """Raise BadParameter if the engine does not support a last frame."""
    if engine is not None and has_last(inputs) and _refuses(engine):
        raise BadParameter(_NO_LAST(title=engine.title), code="last_frame")


def _refuses(engine: EngineInfo) -> bool:
    return bool(engine.modes) and MODE not in engine.modes
