"""Which examples to click stand under a prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...i18n import Text
from ...protocol.models import Choice, EngineInfo

_MOVES = Text("Camera moves", "镜头运动")
_SCENES = Text("Scenes", "场景")
_EXAMPLES = Text("Examples", "示例")

#: For gateways that do not tell what their engines know.
_PLAIN_EXAMPLES = (
    Text("a sunset over the sea, 5 seconds", "生成一个海边日落的5秒视频"),
    Text("a starry night sky", "生成星空视频"),
)
_PLAIN_MOVES = (
    Text("make a 5-second video of this image", "请将这张图片生成一个5秒的视频"),
    Text("the camera moves in slowly", "镜头缓慢推进"),
)


class Examples(NamedTuple):
    """Examples to click, and what they are called together."""

    title: Text
    choices: list[Choice]


def examples_for(
    engine: EngineInfo | None, from_image: bool, render: Callable[[Text], str]
) -> Examples:
    """Return the engine's moves or scenes that have an example prompt, or examples of ours."""
    known = (engine.moves if from_image else engine.scenes) if engine else []
    found = [choice for choice in known if choice.example]
    if found:
        return Examples(_MOVES if from_image else _SCENES, found)
    prompts = [render(text) for text in (_PLAIN_MOVES if from_image else _PLAIN_EXAMPLES)]
    return Examples(_EXAMPLES, [Choice(name=p, title=p, example=p) for p in prompts])
