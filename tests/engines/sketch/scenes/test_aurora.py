"""Northern lights: image, repeatability, motion, and that they light land and water."""

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.scenes.aurora.curtains import CurtainLook, Curtains, _add_columns
from videogen_nb.engines.sketch.scenes.aurora.scene import AuroraScene

from .scene_checks import SIZES, check_image, check_motion, check_repeatable, check_threads, shown

GREEN_SEED = 3
PLAIN = CurtainLook(base=0.15, slant=0, tall=0.1, wide=1.6, fold=0, deep=0, light=0.5)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_aurora_fills_the_frame(width, height, seed):
    check_image(AuroraScene(width, height, seed, Mood()), 1.3)


@pytest.mark.parametrize(
    "mood", [pytest.param(Mood(), id="unsaid"), pytest.param(Mood(time="dusk"), id="dusk")]
)
def test_an_aurora_is_repeatable(mood):
    check_repeatable(AuroraScene, mood)


def test_an_aurora_flows_without_a_jump():
    check_motion(AuroraScene, Mood(), least=0.25, most=2.5)


def test_two_threads_draw_the_same_aurora():
    check_threads(AuroraScene, Mood())


def test_snow_and_water_take_on_the_light_of_the_sky():
    scene = AuroraScene(240, 136, GREEN_SEED, Mood())
    rgb = shown(scene, 1.0)
    land, lake = rgb[86:98].mean((0, 1)), rgb[108:120].mean((0, 1))
    assert land[1] > 1.2 * land[0]
    assert lake[1] > 1.2 * lake[0]
    scene._on_land = scene._on_land * 0
    unlit = shown(scene, 1.0)[86:98].mean((0, 1))
    assert land[1] > 1.25 * unlit[1]


def test_dusk_warms_the_horizon():
    night, dusk = (shown(AuroraScene(240, 136, 3, Mood(time=t)), 1.0) for t in (None, "dusk"))
    assert dusk[60:90, :, 0].mean() > night[60:90, :, 0].mean() + 3


def test_a_curtain_has_a_sharp_lower_edge_and_a_long_tail():
    canvas = Curtains(300, 100, (200, 200), (PLAIN,), 1)(2.0)
    body = canvas[:, 120:180, 1].mean(1)
    peak = int(body.argmax())
    assert 100 - 0.15 * 200 - 12 < peak < 100 - 0.15 * 200
    below, above = body[peak:] > 0.1 * body[peak], body[:peak] > 0.1 * body[peak]
    assert above.sum() > 2.5 * below.sum()


def test_the_tops_are_above_the_body():
    canvas = Curtains(300, 100, (200, 200), (PLAIN,), 1)(2.0).mean(1)
    rows = np.arange(100)
    body, tops = ((canvas[:, k] * rows).sum() / canvas[:, k].sum() for k in (1, 2))
    assert tops < body - 5


def test_rays_that_fall_into_one_column_add_up():
    random = np.random.default_rng(1)
    column = random.integers(-3, 9, 60)
    rays = random.random((60, 4, 3), dtype=np.float32)
    canvas, expected = np.zeros((2, 6, 4, 3), np.float32)
    _add_columns(canvas, column, rays)
    inside = (column >= 0) & (column < 6)
    np.add.at(expected, column[inside], rays[inside])
    np.testing.assert_allclose(canvas, expected, rtol=1e-5)
