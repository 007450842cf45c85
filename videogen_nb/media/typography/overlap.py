"""The overlap of a small image with a large one."""

from __future__ import annotations

Part = tuple[slice, slice]


def overlap(
    large: tuple[int, ...], small: tuple[int, ...], row: int, column: int
) -> tuple[Part, Part]:
    """Return the part of the large image that is covered, and which part of the small one it is.

    Args:
        large, small: shapes, rows and columns first.
        row, column: the position of the small image's corner in the large one.
    """
    top, left = max(row, 0), max(column, 0)
    bottom = max(top, min(row + small[0], large[0]))
    right = max(left, min(column + small[1], large[1]))
    covered = slice(top, bottom), slice(left, right)
    return covered, (slice(top - row, bottom - row), slice(left - column, right - column))
