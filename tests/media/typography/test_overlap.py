"""A small image over a large one, in it, across its edges and beside it."""

from __future__ import annotations

import numpy as np
import pytest

from videogen_nb.media.typography.overlap import overlap


@pytest.mark.parametrize(
    ("row", "column", "seen"),
    [
        pytest.param(2, 3, (2, 3), id="inside"),
        pytest.param(-1, -2, (1, 1), id="corner"),
        pytest.param(9, 11, (1, 1), id="other-corner"),
        pytest.param(-5, 3, (0, 3), id="above"),
        pytest.param(40, 3, (0, 3), id="below"),
        pytest.param(2, -9, (2, 0), id="left-of-it"),
        pytest.param(2, 90, (2, 0), id="right-of-it"),
    ],
)
def test_both_parts_are_the_same_pixels(row: int, column: int, seen: tuple[int, int]):
    large, small = np.zeros((10, 12)), np.arange(1, 7).reshape(2, 3)
    there, cut = overlap(large.shape, small.shape, row, column)
    assert large[there].shape == small[cut].shape == seen
    large[there] = small[cut]
    y, x = np.nonzero(large)
    assert all(large[i, j] == small[i - row, j - column] for i, j in zip(y, x, strict=True))
