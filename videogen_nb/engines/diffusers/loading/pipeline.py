"""Loading pipelines, with the right precision and offloading."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import diffusers
import torch
import transformers

from ....errors import EngineError
from ....i18n import Text
from ..memory import Part, choose, ladder
from ..model import Model, read_model
from ..weight_files import GGUF
from .hooks import Watch, compile_blocks, enable_cache
from .weights import Lora, Replacement, add_loras, parts_of, quantisation, replacements

_DTYPES: Final = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to load, and how (see the engine's settings)."""

    folder: Path
    device: str = "auto"
    precision: str = "auto"
    offload: str = "auto"
    tiling: bool | str = "auto"
    quantize: str = "none"
    speed: str = "normal"
    cache: str = "none"
    loras: tuple[Lora, ...] = ()
    replacements: tuple[Replacement, ...] = ()

    @property
    def quantised(self) -> bool:
        """Whether some of its weights are quantised."""
        return self.quantize != "none" or any(one.path.suffix == GGUF for one in self.replacements)


@dataclass(slots=True)
class Loaded:
    """A loaded pipeline and its options. ``classes`` share its parts.

    ``scheduler`` is the model's own; ``loras`` is what to record about them.
    """

    wanted: Wanted
    device: str
    precision: str
    offload: str
    tiling: bool
    compiled: bool
    loras: list[dict[str, Any]]
    classes: dict[str, Any]
    scheduler: Any
    watch: Watch
    placed: str | None = None

    def pipeline(self, name: str) -> Any:
        """Return a pipeline of another class with the same parts."""
        if name not in self.classes:
            own = next(iter(self.classes.values()))
            made = getattr(diffusers, name)
            self.classes[name] = made.from_pretrained(self.wanted.folder, **own.components)
            self.classes[name].set_progress_bar_config(disable=True)
        pipe = self.classes[name]
        if self.placed != name and not (self.placed and self.offload == "group"):
            place(pipe, self.offload, self.device)  # groups stay with the parts
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
        pipe = _read(model, wanted, dtype)
    except (OSError, ValueError, TypeError, AttributeError, ImportError, RuntimeError) as error:
        raise EngineError(_NOT_LOADED(why=str(error)[:400]), code="model_not_loaded") from error
    loras = add_loras(pipe, wanted.loras)
    offload = _offload(wanted, parts_of(pipe), device)
    tiling = offload != "none" if wanted.tiling == "auto" else bool(wanted.tiling)
    if tiling and hasattr(getattr(pipe, "vae", None), "enable_tiling"):
        pipe.vae.enable_tiling()
    if wanted.cache != "none":
        enable_cache(pipe)
    # Moving layers within a block and compiling the block exclude each other.
    compiled = wanted.speed == "fast" and offload in ("none", "model") and compile_blocks(pipe)
    pipe.set_progress_bar_config(disable=True)
    return Loaded(
        wanted,
        device,
        next(name for name, value in _DTYPES.items() if value == dtype),
        offload,
        tiling,
        compiled,
        loras,
        {type(pipe).__name__: pipe},
        pipe.scheduler,
        Watch(pipe),
    )


def _read(model: Model, wanted: Wanted, dtype: torch.dtype) -> Any:
    given = replacements(model, wanted.replacements, dtype)
    # Of its own class: DiffusionPipeline, as of 0.42, ignores a transformer given to Wan.
    return getattr(diffusers, model.pipeline).from_pretrained(
        wanted.folder,
        dtype=_dtypes(model.pipeline, dtype, wanted.speed),
        quantization_config=quantisation(model, wanted.quantize, given),
        **given,
    )


def _offload(wanted: Wanted, parts: list[Part], device: str) -> str:
    if device == "cpu":
        return "none"  # there is nothing to move from
    if wanted.offload != "auto":
        return wanted.offload
    if not device.startswith("cuda"):
        return "none"
    free, _ = torch.cuda.mem_get_info(torch.device(device))
    return choose(parts, free, ladder(wanted.quantised))


def more_frugal(loaded: Loaded) -> Wanted | None:
    """Return how to load it with less memory: in tiles, with the next way of offloading.

    None = there is none.
    """
    ways = ladder(loaded.wanted.quantised)
    offload = loaded.offload
    if loaded.device != "cpu":
        offload = ways[min(ways.index(offload) + 1, len(ways) - 1)]
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


def _dtypes(pipeline: str, dtype: torch.dtype, speed: str) -> Any:
    # Wan's decoder may show blocks in less than fp32; its makers load it in full.
    keeps_vae = pipeline.startswith(("Wan", "SkyReels"))
    if keeps_vae and not (speed == "fast" and dtype == torch.bfloat16):
        return {"default": dtype, "vae": torch.float32}
    return dtype


def place(pipe: Any, offload: str, device: str) -> None:
    """Put a pipeline's parts where they compute, or where they wait until then."""
    if offload == "model":
        pipe.enable_model_cpu_offload(device=device)
    elif offload == "sequential":
        pipe.enable_sequential_cpu_offload(device=device)
    elif offload == "group":
        on_cuda = device.startswith("cuda")  # the next layer is brought during the present one
        pipe.enable_group_offload(
            torch.device(device), offload_type="leaf_level", use_stream=on_cuda
        )
    else:
        pipe.to(device)


_NOT_LOADED = Text("The model cannot be loaded: {why}", "无法加载模型：{why}")
_NO_DEVICE = Text("This machine has no device {device}: {why}", "本机没有设备 {device}：{why}")
