"""Engines that letter nothing say so where a caption was asked for, and only there."""

import pytest

from videogen_nb.engines.ark import request as ark
from videogen_nb.engines.base import NO_CAPTION
from videogen_nb.engines.openai import request as openai


@pytest.mark.parametrize("engine", [ark, openai], ids=["ark", "openai"])
@pytest.mark.parametrize("asked", [True, False, None])
def test_a_caption_is_reported_as_ignored(engine, asked):
    requested = {"extra": {"model": "m"}} | ({} if asked is None else {"caption": asked})
    plan = engine.plan(requested, (), {})
    assert (NO_CAPTION in plan.notes) is (asked is True)
    assert "caption" not in plan.parameters
