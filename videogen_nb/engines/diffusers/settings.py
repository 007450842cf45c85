"""The engine's own settings: their names, allowed values, and checks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from ...errors import EngineError
from ...i18n import Text
from ..base import Place
from ..instances import as_written
from .memory import LADDER
from .schedulers import SCHEDULERS
from .weight_files import GGUF, SAFETENSORS, local_file

#: Settings that a request may change, with what each may be; the first is the default.
CHOICES: Final[Mapping[str, Sequence[Any]]] = {
    "offload": ("auto", *LADDER),
    "precision": ("auto", "bf16", "fp16", "fp32"),
    "tiling": ("auto", True, False),
    "quantize": ("none", "int8"),
    "speed": ("normal", "fast"),
    "cache": ("none", "first-block"),
    "scheduler": SCHEDULERS,
    "download": (False, True),
}
SHIFT: Final = "flow_shift"  # a number, for schedulers of flow models
#: Parts whose weights another file may replace.
TRANSFORMERS: Final = ("transformer", "transformer_2")
LORAS: Final = "loras"
#: Settings that stand in engines.toml only, since they name files and devices of this machine.
FIXED: Final = ("device", LORAS, *TRANSFORMERS)
OWN: Final = frozenset({*CHOICES, SHIFT, *FIXED})

_MOST_SHIFT: Final = 100
_MOST_SCALE: Final = 10
_LORA_KEYS: Final = ("path", "weight", "scale", "part")
_TRANSFORMER_KEYS: Final = ("path", "weight")


def mistakes(parameters: Mapping[str, Any]) -> Iterator[tuple[Place, Text]]:
    """Yield what is wrong with an engine's parameters, and where."""
    for name in CHOICES:
        if name in parameters and (wrong := wrong_choice(name, parameters[name])):
            yield (name,), wrong
    if SHIFT in parameters and (wrong := wrong_shift(parameters[SHIFT])):
        yield (SHIFT,), wrong
    for part in TRANSFORMERS:
        if part in parameters:
            suffixes = (GGUF, SAFETENSORS)
            yield from _of_file((part,), parameters[part], _TRANSFORMER_KEYS, suffixes)
    loras = parameters.get(LORAS, [])
    if not isinstance(loras, list):
        yield (LORAS,), _NO_LIST(value=as_written(loras))
        return
    for index, lora in enumerate(loras):
        yield from _of_lora((LORAS, index), lora)
    yield from _of_pairs(parameters)


def wrong_choice(name: str, value: Any) -> Text | None:
    """Return what is wrong with the value of a setting that has choices."""
    choices = CHOICES[name]
    if any(value == choice and type(value) is type(choice) for choice in choices):
        return None
    listed = ", ".join(str(choice).lower() for choice in choices)
    wrong = _NO_CHOICE(name=name, value=as_written(value), choices=listed)
    return _UNQUOTED(wrong=wrong) if value in ("true", "false") and True in choices else wrong


def wrong_shift(value: Any) -> Text | None:
    """Return what is wrong with a flow shift."""
    if _is_number(value) and 0 < value <= _MOST_SHIFT:
        return None
    return _NO_NUMBER(name=SHIFT, value=as_written(value), most=_MOST_SHIFT)


def packages(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield the packages that settings need besides those of every pipeline."""
    if parameters.get(LORAS):
        yield "peft"
    if parameters.get("quantize", "none") != "none":
        yield "torchao"
    files = [parameters[part] for part in TRANSFORMERS if part in parameters]
    if any(str(file.get("weight") or file.get("path")).endswith(GGUF) for file in files):
        yield "gguf"


def _of_lora(place: Place, lora: Any) -> Iterator[tuple[Place, Text]]:
    yield from _of_file(place, lora, _LORA_KEYS, (SAFETENSORS,))
    if not isinstance(lora, dict):
        return
    scale = lora.get("scale", 1.0)
    if not (_is_number(scale) and abs(scale) <= _MOST_SCALE):
        yield (*place, "scale"), _NO_SCALE(value=as_written(scale), most=_MOST_SCALE)
    if lora.get("part", TRANSFORMERS[0]) not in TRANSFORMERS:
        listed = ", ".join(TRANSFORMERS)
        yield (
            (*place, "part"),
            _NO_CHOICE(name="part", value=as_written(lora["part"]), choices=listed),
        )


def _of_file(
    place: Place, entry: Any, keys: Sequence[str], suffixes: Sequence[str]
) -> Iterator[tuple[Place, Text]]:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str) or not entry["path"]:
        yield place, _NO_FILE(value=as_written(entry))
        return
    for key in entry:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            yield (*place, key), _NO_KEY(name=key[:40], names=near[0] if near else ", ".join(keys))
    if not isinstance(entry.get("weight", ""), str):
        yield (*place, "weight"), _NO_FILE(value=as_written(entry["weight"]))
        return
    try:
        local_file(entry, suffixes)
    except EngineError as error:
        yield (*place, "path"), error.text


def _of_pairs(parameters: Mapping[str, Any]) -> Iterator[tuple[Place, Text]]:
    """Yield settings that do not go together."""
    quantised = parameters.get("quantize", "none") != "none" or any(
        str(parameters.get(part)).find(GGUF) >= 0 for part in TRANSFORMERS
    )
    if quantised and parameters.get("offload") == LADDER[-1]:
        yield ("offload",), NOT_SEQUENTIAL


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_NO_CHOICE = Text(
    "Invalid {name}: {value}. Choose one of {choices}.",
    "{name} 的值 {value} 无效，可用：{choices}。",
)
_UNQUOTED = Text("{wrong} Write true and false without quotes.", "{wrong}true 和 false 不加引号。")
_NO_NUMBER = Text(
    "Invalid {name}: {value}. Use a number above 0 and at most {most}.",
    "{name} 的值 {value} 无效，应为大于 0 且不超过 {most} 的数。",
)
_NO_SCALE = Text(
    "Invalid scale: {value}. Use a number from -{most} to {most}; 1 is the LoRA's full strength.",
    "scale 的值 {value} 无效，应为 -{most} 到 {most} 之间的数；1 表示 LoRA 的完整强度。",
)
_NO_LIST = Text(
    "loras is {value}; write a list of tables, such as "
    "loras = [{{ path = '/models/ink.safetensors', scale = 0.8 }}].",
    "loras 的值为 {value}；应为表的列表，例如 "
    "loras = [{{ path = '/models/ink.safetensors', scale = 0.8 }}]。",
)
_NO_FILE = Text(
    "{value} does not name a file. Write a table, such as {{ path = '/models/file.safetensors' }} "
    "or {{ path = 'owner/name', weight = 'file.safetensors' }}.",
    "{value} 没有指明文件。应为一个表，例如 {{ path = '/models/file.safetensors' }} 或 "
    "{{ path = 'owner/name', weight = 'file.safetensors' }}。",
)
_NO_KEY = Text(
    "Unknown name {name}. Choose one of {names}.",
    "未知的名称 {name}，可用：{names}。",
)
NOT_SEQUENTIAL = Text(
    "offload = 'sequential' does not work with quantised weights. Use 'group', which needs about "
    "as little memory.",
    "量化权重不支持 offload = 'sequential'。请改用 'group'，所需显存相近。",
)
