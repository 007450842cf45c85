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
    """One scene: where its class is, and what it draws.

    ``understands`` is what of the mood it draws itself; falling snow or rain beyond it is laid
    over it.
    """

    place: str  # module:class under ``scenes``
    title: Text
    example: Text  # a prompt that gives this scene
    understands: frozenset[str] = frozenset({"time"})
    default_resolution: str = "720p"  # what two cores draw in about real time


#: In the order in which panels and docs list them.
SCENES: Final[dict[str, SceneEntry]] = {
    "sea": SceneEntry(
        "sea.scene:SeaScene",
        Text("Sea", "大海"),
        Text("Sunset over the sea", "海边日落"),
        frozenset({"time", "wind"}),
        default_resolution="540p",
    ),
    "stars": SceneEntry(
        "stars.scene:StarsScene",
        Text("Starry sky", "星空"),
        Text("A starry night sky, slowly turning", "缓缓转动的星空"),
        frozenset({"time", "snow"}),
        default_resolution="540p",
    ),
    "aurora": SceneEntry(
        "aurora.scene:AuroraScene",
        Text("Aurora", "极光"),
        Text("Northern lights over the mountains", "雪山上空的极光"),
        frozenset({"time", "snow"}),
        default_resolution="540p",
    ),
    "clouds": SceneEntry(
        "clouds.scene:CloudsScene",
        Text("Clouds", "云海天空"),
        Text("White clouds drifting across a blue sky", "蓝天白云缓缓飘过"),
        default_resolution="540p",
    ),
    "mountains": SceneEntry(
        "mountains.scene:MountainsScene",
        Text("Mountains", "山峦"),
        Text("Mountains in the morning mist", "晨雾中的群山"),
        frozenset({"time", "snow", "mist"}),
        default_resolution="540p",
    ),
    "snow": SceneEntry(
        "snow.scene:SnowScene",
        Text("Snowfall", "雪景"),
        Text("Snow falling in a quiet forest", "安静的森林里下着雪"),
        frozenset({"time", "snow", "wind"}),
        default_resolution="540p",
    ),
    "rain": SceneEntry(
        "rain.scene:RainScene",
        Text("Rain", "雨"),
        Text("Rain on a window", "雨打窗户"),
        frozenset({"time", "rain", "wind"}),
        default_resolution="540p",
    ),
    "fire": SceneEntry(
        "fire.scene:FireScene",
        Text("Fire", "篝火"),
        Text("A campfire at night", "夜晚的篝火"),
        default_resolution="540p",
    ),
    "city": SceneEntry(
        "city.scene:CityScene",
        Text("City lights", "城市夜景"),
        Text("City lights at night", "夜晚的城市灯火"),
    ),
    "leaves": SceneEntry(
        "leaves.scene:LeavesScene",
        Text("Leaves and petals", "落叶与花瓣"),
        Text("Autumn leaves in the wind", "风中的落叶"),
        frozenset({"time", "flowers", "wind"}),
        default_resolution="540p",
    ),
    "abstract": SceneEntry(
        "abstract.scene:AbstractScene",
        Text("Abstract colours", "抽象色彩"),
        Text("Slow waves of teal and gold", "青色与金色缓缓流动"),
        frozenset(),
    ),
}
SCENE_NAMES: Final = tuple(SCENES)
