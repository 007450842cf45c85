"""The sketch engine: procedural videos drawn with formulas. It is never called a model."""

from .choice import preview
from .engine import SketchEngine

__all__ = ["SketchEngine", "preview"]
