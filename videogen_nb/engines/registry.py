"""Finding engines by name, through the entry points of the packages that are installed."""

from __future__ import annotations

from importlib.metadata import entry_points

from ..errors import BadParameter
from ..i18n import Text
from .base import Engine

GROUP = "videogen_nb.engines"


def engine_names() -> list[str]:
    """The names of all installed engines, in alphabetical order."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load_engine(name: str) -> Engine:
    """A new engine object.

    Raises:
        BadParameter: no engine has this name; the text lists those there are.
    """
    for point in entry_points(group=GROUP, name=name):
        engine = point.load()()
        if not isinstance(engine, Engine):
            raise TypeError(f"entry point {point.value} of {GROUP} is not an Engine")
        return engine
    raise BadParameter(
        Text(
            "Unknown engine {name!r}. Installed engines: {names}.",
            "没有名为 {name!r} 的引擎。已安装：{names}。",
        )(name=name, names=", ".join(engine_names()) or "—"),
        code="unknown_engine",
    )
