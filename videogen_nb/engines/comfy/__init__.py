"""ComfyUI: a workflow saved for its API is an engine."""

from .engine import ComfyEngine

__all__ = ["ComfyEngine"]
