"""The scenes the sketch engine knows, by name. Each is a package, loaded when asked.

Modules beside the packages serve several scenes.
"""

from __future__ import annotations

from importlib import import_module

from ..vocabulary import SCENE_NAMES, SCENES
from .base import Mood, Scene


def scene_class(name: str) -> type[Scene]:
    """The class of a scene. Raises KeyError for a name not in ``SCENE_NAMES``."""
    module, _, attribute = SCENES[name].place.partition(":")
    found: type[Scene] = getattr(import_module(f".{module}", __name__), attribute)
    return found


__all__ = ["SCENE_NAMES", "Mood", "Scene", "scene_class"]
