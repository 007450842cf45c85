"""The scenes the sketch engine draws, by name. Each is a package, loaded when asked."""

from __future__ import annotations

from importlib import import_module

from ..catalogue import SCENE_NAMES
from .base import Scene


def scene_class(name: str) -> type[Scene]:
    """The class of a scene. Raises KeyError for a name not in ``SCENE_NAMES``."""
    if name not in SCENE_NAMES:
        raise KeyError(name)
    module = import_module(f".{name}.scene", __name__)
    found: type[Scene] = getattr(module, f"{name.capitalize()}Scene")
    return found
