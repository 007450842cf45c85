"""The lines that the take-outs take out stand where they say, so that the table stays true."""

from __future__ import annotations

import pytest

from .takeouts import ROOT, TAKEOUTS, Takeout


@pytest.mark.parametrize("takeout", TAKEOUTS, ids=lambda takeout: takeout.name)
def test_the_line_and_its_test_are_there(takeout: Takeout):
    assert (ROOT / takeout.file).read_text(encoding="utf-8").count(takeout.line) == 1
    path, _, name = takeout.test.partition("::")
    name = name.rpartition("::")[2]  # a class may stand in between
    assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8")
