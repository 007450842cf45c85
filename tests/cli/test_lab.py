"""Which notebooks ``lab`` opens, and what it says where it cannot."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.processes import environment, settings_in
from videogen_nb.cli import cli
from videogen_nb.cli.lab import notebooks_folder

CLONE = Path(__file__).parents[2]


@pytest.mark.parametrize("inside", [".", "notebooks", "notebooks/zh"])
def test_a_clone_that_one_is_in_is_opened(tmp_path, inside):
    folder = tmp_path / "notebooks"
    (folder / "zh").mkdir(parents=True)
    (folder / "00_start_here.ipynb").write_text("{}")
    (folder / "zh" / "00_start_here.ipynb").write_text("{}")
    assert notebooks_folder((tmp_path / inside).resolve()) == folder.resolve()


def test_elsewhere_the_clone_that_is_installed_from_is_opened(tmp_path):
    assert notebooks_folder(tmp_path) == CLONE / "notebooks"


def test_without_jupyterlab_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = CliRunner().invoke(cli, ["lab", "--lang", "en"])
    assert result.exit_code == 1
    assert "pip install 'videogen-nb[lab]'" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--", "--no-browser"], id="after-dashes"),
        pytest.param(["--no-browser"], id="an-option-of-its-own"),
    ],
)
def test_it_becomes_jupyterlab_with_the_words_given(tmp_path, words):
    """A stand-in for JupyterLab says with what it was started."""
    (tmp_path / "jupyterlab.py").write_text(
        "import json, os, sys\n"
        "print(json.dumps([os.getpid(), sys.argv[1:], os.environ['VIDEOGEN_URL']]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "videogen_nb", "lab", "--url", "http://host:1", *words],
        env=environment(settings_in(tmp_path / "s"), PYTHONPATH=str(tmp_path)),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    out, _ = process.communicate(timeout=60)
    pid, given, url = json.loads(out)
    assert url == "http://host:1"
    assert f"--ServerApp.root_dir={CLONE}" in given
    assert given[-1] == "--no-browser"
    if os.name == "posix":
        assert pid == process.pid  # the same process: Ctrl-C reaches it alone
