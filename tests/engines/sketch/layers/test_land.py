"""What stands below a night sky: mountains, trees, and how they are laid over it."""

import numpy as np

from videogen_nb.engines.sketch.drawing.noise import rng
from videogen_nb.engines.sketch.layers.night_land import Growth, Landscape, Massif, Tone, wood

GREY = Tone(np.array([0.2, 0.2, 0.2], np.float32), 0.5)
BLACK, WHITE = (Tone(np.full(3, value, np.float32)) for value in (0, 1))


def mountains(outline, snow_line=0.7):
    """A white range without haze before nothing; snow is twice as bright."""
    canvas = Landscape(320, 80, 320)
    canvas.add_mountains(Massif(1.8, outline, snow_line), GREY, WHITE, BLACK, 1.0, 5)
    return canvas.finished()


def test_no_two_woods_are_alike():
    shapes = set()
    for seed in range(12):
        cover, _ = wood(120, 320, Growth(1, 0.2), seed)
        outline = (cover > 0.5).sum(1)
        shapes.add(tuple(np.round(outline / outline.max(), 1)))
    assert len(shapes) == 12


def test_trees_leave_a_clearing():
    cover, _ = wood(400, 400, Growth(120, 0.03, clearing=(0.5, 0.2)), 2)
    assert cover[:, 140:260].max() == 0
    assert cover[:, :100].max() > 0.9


def test_snow_lies_only_on_trees():
    cover, snow = wood(300, 300, Growth(60, 0.1), 3)
    assert (snow <= cover + 1e-6).all()
    assert 0.1 < snow.sum() / cover.sum() < 0.9


def test_mountains_follow_the_outline():
    land = mountains((1.0, 1.0, 0.1, 0.1))
    heights = (1 - land.seen_past).sum(0)
    assert heights[:120].mean() > 2 * heights[220:].mean()
    assert land.seen_past[-2].max() < 0.1
    assert land.top > 0


def test_snow_lies_high():
    low_line, high_line = (mountains((0.9, 0.9), line).own.mean((1, 2)) for line in (0.7, 9.0))
    white = low_line - high_line
    assert white[: len(white) // 2].mean() > 0.02
    assert abs(white[-4:]).max() < 0.01


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
