"""The gateway's view of a cluster worker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ....i18n import Text
from .serialization import versions


class WorkerLeft(Exception):
    """A worker can no longer be reached."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.text = _LEFT(name=name)


@dataclass(eq=False)
class KnownWorker:
    """A worker by its address; ``busy`` holds the tokens of its running attempts.

    ``infos`` says, by engine and language, what its engines can do;
    ``refused`` says why it is not used; ``gone`` is set when it has left.
    """

    address: str
    name: str
    instance: str = ""
    slots: int = 0
    engines: frozenset[str] = frozenset()
    infos: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: Mapping[str, Text] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    refused: Text | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, told: Mapping[str, Any]) -> None:
        """Store what it reported about itself."""
        self.instance = told["instance"]
        self.refused = _mismatch(self.name, told["versions"])
        if self.refused is not None:
            return
        self.slots = told["slots"]
        self.infos = told["engines"]
        self.engines = frozenset(self.infos)
        self.missing = {name: Text.from_json(why) for name, why in told["missing"].items()}


def refused(name: str, error: BaseException | None) -> Text | None:
    """Return why a worker that did not respond is not used; None = try again later."""
    return _NO_PACKAGE(name=name) if isinstance(error, (ImportError, AttributeError)) else None


def _mismatch(name: str, told: Mapping[str, str]) -> Text | None:
    for what, here in versions().items():
        if told.get(what) != here:
            return _VERSION(name=name, what=what, there=told.get(what, "?"), here=here)
    return None


_LEFT = Text("the worker {name} can no longer be reached", "无法再连接到工作节点 {name}")
_NO_PACKAGE = Text(
    "The cluster worker {name} is not used: videogen-nb is missing or too old there.",
    "未使用工作节点 {name}：该机器没有安装 videogen-nb，或版本较旧。",
)
_VERSION = Text(
    "The cluster worker {name} is not used: it has {what} {there} and the gateway has {here}. "
    "Install the same version on both.",
    "未使用工作节点 {name}：其 {what} 版本为 {there}，网关为 {here}，请安装相同版本。",
)
