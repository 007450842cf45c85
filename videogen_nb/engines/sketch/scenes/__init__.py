"""The scenes the sketch engine draws, by name. Each is a package, loaded when asked."""

from __future__ import annotations

from importlib import import_module

from ..catalogue import SCENES
from .base import Scene


def scene_class(name: str) -> type[Scene]:
    """The class of a scene. Raises KeyError for a name not in ``SCENES``."""
    module, _, attribute = SCENES[name].place.partition(":")
    found: type[Scene] = getattr(import_module(f".{module}", __name__), attribute)
    return found
