"""Which panels stand under which cell, so that a cell run again replaces its panels."""

from __future__ import annotations

from typing import Any, Protocol

import ipywidgets
from IPython.core.getipython import get_ipython


class Closable(Protocol):
    """A panel, as far as it matters here."""

    def close(self) -> None:
        """Take it off the page."""
        ...


#: cell id → (the execution that showed them, the panels)
_shown: dict[str, tuple[str, list[Closable]]] = {}


def showing(panel: Closable) -> None:
    """Note that the running cell shows ``panel``; close what its last run showed."""
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
    """Take a panel out of every box around it.

    A box that names a closed widget breaks the page: after a reload JupyterLab shows none of the
    notebook's widgets any more.
    """
    for widget in list(_open_widgets().values()):
        children = getattr(widget, "children", ())
        if isinstance(widget, ipywidgets.Widget) and any(c is panel for c in children):
            widget.children = tuple(c for c in children if c is not panel)


def _open_widgets() -> dict[str, Any]:
    """The widgets that have a connection, wherever this version of ipywidgets keeps them."""
    module = ipywidgets.widgets.widget
    found: dict[str, Any] | None = getattr(module, "_instances", None)
    return found if found is not None else ipywidgets.Widget.widgets


def _running_cell() -> tuple[str | None, str]:
    """The id of the cell that runs and of this run; None where the front end names no cell."""
    # Only a kernel's shell has a parent message; a terminal's IPython has none.
    get_parent = getattr(get_ipython(), "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    if not parent:
        return None, ""
    return parent.get("metadata", {}).get("cellId"), parent["header"]["msg_id"]
