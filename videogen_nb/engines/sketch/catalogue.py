"""The scenes by name: what panels list and what planning needs, without importing a scene.

Importing a scene costs numpy, OpenCV and some 70 MB, and a gateway that only plans must not pay
that. So the few facts that planning needs stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...i18n import Text


@dataclass(frozen=True, slots=True)
class SceneEntry:
    """One scene: its title, a prompt that gives it, and what it draws.

    ``understands`` is what of the mood it draws itself; falling snow or rain beyond it is laid
    over it. ``default_resolution`` is what two cores draw in about real time.
    """

    title: Text
    example: Text
    understands: tuple[str, ...] = ("time",)
    default_resolution: str = "540p"


#: In the order in which panels and docs list them.
SCENES: Final[dict[str, SceneEntry]] = {
    "sea": SceneEntry(
        Text("Sea", "大海"), Text("Sunset over the sea", "海边日落"), ("time", "wind")
    ),
    "stars": SceneEntry(
        Text("Starry sky", "星空"),
        Text("A starry night sky, slowly turning", "缓缓转动的星空"),
        ("time", "snow"),
    ),
    "aurora": SceneEntry(
        Text("Aurora", "极光"),
        Text("Northern lights over the mountains", "雪山上空的极光"),
        ("time", "snow"),
    ),
    "clouds": SceneEntry(
        Text("Clouds", "云海天空"),
        Text("White clouds drifting across a blue sky", "蓝天白云缓缓飘过"),
    ),
    "mountains": SceneEntry(
        Text("Mountains", "山峦"),
        Text("Mountains in the morning mist", "晨雾中的群山"),
        ("time", "snow", "mist"),
    ),
    "snow": SceneEntry(
        Text("Snowfall", "雪景"),
        Text("Snow falling in a quiet forest", "安静的森林里下着雪"),
        ("time", "snow", "wind"),
    ),
    "rain": SceneEntry(
        Text("Rain", "雨"), Text("Rain on a window", "雨打窗户"), ("time", "rain", "wind")
    ),
    "fire": SceneEntry(Text("Fire", "篝火"), Text("A campfire at night", "夜晚的篝火")),
    "city": SceneEntry(
        Text("City lights", "城市夜景"),
        Text("City lights at night", "夜晚的城市灯火"),
        default_resolution="720p",
    ),
    "leaves": SceneEntry(
        Text("Leaves and petals", "落叶与花瓣"),
        Text("Autumn leaves in the wind", "风中的落叶"),
        ("time", "flowers", "wind"),
    ),
    "abstract": SceneEntry(
        Text("Abstract colours", "抽象色彩"),
        Text("Slow waves of teal and gold", "青色与金色缓缓流动"),
        (),
        default_resolution="720p",
    ),
}
SCENE_NAMES: Final = tuple(SCENES)
