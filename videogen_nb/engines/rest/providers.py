"""Providers as engines with their own names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ...errors import BadParameter
from ...i18n import Text
from ..instances import Instance
from .engine import RestEngine
from .table import BadTable
from .table_files import load_preset, table_files


class Providers:
    """The target of the entry point ``rest``: an engine for each table."""

    def kinds(self, folder: Path) -> dict[str, Callable[[Instance], RestEngine] | BadParameter]:
        """Return a factory for each provider's engine; an invalid one is replaced by its error."""
        found: dict[str, Callable[[Instance], RestEngine] | BadParameter] = {}
        for name, path in table_files(folder).items():
            try:
                found[name] = partial(RestEngine, load_preset(name, path))
            except BadTable as error:
                text = _WRONG(name=name, problems=str(error))
                found[name] = BadParameter(text, code="bad_table")
        return found


_WRONG = Text(
    "The table providers/{name}.toml cannot be used: {problems}. Check it with: "
    "videogen-nb engine check {name}",
    "providers/{name}.toml 无法使用：{problems}。请运行 videogen-nb engine check {name} 检查。",
)
