"""The scenes the sketch engine knows, by name. Each is a module of its own, loaded when asked."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from .base import Mood, Scene

#: name → module:class, in the order in which panels and docs list them.
_PLACES: Final = {
    "sea": "sea:SeaScene",
    "stars": "stars:StarsScene",
    "aurora": "aurora:AuroraScene",
    "clouds": "clouds:CloudsScene",
    "mountains": "mountains:MountainsScene",
    "snow": "snow:SnowScene",
    "rain": "rain:RainScene",
    "fire": "fire:FireScene",
    "city": "city:CityScene",
    "leaves": "leaves:LeavesScene",
    "abstract": "abstract:AbstractScene",
}
SCENE_NAMES: Final = tuple(_PLACES)


def scene_class(name: str) -> type[Scene]:
    """The class of a scene. Raises KeyError for a name not in ``SCENE_NAMES``."""
    module, _, attribute = _PLACES[name].partition(":")
    found: type[Scene] = getattr(import_module(f".{module}", __name__), attribute)
    return found


__all__ = ["SCENE_NAMES", "Mood", "Scene", "scene_class"]
