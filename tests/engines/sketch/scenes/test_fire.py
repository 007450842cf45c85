"""The camp fire."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.drawing.noise import F, along, noise_line
from videogen_nb.engines.sketch.drawing.points import add_spots
from videogen_nb.engines.sketch.scenes.fire.flames import Flames
from videogen_nb.engines.sketch.scenes.fire.scene import FireScene

from .scene_checks import (
    SIZES,
    check_image,
    check_motion,
    check_repeatable,
    check_scale,
    check_threads,
    shown,
)

MOODS = [
    pytest.param(Mood(), id="plain"),
    pytest.param(Mood(time="dusk", snow=True), id="snowy-dusk"),
]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("mood", MOODS)
def test_fills_frames_of_all_shapes(width: int, height: int, mood: Mood):
    check_image(FireScene(width, height, 1, mood), 1.3)


@pytest.mark.parametrize("seed", range(4))
def test_every_seed_has_a_bright_warm_fire_that_leaves_darkness_around(seed: int):
    rgb = shown(FireScene(320, 180, seed, Mood()), 1.0)
    fire = (rgb[..., 0] > 200) & (rgb[..., 0] > rgb[..., 2] + 60)
    assert 0.02 < fire.mean() < 0.3
    assert np.median(rgb) < 70


def test_repeatable():
    check_repeatable(FireScene, Mood())


def test_moves_without_jumps():
    check_motion(FireScene, Mood(), least=0.5, most=4)


def test_threads():
    check_threads(FireScene, Mood())


def test_scale():
    check_scale(FireScene, Mood())


def test_dusk_has_a_brighter_sky_than_night():
    dusk, night = (
        shown(FireScene(320, 180, 1, Mood(time=time)), 1.0) for time in ("dusk", "night")
    )
    assert dusk[:60].mean() > night[:60].mean() + 15


def test_flames_rise():
    flames = Flames(120, 180, 1, 0.3, 9)
    shifts = range(-14, 15)
    alike = np.zeros(len(shifts))
    for t in np.arange(1.0, 4.0, 0.25):
        # Fine structure alone: the fire as a whole stays where it is.
        a, b = (
            g - cv2.GaussianBlur(g, (0, 0), 3)
            for g in (flames(t)[..., 1], flames(t + 1 / 24)[..., 1])
        )
        alike += [(a[50:130] * b[50 + k : 130 + k]).sum() for k in shifts]
    assert -12 < shifts[int(np.argmax(alike))] < -2


def test_a_noise_line_closes():
    line = noise_line(256, 2.0, np.random.default_rng(1))
    assert line.mean() == pytest.approx(0, abs=0.02)
    assert along(line, 0.0) == along(line, 256.0)
    assert along(line, -0.5) == pytest.approx((line[255] + line[0]) / 2, abs=1e-6)


def test_spots_keep_their_light_wherever_they_fall_between_pixels():
    sums = []
    for shift in np.linspace(0, 1, 5):
        image = np.zeros((40, 40, 3), F)
        at = np.array([20 + shift])
        add_spots(image, at, at, np.array([1.5]), np.array([[1.0, 0.5, 0.25]]))
        sums.append(image.sum((0, 1)))
    expected = 2 * np.pi * 1.5**2 * np.array([1.0, 0.5, 0.25])
    assert np.allclose(sums, expected, rtol=0.02)


def test_spots_slide_out_of_the_image():
    image = np.zeros((20, 20, 3), F)
    x = np.array([-1.0, -50.0, 20.5, 10.0])
    y = np.array([10.0, 10.0, 10.0, -80.0])
    add_spots(image, x, y, np.full(4, 1.0), np.ones((4, 3)))
    assert image[:, 0].sum() > 0.5
    assert image[:, 2:18].sum() < image[:, 0].sum()
    assert np.isfinite(image).all()
