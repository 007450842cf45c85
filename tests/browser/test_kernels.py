"""The panels on other versions of ipykernel, on which callbacks run on other threads and loops.

``TEST_IPYKERNELS`` names a folder that holds one folder a version, filled with
``pip install --no-deps --target FOLDER/7.0.1 ipykernel==7.0.1``. They need the package index, so
nothing here installs them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .page import NotebookPage, play
from .server import JupyterServer
from .test_panels import STUDIO, newest_video, say_and_go

VERSIONS = ("6.31.0", "7.0.1", "7.3.0")
BUSY = "import time\nfor i in range(15): time.sleep(0.2)\nprint('cell done')"
VERSION = "import ipykernel; print(ipykernel.__version__)"


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest, lab: JupyterServer) -> str:
    """A version that is there; the server offers it as a kernel of that name."""
    there = os.environ.get("TEST_IPYKERNELS")
    if there is None:
        pytest.skip("set TEST_IPYKERNELS to a folder of ipykernel versions to try them")
    version: str = request.param
    packages = Path(there).resolve() / version
    assert (packages / "ipykernel").is_dir(), f"no ipykernel in {packages}"
    kernel = Path(lab.env["JUPYTER_DATA_DIR"]) / "kernels" / f"ipykernel-{version}"
    kernel.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"ipykernel {version}",
        "language": "python",
        "env": {"PYTHONPATH": str(packages)},
    }
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return version


def test_clicks_videos_and_run_all(notebook: NotebookPage, version: str):
    name = f"kernel_{version.replace('.', '_')}.ipynb"
    last = "print(len(s.tasks), s.video().result().task.status.value)"
    notebook.open(name, STUDIO.format(tab="text"), BUSY, VERSION, last, kernel=version)
    notebook.run_cell(0)
    panel = notebook.panel()
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    notebook.run_cell(1)
    say_and_go(panel, "while a cell runs: sea")
    assert play(newest_video(panel, "while a cell runs"))["ready"] >= 2
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text("cell done")

    notebook.run_all()
    expect(notebook.cell(2).locator(".jp-OutputArea-output")).to_have_text(version)
    expect(notebook.cell(3).locator(".jp-OutputArea-output")).to_have_text("0 completed")
    panel = notebook.panel()
    say_and_go(panel, "after run all: stars")
    assert play(newest_video(panel, "after run all"))["ready"] >= 2
