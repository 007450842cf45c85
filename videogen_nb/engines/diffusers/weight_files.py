"""Weights besides the model's own, named in engines.toml: LoRAs, and transformers in one file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ...errors import EngineError
from ...i18n import Text
from ...security.file_stamp import Stamp, file_stamp
from .model import is_hub_id

SAFETENSORS: Final = ".safetensors"
GGUF: Final = ".gguf"


def local_file(entry: Mapping[str, Any], suffixes: Sequence[str]) -> Path | None:
    """Return the file that a table names; None if it is on a hub.

    Args:
        entry: ``path`` is a file, a folder or a hub's id; ``weight`` is the file's name in it. A
            folder with one such file needs none.
        suffixes: the endings that such files may have.

    Raises:
        EngineError: there is no such file; the message says what to write.
    """
    source, weight = str(entry["path"]), str(entry.get("weight", ""))
    place = Path(source).expanduser()
    kinds = ", ".join(suffixes)
    if is_hub_id(source):
        if not weight.endswith(tuple(suffixes)):
            raise EngineError(_NAME_IT(source=source, kinds=kinds), code="weights_missing")
        return None
    if place.is_dir():
        place = place / weight if weight else _only(place, suffixes)
    elif weight:
        raise EngineError(_NO_FOLDER(source=source, weight=weight), code="weights_missing")
    if not place.is_file():
        raise EngineError(_MISSING(path=place), code="weights_missing")
    if place.suffix not in suffixes:
        raise EngineError(_NO_KIND(path=place.name, kinds=kinds), code="weights_missing")
    return place


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256, computed again only if the file changes."""
    return _sha256(path, file_stamp(path))


def _only(folder: Path, suffixes: Sequence[str]) -> Path:
    found = sorted(path for path in folder.iterdir() if path.suffix in suffixes)
    if len(found) != 1:
        names = ", ".join(path.name for path in found[:5]) or "—"
        raise EngineError(
            _WHICH(folder=folder, kinds=", ".join(suffixes), names=names), code="weights_missing"
        )
    return found[0]


@lru_cache(64)
def _sha256(path: Path, _stamp: Stamp) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_NAME_IT = Text(
    "{source} is on the hub: set weight to the name of the file to use ({kinds}).",
    "{source} 位于模型库：请用 weight 写明文件名（{kinds}）。",
)
_NO_FOLDER = Text(
    "There is no folder {source} that {weight} could be loaded from. Fix the path setting, or omit "
    "weight if path is the file itself.",
    "没有文件夹 {source}，无法在其中查找 {weight}。"
    "请更正 path；如果 path 就是文件，请去掉 weight。",
)
_MISSING = Text(
    "There is no file {path}. Fix the path setting, or put the file there.",
    "没有文件 {path}。请更正 path，或把文件放到该处。",
)
_NO_KIND = Text(
    "{path} is not a supported kind of file: use {kinds}.",
    "不支持 {path} 的文件类型，请使用 {kinds}。",
)
_WHICH = Text(
    "The folder {folder} does not have exactly one file ({kinds}): set weight to the name of the "
    "one to use. Found: {names}.",
    "文件夹 {folder} 中的文件（{kinds}）不止一个或不存在：请用 weight 写明文件名。现有：{names}。",
)
