"""Leaves and petals in the wind."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.drawing.noise import F
from videogen_nb.engines.sketch.layers.drift import Drift, DriftStyle, Pose, TurningSprite
from videogen_nb.engines.sketch.layers.foliage import Blossom, leaf_sprites, petal_sprites
from videogen_nb.engines.sketch.scenes.leaves.boughs import SwayingLayer
from videogen_nb.engines.sketch.scenes.leaves.scene import LeavesScene

from .scene_checks import (
    SIZES,
    check_image,
    check_motion,
    check_repeatable,
    check_scale,
    check_threads,
    shown,
)

AUTUMN, SPRING = Mood(), Mood(flowers=True)
MOODS = [
    pytest.param(AUTUMN, id="autumn"),
    pytest.param(SPRING, id="blossom"),
    pytest.param(Mood(time="dusk", wind=True), id="windy-dusk"),
    pytest.param(Mood(time="night", flowers=True), id="blossom-at-night"),
]
both = pytest.mark.parametrize("mood", MOODS[:2])


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("mood", MOODS)
def test_fills_frames_of_all_shapes(width: int, height: int, mood: Mood):
    check_image(LeavesScene(width, height, 1, mood), 1.3)


@both
def test_repeatable(mood: Mood):
    check_repeatable(LeavesScene, mood)


@both
def test_moves_without_jumps(mood: Mood):
    check_motion(LeavesScene, mood, least=0.2, most=2)


@both
def test_threads(mood: Mood):
    check_threads(LeavesScene, mood)


@both
def test_scale(mood: Mood):
    check_scale(LeavesScene, mood)


def test_wind_moves_more():
    def change(wind: bool) -> float:
        scene = LeavesScene(320, 180, 1, Mood(wind=wind))
        frames = [shown(scene, k / 8) for k in range(6)]
        return float(np.mean([np.abs(b - a).mean() for a, b in pairwise(frames)]))

    assert change(True) > 1.15 * change(False)


def test_leaves_fall_and_are_born_again():
    style = DriftStyle(1, (0.2, 0.2), (0.3, 0.3), 0.0, 0.0, 0.0)
    leaf = leaf_sprites("maple", (("#ff8000", "#ff0000"),), 1, 1)
    drift = Drift(100, 100, leaf, style, 1, 0)

    def height_at(t: float) -> float:
        image = np.zeros((100, 100, 3), F)
        drift.draw(image, t)
        rows = image[..., 0].sum(1)
        return float((rows * np.arange(100)).sum() / rows.sum()) if rows.any() else math.nan

    heights = np.array([height_at(k / 10) for k in range(100)])
    steps = np.diff(heights)
    assert np.nanmedian(steps) == pytest.approx(3, abs=0.2)
    # Born again: from below the lower edge to above the upper one.
    assert np.isfinite(heights[-40:]).any()
    assert np.isfinite(heights[:40]).any()


def test_a_sprite_stays_where_it_is_laid_at_every_size_and_turn():
    disc = np.zeros((64, 64, 4), F)
    y, x = np.mgrid[0:64, 0:64] - 31.5
    disc[np.hypot(x, y) < 20] = 1
    sprite = TurningSprite(disc)
    for size, turn in ((90.0, 0.3), (40.0, 2.0), (17.3, 4.0)):
        image = np.zeros((100, 120, 3), F)
        sprite.draw(image, Pose(61.3, 47.8, size, turn))
        weight = image[..., 0]
        rows, columns = np.mgrid[0:100, 0:120] + 0.5
        assert (weight * columns).sum() / weight.sum() == pytest.approx(61.3, abs=0.1)
        assert (weight * rows).sum() / weight.sum() == pytest.approx(47.8, abs=0.1)
        assert weight.sum() == pytest.approx(math.pi * (20 / 64 * size) ** 2, rel=0.06)


def test_a_tilted_sprite_is_narrower_along_one_axis():
    sprite = TurningSprite(np.ones((32, 32, 4), F))
    upright, tilted = np.zeros((2, 60, 60, 3), F)
    sprite.draw(upright, Pose(30, 30, 32))
    sprite.draw(tilted, Pose(30, 30, 32, tilt=math.pi / 3))
    assert tilted.sum() == pytest.approx(upright.sum() / 2, rel=0.05)
    assert tilted[30, 16:44, 0].min() > 0.9


def test_sprites_outside_the_image_leave_it_alone():
    image = np.full((20, 20, 3), 0.5, F)
    kind = Blossom("#e0608c", "#f8c0d4", "#fff0f4", 0.14, 1.0)
    for x, y in ((-50.0, 10.0), (10.0, 90.0)):
        petal_sprites(kind, 1, 1)[0].draw(image, Pose(x, y, 16))
    assert (image == 0.5).all()


def test_a_bough_bends_at_its_tip_and_not_at_its_root():
    layer = np.zeros((60, 200, 4), F)
    layer[28:32] = 1
    bough = SwayingLayer(layer, (0.0, 30.0), 200, 6, 1)
    rows = []
    for t in np.arange(0, 6, 0.5):
        image = np.zeros((60, 200, 3), F)
        bough.over(image, float(t))
        weight = image[..., 0]
        rows.append((weight * np.arange(60)[:, None]).sum(0) / weight.sum(0))
    swing = np.ptp(rows, axis=0)
    assert swing[:8].max() < 0.5
    assert swing[150:190].min() > 3
