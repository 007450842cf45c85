"""Give each notebook under nbval a local gateway of its own; leave nothing behind.

A plugin for the whole run (see ``conftest.py`` in the root), so that the folder of the notebooks
holds nothing but notebooks.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from videogen_nb.local.discovery import find_gateway, stop_gateway
from videogen_nb.settings import Settings

_LANGUAGES = {"notebooks": "en", "zh": "zh"}
_running: dict[Path, Settings] = {}
_environment: dict[str, str] = {}  # as it was before the notebook


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before a notebook's kernel starts: its language, and folders that are nobody's."""
    notebook = item.path
    if notebook.suffix != ".ipynb" or notebook in _running:
        return
    factory = item.config._tmp_path_factory  # type: ignore[attr-defined]  # no fixtures for nbval
    folder = factory.mktemp(notebook.stem)
    settings = Settings(
        home=folder / "home",
        runtime=folder / "runtime",
        output=folder / "videos",
        lang=_LANGUAGES[notebook.parent.name],
        idle_minutes=0.5,
    )
    _running[notebook] = settings
    _environment.clear()
    _environment.update(os.environ)
    for name in [*os.environ]:  # whoever has a key in their environment pays for no test
        if name.startswith(("VIDEOGEN_KEY_", "VIDEOGEN_ENGINE_")) or name == "ARK_API_KEY":
            del os.environ[name]
    os.environ |= {
        "VIDEOGEN_HOME": str(settings.home),
        "VIDEOGEN_RUNTIME": str(settings.runtime),
        "VIDEOGEN_OUTPUT": str(settings.output),
        "VIDEOGEN_LANG": settings.lang or "en",
        "VIDEOGEN_IDLE_MINUTES": str(settings.idle_minutes),
        "VIDEOGEN_PROGRESS": "off",  # nbval knows no output that is updated
        "VIDEOGEN_EMBED": "off",
    }


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After a notebook's last cell: its gateway ends."""
    if item.path.suffix != ".ipynb" or (nextitem is not None and nextitem.path == item.path):
        return
    settings = _running.pop(item.path, None)
    if settings:  # tests that run in this process later find what they would find alone
        os.environ.clear()
        os.environ.update(_environment)
    if settings and (address := find_gateway(settings)):
        stop_gateway(address, force=True)
