"""City lights across the river."""

from __future__ import annotations

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.drawing.noise import F
from videogen_nb.engines.sketch.drawing.points import add_discs
from videogen_nb.engines.sketch.scenes.city.scene import CityScene
from videogen_nb.engines.sketch.scenes.city.skyline import STYLES, windows

from .scene_checks import (
    SIZES,
    check_image,
    check_motion,
    check_repeatable,
    check_scale,
    check_threads,
    shown,
)

NIGHT, RAIN = Mood(), Mood(rain=True)
MOODS = [
    pytest.param(NIGHT, id="night"),
    pytest.param(RAIN, id="rain"),
    pytest.param(Mood(time="dusk"), id="dusk"),
    pytest.param(Mood(time="day"), id="day"),
]
both = pytest.mark.parametrize("mood", MOODS[:2])


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("mood", MOODS)
def test_fills_frames_of_all_shapes(width: int, height: int, mood: Mood):
    check_image(CityScene(width, height, 1, mood), 1.3)


@pytest.mark.parametrize("seed", range(6))
def test_every_seed_is_dark_with_many_lights_and_their_mirror(seed: int):
    rgb = shown(CityScene(480, 270, seed, NIGHT), 1.0)
    assert np.median(rgb) < 90
    bright = rgb.max(2) > 120
    assert bright[60:165].mean() > 0.015
    # The river repeats the colours of what stands above it, column by column.
    above, below = rgb[100:165].mean((0, 2)), rgb[180:245].mean((0, 2))
    assert np.corrcoef(above, below)[0, 1] > 0.4


@both
def test_repeatable(mood: Mood):
    check_repeatable(CityScene, mood)


@both
def test_moves_without_jumps(mood: Mood):
    check_motion(CityScene, mood, least=0.05, most=0.6)


@both
def test_threads(mood: Mood):
    check_threads(CityScene, mood)


@both
def test_scale(mood: Mood):
    check_scale(CityScene, mood)


def test_day_is_brighter_than_dusk_and_dusk_than_night():
    day, dusk, night = (
        shown(CityScene(240, 136, 1, Mood(time=time)), 1.0).mean()
        for time in ("day", "dusk", "night")
    )
    assert day > dusk + 10 > night + 20


def test_share_of_lit_windows_falls_with_daylight():
    def light(share: float) -> float:
        return float(windows(120, 200, 2.0, STYLES[0], share, np.random.default_rng(1))[0].mean())

    assert light(1.0) > 2 * light(0.3) > 0


def test_windows_are_where_the_glass_is():
    light, glass = windows(97, 143, 1.3, STYLES[1], 1.0, np.random.default_rng(2))
    assert light.shape == (143, 97, 3)
    assert light[glass == 0].max() == 0
    assert 0.1 < glass.mean() < 0.5


def test_discs_are_flat_inside_and_slide_between_pixels():
    sums = []
    for shift in np.linspace(0, 1, 5):
        image = np.zeros((60, 60, 3), F)
        at, radius = np.array([30 + shift]), np.array([8.0])
        add_discs(image, at, at, radius, np.array([[1.0, 0.5, 0.0]]))
        assert 0.7 < image[30, 30, 0] < 0.9
        assert image[30, 45, 0] == 0
        sums.append(image.sum())
    assert np.ptp(sums) < 0.02 * np.mean(sums)


def test_discs_outside_are_left_out():
    image = np.zeros((20, 20, 3), F)
    x, y = np.array([-100.0, 10.0]), np.array([10.0, 400.0])
    add_discs(image, x, y, np.array([5.0, 5.0]), np.ones((2, 3)))
    assert image.max() == 0
