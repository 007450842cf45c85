"""The panels in marimo, which has an environment of its own: ``.ci/frontends`` runs this.

The environment lies in the folder that ``FRONTENDS`` names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .page import play
from .server import JupyterServer, serve
from .test_panels import newest_video, say_and_go

FOLDER = os.environ.get("FRONTENDS")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="needs an environment: run .ci/frontends")

MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    from videogen_nb import Studio

    studio = Studio("text")
    studio.prompt.options.duration = "1"
    studio.prompt.options.resolution = "480p"
    mo.ui.anywidget(studio)
    return


if __name__ == "__main__":
    app.run()
"""


def python_of(front_end: str) -> str:
    return str(Path(FOLDER or "") / front_end / "bin" / "python")


@pytest.fixture
def marimo(jupyter_folder: Path, lab: JupyterServer) -> Iterator[JupyterServer]:
    lab.root.joinpath("app.py").write_text(MARIMO, encoding="utf-8")
    with serve(jupyter_folder, app="marimo", env=lab.env, python=python_of("marimo")) as server:
        yield server


def test_in_marimo(page: Page, marimo: JupyterServer):
    page.goto(marimo.url)
    panel = page.locator(".vnb-studio")
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    say_and_go(panel, "marimo: sea")
    assert play(newest_video(panel, "marimo"))["ready"] >= 2
