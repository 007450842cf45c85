"""The sea by every hour: image, repeatability, motion, and what makes it a sea."""

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.drawing.noise import rng
from videogen_nb.engines.sketch.scenes.sea.scene import SeaScene
from videogen_nb.engines.sketch.scenes.sea.shore import Surf
from videogen_nb.engines.sketch.scenes.sea.view import LOOKS, SeaView
from videogen_nb.engines.sketch.scenes.sea.water import Waves

from .scene_checks import SIZES, check_image, check_motion, check_repeatable, check_threads, shown

MOODS = [
    pytest.param(Mood(), id="unsaid"),
    pytest.param(Mood(time="day"), id="day"),
    pytest.param(Mood(time="night"), id="night"),
    pytest.param(Mood(wind=True), id="wind"),
]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("mood", MOODS)
def test_a_sea_fills_the_frame(width, height, mood):
    check_image(SeaScene(width, height, 1, mood), 1.3)


@pytest.mark.parametrize("seed", range(12))
def test_every_kind_of_sunset_can_be_drawn(seed):
    check_image(SeaScene(160, 90, seed, Mood()), 1.3)


@pytest.mark.parametrize("mood", MOODS)
def test_a_sea_is_repeatable(mood):
    check_repeatable(SeaScene, mood)


@pytest.mark.parametrize("mood", MOODS)
def test_a_sea_moves_without_a_jump(mood):
    check_motion(SeaScene, mood, least=0.2, most=1.5)


def test_two_threads_draw_the_same_sea():
    check_threads(SeaScene, Mood())


@pytest.mark.parametrize("time", [hour for hour in LOOKS if hour != "storm"])
def test_the_hour_can_be_told_from_the_light(time):
    rgb = shown(SeaScene(240, 136, 4, Mood(time=time)), 1.0)
    red, green, blue = rgb[:60].mean((0, 1))
    if time == "day":
        assert blue > green > red
    else:
        assert rgb.mean() < (125 if time == "dusk" else 70)
        assert rgb[:60].max() > 220  # sun or moon


def test_the_light_stands_on_the_water_under_the_sun():
    scene = SeaScene(320, 180, 2, Mood())
    water = shown(scene, 1.0)[95:140].mean(2)
    column = int(water.mean(0).argmax())
    assert abs(column - scene._view.sun_x) < 32


def test_waves_come_in():
    waves = Waves(128, 40.0, 4.0, 0.06, rng(1, 2))
    first, later = (np.fft.fft2(waves(t)[:-1, :-1, 1]) for t in (1.0, 1.3))
    match = np.fft.ifft2(np.conj(first) * later).real
    row = int(np.unravel_index(match.argmax(), match.shape)[0])
    assert row > 64  # a shift towards the eye is negative, so it wraps


def test_waves_are_as_steep_as_asked_and_wrap():
    waves = Waves(128, 40.0, 4.0, 0.06, rng(1, 2))
    slopes = waves(2.0)
    assert slopes[:-1, :-1].std() == pytest.approx(0.06, rel=0.25)
    assert np.array_equal(slopes[0], slopes[-1])
    assert np.array_equal(slopes[:, 0], slopes[:, -1])


def test_a_wash_runs_up_and_back_within_the_beach():
    surf = Surf(SeaView(320, 180, 0.47, (0.5, 0.05)), 1)
    edges = np.array([surf.washes(t)[0].edge.mean() for t in np.arange(0, 13, 0.05)])
    assert np.ptp(edges) > 0.8 * surf.reach
    assert edges.min() > surf.highest - 0.5 * surf.reach
    assert np.abs(np.diff(edges)).max() < 0.06 * surf.reach
