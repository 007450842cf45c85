"""The engines of one data folder: those installed, and the instances that its settings name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from ..errors import BadParameter
from ..i18n import Text
from .base import Engine
from .instances import Instance, read_instances
from .registry import GROUP

logger = logging.getLogger(__name__)


def load_engines(folder: Path) -> tuple[dict[str, Engine], dict[str, Text]]:
    """All engines by name, and why those that cannot be used at all are broken.

    Engines that take settings come as their instances (see :mod:`.instances`): those that ask
    elsewhere, and every class with a ``kind`` that is made from an :class:`.instances.Instance`.
    """
    engines: dict[str, Engine] = {}
    broken: dict[str, Text] = {}
    kinds: dict[str, Callable[[Instance], Engine]] = {}
    for point in entry_points(group=GROUP):
        try:
            made = point.load()
            if getattr(made, "kind", None) == point.name:
                kinds[point.name] = made
                continue
            engine = made()
            if not isinstance(engine, Engine):
                raise TypeError(f"entry point {point.value} of {GROUP} is not an Engine")
            engines[point.name] = engine
        except Exception as error:  # the boundary: an outside package's fault is its own
            logger.exception("The engine %r cannot be loaded", point.name)
            broken[point.name] = _BROKEN(kind=type(error).__name__, message=str(error))
    _add_instances(folder, kinds, engines, broken)
    return engines, broken


def _add_instances(
    folder: Path,
    kinds: Mapping[str, Callable[[Instance], Engine]],
    engines: dict[str, Engine],
    broken: dict[str, Text],
) -> None:
    for name, instance in read_instances(folder, kinds).items():
        if isinstance(instance, BadParameter):
            broken[name] = instance.text
        elif name in engines:
            broken[f"[{name}]"] = _TAKEN(name=name)
        else:
            engines[name] = kinds[instance.kind](instance)


_BROKEN = Text("it cannot be loaded ({kind}: {message})", "无法加载（{kind}：{message}）")
_TAKEN = Text(
    "[{name}] in engines.toml: this name belongs to an engine without settings. Choose another.",
    "engines.toml 中的 [{name}] 与不带设置的引擎同名，请换一个名称。",
)
