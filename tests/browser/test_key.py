"""A key that is typed into a panel: hidden, kept for its owner, in no notebook."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from .page import NotebookPage

SECRET = "ark-4f1d-secret"
STUDIO = """
from videogen_nb import Studio
s = Studio("text")
s.prompt.options.engine = "ark"
s
"""


def test_a_typed_key_is_kept_and_stands_in_no_notebook(
    notebook: NotebookPage, jupyter_folder: Path
):
    kept = jupyter_folder / "home" / "keys" / "ark"
    notebook.open("key.ipynb", STUDIO)
    notebook.run_cell(0)
    panel = notebook.panel()
    field = panel.locator(".vnb-key input")
    expect(field).to_be_visible()
    assert field.get_attribute("type") == "password"
    assert panel.locator(".vnb-key label").inner_text().startswith("Key for Doubao Seedance")
    field.fill(SECRET)
    field.press("Enter")
    expect(panel.get_by_text("the provider charges for each video")).to_be_visible()
    expect(field).to_be_hidden()
    assert kept.read_text().strip() == SECRET
    notebook.save()
    assert SECRET not in json.dumps(notebook.server.saved("key.ipynb"))
    assert SECRET not in notebook.page.content()
    kept.unlink()
