"""The starry sky: image, repeatability, and that it turns about its pole."""

import cv2
import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.drawing.noise import rng
from videogen_nb.engines.sketch.layers.sky import Stars
from videogen_nb.engines.sketch.scenes.stars.heavens import MilkyWay, add_meteor
from videogen_nb.engines.sketch.scenes.stars.scene import StarsScene

from .scene_checks import SIZES, check_image, check_motion, check_repeatable, check_threads, shown

MOODS = [
    pytest.param(Mood(), id="unsaid"),
    pytest.param(Mood(time="dusk"), id="dusk"),
    pytest.param(Mood(snow=True), id="snow"),
]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_starry_sky_fills_the_frame(width, height, seed):
    check_image(StarsScene(width, height, seed, Mood()), 1.3)


@pytest.mark.parametrize("mood", MOODS)
def test_a_starry_sky_is_repeatable(mood):
    check_repeatable(StarsScene, mood)


def test_a_starry_sky_moves_without_a_jump():
    check_motion(StarsScene, Mood(), least=0.07, most=0.5)


def test_two_threads_draw_the_same_stars():
    check_threads(StarsScene, Mood())


def test_snow_lies_on_the_trees():
    bare, white = (shown(StarsScene(240, 136, 3, Mood(snow=snow)), 1.0) for snow in (False, True))
    assert white[80:104].mean() > bare[80:104].mean() + 3
    assert np.abs(white[:30] - bare[:30]).max() == 0


def test_dusk_leaves_light_at_the_horizon():
    night, dusk = (shown(StarsScene(240, 136, 3, Mood(time=t)), 1.0) for t in ("night", "dusk"))
    assert dusk[60:100, :, 0].mean() > night[60:100, :, 0].mean() + 3


def _detail(image):
    grey = image.mean(2)
    return grey - cv2.GaussianBlur(grey, (0, 0), 4)


def test_the_sky_turns_about_the_pole():
    scene = StarsScene(480, 270, 3, Mood())
    before, after = scene.frame(3.0).copy(), scene.frame(11.0).copy()
    degrees = np.degrees(scene._turn) * 8
    back = cv2.getRotationMatrix2D(tuple(map(float, scene._pole)), float(degrees), 1.0)
    undone = cv2.warpAffine(after, back, (480, 270))
    part = np.s_[40:110, 120:360]

    def alike(other):
        a, b = np.sqrt(_detail(before)[part].clip(0)), np.sqrt(_detail(other)[part].clip(0))
        return np.corrcoef(a.ravel(), b.ravel())[0, 1]

    assert alike(undone) > 0.6
    assert alike(after) < 0.3


def test_more_stars_stand_where_they_are_dense():
    density = np.zeros((10, 20), np.float32)
    density[:, 10:] = 1.0
    stars = Stars(600, (0, 0), (400, 200), 1.0, rng(1, 2), density)
    right = (stars.x > 200).mean()
    assert 0.6 < right < 0.85


def test_a_last_digit_of_the_density_moves_no_star():
    density = rng(1, 5).random((40, 80)).astype(np.float32)
    plain, nudged = (
        Stars(600, (0, 0), (400, 200), 1.0, rng(1, 2), density * np.float32(factor))
        for factor in (1, 1 + 1e-5)
    )
    assert np.array_equal(plain.x, nudged.x)
    np.testing.assert_allclose(plain.flux, nudged.flux, rtol=2e-3, atol=1e-4)


def test_a_star_is_drawn_where_it_stands_with_all_its_light():
    stars = Stars(1, (0, 0), (1, 1), 1.0, rng(1, 3))
    sheets = []
    for x in (20.0, 20.5):
        sheet = np.zeros((40, 40, 3), np.float32)
        stars.draw(sheet, np.array([x]), np.array([15.0]), np.ones((1, 3), np.float32))
        assert (sheet[..., 0].sum(0) * np.arange(40)).sum() / sheet[..., 0].sum() == pytest.approx(
            x - 0.5, abs=0.06
        )
        sheets.append(sheet.sum())
    assert sheets[0] == pytest.approx(sheets[1], rel=0.05)


def test_the_milky_way_is_a_band():
    band = MilkyWay(320, 200, 320, ("#9db6ff", "#ffd6ad"), 3).density
    assert band.max() > 0.3
    assert np.median(band) < 0.25 * band.max()


def test_a_meteor_flies_and_is_gone():
    light = []
    for t in np.arange(0, 4.5, 1 / 24):
        sky = np.zeros((200, 320, 3), np.float32)
        add_meteor(sky, 320, 1, float(t))
        light.append(float(sky.sum()))
    assert light[0] == light[-1] == 0
    assert 8 < np.count_nonzero(light) < 40
