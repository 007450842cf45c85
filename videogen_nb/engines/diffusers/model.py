"""Reading a pipeline's JSON files without importing torch.

Source: the diffusers library's layout. ``model_index.json`` names the pipeline's class and its
parts, each with a folder of its own; those that have weights have a ``config.json`` beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ...errors import EngineError
from ...i18n import Text

INDEX: Final = "model_index.json"
WEIGHTS: Final = (".safetensors", ".bin")

_CONFIG: Final = "config.json"
_HUB_ID: Final = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Model:
    """A pipeline on disk. ``parts`` are its components' classes, ``configs`` their settings."""

    folder: Path
    pipeline: str
    options: Mapping[str, Any]
    parts: Mapping[str, str]
    configs: Mapping[str, Mapping[str, Any]]
    scheduler: Mapping[str, Any]

    def config(self, part: str) -> Mapping[str, Any]:
        """Return a part's settings, which may be empty."""
        return self.configs.get(part, {})


def is_hub_id(source: str) -> bool:
    """Return whether a setting is a hub's model id: ``Wan-AI/Wan2.2-TI2V-5B-Diffusers``."""
    return _HUB_ID.fullmatch(source) is not None and not Path(source).expanduser().exists()


def folder_of(source: str, replaced: Collection[str] = ()) -> Path | None:
    """Return the folder of a model; None for a hub's model that is not completely downloaded.

    Args:
        replaced: parts whose weights another file replaces.

    Raises:
        EngineError: it is neither a folder nor a hub's model id.
    """
    if not is_hub_id(source):
        folder = Path(source).expanduser()
        if not (folder / INDEX).is_file():
            raise EngineError(_NO_FOLDER(source=source), code="model_missing")
        return folder
    from huggingface_hub import try_to_load_from_cache  # comes with the extra; without torch

    index = try_to_load_from_cache(source, INDEX)
    if not isinstance(index, str):
        return None
    folder = Path(index).parent
    return None if lacking(read_model(folder), replaced) else folder


def read_model(folder: Path) -> Model:
    """Return the model in a folder.

    Raises:
        EngineError: its index cannot be read or does not name a pipeline.
    """
    index = folder / INDEX
    try:
        return _read(folder, index.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineError(_UNREADABLE(path=index, why=error), code="model_unreadable") from None


def lacking(model: Model, replaced: Collection[str] = ()) -> list[str]:
    """Return missing files without which the model cannot be loaded.

    Of parts that another file replaces, only the configuration is needed.
    """
    missing = []
    for part in model.parts:
        folder = model.folder / part
        if part in replaced:
            missing += [] if (folder / _CONFIG).is_file() else [f"{part}/{_CONFIG}"]
            continue
        shards = _shards(folder)
        missing += [f"{part}/{name}" for name in shards if not (folder / name).is_file()]
        if not folder.is_dir():
            missing.append(f"{part}/")
        elif not shards and model.config(part) and not weights(folder):
            missing.append(f"{part}/*{WEIGHTS[0]}")
    return missing


def weights(folder: Path) -> list[Path]:
    """Return a part's weight files."""
    return sorted(path for path in folder.iterdir() if path.suffix in WEIGHTS)


@lru_cache(16)
def _read(folder: Path, _changed: int) -> Model:
    index = json.loads((folder / INDEX).read_text("utf-8"))
    parts = {
        name: value[1]
        for name, value in index.items()
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
    }
    options = {n: v for n, v in index.items() if n not in parts and not n.startswith("_")}
    configs = {name: _config(folder / name / _CONFIG) for name in parts}
    scheduler = _config(folder / "scheduler" / "scheduler_config.json")
    return Model(folder, str(index["_class_name"]), options, parts, configs, scheduler)


def _config(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return config if isinstance(config, dict) else {}


def _shards(folder: Path) -> set[str]:
    """Return the files listed in an index of split weights."""
    for index in sorted(folder.glob("*.safetensors.index.json")):
        try:
            return set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        except (ValueError, KeyError, AttributeError):
            return set()
    return set()


_NO_FOLDER = Text(
    "there is no pipeline at {source}: use a folder that contains a model_index.json, or a hub id "
    "such as Wan-AI/Wan2.2-TI2V-5B-Diffusers",
    "{source} 处没有可用的管线：请给出含 model_index.json 的文件夹，或模型库 ID，"
    "例如 Wan-AI/Wan2.2-TI2V-5B-Diffusers",
)
_UNREADABLE = Text("{path} cannot be read: {why}", "无法读取 {path}：{why}")
