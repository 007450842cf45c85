"""Families of pipelines: step sizes of dimensions and frame counts, and frame rates."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .model import Model
from .pipeline_arguments import call_of
from .schedulers import is_flow

#: Frames per second that videos of a family are made for, by the start of its class's name.
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
#: The other way to use the same parts: from words, from an image.
_PAIRS: Final = (
    ("WanPipeline", "WanImageToVideoPipeline"),
    ("LTXPipeline", "LTXImageToVideoPipeline"),
    ("LTX2Pipeline", "LTX2ImageToVideoPipeline"),
)
#: Arguments by which a pipeline is one of videos, and no other.
_LENGTHS: Final = ("num_frames", "frames", "video_length")
#: Pixels and frames to a latent, where the decoder's settings do not tell: (side, length).
_TOLD_NOWHERE: Final = {"AutoencoderKLMochi": (8, 6)}
_TEMPORAL: Final = ("scale_factor_temporal", "temporal_compression_ratio")
_SCALING: Final = "spatio_temporal_scaling"  # of LTX: a doubling for each that is true
_SPATIAL: Final = ("scale_factor_spatial", "spatial_compression_ratio")


@dataclass(frozen=True, slots=True)
class Family:
    """The constraints of a model's videos, and the pipelines that generate them.

    A side is a multiple of ``side_step`` pixels; a video has ``k * frame_step + 1`` frames.
    """

    words: str | None
    image: str | None
    side_step: int
    frame_step: int
    width: int
    height: int
    frames: int
    fps: int
    drops_last_image: bool = False  # where its class takes one and does nothing with it
    flow: bool = True  # whether its scheduler is for flow models

    def pipeline(self, with_image: bool) -> str | None:
        """Return the class for image-to-video or text-to-video."""
        return self.image if with_image else self.words

    def call(self, with_image: bool) -> Mapping[str, Any]:
        """Return the arguments of that class."""
        name = self.pipeline(with_image)
        call = (call_of(name) if name else None) or {}
        dropped = {"last_image"} if self.drops_last_image else set()
        return {name: value for name, value in call.items() if name not in dropped}


def family_of(model: Model, call: Mapping[str, Any]) -> Family:
    """Return the family of a model whose pipeline has the arguments ``call``."""
    words, image = _uses(model, call)
    width, height = _size(model, call)
    return Family(
        words,
        image,
        _side_step(model),
        _frame_step(model),
        width,
        height,
        _frames(model, call),
        _fps(model, call),
        drops_last_image=bool(model.options.get("expand_timesteps")),
        flow=is_flow(model.scheduler),
    )


def _uses(model: Model, call: Mapping[str, Any]) -> tuple[str | None, str | None]:
    own = model.pipeline
    if re.search(r"VideoToVideo|Video2Video", own) or not call.keys() & set(_LENGTHS):
        return None, None
    takes_image = "image" in call
    words = own if "prompt" in call and not (takes_image and _needs_image(own)) else None
    image = own if takes_image else None
    for from_words, from_image in _PAIRS:
        shares = from_words != "WanPipeline" or bool(model.options.get("expand_timesteps"))
        if shares and own in (from_words, from_image):
            return from_words, from_image
    return words, image


def _needs_image(pipeline: str) -> bool:
    return (
        re.search(r"ImageToVideo|Image2Video|VideoToWorld|Video2World|StableVideo", pipeline)
        is not None
    )


def _size(model: Model, call: Mapping[str, Any]) -> tuple[int, int]:
    width, height = call.get("width"), call.get("height")
    if isinstance(width, int) and isinstance(height, int):
        return (width, height)
    config = model.config("transformer") or model.config("unet")
    side = config.get("sample_size")
    wide, high = config.get("sample_width", side), config.get("sample_height", side)
    if isinstance(wide, int) and isinstance(high, int):
        scale = _spatial(model.config("vae"))
        return wide * scale, high * scale
    return 832, 480


def _frames(model: Model, call: Mapping[str, Any]) -> int:
    if _is_wan_5b(model):
        return 121  # its class has the default of its sisters, 81
    places = [call.get(name) for name in _LENGTHS]
    places.append(model.config("transformer").get("sample_frames"))
    places.append(model.config("unet").get("num_frames"))
    found = next((frames for frames in places if isinstance(frames, int)), None)
    return found or (121 if model.pipeline.startswith("LTX") else 49)


def _is_wan_5b(model: Model) -> bool:
    """Return whether it is the 5B of Wan 2.2, whose VAE halves the sides once more."""
    return model.pipeline.startswith("Wan") and _spatial(model.config("vae")) == 16


def _side_step(model: Model) -> int:
    patch = model.config("transformer").get("patch_size", 1)
    patch = patch[-1] if isinstance(patch, list) and patch else patch
    step = _spatial(model.config("vae")) * (patch if isinstance(patch, int) else 1)
    return math.lcm(step, 32 if model.pipeline.startswith("LTX") else 16)  # as they check it


def _frame_step(model: Model) -> int:
    config = model.config("vae")
    for name in _TEMPORAL:
        if isinstance(config.get(name), int):
            return int(config[name])
    if isinstance(config.get(_SCALING), list):
        return int(config.get("patch_size_t", 1) * 2 ** sum(config[_SCALING]))
    return _TOLD_NOWHERE.get(str(config.get("_class_name")), (8, 1))[1]


def _spatial(vae: Mapping[str, Any]) -> int:
    for name in _SPATIAL:
        if isinstance(vae.get(name), int):
            return int(vae[name])
    if isinstance(vae.get(_SCALING), list):
        return int(vae.get("patch_size", 1) * 2 ** sum(vae[_SCALING]))
    kind = str(vae.get("_class_name"))
    if kind in _TOLD_NOWHERE:
        return _TOLD_NOWHERE[kind][0]
    blocks = vae.get("block_out_channels")
    return 2 ** (len(blocks) - 1) if isinstance(blocks, list) and blocks else 8


def _fps(model: Model, call: Mapping[str, Any]) -> int:
    for name in ("frame_rate", "fps"):
        rate = call.get(name)
        if isinstance(rate, (int, float)):
            return round(rate)
    if _is_wan_5b(model):
        return 24
    for start, fps in _FPS:
        if model.pipeline.startswith(start):
            return fps
    return _OTHER_FPS
