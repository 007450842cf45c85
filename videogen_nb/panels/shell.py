"""An invisible widget that gives the panel around it what stock widgets cannot: names for screen
readers, live regions, and shelter from the notebook's one-key shortcuts."""

from __future__ import annotations

from typing import Any

import anywidget
from traitlets import Dict, Unicode

from .theme import script


class Shell(anywidget.AnyWidget):
    """Stands as a child in a box of class ``vnb-panel``; ``label`` names that box, ``names`` the
    groups in it, by their CSS class. ``fields`` are selectors by name: what stands there comes
    along when the main button is pressed, as ``{"op": "go", "values": {name: text}}``."""

    _esm: Any = script("dom", "shell")
    label = Unicode().tag(sync=True)
    names = Dict().tag(sync=True)
    fields = Dict().tag(sync=True)
    language = Unicode("en").tag(sync=True)
