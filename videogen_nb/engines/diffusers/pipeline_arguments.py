"""Reading the arguments of a pipeline from the library's source, without importing it.

Importing a pipeline imports torch, which takes seconds and gigabytes of memory.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

#: Arguments that are not a person's: they hold tensors, functions, or what the engine gives.
_INNER: Final = frozenset(
    {
        *("self", "prompt", "image", "last_image", "generator", "output_type", "return_dict"),
        *("num_videos_per_prompt", "timesteps", "video", "conditions", "reference_images"),
    }
)
_TENSORS: Final = re.compile(r"latents|_embeds|mask|cu_seqlens|ip_adapter_image|callback|kwargs")


def call_of(pipeline: str) -> Mapping[str, Any] | None:
    """Return the arguments of a pipeline with their defaults; None if it is unknown.

    A missing default, or one that is not a plain value, is None.
    """
    home = _home()
    return _read(home, pipeline) if home else None


def open_to_people(call: Mapping[str, Any]) -> set[str]:
    """Return the arguments that users can set."""
    return {name for name in call if name not in _INNER and not _TENSORS.search(name)}


def _home() -> Path | None:
    spec = find_spec("diffusers")
    return Path(spec.origin).parent if spec and spec.origin else None


@lru_cache(32)
def _read(home: Path, pipeline: str) -> Mapping[str, Any] | None:
    for path in sorted((home / "pipelines").rglob("*.py")):
        source = path.read_text("utf-8")
        if f"class {pipeline}(" in source:
            return _arguments(ast.parse(source), pipeline)
    return None


def _arguments(tree: ast.Module, pipeline: str) -> Mapping[str, Any] | None:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == pipeline:
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name == "__call__":
                    return _defaults(item.args)
    return None


def _defaults(arguments: ast.arguments) -> dict[str, Any]:
    names = [argument.arg for argument in arguments.args]
    without = len(names) - len(arguments.defaults)
    found: dict[str, Any] = dict.fromkeys(names)
    found |= {n: _value(d) for n, d in zip(names[without:], arguments.defaults, strict=True)}
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found[argument.arg] = None if default is None else _value(default)
    return found


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None
