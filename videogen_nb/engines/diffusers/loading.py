"""Loading pipelines, with the right precision and offloading."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import diffusers
import torch
import transformers

from ...errors import EngineError
from ...i18n import Text
from .model import bytes_of, read_model

#: Of a card's memory, what weights may take so that the work still fits beside them.
_SHARE: Final = 0.6
_DTYPES: Final = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to load, and how (see the engine's settings)."""

    folder: Path
    device: str = "auto"
    precision: str = "auto"
    offload: str = "auto"
    tiling: bool | str = "auto"


@dataclass(slots=True)
class Loaded:
    """A loaded pipeline and its options. ``classes`` share its parts."""

    wanted: Wanted
    device: str
    precision: str
    offload: str
    tiling: bool
    classes: dict[str, Any]
    placed: str | None = None

    def pipeline(self, name: str) -> Any:
        """Return a pipeline of another class with the same parts."""
        if name not in self.classes:
            own = next(iter(self.classes.values()))
            made = getattr(diffusers, name)
            self.classes[name] = made.from_pretrained(self.wanted.folder, **own.components)
            self.classes[name].set_progress_bar_config(disable=True)
        pipe = self.classes[name]
        if self.placed != name:
            _place(pipe, self.offload, self.device)
            self.placed = name
        return pipe


def load(wanted: Wanted) -> Loaded:
    """Load a pipeline from its folder.

    Raises:
        EngineError: it cannot be loaded; the message says why.
    """
    diffusers.utils.logging.disable_progress_bar()  # the gateway's log is no terminal
    transformers.utils.logging.disable_progress_bar()
    model = read_model(wanted.folder)
    device = device_of(wanted.device)
    dtype = _dtype(wanted.precision, device)
    try:
        pipe = diffusers.DiffusionPipeline.from_pretrained(
            wanted.folder, dtype=_dtypes(model.pipeline, dtype)
        )
    except (OSError, ValueError, TypeError, AttributeError, ImportError, RuntimeError) as error:
        raise EngineError(_NOT_LOADED(why=str(error)[:400]), code="model_not_loaded") from error
    offload = wanted.offload
    if offload == "auto":
        offload = "model" if _is_tight(bytes_of(model), device) else "none"
    if device == "cpu":
        offload = "none"  # there is nothing to move from
    tiling = offload != "none" if wanted.tiling == "auto" else bool(wanted.tiling)
    if tiling and hasattr(getattr(pipe, "vae", None), "enable_tiling"):
        pipe.vae.enable_tiling()
    pipe.set_progress_bar_config(disable=True)
    precision = next(name for name, value in _DTYPES.items() if value == dtype)
    return Loaded(wanted, device, precision, offload, tiling, {type(pipe).__name__: pipe})


def more_frugal(loaded: Loaded) -> Wanted | None:
    """Return how to load it with less memory: in tiles, and one way of offloading further.

    None: there is none.
    """
    further = {"none": "model", "model": "sequential"}
    offload = loaded.offload
    if loaded.device != "cpu":
        offload = further.get(offload, offload)
    if loaded.tiling and offload == loaded.offload:
        return None
    return replace(loaded.wanted, offload=offload, tiling=True)


def device_of(wanted: str) -> str:
    """Return the device to use. Raises EngineError if it does not exist."""
    if wanted != "auto":
        try:
            torch.empty(1, device=wanted)
        except (RuntimeError, AssertionError) as error:
            why = str(error).splitlines()[0][:200]
            raise EngineError(_NO_DEVICE(device=wanted, why=why), code="device_missing") from error
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def release() -> None:
    """Free unused memory."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _dtype(wanted: str, device: str) -> torch.dtype:
    if wanted != "auto":
        return _DTYPES[wanted]
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device.startswith("mps") else torch.float32


def _dtypes(pipeline: str, dtype: torch.dtype) -> Any:
    # Wan's decoder shows blocks in less; its makers load it in full.
    keeps_vae = pipeline.startswith(("Wan", "SkyReels"))
    return {"default": dtype, "vae": torch.float32} if keeps_vae else dtype


def _is_tight(size: int, device: str) -> bool:
    if not device.startswith("cuda"):
        return False
    free, _ = torch.cuda.mem_get_info(torch.device(device))
    return bool(size > free * _SHARE)


def _place(pipe: Any, offload: str, device: str) -> None:
    if offload == "model":
        pipe.enable_model_cpu_offload(device=device)
    elif offload == "sequential":
        pipe.enable_sequential_cpu_offload(device=device)
    else:
        pipe.to(device)


_NOT_LOADED = Text("The model cannot be loaded: {why}", "无法加载模型：{why}")
_NO_DEVICE = Text("This machine has no device {device}: {why}", "本机没有设备 {device}：{why}")
