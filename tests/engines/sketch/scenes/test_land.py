"""What stands below a night sky: mountains, trees, and how they are laid over it."""

import numpy as np

from videogen_nb.engines.sketch.noise import rng
from videogen_nb.engines.sketch.scenes.land import Landscape, Tone
from videogen_nb.engines.sketch.scenes.terrain import Massif, mountains
from videogen_nb.engines.sketch.scenes.trees import Growth, wood

GREY = Tone(np.array([0.2, 0.2, 0.2], np.float32), 0.5)


def test_no_two_trees_are_alike():
    shapes = set()
    for k in range(12):
        tree = wood(120, 320, Growth(1, 0.2, dead=0, pines=0), rng(1, k))
        outline = (tree.cover > 0.5).sum(1)
        shapes.add(tuple(np.round(outline / outline.max(), 1)))
    assert len(shapes) == 12


def test_trees_leave_a_clearing():
    trees = wood(400, 400, Growth(120, 0.03, clearing=(0.5, 0.2)), rng(1, 2))
    assert trees.cover[:, 140:260].max() == 0
    assert trees.cover[:, :100].max() == 1


def test_snow_lies_only_on_trees():
    trees = wood(300, 300, Growth(60, 0.1), rng(1, 3))
    lying = trees.snow * trees.cover
    assert lying.max() > 0.9
    assert 0.1 < lying.sum() / trees.cover.sum() < 0.9


def test_mountains_follow_the_outline():
    seen = mountains(320, 80, 320, Massif(1.8, (1.0, 1.0, 0.1, 0.1), 0.7), 1.0, 5)
    heights = seen.cover.sum(0)
    assert heights[:120].mean() > 2 * heights[220:].mean()
    assert seen.cover[-2].min() > 0.9
    assert seen.cover[0].max() == 0
    for values in (seen.cover, seen.light, seen.snow, seen.haze):
        assert 0 <= values.min() <= values.max() <= 1


def test_snow_lies_high():
    seen = mountains(320, 80, 320, Massif(1.8, (0.9, 0.9), 0.7), 1.0, 5)
    land = seen.cover > 0.5
    high = np.argmax(land, 0).min()
    assert seen.snow[high : high + 12][land[high : high + 12]].mean() > 0.3
    assert seen.snow[-4:].max() < 0.05


def test_land_hides_the_sky_and_answers_its_light():
    canvas = Landscape(100, 60, 100)
    canvas.add_hills(0.1, 0.05, 2.2, GREY, rng(1, 6))
    land = canvas.finished()
    assert 20 < land.top < 60
    sky = np.ones((60, 100, 3), np.float32)
    land.over(sky)
    assert (sky[: land.top] == 1).all()
    np.testing.assert_allclose(sky[-1], 0.2, atol=1e-6)
    land.over(sky, np.tile(np.array([0.0, 1.0, 0.0], np.float32), (100, 1)))
    np.testing.assert_allclose(sky[-1, 0], (0.2, 0.7, 0.2), atol=1e-6)


def test_a_near_hill_covers_a_far_one():
    canvas = Landscape(50, 40, 50)
    canvas.add_hills(0.3, 0.0, 2.2, Tone(np.array([1.0, 0, 0])), rng(1, 7))
    canvas.add_hills(0.2, 0.0, 2.2, Tone(np.array([0, 0, 1.0])), rng(1, 8))
    sky = np.zeros((40, 50, 3), np.float32)
    canvas.finished().over(sky)
    np.testing.assert_allclose(sky[27, 5], (1, 0, 0), atol=1e-6)
    np.testing.assert_allclose(sky[38, 5], (0, 0, 1), atol=1e-6)
