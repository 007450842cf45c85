"""Open models on a local GPU: any text- or image-to-video pipeline of the diffusers library."""

from .engine import DiffusersEngine

__all__ = ["DiffusersEngine"]
