"""The snow scene: a winter land at every hour, always with falling snow."""

from __future__ import annotations

import numpy as np
import pytest

from videogen_nb.engines.sketch.mood import Daytime
from videogen_nb.engines.sketch.noise import F, linear, rng
from videogen_nb.engines.sketch.scenes import Mood
from videogen_nb.engines.sketch.scenes.conifers import TreeLight, conifer
from videogen_nb.engines.sketch.scenes.snow.scene import SnowScene
from videogen_nb.engines.sketch.scenes.snow.wood import plant

from . import conditions

TIMES: list[Daytime] = ["day", "dusk", "night"]


def tree_light(snow: float) -> TreeLight:
    grey = np.full(3, 0.2, F)
    return TreeLight(grey * 0.2, grey * 0.5, grey * 0.3, grey * 2, np.ones(3, F), -1.0, snow)


@pytest.mark.parametrize(("width", "height"), conditions.SIZES)
def test_every_shape_is_a_picture(width: int, height: int):
    conditions.check_picture(SnowScene(width, height, 1, Mood(snow=True)), 0.0)


@pytest.mark.parametrize("time", TIMES)
def test_hours(time: Daytime):
    conditions.check_picture(SnowScene(192, 108, 2, Mood(time=time)), 7.0)


def test_night_is_darker_than_dusk_than_day():
    light = [
        conditions.shown(SnowScene(192, 108, 4, Mood(time=time)), 1.0).mean() for time in TIMES
    ]
    assert light[0] > light[1] + 20 > light[2] + 40


def test_at_night_a_warm_window_shines():
    picture = conditions.shown(SnowScene(256, 144, 4, Mood(time="night")), 1.0)
    warm = (picture[..., 0] > 200) & (picture[..., 0] > picture[..., 2] + 60)
    assert warm.sum() > 20


def test_repeatable():
    conditions.check_repeatable(SnowScene, Mood())


def test_threads():
    conditions.check_threads(SnowScene(192, 108, 1, Mood(time="night")))


@pytest.mark.parametrize("at", [0.0, 14.6])
def test_snow_falls_by_little(at: float):
    conditions.check_motion(SnowScene(256, 144, 1, Mood()), at, least=0.2, most=6.0)


def test_trees_differ_and_stand_on_their_foot():
    one, two = (conifer(120, tree_light(0.8), rng(seed)) for seed in (1, 2))
    assert one.cover.shape != two.cover.shape or np.abs(one.cover - two.cover).mean() > 0.02
    for tree in (one, two):
        rows = np.flatnonzero(tree.cover.max(1) > 0.5)
        assert 110 < rows[-1] - rows[0] < 150
        assert tree.cover[round(tree.foot[1]) - 2, round(tree.foot[0])] > 0.5
        assert (tree.colour <= tree.cover[..., None] + 1e-3).all()


def test_snow_whitens_a_tree():
    bare, white = (conifer(120, tree_light(snow), rng(3)) for snow in (0.0, 1.0))
    assert white.colour.sum() > 2 * bare.colour.sum()


def test_a_sprite_stands_between_pixels_and_over_the_edge():
    tree = conifer(60, tree_light(0.5), rng(3))
    picture = np.full((80, 40, 3), 0.4, F)
    tree.stand(picture, 20.5, 75.25, linear("#808080"), 0.3)
    assert np.isfinite(picture).all()
    assert np.abs(picture - 0.4).max() > 0.1
    elsewhere = np.full((80, 40, 3), 0.4, F)
    tree.stand(elsewhere, 500, 75, linear("#808080"), 0.3)
    assert (elsewhere == F(0.4)).all()


def test_no_tree_hides_the_cabin():
    cabin = (6.0, 27.0)
    for seed in range(6):
        trees = plant(rng(seed), 0.45, cabin)
        assert len(trees) > 25
        assert [z for _, z, _ in trees] == sorted((z for _, z, _ in trees), reverse=True)
        near = [x / z for x, z, _ in trees if z < cabin[1]]
        assert all(abs(angle - cabin[0] / cabin[1]) > 0.15 for angle in near)
