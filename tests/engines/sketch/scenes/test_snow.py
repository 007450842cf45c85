"""The snow scene: a winter land at every hour, always with falling snow."""

from __future__ import annotations

import pytest

from videogen_nb.engines.sketch.catalogue import Daytime, Mood
from videogen_nb.engines.sketch.drawing.noise import rng
from videogen_nb.engines.sketch.scenes.snow.ground import plant
from videogen_nb.engines.sketch.scenes.snow.scene import SnowScene

from .scene_checks import SIZES, check_image, check_motion, check_repeatable, check_threads, shown

TIMES: list[Daytime] = ["day", "dusk", "night"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_shape_is_an_image(width: int, height: int):
    check_image(SnowScene(width, height, 1, Mood(snow=True)), 0.0)


@pytest.mark.parametrize("time", TIMES)
def test_hours(time: Daytime):
    check_image(SnowScene(192, 108, 2, Mood(time=time)), 7.0)


def test_night_is_darker_than_dusk_than_day():
    light = [shown(SnowScene(192, 108, 4, Mood(time=time)), 1.0).mean() for time in TIMES]
    assert light[0] > light[1] + 20 > light[2] + 40


def test_at_night_a_warm_window_shines():
    image = shown(SnowScene(256, 144, 4, Mood(time="night")), 1.0)
    warm = (image[..., 0] > 200) & (image[..., 0] > image[..., 2] + 60)
    assert warm.sum() > 20


def test_repeatable():
    check_repeatable(SnowScene, Mood())


def test_threads():
    check_threads(SnowScene, Mood(time="night"))


def test_snow_falls_by_little():
    check_motion(SnowScene, Mood(), least=0.2, most=2)


def test_no_tree_hides_the_cabin():
    cabin = (6.0, 27.0)
    for seed in range(6):
        trees = plant(rng(seed), 0.45, cabin)
        assert len(trees) > 25
        assert [z for _, z, _ in trees] == sorted((z for _, z, _ in trees), reverse=True)
        near = [x / z for x, z, _ in trees if z < cabin[1]]
        assert all(abs(angle - cabin[0] / cabin[1]) > 0.15 for angle in near)


def test_the_ground_is_seen_from_near_to_far():
    scene = SnowScene(192, 108, 2, Mood(time="day"))
    _, z = scene._field.on_ground()
    assert z.min() < 5
    assert z.max() > 300
