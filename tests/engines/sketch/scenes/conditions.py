"""What every scene promises, as checks that each scene's own tests call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

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
    """A frame as it looks on the screen, 0 to 255 as float."""
    grade = Grade(scene.width, scene.height, 1, scene.exposure)
    return grade.rgb(scene.frame(t).copy(), 0).astype(F)


def check_image(scene: Scene, t: float) -> None:
    """Right shape and kind, finite, no negative light, neither black nor blank."""
    image = scene.frame(t)
    assert image.shape == (scene.height, scene.width, 3)
    assert image.dtype == F
    assert np.isfinite(image).all()
    assert image.min() >= 0
    assert shown(scene, t).std() > 6


def check_repeatable(kind: type[Scene], mood: Mood) -> None:
    """The same seed gives the same bytes, whatever was drawn before; another seed another video."""
    first, second = (kind(WIDTH, HEIGHT, 5, mood) for _ in range(2))
    second.frame(3.0)
    assert first.frame(1.0).tobytes() == second.frame(1.0).tobytes()
    small = [
        cv2.resize(
            shown(kind(WIDTH, HEIGHT, seed, mood), 1.0), (32, 18), interpolation=cv2.INTER_AREA
        )
        for seed in (5, 6, 7)
    ]
    for a, b in ((0, 1), (1, 2), (0, 2)):
        assert np.abs(small[a] - small[b]).mean() > 4


def check_threads(scene: Scene) -> None:
    """Two threads at once draw what one draws alone."""
    times = [0.4 * k for k in range(8)]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda t: scene.frame(t).tobytes(), times))
    assert both == [scene.frame(t).tobytes() for t in times]


def check_motion(scene: Scene, at: float, least: float, most: float) -> None:
    """Each of some consecutive frames differs from the last, by little and by alike.

    ``least`` and ``most`` bound the mean difference of neighbours on the screen, 0 to 255.
    """
    frames = [cv2.GaussianBlur(shown(scene, at + k / 24), (0, 0), 1.5) for k in range(8)]
    steps = np.array([np.abs(b - a).mean() for a, b in pairwise(frames)])
    assert steps.min() > least
    assert steps.max() < most
    assert steps.max() < 2.5 * np.median(steps)
