"""Engines generate videos. They are plugins: entry points in the group ``videogen_nb.engines``."""

from .base import ComputeEngine, Drawn, Engine, InputImage, Job, Plan, Rendered
from .registry import engine_names, load_engine

__all__ = [
    "ComputeEngine",
    "Drawn",
    "Engine",
    "InputImage",
    "Job",
    "Plan",
    "Rendered",
    "engine_names",
    "load_engine",
]
