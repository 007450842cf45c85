"""Servers that speak ``/v1/videos``: SGLang Diffusion, vLLM-Omni, TensorRT-LLM, resellers."""

from .engine import OpenAIVideosEngine

__all__ = ["OpenAIVideosEngine"]
