"""The sketch engine: procedural videos drawn with formulas. It is never called a model."""

from .engine import SketchEngine
from .scene_choice import preview

__all__ = ["SketchEngine", "preview"]
