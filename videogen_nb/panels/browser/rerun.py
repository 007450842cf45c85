"""Tracking the panels of each cell, so that rerunning a cell replaces its panels."""

from __future__ import annotations

from typing import Any, Protocol

import ipywidgets
from IPython.core.getipython import get_ipython


class Closable(Protocol):
    """Something that can be closed: a panel."""

    def close(self) -> None:
        """Remove it from the page."""
        ...


#: cell id → (the execution that showed them, the panels)
_shown: dict[str, tuple[str, list[Closable]]] = {}


def showing(panel: Closable) -> None:
    """Record that the running cell shows ``panel``; close the panels of its previous run."""
    cell, execution = _running_cell()
    if cell is None:
        return
    before, panels = _shown.get(cell, (execution, []))
    if before != execution:
        _shown[cell] = (execution, [panel])
        elsewhere = [p for _, others in _shown.values() for p in others]
        for old in panels:
            if old not in elsewhere:
                old.close()
    elif panel not in panels:
        _shown[cell] = (execution, [*panels, panel])


def leave_boxes(panel: Any) -> None:
    """Remove a panel from every box that contains it.

    A box that refers to a closed widget breaks the page: after a reload, JupyterLab shows none of
    the notebook's widgets.
    """
    for widget in list(_open_widgets().values()):
        children = getattr(widget, "children", ())
        if isinstance(widget, ipywidgets.Widget) and any(c is panel for c in children):
            widget.children = tuple(c for c in children if c is not panel)


def _open_widgets() -> dict[str, Any]:
    """Return the open widgets, wherever this version of ipywidgets stores them."""
    module = ipywidgets.widgets.widget
    found: dict[str, Any] | None = getattr(module, "_instances", None)
    return found if found is not None else ipywidgets.Widget.widgets


def _running_cell() -> tuple[str | None, str]:
    """Return the ids of the running cell and of this run; None if they are unknown."""
    # Only a kernel's shell has a parent message; a terminal's IPython has none.
    get_parent = getattr(get_ipython(), "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    if not parent:
        return None, ""
    return parent.get("metadata", {}).get("cellId"), parent["header"]["msg_id"]
