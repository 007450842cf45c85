"""The mountains scene, its land and its mist."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Daytime, Mood
from videogen_nb.engines.sketch.drawing.lens import Lens
from videogen_nb.engines.sketch.drawing.noise import Array, F
from videogen_nb.engines.sketch.layers.terrain import Relief, Vista
from videogen_nb.engines.sketch.scenes.mountains.massif import KINDS, LOOKS, Massif
from videogen_nb.engines.sketch.scenes.mountains.mist import DISTANCES, MistBanks
from videogen_nb.engines.sketch.scenes.mountains.scene import MountainsScene

from .scene_checks import SIZES, check_image, check_motion, check_repeatable, check_threads, shown

TIMES: list[Daytime] = ["day", "dusk", "night"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_shape_is_an_image(width: int, height: int):
    check_image(MountainsScene(width, height, 1, Mood()), 0.0)


@pytest.mark.parametrize("time", TIMES)
def test_hours(time: Daytime):
    check_image(MountainsScene(192, 108, 2, Mood(time=time, snow=True)), 7.0)


def test_night_is_darker_than_dusk_than_day():
    light = [shown(MountainsScene(192, 108, 4, Mood(time=time)), 1.0).mean() for time in TIMES]
    assert light[0] > light[1] + 15 > light[2] + 35


def test_snow_whitens_the_land():
    def land(snow: bool) -> Array:
        return shown(MountainsScene(192, 108, 3, Mood(snow=snow)), 1.0)[75:, 20:-20]

    assert land(True).mean() > land(False).mean() + 12


def test_thick_mist_covers_more_of_the_land():
    def covered(mist: bool) -> float:
        scene = MountainsScene(192, 108, 3, Mood(mist=mist))
        dry = shown(scene, 1.0)[60:]
        return float((dry.min(2) > 95).mean())

    assert covered(True) > covered(False) + 0.08


def test_repeatable():
    check_repeatable(MountainsScene, Mood())


def test_threads():
    check_threads(MountainsScene, Mood(snow=True))


def test_mist_drifts_by_little():
    check_motion(MountainsScene, Mood(), least=0.1, most=1.5)


def test_a_view_shows_near_before_far_and_sky_above():
    def step_up(x: Array, z: Array, spacing: Array) -> Array:
        return np.asarray(np.where(z < 2, F(0), np.where(z < 4, F(1), F(2))) + 0 * x, F)

    view = Vista(Lens(40, 60, 30.0, 40.0, 1.5), 1.0, 8.0, 300, step_up)
    far = np.ascontiguousarray(np.broadcast_to(view.distance, view.x.shape), F)
    away, cover = view.image(far)
    middle = away[:, 20]
    assert cover[-1, 20] == 1
    assert cover.shape[0] == 60 - view.top
    seen = middle[cover[:, 20] == 1]
    assert (np.diff(seen) <= 1e-4).all()  # farther towards the top
    assert 0 < view.top < 40


def test_a_view_interpolates_the_ground_exactly():
    def flat(x: Array, z: Array, spacing: Array) -> Array:
        return np.zeros_like(x)

    lens = Lens(40, 60, 50.0, 20.0, 1.0)
    view = Vista(lens, 1.0, 40.0, 400, flat)
    away, _ = view.image(np.ascontiguousarray(np.broadcast_to(view.distance, view.x.shape), F))
    rows = np.arange(view.top, 60) + 0.5
    expected = lens.focal * lens.camera_height / (rows - lens.horizon)
    good = (expected > 1.3) & (expected < 12)
    np.testing.assert_allclose(away[good, 20], expected[good], rtol=0.02)


def test_relief_leaves_out_what_is_finer_than_its_sampling():
    relief = Relief(3, 8.0, 0.9)
    line = np.linspace(0, 4, 400, dtype=F)[None]
    z = np.full_like(line, 5)
    fine, coarse = (relief.heights(line, z, np.full((1, 1), s, F)) for s in (0.005, 0.3))
    assert np.abs(np.diff(fine, 2)).mean() > 2 * np.abs(np.diff(coarse, 2)).mean()


def test_mist_lies_only_before_what_is_behind_it():
    lens = Lens(64, 36, 74.0, 22.0, 1.15)
    massif = Massif(lens, KINDS[0], LOOKS["day"][0], 1.0, Mood(), 1)
    behind = massif.behind(DISTANCES)
    assert all((far <= near + 1e-3).all() for near, far in pairwise(behind))
    nothing = [np.zeros_like(mask) for mask in behind]
    white = np.ones((36 - massif.top, 64, 3), F)
    rows = slice(0, 36 - massif.top)
    for masks, least, most in ((nothing, 0.0, 1e-6), (behind, 0.2, 0.71)):
        image = np.full((36 - massif.top, 64, 3), 0.3, F)
        banks = MistBanks(lens, massif.top, masks, 1.0, 1.0, 1)
        banks.over(image, rows, white, banks.at(2.0))
        assert least <= np.abs(image - 0.3).max() <= most


def test_shadows_of_clouds_pass_over_the_land():
    scene = MountainsScene(192, 108, 2, Mood())
    first, later = (scene._lit(t) for t in (0.0, 3.0))
    assert np.abs(later - first).max() > 0.05
    assert 0.5 < first.min() <= first.max() < 1.3


def test_near_slopes_have_detail_across_and_along_their_fall():
    """Smeared slopes are smooth down the fall of the land and rough across it."""
    image = shown(MountainsScene(384, 216, 2, Mood()), 1.0).mean(2)[120:]
    across, down = (np.abs(np.diff(image, axis=axis)).mean() for axis in (1, 0))
    assert down > 0.6 * across
    assert across > 2.0
