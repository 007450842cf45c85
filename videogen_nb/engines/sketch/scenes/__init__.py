"""The scenes of the sketch engine by name. Each is a package, loaded on demand."""

from __future__ import annotations

from importlib import import_module

from ..catalogue import SCENE_NAMES
from .base import Scene


def scene_class(name: str) -> type[Scene]:
    """Return the class of a scene. Raises KeyError if the name is not in ``SCENE_NAMES``."""
    if name not in SCENE_NAMES:
        raise KeyError(name)
    module = import_module(f".{name}.scene", __name__)
    found: type[Scene] = getattr(module, f"{name.capitalize()}Scene")
    return found
