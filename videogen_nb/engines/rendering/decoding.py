"""Reading an uploaded image for rendering."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import EngineError
from ...i18n import Text


def read_rgb(path: Path, width: int, height: int, enough: int) -> NDArray[Any]:
    """Return an image as ``(h, w, 3)`` uint8 RGB, at full, half or quarter size.

    ``width`` × ``height`` is its full size; it is reduced only while its shorter side stays at
    least ``enough``, so that 36 megapixels do not need their full memory.

    Raises:
        EngineError: the file is missing or no longer a valid image.
    """
    spare = min(width, height) // max(enough, 1)
    reduced = cv2.IMREAD_REDUCED_COLOR_2 if spare < 4 else cv2.IMREAD_REDUCED_COLOR_4
    try:
        data = np.fromfile(path, np.uint8)
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR if spare < 2 else reduced)
    except (OSError, cv2.error):
        bgr = None
    if bgr is None:
        raise EngineError(_UNREADABLE)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr), np.uint8)


_UNREADABLE: Final = Text(
    "The uploaded image can no longer be read. Upload it again.",
    "已上传的图片无法读取，请重新上传。",
)
