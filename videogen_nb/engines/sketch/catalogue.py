"""What can be requested: scenes, moods, aspect ratios, resolutions.

Importing a scene imports numpy and OpenCV (70 MB), which a gateway that only plans must avoid. So
the facts needed for planning are here.
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
    """What the prompt says besides the scene. None or False = not mentioned: the scene chooses.

    ``noon`` is a day with the sun overhead; ``storm`` comes with ``wind``, ``calm`` without.
    ``leaf_fall`` and ``petal_fall`` are over an image.
    ``prompt`` is there for the abstract scene and for cards, whose colours come from it.
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
    """One scene: its title, a prompt that gives it, and what it draws.

    ``understands`` is the part of the mood it draws itself (users learn that the rest is not
    drawn); other falling snow or rain is laid over it. ``default_resolution`` is what two
    cores draw in about real time. ``shows`` are further things that are always to be seen in it
    (``x@night``: at that time), as tags or English names of ``language/*.toml``.
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
#: Stands for a scene where there is none: the prompt as a title card.
CARD: Final = "card"
#: What of the mood is laid over a video made from an image.
OVER_IMAGES: Final = ("snow", "rain", "mist", "wind", "storm", "leaf_fall", "petal_fall")

RATIOS: Final[dict[str, tuple[int, int]]] = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:3": (4, 3),
    "3:4": (3, 4),
}
#: The length of a frame's shorter side.
RESOLUTIONS: Final[dict[str, int]] = {"480p": 480, "540p": 540, "720p": 720, "1080p": 1080}


def frame_size(ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height in pixels. Raises KeyError for a ratio or resolution not listed."""
    across, down = RATIOS[ratio]
    short = RESOLUTIONS[resolution]
    long = 2 * round(short * max(across, down) / min(across, down) / 2)
    return (long, short) if across >= down else (short, long)


def nearest_ratio(width: int, height: int) -> str:
    """The listed ratio that crops an image of this size least."""
    return min(RATIOS, key=lambda r: abs(math.log(width / height * RATIOS[r][1] / RATIOS[r][0])))
