"""The providers of a data folder, each a kind of engine of its own name."""

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
    """What the entry point ``rest`` names: not one engine, but one for each table."""

    def kinds(self, folder: Path) -> dict[str, Callable[[Instance], RestEngine] | BadParameter]:
        """Return what makes an engine of each provider; what is wrong stands in its place."""
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
