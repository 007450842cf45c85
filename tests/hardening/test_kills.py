"""A gateway that is killed at random instants keeps what it has promised (the short run)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .kills import Killing

KILLS = 8


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL and forks are POSIX's")
async def test_kills_at_random_instants_break_no_promise(tmp_path: Path):
    seen = await Killing(tmp_path, seed=7).run(KILLS)
    assert seen["kills"] == KILLS
    assert seen["creates"] > KILLS
    assert seen["tasks completed"]
