"""Clickable examples under a prompt, with small posters."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from ...i18n import Text
from ...protocol.models import Choice, EngineInfo

_MOVES = Text("Camera moves", "运镜")
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
_DRAWN_BY: Final = "sketch"  # whose scenes the posters show
_POSTERS: Final = files("videogen_nb.panels").joinpath("static", "posters")


class Examples(NamedTuple):
    """Examples with a common title; ``posters`` names those that have a poster.

    A poster has the name of its example.
    """

    title: Text
    choices: list[Choice]
    posters: frozenset[str] = frozenset()


def examples_for(
    engine: EngineInfo | None, from_image: bool, render: Callable[[Text], str]
) -> Examples:
    """Return the engine's moves or scenes with example prompts, or generic examples."""
    known = (engine.moves if from_image else engine.scenes) if engine else []
    found = [choice for choice in known if choice.example]
    if found and from_image:
        return Examples(_MOVES, found)
    if found:
        drawn = engine is not None and engine.name == _DRAWN_BY
        return Examples(_SCENES, found, frozenset(_paths()) if drawn else frozenset())
    prompts = [render(text) for text in (_PLAIN_MOVES if from_image else _PLAIN_EXAMPLES)]
    return Examples(_EXAMPLES, [Choice(name=p, title=p, example=p) for p in prompts])


@cache
def posters() -> bytes:
    """Return all posters as one JSON object, name → data URL, which a page requests once."""
    urls = {name: base64.b64encode(data).decode("ascii") for name, data in _paths().items()}
    told = {name: f"data:image/webp;base64,{url}" for name, url in urls.items()}
    return json.dumps(told).encode("ascii")


@cache
def _paths() -> dict[str, bytes]:
    found = (item for item in _POSTERS.iterdir() if item.name.endswith(".webp"))
    return {item.name.removesuffix(".webp"): item.read_bytes() for item in found}
