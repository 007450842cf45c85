"""A guess of what is near in an image, without any model.

Depth: the ground comes nearer towards the lower edge, and what stands out in colour or detail is
likely a subject, nearer than what surrounds it. The guess is made to follow the image's edges by
a guided filter (He, Sun and Tang, 2010), then softened, so that parallax bends nothing visibly.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..drawing.noise import Array, F

_SIDE = 320  # the longer side of the small image on which both are judged


def depth(rgb: Array) -> Array:
    """``(h, w, 3)`` uint8 → float32 of about 320 px, 0 = far … 1 = near."""
    small = reduced(rgb)
    h, w = small.shape[:2]
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    y = np.linspace(0, 1, h, dtype=F)[:, None]
    x = np.linspace(-1, 1, w, dtype=F)[None]
    central = np.exp(-((x / 0.8) ** 2) - ((y - 0.62) / 0.5) ** 2)
    guess = 0.58 * y**1.15 + 0.24 * stands_out(small) * central + 0.18 * detail(gray) * y
    guess = _guided(guess.astype(F), gray, radius=22, softness=2e-3)
    guess = cv2.GaussianBlur(guess, (0, 0), 3.5)
    low, high = float(guess.min()), float(guess.max())
    return (guess - low) / F(max(high - low, 1e-6))


def reduced(rgb: Array, side: int = _SIDE) -> Array:
    """Float RGB 0…1, the longer side ``side`` px."""
    h, w = rgb.shape[:2]
    scale = side / max(h, w)
    size = (max(8, round(w * scale)), max(8, round(h * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(F) / F(255)


def stands_out(small: Array) -> Array:
    """0…1: how far a place's colour is from that of its wide surroundings."""
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab)
    h, w = lab.shape[:2]
    coarse = cv2.resize(lab, (max(2, w // 8), max(2, h // 8)), interpolation=cv2.INTER_AREA)
    surroundings = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 5), (w, h))
    away = np.linalg.norm(lab - surroundings, axis=2)
    return _to_one(cv2.GaussianBlur(away, (0, 0), 4))


def detail(gray: Array) -> Array:
    """0…1: how much fine structure a place has."""
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
