"""The panels in front ends that need an environment of their own: ``.ci/frontends`` runs this.

The environments lie in the folder that ``FRONTENDS`` names: ``marimo``, and ``jupyterlab3`` with
JupyterLab 3.6 and ipywidgets 7.7.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .page import NotebookPage, play
from .server import JupyterServer, serve
from .test_panels import STUDIO, newest_video, say_and_go

FOLDER = os.environ.get("FRONTENDS")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="needs environments: run .ci/frontends")

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


VERSIONS = """
import ipywidgets, jupyterlab
print(jupyterlab.__version__, ipywidgets.__version__)
"""


@pytest.fixture
def jupyterlab3(jupyter_folder: Path, lab: JupyterServer) -> Iterator[JupyterServer]:
    with serve(jupyter_folder, env=lab.env, python=python_of("jupyterlab3")) as server:
        yield server
        server.end_kernels()


def test_in_jupyterlab_3(page: Page, jupyterlab3: JupyterServer):
    notebook = NotebookPage(page, jupyterlab3)
    notebook.open(
        "in_jupyterlab_3.ipynb", VERSIONS, STUDIO.format(tab="text"), "print(len(s.tasks))"
    )
    notebook.run_cell(0)
    expect(notebook.cell(0).locator(".jp-OutputArea-output")).to_have_text(
        re.compile(r"^3\.6\.\d+ 7\.7\.\d+\s*$")
    )
    notebook.run_cell(1)
    panel = notebook.panel()
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    say_and_go(panel, "jupyterlab three: sea")
    assert play(newest_video(panel, "jupyterlab three"))["ready"] >= 2
    notebook.run_cell(2)
    expect(notebook.cell(2).locator(".jp-OutputArea-output")).to_have_text("1")
