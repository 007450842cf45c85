"""Provenance of edited videos: their parents, and the labels in their files.

The ``AIGC`` label that Chinese law requires is carried over. A C2PA signature is valid only for the
original bytes, so re-encoding cannot keep it; its loss is reported.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ...errors import BadInput, EditWarning
from ...i18n import Text
from ...protocol.models import VideoTask
from ..probe import open_media
from ..provenance import describe, metadata, provenance
from .sources import Source, sha256

LABEL: Final = "AIGC"
_KEPT: Final[tuple[str, ...]] = (
    "engine", "prompt", "seed", "parameters", "task", "created_at", "parents", "edit",
)  # fmt: skip
_BOXES: Final = {  # user types of MP4's uuid boxes
    bytes.fromhex("d8fec3d61b0e483c92975828877ec481"): "C2PA",
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): "XMP",
}

_LOST: Final = Text(
    "{name} had {what} metadata, which re-encoding does not preserve. Keep the original file as "
    "proof.",
    "{name} 带有 {what} 元数据，重新编码后无法保留。请保留原文件作为凭证。",
)


def facts_of_edit(
    edit: str,
    sources: Sequence[Source],
    parameters: Mapping[str, Any],
    **more: Any,
) -> dict[str, Any]:
    """Return the metadata of an edited video: the edit, its parents, what was lost.

    Args:
        edit: "join" or "export".
        parameters: parameters of the edit, as plain JSON values.
    """
    unique = list(dict.fromkeys(source.path for source in sources))
    tasks = {source.path: source.task for source in sources if source.task}
    notes = [_LOST(name=path.name, what=what) for path in unique for what in signatures(path)]
    return describe(
        engine=None,
        prompt=None,
        parameters=parameters,
        seed=None,
        notes=notes,
        edit=edit,
        parents=[parent(path, tasks.get(path)) for path in unique],
        **more,
    )


def tell_losses(facts: Mapping[str, Any]) -> None:
    """Warn about what an edit could not keep."""
    for note in facts["notes"]:
        warnings.warn(str(Text.from_json(note)), EditWarning, stacklevel=3)


def parent(path: Path, task: VideoTask | None = None) -> dict[str, Any]:
    """Return what is known about a part of a video: file, hash, and how it was generated."""
    try:
        known = provenance(path)
    except BadInput:
        known = {}
    facts = {name: known[name] for name in _KEPT if name in known}
    if task is not None:
        moment = task.finished_at or task.created_at
        told = {
            "engine": task.engine,
            "prompt": task.prompt,
            "seed": task.seed,
            "task": str(task.id),
            "created_at": moment.isoformat() if isinstance(moment, datetime) else None,
        }
        facts |= {name: value for name, value in told.items() if value is not None}
    if label := labels(path):
        facts["label"] = label
    return {"file": path.name, "sha256": sha256(path), **facts}


def metadata_of_edit(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the MP4 metadata of an edited video: provenance, and the first parent's label."""
    found = (item["label"] for item in facts["parents"] if "label" in item)
    label = next(found, None)
    made = {name: value for name, value in metadata(facts).items() if value}
    return made if label is None else {**made, LABEL: label}


def labels(path: Path) -> str | None:
    """Return the ``AIGC`` entry of a file unchanged."""
    with open_media(path) as container:
        found = {name.upper(): value for name, value in container.metadata.items()}
    return found.get(LABEL)


def signatures(path: Path) -> list[str]:
    """Return which metadata a file has in separate boxes: "C2PA", "XMP"."""
    found, at, size = [], 0, path.stat().st_size
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            head = file.read(32)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            start = 8
            if length == 1:
                length, start = int.from_bytes(head[8:16], "big"), 16
            if kind == b"uuid" and (name := _BOXES.get(head[start : start + 16])):
                found.append(name)
            if length < 8:
                break  # 0 = to the end of the file; less is no box
            at += length
    return found
