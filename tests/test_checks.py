"""The commands in ``.ci``: each is described for contributors, and none knows one machine only."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMANDS = sorted((ROOT / ".ci").iterdir())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_a_check_is_described_and_can_be_run(command):
    assert f"`.ci/{command.name}" in (ROOT / "docs" / "CONTRIBUTING.md").read_text("utf-8")
    assert os.access(command, os.X_OK)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_a_check_names_no_host(command):
    assert not re.search(r"\w+://\w", command.read_text("utf-8")), "take it from the machine"
