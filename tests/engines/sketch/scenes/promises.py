"""What every scene promises, as checks that the scenes' own test files call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import cv2
import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.drawing.noise import Array
from videogen_nb.engines.sketch.scenes.base import Scene
from videogen_nb.engines.sketch.scenes.video import Grade

SHAPES = [
    pytest.param(320, 180, id="landscape"),
    pytest.param(180, 320, id="portrait"),
    pytest.param(200, 200, id="square"),
    pytest.param(240, 180, id="4-to-3"),
]


def looks(scene: Scene, t: float) -> Array:
    """The graded frame as a viewer sees it, without dither: int16 RGB."""
    grade = Grade(scene.width, scene.height, 1, scene.exposure)
    rgb = grade.rgb(scene.frame(t), 0)
    return np.asarray(cv2.blur(rgb, (3, 3)), np.int16)


def check_image(kind: type[Scene], width: int, height: int, mood: Mood, seed: int = 1) -> None:
    """It fills the frame with finite light, is neither black nor burnt out, and has contrast."""
    scene = kind(width, height, seed, mood)
    image = scene.frame(1.3)
    assert image.shape == (height, width, 3)
    assert image.dtype == np.float32
    assert np.isfinite(image).all()
    assert image.min() >= 0
    rgb = looks(scene, 1.3)
    assert 12 < rgb.mean() < 235
    assert rgb.std() > 14


def check_repeatable(kind: type[Scene], mood: Mood) -> None:
    """Same seed, same bytes, whatever was drawn before; another seed, another image."""
    first = kind(240, 136, 1, mood)
    first.frame(7.0)
    kept = first.frame(2.0).copy()
    assert kept.tobytes() == kind(240, 136, 1, mood).frame(2.0).tobytes()
    mine = looks(first, 2.0)
    for seed in (2, 3):
        assert np.abs(mine - looks(kind(240, 136, seed, mood), 2.0)).mean() > 4


def check_motion(
    kind: type[Scene], mood: Mood, *, at_least: float, at_most: float, pop: float
) -> None:
    """Every frame moves, none jumps.

    Args:
        at_least, at_most: bounds of the mean change from one frame to the next, in 8-bit levels.
        pop: the largest ratio of one frame's change to those before and after it.
    """
    scene = kind(320, 180, 2, mood)
    for start in (0.0, 4.0, 13.0):
        frames = [looks(scene, start + k / 24) for k in range(13)]
        steps = np.array([np.abs(b - a).mean() for a, b in pairwise(frames)])
        assert steps.min() > at_least
        assert steps.max() < at_most
        beside = np.maximum(steps[:-2], steps[2:])
        assert (steps[1:-1] < pop * beside).all()


def check_threads(kind: type[Scene], mood: Mood) -> None:
    """Two threads draw what one draws."""
    scene = kind(240, 136, 3, mood)
    times = [k / 6 for k in range(8)]
    alone = [scene.frame(t).tobytes() for t in times]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda t: scene.frame(t).tobytes(), times)) == alone


def check_scale(kind: type[Scene], mood: Mood) -> None:
    """It looks the same at another size."""
    small, large = kind(256, 144, 1, mood), kind(512, 288, 1, mood)
    a = cv2.blur(looks(small, 1.0).astype(np.float32), (9, 9))
    big = looks(large, 1.0).astype(np.float32)
    b = cv2.blur(cv2.resize(big, (256, 144), interpolation=cv2.INTER_AREA), (9, 9))
    assert np.abs(a - b).mean() < 8
