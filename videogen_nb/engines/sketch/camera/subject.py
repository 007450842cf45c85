"""What an image shows, as far as a camera must know: where the eye goes, what must stay in view.

No model is used. Skin has its own narrow range of colours (Chai and Ngan, 1999), and a page is thin
dark strokes on even paper, or bright ones on dark.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..drawing.noise import Array, F
from .depth import detail, reduced, stands_out
from .moves import Box

_PAGE_SIDE = 640  # pixels of the longer side on which strokes are looked for
_FACES = 0.004, 0.25  # shares of the image that a face fills
_SKIN = (40, 136, 80), (255, 173, 127)  # Y, Cr, Cb from, to


@dataclass(frozen=True, slots=True)
class Subject:
    """Where the eye goes, and what must stay whole; in shares of the image's sides.

    ``keep`` is a face or all that is written. A ``flat`` image is a page: it has no depth.
    """

    focus: tuple[float, float]
    keep: Box | None = None
    flat: bool = False


def subject(rgb: Array) -> Subject:
    """Look at an image, ``(h, w, 3)`` uint8."""
    if page := _written(reduced(rgb, _PAGE_SIDE)):
        return Subject(_middle(page), page, flat=True)
    small = reduced(rgb)
    face = _face(small)
    return Subject(_middle(face) if face else _focus(small), face)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _focus(small: Array) -> tuple[float, float]:
    """The middle of what stands out, well away from the edges; an even image gives its middle."""
    h, w = small.shape[:2]
    y = np.linspace(-1, 1, h, dtype=F)[:, None]
    x = np.linspace(-1, 1, w, dtype=F)[None]
    weight = stands_out(small) + 0.5 * detail(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    weight = np.maximum(weight - np.median(weight), 0) * np.exp(-(x**2) / 0.9 - (y**2) / 0.7)
    total = float(weight.sum())
    if total < 1e-3:
        return 0.5, 0.5
    middle = (float((weight * x).sum()) / total, float((weight * y).sum()) / total)
    fx, fy = (0.5 + 0.5 * min(max(1.2 * place, -0.45), 0.45) for place in middle)
    return fx, fy


def _face(small: Array) -> Box | None:
    """The box around the largest patch of skin that is as round and as large as a head."""
    h, w = small.shape[:2]
    codes = cv2.cvtColor((small * 255).astype(np.uint8), cv2.COLOR_RGB2YCrCb)
    skin = cv2.medianBlur(cv2.inRange(codes, *(np.array(end) for end in _SKIN)), 5)
    _, _, patches, _ = cv2.connectedComponentsWithStats(skin)
    heads = [
        (area, (x / w, y / h, (x + across) / w, (y + down) / h))
        for x, y, across, down, area in patches[1:].tolist()
        if 0.5 < across / down < 1.4 and 0.5 < area / (across * down) < 0.92
    ]
    low, high = (share * w * h for share in _FACES)
    return max(((a, box) for a, box in heads if low < a < high), default=(0, None))[1]


def _written(small: Array) -> Box | None:
    """The box around all strokes, where the image is a page of them."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    grey = 1 - grey if np.median(grey) < 0.5 else grey
    paper = cv2.blur(cv2.dilate(grey, np.ones((15, 15))), (31, 31))
    ink = (grey < 0.78 * paper).astype(np.uint8)
    thin = ink - cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    colourful = float(np.median(np.ptp(small, axis=2)))
    written = 0.01 < ink.mean() < 0.3 and thin.sum() > 0.75 * ink.sum()
    if not written or colourful > 0.12 or float((grey > 0.9 * paper).mean()) < 0.6:
        return None
    rows, columns = np.nonzero(thin)
    (y0, y1), (x0, x1) = (np.percentile(line, (0.3, 99.7)) for line in (rows, columns))
    h, w = ink.shape
    return float(x0) / w, float(y0) / h, float(x1 + 1) / w, float(y1 + 1) / h
