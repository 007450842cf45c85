"""The panels' look and scripts, read from the package's own files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import ipywidgets

_STATIC = files(__package__).joinpath("static")


@cache
def script(*names: str) -> str:
    """The named scripts as one module: anywidget's modules cannot import their neighbours."""
    return "\n".join(_STATIC.joinpath(f"{name}.js").read_text("utf-8") for name in names)


@cache
def stylesheet() -> str:
    """The one style sheet of all panels."""
    return _STATIC.joinpath("panels.css").read_text("utf-8")


def style() -> ipywidgets.HTML:
    """The style sheet as a widget: it also reaches pages on which anywidget does not load."""
    sheet = ipywidgets.HTML(f"<style>{stylesheet()}</style>")
    sheet.add_class("vnb-style")
    return sheet
