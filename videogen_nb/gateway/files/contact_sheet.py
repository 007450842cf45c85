"""Contact sheets: the posters of many videos on one image, each with a caption."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from ...media.typography.typeface import Typeface

MOST: Final = 400  # videos on one sheet
_CELL: Final = (240, 135)
_GAP: Final = 12
_LINE: Final = 15.0  # pixels an em
_PAPER: Final = (250, 250, 248)
_INK: Final = (30, 30, 30)
_MISSING: Final = (222, 222, 218)


def contact_sheet(videos: Sequence[tuple[Path, str]]) -> bytes:
    """Return a roughly square JPEG with rows of posters and captions.

    Args:
        videos: the poster's path, which may not exist, and the caption, cut to one line.
    """
    columns = max(1, min(len(videos), math.ceil(math.sqrt(len(videos)))))
    rows = max(1, math.ceil(len(videos) / columns))
    width, height = _CELL[0] + _GAP, _CELL[1] + _GAP + round(2 * _LINE)
    sheet = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), _PAPER)
    face = Typeface(_LINE)
    for n, (poster, caption) in enumerate(videos):
        left, top = _GAP + n % columns * width, _GAP + n // columns * height
        sheet.paste(_thumbnail(poster), (left, top))
        _write(sheet, face, caption, left, top + _CELL[1])
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _thumbnail(poster: Path) -> Image.Image:
    cell = Image.new("RGB", _CELL, _MISSING)
    try:
        with Image.open(poster) as image:
            image.draft("RGB", _CELL)
            small = image.convert("RGB")
            small.thumbnail(_CELL)
    except (OSError, UnidentifiedImageError):
        return cell
    cell.paste(small, ((_CELL[0] - small.width) // 2, (_CELL[1] - small.height) // 2))
    return cell


def _write(sheet: Image.Image, face: Typeface, caption: str, left: int, top: int) -> None:
    line = " ".join(caption.split())
    while line and face(line) > _CELL[0]:
        line = line[:-2].rstrip() + "…" if len(line) > 2 else ""
    if line:
        mask = Image.fromarray((face.draw(line) * 255).astype(np.uint8))
        ink = Image.new("RGB", mask.size, _INK)
        sheet.paste(ink, (left - face.pad, top + 4 - face.pad), mask)
