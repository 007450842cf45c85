"""Trees are grown anew each time, and stand where they are put."""

from __future__ import annotations

import numpy as np

from videogen_nb.engines.sketch.drawing.colour import linear
from videogen_nb.engines.sketch.drawing.noise import F, rng
from videogen_nb.engines.sketch.layers.conifers import TreeLight, conifer


def tree_light(snow: float) -> TreeLight:
    grey = np.full(3, 0.2, F)
    return TreeLight(grey * 0.2, grey * 0.5, grey * 0.3, grey * 2, np.ones(3, F), -1.0, snow)


def test_trees_differ_and_stand_on_their_foot():
    one, two = (conifer(120, tree_light(0.8), rng(seed)) for seed in (1, 2))
    assert one.rgba.shape != two.rgba.shape or np.abs(one.rgba - two.rgba).mean() > 0.02
    for tree in (one, two):
        colour, cover = tree.rgba[..., :3], tree.rgba[..., 3]
        rows = np.flatnonzero(cover.max(1) > 0.5)
        assert 110 < rows[-1] - rows[0] < 150
        assert cover[round(tree.foot[1]) - 2, round(tree.foot[0])] > 0.5
        assert (colour <= cover[..., None] + 1e-3).all()


def test_snow_whitens_a_tree():
    bare, white = (conifer(120, tree_light(snow), rng(3)) for snow in (0.0, 1.0))
    assert white.rgba[..., :3].sum() > 2 * bare.rgba[..., :3].sum()


def test_a_sprite_stands_between_pixels_and_over_the_edge():
    tree = conifer(60, tree_light(0.5), rng(3))
    image = np.full((80, 40, 3), 0.4, F)
    tree.draw(image, 20.5, 75.25, linear("#808080"), 0.3)
    assert np.isfinite(image).all()
    assert np.abs(image - 0.4).max() > 0.1
    elsewhere = np.full((80, 40, 3), 0.4, F)
    tree.draw(elsewhere, 500, 75, linear("#808080"), 0.3)
    assert (elsewhere == F(0.4)).all()
