"""Image analysis for the camera: where to look, what to keep, what is near.

No model is used. Skin has a narrow range of colours (Chai and Ngan, 1999); a page has thin strokes
on an even background. The ground is nearer towards the lower edge, and anything that stands out in
colour or detail is probably nearer than its surroundings; a guided filter (He, Sun and Tang, 2010)
makes this depth guess follow the image's edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..drawing.noise import Array, F
from .moves import Box

_SIDE = 320  # longer side, in pixels, of the downscaled image that is analysed
_PAGE_SIDE = 640  # the same for detecting strokes
_FACES = 0.004, 0.25  # smallest and largest face, as fractions of the image area
_SKIN = (40, 136, 80), (255, 173, 127)  # lower and upper bounds of Y, Cr, Cb


@dataclass(frozen=True, slots=True)
class Subject:
    """Where to look, and what must not be cropped, in fractions of the image's width and height.

    ``keep`` is the box around a face or all the text. A ``flat`` image is a page without depth.
    """

    focus: tuple[float, float]
    keep: Box | None = None
    flat: bool = False


def subject(rgb: Array) -> Subject:
    """Analyse an image, ``(height, width, 3)`` uint8."""
    if page := _written(_reduced(rgb, _PAGE_SIDE)):
        return Subject(_middle(page), page, flat=True)
    small = _reduced(rgb)
    face = _face(small)
    return Subject(_middle(face) if face else _focus(small), face)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _focus(small: Array) -> tuple[float, float]:
    """Return the centre of what stands out, away from the edges; (0.5, 0.5) if nothing does."""
    h, w = small.shape[:2]
    y = np.linspace(-1, 1, h, dtype=F)[:, None]
    x = np.linspace(-1, 1, w, dtype=F)[None]
    weight = _stands_out(small) + 0.5 * _detail(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    weight = np.maximum(weight - np.median(weight), 0) * np.exp(-(x**2) / 0.9 - (y**2) / 0.7)
    total = float(weight.sum())
    if total < 1e-3:
        return 0.5, 0.5
    middle = (float((weight * x).sum()) / total, float((weight * y).sum()) / total)
    fx, fy = (0.5 + 0.5 * min(max(1.2 * place, -0.45), 0.45) for place in middle)
    return fx, fy


def _face(small: Array) -> Box | None:
    """Return the box around the largest patch of skin with the roundness and size of a head."""
    h, w = small.shape[:2]
    codes = cv2.cvtColor((small * 255).astype(np.uint8), cv2.COLOR_RGB2YCrCb)
    skin = cv2.medianBlur(cv2.inRange(codes, *(np.array(end) for end in _SKIN)), 5)
    _, _, patches, _ = cv2.connectedComponentsWithStats(skin)
    heads = [
        (area, (x / w, y / h, (x + across) / w, (y + down) / h))
        for x, y, across, down, area in patches[1:].tolist()
        if 0.5 < across / down < 1.4 and 0.5 < area / (across * down) < 0.92
    ]
    low, high = (fraction * w * h for fraction in _FACES)
    return max(((a, box) for a, box in heads if low < a < high), default=(0, None))[1]


def _written(small: Array) -> Box | None:
    """Return the box around all strokes if the image is a written page, else None."""
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


def depth(rgb: Array) -> Array:
    """Estimate depth from ``(h, w, 3)`` uint8: float32, longer side 320 px, 0 = far to 1 = near."""
    small = _reduced(rgb)
    h, w = small.shape[:2]
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    y = np.linspace(0, 1, h, dtype=F)[:, None]
    x = np.linspace(-1, 1, w, dtype=F)[None]
    central = np.exp(-((x / 0.8) ** 2) - ((y - 0.62) / 0.5) ** 2)
    guess = 0.58 * y**1.15 + 0.24 * _stands_out(small) * central + 0.18 * _detail(gray) * y
    guess = _guided(guess.astype(F), gray, radius=22, softness=2e-3)
    guess = cv2.GaussianBlur(guess, (0, 0), 3.5)
    low, high = float(guess.min()), float(guess.max())
    return (guess - low) / F(max(high - low, 1e-6))


def _reduced(rgb: Array, side: int = _SIDE) -> Array:
    """Return float RGB, 0 to 1, downscaled so that the longer side is ``side`` pixels."""
    h, w = rgb.shape[:2]
    scale = side / max(h, w)
    size = (max(8, round(w * scale)), max(8, round(h * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(F) / F(255)


def _stands_out(small: Array) -> Array:
    """Return how much each pixel's colour differs from its wider surroundings, 0 to 1."""
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab)
    h, w = lab.shape[:2]
    coarse = cv2.resize(lab, (max(2, w // 8), max(2, h // 8)), interpolation=cv2.INTER_AREA)
    surroundings = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 5), (w, h))
    away = np.linalg.norm(lab - surroundings, axis=2)
    return _to_one(cv2.GaussianBlur(away, (0, 0), 4))


def _detail(gray: Array) -> Array:
    """Return how much fine structure surrounds each pixel, 0 to 1."""
    edges = np.abs(cv2.Laplacian(gray, cv2.CV_32F, ksize=3))
    return _to_one(cv2.GaussianBlur(edges, (0, 0), 6))


def _to_one(x: Array) -> Array:
    return np.clip(x / (np.percentile(x, 98) + 1e-3), 0, 1).astype(F)


def _guided(p: Array, guide: Array, radius: int, softness: float) -> Array:
    def mean(a: Array) -> Array:
        size = (2 * radius + 1, 2 * radius + 1)
        return cv2.boxFilter(a, -1, size, borderType=cv2.BORDER_REFLECT)

    mean_g, mean_p = mean(guide), mean(p)
    slope = (mean(guide * p) - mean_g * mean_p) / (mean(guide * guide) - mean_g**2 + softness)
    return mean(slope) * guide + mean(mean_p - slope * mean_g)
