"""What runs and storyboards show of themselves in a notebook: a panel."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ..text.ipython import shell


class Displayed:
    """Is shown by the panel that ``shown_by`` names."""

    shown_by: str
    _panel: Any = None

    @property
    def panel(self) -> Any:
        """The panel that shows it in a notebook: the same one until that is closed."""
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
    """A kind of panel, by its name. Panels stand above this layer, so nothing here imports them."""
    return getattr(import_module("videogen_nb.panels"), name)
