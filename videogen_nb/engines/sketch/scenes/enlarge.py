"""Drawing a large picture strip by strip, with parts that are worked out smaller.

A strip's intermediate arrays stay in the processor's cache and are soon used again; arrays as
large as the picture would cost a page fault for each 4 KB, and memory for each thread.
"""

from __future__ import annotations

import cv2

from ..noise import Array

_ROWS = 48


def bands(first: int, last: int) -> list[slice]:
    """Rows ``first`` to ``last`` in strips."""
    return [slice(top, min(top + _ROWS, last)) for top in range(first, last, _ROWS)]


def enlarged(small: Array, factor: int, rows: slice, width: int) -> Array:
    """``rows`` of what ``small`` becomes when it is enlarged ``factor`` times, linearly.

    The same as a part of the whole, so that strips join without a seam. Columns beyond ``width``
    are cut off.
    """
    first = max(rows.start // factor - 1, 0)
    last = min(-(-rows.stop // factor) + 1, len(small))
    size = (small.shape[1] * factor, (last - first) * factor)
    part = cv2.resize(small[first:last], size, interpolation=cv2.INTER_LINEAR)
    top = rows.start - first * factor
    return part[top : top + rows.stop - rows.start, :width]
