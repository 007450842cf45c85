"""Engines make videos. They are plugins: entry points of the group ``videogen_nb.engines``."""

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
