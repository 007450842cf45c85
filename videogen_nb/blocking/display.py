"""How runs and storyboards are displayed in a notebook: as a panel."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ..text.ipython import shell


class Displayed:
    """An object displayed by the panel named in ``shown_by``."""

    shown_by: str
    _panel: Any = None

    @property
    def panel(self) -> Any:
        """The panel that shows this object in a notebook; the same one until it is closed."""
        if self._panel is None or self._panel.closed:
            self._panel = self._make_panel(_panels(self.shown_by))
        return self._panel

    def _make_panel(self, kind: Any) -> Any:
        return kind(self)

    def _repr_mimebundle_(self, **options: Any) -> Mapping[str, Any]:
        if not hasattr(shell(), "kernel"):  # a terminal's IPython asks, too
            return {"text/plain": repr(self)}
        bundle: Mapping[str, Any] = self.panel._repr_mimebundle_(**options)
        return bundle


def _panels(name: str) -> Any:
    """Return a panel class by name. Panels are a higher layer, so they are not imported here."""
    return getattr(import_module("videogen_nb.panels"), name)
