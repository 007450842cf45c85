"""The panels outside JupyterLab: in Notebook 7 and in Voilà, below a URL prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .page import NotebookPage, play
from .server import JupyterServer, serve
from .test_panels import STUDIO, drop_file, newest_video, say_and_go


@pytest.fixture
def folder(jupyter_folder: Path) -> Path:
    """Beside JupyterLab's own, so that all share one gateway."""
    return jupyter_folder


@pytest.fixture
def notebook7(folder: Path, lab: JupyterServer) -> Iterator[JupyterServer]:
    with serve(folder, app="notebook", base_url="/user/someone/", env=lab.env) as server:
        yield server
        server.end_kernels()


@pytest.fixture
def voila(folder: Path, lab: JupyterServer) -> Iterator[JupyterServer]:
    with serve(folder, app="voila", base_url="/voila/", env=lab.env) as server:
        yield server


@pytest.fixture
def image(tmp_path: Path) -> Path:
    from PIL import Image

    path = tmp_path / "lake.png"
    Image.radial_gradient("L").resize((480, 270)).convert("RGB").save(path)
    return path


def test_in_notebook_7(page: Page, notebook7: JupyterServer, image: Path):
    notebook = NotebookPage(page, notebook7)
    notebook.open("in_notebook_7.ipynb", STUDIO.format(tab="image"), prefix="notebooks")
    notebook.run_cell(0)
    panel = notebook.panel()
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    drop_file(page, panel.locator(".vnb-drop-target").first, image)
    expect(panel.locator(".vnb-drop-name").first).to_have_text("lake.png")
    say_and_go(panel, "notebook seven: push in")
    assert play(newest_video(panel, "notebook seven"))["ready"] >= 2


def test_in_voila(page: Page, voila: JupyterServer, image: Path):
    voila.write("in_voila.ipynb", STUDIO.format(tab="image"))
    page.goto(f"{voila.url}voila/render/in_voila.ipynb")
    panel = page.locator(".vnb-studio")
    expect(panel.locator(".vnb-chip").first).to_be_visible(timeout=60_000)
    panel.locator("input[type=file]").first.set_input_files(image)
    expect(panel.locator(".vnb-drop-name").first).to_have_text("lake.png")
    say_and_go(panel, "voila: push in")
    assert play(newest_video(panel, "voila"))["ready"] >= 2
    expect(panel.locator("video").first).to_have_attribute("src", re.compile("^blob:"))


def test_a_video_of_a_cell_plays_in_voila(page: Page, voila: JupyterServer):
    """Voilà serves no files beside the notebook: the copy in the output plays."""
    voila.write(
        "output_in_voila.ipynb",
        "from videogen_nb import generate\n"
        "generate('a sea in voila', duration=1, resolution='480p')",
    )
    page.goto(f"{voila.url}voila/render/output_in_voila.ipynb", timeout=120_000)
    video = page.locator("figure.videogen-receipt video")
    assert play(video)["ready"] >= 2
    assert video.evaluate("v => v.currentSrc").startswith("data:video/mp4")
    expect(page.locator("progress")).to_have_count(0)
