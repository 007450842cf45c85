"""Stand-ins for the providers whose tables are shipped, by name."""

from .hosted import XAI, Luma, MiniMax, Veo, Vidu, Zhipu
from .provider import Provider
from .queued import ComfyRouter, DashScope, Fal, Kling, Replicate, Runway, WaveSpeed

PROVIDERS: dict[str, type[Provider]] = {
    "comfy-router": ComfyRouter,
    "dashscope": DashScope,
    "fal": Fal,
    "kling": Kling,
    "luma": Luma,
    "minimax": MiniMax,
    "replicate": Replicate,
    "runway": Runway,
    "veo": Veo,
    "vidu": Vidu,
    "wavespeed": WaveSpeed,
    "xai": XAI,
    "zhipu": Zhipu,
}

__all__ = ["PROVIDERS", "Provider"]
