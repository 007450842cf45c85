"""The sketch engine: procedural films, drawn by formulas. It is never called a model."""

from .engine import SketchEngine

__all__ = ["SketchEngine"]
