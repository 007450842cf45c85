"""A class of 30 at one gateway: nobody waits for a second video of whoever has a hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..gateway.trial_engine import install
from .classroom import lesson


@pytest.mark.parametrize("at_once", [False, True], ids=["one-after-the-other", "at-once"])
async def test_nobody_waits_for_a_second_video_of_whoever_has_a_hundred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
):
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))
    told = await lesson(30, 100, 0.02, at_once=at_once)
    assert len(told.passed) == 29
    assert max(told.passed) <= 1
