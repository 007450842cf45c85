"""What a pipeline's kind implies: the steps of its sizes and lengths, its frames a second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .model import Model
from .signature import call_of

#: Frames a second that films of a family are made for, by the start of its class's name.
#: Sources: the pipelines' own examples and their model cards.
_FPS: Final = (
    ("LTX", 24),
    ("CogVideoX", 8),
    ("HunyuanVideo15", 24),
    ("Hunyuan", 15),
    ("Mochi", 30),
    ("SkyReelsV2", 24),
    ("StableVideo", 7),
    ("Kandinsky", 24),
    ("Allegro", 15),
    ("Wan", 16),
)
_OTHER_FPS: Final = 16
#: The other way to use the same parts: from words, from a picture.
_PAIRS: Final = (
    ("WanPipeline", "WanImageToVideoPipeline"),
    ("LTXPipeline", "LTXImageToVideoPipeline"),
    ("LTX2Pipeline", "LTX2ImageToVideoPipeline"),
)
_TEMPORAL: Final = ("scale_factor_temporal", "temporal_compression_ratio")
_SPATIAL: Final = ("scale_factor_spatial", "spatial_compression_ratio")


@dataclass(frozen=True, slots=True)
class Family:
    """How a model's films are measured, and which pipelines make them.

    A side is a multiple of ``side_step`` pixels; a film has ``k * frame_step + 1`` frames.
    """

    words: str | None
    picture: str | None
    side_step: int
    frame_step: int
    width: int
    height: int
    frames: int
    fps: int

    def pipeline(self, with_picture: bool) -> str | None:
        """The class that makes a film from a picture, or from words alone."""
        return self.picture if with_picture else self.words

    def call(self, with_picture: bool) -> Mapping[str, Any]:
        """What that class takes."""
        name = self.pipeline(with_picture)
        return (call_of(name) if name else None) or {}


def family_of(model: Model, call: Mapping[str, Any]) -> Family:
    """The family of a model whose own pipeline takes ``call``."""
    words, picture = _uses(model, call)
    width, height = _size(model, call)
    frames = call.get("num_frames") or model.config("transformer").get("sample_frames")
    frames = frames if isinstance(frames, int) else 121 if "LTX" in model.pipeline else 49
    return Family(
        words,
        picture,
        _side_step(model),
        _frame_step(model),
        width,
        height,
        frames,
        _fps(model, call),
    )


def _uses(model: Model, call: Mapping[str, Any]) -> tuple[str | None, str | None]:
    own = model.pipeline
    takes_picture = "image" in call
    words = own if "prompt" in call and not (takes_picture and _needs_picture(own)) else None
    picture = own if takes_picture else None
    for from_words, from_picture in _PAIRS:
        shares = from_words != "WanPipeline" or bool(model.options.get("expand_timesteps"))
        if shares and own in (from_words, from_picture):
            return from_words, from_picture
    return words, picture


def _needs_picture(pipeline: str) -> bool:
    return (
        re.search(r"ImageToVideo|Image2Video|VideoToWorld|Video2World|StableVideo", pipeline)
        is not None
    )


def _size(model: Model, call: Mapping[str, Any]) -> tuple[int, int]:
    width, height = call.get("width"), call.get("height")
    if isinstance(width, int) and isinstance(height, int):
        return (width, height)
    config = model.config("transformer") or model.config("unet")
    wide, high = config.get("sample_width"), config.get("sample_height")
    if isinstance(wide, int) and isinstance(high, int):
        scale = _spatial(model.config("vae"))
        return wide * scale, high * scale
    return 832, 480


def _side_step(model: Model) -> int:
    patch = model.config("transformer").get("patch_size", 1)
    patch = patch[-1] if isinstance(patch, list) and patch else patch
    step = _spatial(model.config("vae")) * (patch if isinstance(patch, int) else 1)
    return max(16, step) if step % 8 == 0 else 16 * step


def _frame_step(model: Model) -> int:
    config = model.config("vae")
    steps = (config.get(name) for name in _TEMPORAL)
    return next((int(step) for step in steps if isinstance(step, int)), 1)


def _spatial(vae: Mapping[str, Any]) -> int:
    for name in _SPATIAL:
        if isinstance(vae.get(name), int):
            return int(vae[name])
    blocks = vae.get("block_out_channels")
    return 2 ** (len(blocks) - 1) if isinstance(blocks, list) and blocks else 8


def _fps(model: Model, call: Mapping[str, Any]) -> int:
    for name in ("frame_rate", "fps"):
        rate = call.get(name)
        if isinstance(rate, (int, float)):
            return round(rate)
    if model.pipeline.startswith("Wan") and _spatial(model.config("vae")) == 16:
        return 24  # the 5B of Wan 2.2
    for start, fps in _FPS:
        if model.pipeline.startswith(start):
            return fps
    return _OTHER_FPS
