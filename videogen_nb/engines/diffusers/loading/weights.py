"""Weights other than a model's own: quantised, from a single file, or LoRAs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import diffusers
import torch
import transformers

from ....errors import EngineError
from ....i18n import Text
from ..memory import Part
from ..model import Model
from ..weight_files import GGUF, sha256_of

#: Parts whose weights are worth quantising: nearly all of a pipeline's.
_QUANTISED: Final = ("transformer", "transformer_2", "text_encoder", "text_encoder_2")


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA's file, its strength, and the transformer it belongs to."""

    path: Path
    scale: float = 1.0
    part: str = "transformer"


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file that replaces the weights of a part."""

    part: str
    path: Path


def quantisation(
    model: Model, quantize: str, replaced: Iterable[str]
) -> diffusers.PipelineQuantizationConfig | None:
    """Return how the library should quantise a pipeline on loading; None = not at all."""
    replaced = set(replaced)
    parts = [part for part in _QUANTISED if part in model.parts and part not in replaced]
    if quantize == "none" or not parts:
        return None
    from torchao.quantization import Int8WeightOnlyConfig

    mapping = {}
    for part in parts:
        library = diffusers if hasattr(diffusers, model.parts[part]) else transformers
        mapping[part] = library.TorchAoConfig(Int8WeightOnlyConfig())
    return diffusers.PipelineQuantizationConfig(quant_mapping=mapping)


def replacements(
    model: Model, wanted: Iterable[Replacement], dtype: torch.dtype
) -> dict[str, torch.nn.Module]:
    """Load parts from single files, with the model's own configuration of them.

    Raises:
        EngineError: the model has no such part.
        OSError, ValueError, RuntimeError: raised by the library if a file does not fit.
    """
    made = {}
    for one in wanted:
        kind = model.parts.get(one.part)
        if kind is None:
            raise EngineError(_NO_PART(part=one.part), code="model_not_loaded")
        quantised = one.path.suffix == GGUF
        config = diffusers.GGUFQuantizationConfig(compute_dtype=dtype) if quantised else None
        made[one.part] = getattr(diffusers, kind).from_single_file(
            str(one.path),
            config=str(model.folder),
            subfolder=one.part,
            dtype=dtype,
            quantization_config=config,
            local_files_only=True,
        )
    return made


def add_loras(pipe: Any, loras: Iterable[Lora]) -> list[dict[str, Any]]:
    """Add LoRAs to a pipeline; return what to record about each: name, scale, hash.

    Raises:
        EngineError: the pipeline takes none, or one does not fit.
    """
    facts: list[dict[str, Any]] = []
    names: list[str] = []
    for number, lora in enumerate(loras):
        if not hasattr(pipe, "load_lora_weights"):
            raise EngineError(_NO_LORAS(pipeline=type(pipe).__name__), code="lora_unfit")
        names.append(f"lora_{number}")
        _add(pipe, lora, names[-1])
        sha256 = sha256_of(lora.path)
        facts.append({"name": lora.path.name, "scale": lora.scale, "sha256": sha256})
    if names:
        pipe.set_adapters(names, [lora.scale for lora in loras])
    return facts


def _add(pipe: Any, lora: Lora, name: str) -> None:
    second = {"load_into_transformer_2": True} if lora.part == "transformer_2" else {}
    try:
        pipe.load_lora_weights(
            str(lora.path.parent), weight_name=lora.path.name, adapter_name=name, **second
        )
        added = name in pipe.get_list_adapters().get(lora.part, ())
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RuntimeError) as error:
        why = str(error).splitlines()[0][:300]
        raise EngineError(_UNFIT(name=lora.path.name, why=why), code="lora_unfit") from error
    if not added:
        text = _UNFIT(name=lora.path.name, why=_NONE_OF(part=lora.part))
        raise EngineError(text, code="lora_unfit")


def parts_of(pipe: Any) -> list[Part]:
    """Return the sizes in bytes of a loaded pipeline's parts."""
    modules = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    return [
        Part(_bytes(part, True), max(_bytes(layer, False) for layer in part.modules()))
        for part in modules
    ]


def _bytes(module: torch.nn.Module, recurse: bool) -> int:
    return sum(_size(parameter) for parameter in module.parameters(recurse))


def _size(tensor: Any) -> int:
    """Return a tensor's size in bytes; a torchao tensor consists of others."""
    if type(tensor) is not torch.nn.Parameter and hasattr(tensor, "__tensor_flatten__"):
        return sum(_size(getattr(tensor, name)) for name in tensor.__tensor_flatten__()[0])
    return int(tensor.numel() * tensor.element_size())


_NO_PART = Text(
    "The model has no part {part}: remove {part} from the engine's parameters.",
    "该模型没有部件 {part}：请从引擎的参数中删除 {part}。",
)
_NO_LORAS = Text(
    "{pipeline} does not support LoRAs: remove loras from the engine's parameters.",
    "{pipeline} 不支持 LoRA：请从引擎的参数中删除 loras。",
)
_UNFIT = Text(
    "The LoRA {name} does not fit this model: {why} Use one made for this model.",
    "LoRA {name} 与该模型不匹配：{why} 请使用为该模型制作的 LoRA。",
)
_NONE_OF = Text(
    "it has no weights for {part}.",
    "其中没有 {part} 的权重。",
)
