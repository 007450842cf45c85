"""Checks of what every scene promises, called by each scene's tests.

Frames are small: a build and some frames take well under a second.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.drawing.noise import Array, F
from videogen_nb.engines.sketch.scenes.base import Scene
from videogen_nb.engines.sketch.scenes.video import Grade

SIZES = [
    pytest.param(192, 108, id="landscape"),
    pytest.param(108, 192, id="portrait"),
    pytest.param(144, 144, id="square"),
    pytest.param(160, 120, id="4-to-3"),
]
WIDTH, HEIGHT = 192, 108


def shown(scene: Scene, t: float) -> Array:
    """Return the graded frame at ``t`` seconds: RGB, 0 to 255 as float."""
    grade = Grade(scene.width, scene.height, 1, scene.exposure)
    return grade.rgb(scene.frame(t), 0).astype(F)


def check_image(scene: Scene, t: float) -> None:
    """Check that the frame is finite light of the right size: not black, not white, not flat."""
    image = scene.frame(t)
    assert image.shape == (scene.height, scene.width, 3)
    assert image.dtype == F
    assert np.isfinite(image).all()
    assert image.min() >= 0
    rgb = shown(scene, t)
    assert 12 < rgb.mean() < 235
    assert rgb.std() > 14


def check_repeatable(kind: type[Scene], mood: Mood) -> None:
    """Check that a seed gives the same bytes, whatever was drawn before; others, other images."""
    first, *others = (kind(WIDTH, HEIGHT, seed, mood) for seed in (1, 2, 3))
    first.frame(7.0)
    again = kind(WIDTH, HEIGHT, 1, mood)
    assert first.frame(1.0).tobytes() == again.frame(1.0).tobytes()
    small = [
        cv2.resize(shown(scene, 1.0), (32, 18), interpolation=cv2.INTER_AREA)
        for scene in (first, *others)
    ]
    for a, b in combinations(small, 2):
        assert np.abs(a - b).mean() > 8


def check_threads(kind: type[Scene], mood: Mood) -> None:
    """Check that two threads at once draw what one draws alone."""
    scene = kind(WIDTH, HEIGHT, 3, mood)
    times = [0.4 * k for k in range(8)]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda t: scene.frame(t).tobytes(), times))
    assert both == [scene.frame(t).tobytes() for t in times]


def check_motion(kind: type[Scene], mood: Mood, *, least: float, most: float) -> None:
    """Check that every frame moves and none jumps, at the start, in the middle and at the end.

    ``least`` and ``most`` bound the mean change from one frame to the next, 0 to 255.
    """
    scene = kind(WIDTH, HEIGHT, 1, mood)
    for start in (0.0, 4.9, 14.6):
        frames = [cv2.GaussianBlur(shown(scene, start + k / 24), (0, 0), 1.5) for k in range(13)]
        steps = np.array([np.abs(b - a).mean() for a, b in pairwise(frames)])
        assert steps.min() > least
        assert steps.max() < most
        assert steps.max() < 2 * np.median(steps)
        assert (steps[1:-1] < 1.3 * np.maximum(steps[:-2], steps[2:])).all()


def check_scale(kind: type[Scene], mood: Mood) -> None:
    """Check that a scene looks the same at twice the size."""
    small, large = (shown(kind(n * WIDTH, n * HEIGHT, 1, mood), 1.0) for n in (1, 2))
    reduced = cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    assert np.abs(cv2.blur(small, (7, 7)) - cv2.blur(reduced, (7, 7))).mean() < 8
