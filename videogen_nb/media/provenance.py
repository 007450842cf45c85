"""Provenance of videos, stored in the file or in a sidecar file next to it.

Videos rendered here store it as JSON in the MP4's ``comment``. A provider's video is kept byte for
byte, with the same information in ``<video>.json`` (``video.mp4`` → ``video.mp4.json``).
The sidecar of a video made here has what is not part of the video: task, date and person.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .._version import __version__
from ..errors import BadInput
from ..i18n import Text
from ..protocol.values import as_path
from .probe import open_media

#: Stands in every set of facts of ours, so that another program's comment is not taken for one.
MADE_BY = "videogen-nb"
_TITLE_LENGTH = 120


def describe(
    *,
    engine: str | None,
    prompt: str | None,
    parameters: Mapping[str, Any] | None,
    seed: int | None,
    images: Iterable[tuple[str, str]] = (),
    notes: Iterable[Text | str] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return a video's provenance in the form used by files, sidecars and tasks.

    Args:
        images: the SHA-256 hash and role of each input image.
        notes: what was chosen, adjusted or ignored; a ``Text`` is kept in every language.
        more: further plain JSON values, such as ``sha256``, ``upstream`` or ``device``.
    """
    facts = {
        "engine": engine,
        "prompt": prompt,
        "parameters": dict(parameters or {}),
        "seed": seed,
        "images": [{"sha256": sha256, "role": role} for sha256, role in images],
        "notes": [note.to_json() if isinstance(note, Text) else note for note in notes],
        "version": __version__,
        **more,
    }
    return {name: value for name, value in facts.items() if value is not None}


def metadata(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return provenance as MP4 metadata: ``title`` for players, everything in ``comment``.

    ``facts`` come from :func:`describe`; ``made_by`` is added.
    """
    words = " ".join(str(facts.get("prompt", "")).split())
    return {"title": words[:_TITLE_LENGTH], "comment": _to_json(facts)}


def sidecar(path: str | Path) -> Path:
    """Return the path of a video's sidecar file."""
    return Path(f"{path}.json")


def write_sidecar(path: str | Path, facts: Mapping[str, Any]) -> Path:
    """Write the sidecar file for the video at ``path`` and return its path."""
    place = sidecar(path)
    place.write_text(_to_json(facts), encoding="utf-8")
    return place


def with_facts_beside(path: Path, more: Mapping[str, Any]) -> bytes:
    """Return the contents of a sidecar: the facts already stored there, and ``more``."""
    return _to_json({**(_beside(path) or {}), **more}).encode()


def is_marked(path: str | Path) -> bool:
    """Return whether the video itself contains our provenance."""
    return _from_json(_comment(Path(path))) is not None


def provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the provenance of a video: engine, prompt, seed and more.

    Raises:
        BadInput: the video does not exist, cannot be read, or has no provenance.
    """
    path = as_path("path", path)
    try:
        facts = _read(path)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        told = Text("Cannot read {path}: {reason}.", "无法读取 {path}：{reason}。")
        raise BadInput(told(path=path, reason=reason)) from error
    if facts is None:
        raise BadInput(
            Text(
                "{name} has no provenance: it was not generated here, or its metadata was lost "
                "when it was edited or re-encoded.",
                "{name} 中没有来源信息：它不是在这里生成的，或信息在编辑或重新编码时丢失。",
            )(name=path.name)
        )
    return facts


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        raise BadInput(Text("No video found at {path}.", "{path} 处没有视频文件。")(path=path))
    with path.open("rb"):
        pass  # PyAV's own errors do not tell a file that may not be read from one that is no video
    inside, beside = _from_json(_comment(path)), _beside(path)
    return beside if inside is None else {**(beside or {}), **inside}


def _beside(path: Path) -> dict[str, Any] | None:
    try:
        words = sidecar(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, IsADirectoryError):
        return None
    return _from_json(words)


def _to_json(facts: Mapping[str, Any]) -> str:
    return json.dumps({"made_by": MADE_BY, **facts}, ensure_ascii=False, sort_keys=True)


def _from_json(words: str) -> dict[str, Any] | None:
    try:
        facts = json.loads(words)
    except ValueError:
        return None
    return facts if isinstance(facts, dict) and facts.get("made_by") == MADE_BY else None


def _comment(path: Path) -> str:
    import av  # costs 30 MB; only who asks for provenance pays

    try:
        with open_media(path) as container:
            comment = container.metadata.get("comment", "")
    except av.FFmpegError:
        return ""  # not a video FFmpeg can read: there may still be a sidecar
    return comment.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
