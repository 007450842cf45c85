"""ComfyUI: a workflow saved in its API format becomes an engine."""

from .engine import ComfyEngine

__all__ = ["ComfyEngine"]
