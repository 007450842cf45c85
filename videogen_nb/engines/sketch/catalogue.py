"""What can be requested: scenes, moods, aspect ratios and resolutions.

Importing a scene loads numpy and OpenCV (70 MB), which a gateway that only plans must avoid, so
the facts that planning needs are kept here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from ...i18n import Text

DURATIONS: Final = (1, 15)  # seconds
Daytime = Literal["day", "dusk", "night"]
Season = Literal["spring", "summer", "autumn", "winter"]


@dataclass(frozen=True, slots=True)
class Mood:
    """What the prompt says besides the scene. None or False means not mentioned: the scene decides.

    ``noon`` is daytime with the sun overhead; ``storm`` comes with ``wind``, ``calm`` without it.
    ``leaf_fall`` and ``petal_fall`` apply only over an image.
    ``prompt`` supplies the colours of the abstract scene and of cards.
    """

    time: Daytime | None = None
    snow: bool = False
    rain: bool = False
    mist: bool = False
    wind: bool = False
    flowers: bool = False
    noon: bool = False
    storm: bool = False
    calm: bool = False
    season: Season | None = None
    leaf_fall: bool = False
    petal_fall: bool = False
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class SceneEntry:
    """A scene: its title, an example prompt that selects it, and what it draws.

    ``understands`` lists the parts of the mood that the scene draws itself (users are told that the
    rest is not drawn); any other falling snow or rain is drawn over it. ``default_resolution`` is
    what two cores render in about real time. ``shows`` lists further things that are always visible
    in it (``x@night``: only at night), as tags or English names from ``language/*.toml``.
    """

    title: Text
    example: Text
    understands: tuple[str, ...] = ("time",)
    default_resolution: str = "540p"
    shows: tuple[str, ...] = ()


#: In the order in which panels and docs list them.
SCENES: Final[dict[str, SceneEntry]] = {
    "sea": SceneEntry(
        Text("Sea", "大海"),
        Text("Sunset over the sea", "海边日落"),
        ("time", "wind", "storm", "calm"),
        shows=("sky", "clouds", "stars@night", "moon@night"),
    ),
    "stars": SceneEntry(
        Text("Starry sky", "星空"),
        Text("A starry night sky, slowly turning", "缓缓转动的星空"),
        ("time", "snow"),
        shows=("sky", "lake"),
    ),
    "aurora": SceneEntry(
        Text("Aurora", "极光"),
        Text("Northern lights over the mountains", "雪山上空的极光"),
        ("time", "snow"),
        shows=("sky", "stars", "mountains", "snowy", "winter", "lake"),
    ),
    "clouds": SceneEntry(
        Text("Clouds", "云与天空"),
        Text("White clouds drifting across a blue sky", "蓝天白云缓缓飘过"),
        shows=("stars@night", "moon@night"),
    ),
    "mountains": SceneEntry(
        Text("Mountains", "山峦"),
        Text("Mountains in the morning mist", "晨雾中的群山"),
        ("time", "snow", "mist", "noon", "season"),
        shows=("sky", "clouds", "stars@night"),
    ),
    "snow": SceneEntry(
        Text("Snowfall", "雪景"),
        Text("Snow falling in a quiet forest", "安静的森林里下着雪"),
        ("time", "snow", "wind"),
        shows=("snowy", "winter", "~leaves", "tree", "cabin@night"),
    ),
    "rain": SceneEntry(
        Text("Rain", "雨"),
        Text("Rain on a window", "雨打窗户"),
        ("time", "rain", "wind"),
        shows=("window",),
    ),
    "fire": SceneEntry(Text("Fire", "篝火"), Text("A campfire at night", "夜晚的篝火")),
    "city": SceneEntry(
        Text("City lights", "城市夜景"),
        Text("City lights at night", "夜晚的城市灯火"),
        default_resolution="720p",
        shows=("sky", "river"),
    ),
    "leaves": SceneEntry(
        Text("Leaves and petals", "落叶与花瓣"),
        Text("Autumn leaves in the wind", "风中的落叶"),
        ("time", "flowers", "wind"),
        shows=("tree",),
    ),
    "abstract": SceneEntry(
        Text("Abstract colours", "抽象色彩"),
        Text("Slow waves of teal and gold", "青色与金色缓缓流动"),
        (),
        default_resolution="720p",
    ),
}
SCENE_NAMES: Final = tuple(SCENES)
ABSTRACT: Final = "abstract"
#: Used in place of a scene name: the prompt is shown as a title card.
CARD: Final = "card"
#: The parts of the mood that can be drawn over a video made from an image.
OVER_IMAGES: Final = ("snow", "rain", "mist", "wind", "storm", "leaf_fall", "petal_fall")

RATIOS: Final[dict[str, tuple[int, int]]] = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:3": (4, 3),
    "3:4": (3, 4),
}
#: The length of the frame's shorter side, in pixels.
RESOLUTIONS: Final[dict[str, int]] = {"480p": 480, "540p": 540, "720p": 720, "1080p": 1080}


def frame_size(ratio: str, resolution: str) -> tuple[int, int]:
    """Return (width, height) in pixels. Raises KeyError for an unknown ratio or resolution."""
    across, down = RATIOS[ratio]
    short = RESOLUTIONS[resolution]
    long = 2 * round(short * max(across, down) / min(across, down) / 2)
    return (long, short) if across >= down else (short, long)


def nearest_ratio(width: int, height: int) -> str:
    """Return the supported ratio that crops an image of this size the least."""
    return min(RATIOS, key=lambda r: abs(math.log(width / height * RATIOS[r][1] / RATIOS[r][0])))
