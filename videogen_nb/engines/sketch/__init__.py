"""The sketch engine: procedural videos, drawn by formulas. It is never called a model."""

from .engine import SketchEngine
from .subject import preview

__all__ = ["SketchEngine", "preview"]
