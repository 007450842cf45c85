"""Shots, and keys of their inputs: the same inputs have the same key."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from ..errors import BadInput
from ..i18n import Text
from ..media.paths import existing_file
from ..protocol.values import as_count, as_limit, as_path, as_text, plain


class State(StrEnum):
    """The state of a shot."""

    CURRENT = "current"  # its video is there and was made from what the shot says now
    STALE = "stale"  # there is a video of it, made from something else
    MISSING = "missing"  # there is none


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot of a storyboard.

    ``first`` and ``last`` are image files for its first and last frames. ``link`` says how it
    follows the previous shot: "cut", or "continue" from its last frame. ``parameters`` are further
    arguments of ``generate``, such as ``ratio`` or ``seed``. Increase ``take`` for another attempt.
    """

    prompt: str
    seconds: float | None = None
    engine: str | None = None
    first: str | os.PathLike[str] | None = None
    last: str | os.PathLike[str] | None = None
    link: Literal["cut", "continue"] = "cut"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    take: int = 1

    def __post_init__(self) -> None:
        checks = {"prompt": as_text, "engine": as_text, "seconds": as_limit, "take": as_count}
        for name, check in checks.items():
            object.__setattr__(self, name, check(name, getattr(self, name)))
        if self.prompt is None or self.take is None:
            raise BadInput(_NOT_ONE(value=self.prompt))
        if not isinstance(self.parameters, Mapping):
            raise BadInput(_NO_PARAMETERS(value=self.parameters))
        for name in ("seconds", "parameters"):  # as_limit lets infinity pass
            object.__setattr__(self, name, plain(name, getattr(self, name)))
        for name in ("first", "last"):
            if (image := getattr(self, name)) is not None:
                as_path(name, image)
        if self.link not in ("cut", "continue"):
            raise BadInput(_NO_LINK(link=self.link))
        if self.link == "continue" and self.first is not None:
            raise BadInput(_TWO_FIRSTS(prompt=self.prompt))

    def to_json(self) -> dict[str, Any]:
        """Return plain values without None."""
        values = {
            "prompt": self.prompt,
            "seconds": self.seconds,
            "engine": self.engine,
            "first": None if self.first is None else os.fspath(self.first),
            "last": None if self.last is None else os.fspath(self.last),
            "link": self.link,
            "parameters": dict(self.parameters),
            "take": self.take,
        }
        return {name: value for name, value in values.items() if value not in (None, {})}


def as_shot(value: Shot | str) -> Shot:
    """Return a shot; text becomes a shot with that prompt. Raises BadInput if it is neither."""
    if isinstance(value, str):
        return Shot(value)
    if not isinstance(value, Shot):
        raise BadInput(_NOT_ONE(value=value))
    return value


def keys_of(
    shots: Sequence[Shot], references: Sequence[Path], common: Mapping[str, Any]
) -> list[str]:
    """Return the key of each shot's inputs: prompt, parameters, images, and what it continues.

    Raises:
        BadInput: an image file does not exist, or the first shot has no shot to continue.
    """
    shared = [_digest_of(path) for path in references]
    keys: list[str] = []
    told: list[dict[str, Any]] = []  # what each says, wherever its images lie
    for shot in shots:
        if shot.link == "continue" and not keys:
            raise BadInput(_NOTHING_BEFORE)
        inputs = {
            **shot.to_json(),
            "common": dict(common),
            "references": shared,
            "first": None if shot.first is None else _digest_of(Path(shot.first)),
            "last": None if shot.last is None else _digest_of(Path(shot.last)),
        }
        before = keys[-1] if shot.link == "continue" else None
        inputs |= {"before": before, "same": told.count(inputs)}
        told.append({n: value for n, value in inputs.items() if n not in ("before", "same")})
        words = json.dumps(inputs, sort_keys=True, ensure_ascii=False, default=str)
        keys.append(hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest())
    return keys


def _digest_of(path: Path) -> str:
    try:
        return hashlib.sha256(existing_file(path, _NO_IMAGE).read_bytes()).hexdigest()
    except OSError as error:
        raise BadInput(_UNREADABLE(path=path, reason=error.strerror or error)) from None


_NOT_ONE = Text(
    "A shot must be Shot(prompt) or a prompt, not {value!r}.",
    "镜头应为 Shot(提示词) 或提示词文本，而不是 {value!r}。",
)
_NO_PARAMETERS = Text(
    "The parameters of a shot must be a dictionary, not {value!r}.",
    "镜头的 parameters 应为字典，而不是 {value!r}。",
)
_NO_LINK = Text(
    'link must be "cut" or "continue", not {link!r}.',
    'link 应为 "cut" 或 "continue"，而不是 {link!r}。',
)
_TWO_FIRSTS = Text(
    "The shot {prompt!r} continues the one before, so it cannot have a first frame of its own.",
    "镜头 {prompt!r} 接续上一个镜头，不能再指定首帧图片。",
)
_NOTHING_BEFORE = Text(
    "The first shot cannot continue: there is no shot before it.",
    "第一个镜头之前没有镜头，无法接续。",
)
_UNREADABLE = Text("Cannot read {path}: {reason}.", "无法读取 {path}：{reason}。")
_NO_IMAGE = Text(
    "Image not found: {path}. The current folder is {folder}.",
    "找不到图片 {path}。当前文件夹是 {folder}。",
)
