"""Which panels stand under which cell, so that a cell run again replaces its panels."""

from __future__ import annotations

from typing import Protocol

from IPython.core.getipython import get_ipython


class Panel(Protocol):
    """What is shown and can be closed."""

    def close(self) -> None:
        """Close it."""


#: cell id → (the execution that showed them, the panels)
_shown: dict[str, tuple[str, list[Panel]]] = {}


def showing(panel: Panel) -> None:
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


def _running_cell() -> tuple[str | None, str]:
    """The id of the cell that runs and of this run; None where the front end names no cell."""
    # Only a kernel's shell has a parent message; a terminal's IPython has none.
    get_parent = getattr(get_ipython(), "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    if not parent:
        return None, ""
    return parent.get("metadata", {}).get("cellId"), parent["header"]["msg_id"]
