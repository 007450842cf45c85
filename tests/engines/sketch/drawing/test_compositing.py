"""Strips join to the whole, seamlessly."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from videogen_nb.engines.sketch.drawing.compositing import enlarged, strips
from videogen_nb.engines.sketch.drawing.noise import rng


@pytest.mark.parametrize("shape", [(30, 20), (31, 20, 3)], ids=["grey", "colour"])
@pytest.mark.parametrize("factor", [2, 4])
def test_strips_are_parts_of_the_whole(shape: tuple[int, ...], factor: int):
    small = rng(1).random(shape, dtype=np.float32)
    width, height = 20 * factor - 1, shape[0] * factor - 1
    whole = cv2.resize(small, (20 * factor, shape[0] * factor), interpolation=cv2.INTER_LINEAR)
    parts = [enlarged(small, factor, rows, width) for rows in strips(height, width)]
    np.testing.assert_allclose(np.concatenate(parts), whole[:height, :width], atol=1e-6)


def test_strips_cover_each_row_once():
    rows = [row for strip in strips(250, 640, 7) for row in range(strip.start, strip.stop)]
    assert rows == list(range(7, 250))
