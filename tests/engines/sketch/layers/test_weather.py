"""Snow and rain laid over an image: in place, repeatable, smooth, safe from threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from videogen_nb.engines.sketch.drawing.noise import Array, F
from videogen_nb.engines.sketch.drawing.points import Marks, surrounding_light
from videogen_nb.engines.sketch.layers.falling import RainFall, SnowFall

SIZES = [
    pytest.param(160, 90, id="landscape"),
    pytest.param(90, 160, id="portrait"),
    pytest.param(120, 120, id="square"),
]
Fall = type[SnowFall] | type[RainFall]
falls = pytest.mark.parametrize("fall", [SnowFall, RainFall], ids=["snow", "rain"])


def grey(width: int, height: int, value: float = 0.2) -> Array:
    return np.full((height, width, 3), value, F)


def drawn(fall: Fall, t: float, seed: int = 3, wind: float = 0.0, size: int = 120) -> Array:
    image = grey(size, size)
    fall(size, size, seed, wind).draw(image, t)
    return image


@falls
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("wind", [0.0, True], ids=["calm", "wind"])
def test_brightens_a_image_in_place(fall: Fall, width: int, height: int, wind: float):
    image = grey(width, height)
    fall(width, height, 1, wind).draw(image, 2.0)
    assert np.isfinite(image).all()
    assert image.min() >= 0.2 - 1e-6
    touched = (image[..., 1] > 0.21).mean()
    assert 0.01 < touched < 0.6


@falls
def test_same_seed_same_bytes_another_seed_another_fall(fall: Fall):
    first = drawn(fall, 1.0)
    assert first.tobytes() == drawn(fall, 1.0).tobytes()
    assert np.abs(first - drawn(fall, 1.0, seed=4)).mean() > 0.002


@falls
def test_any_instant_may_be_drawn_first(fall: Fall):
    layer = fall(120, 120, 3)
    for t in (9.0, 0.5, 1.0):
        image = grey(120, 120)
        layer.draw(image, t)
    assert image.tobytes() == drawn(fall, 1.0).tobytes()


@falls
def test_two_threads_draw_what_one_draws(fall: Fall):
    layer = fall(120, 120, 3)

    def at(t: float) -> bytes:
        image = grey(120, 120)
        layer.draw(image, t)
        return image.tobytes()

    times = [k / 24 for k in range(24)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(at, times)) == [at(t) for t in times]


@pytest.mark.parametrize("wind", [0.0, 1.0], ids=["calm", "wind"])
def test_flakes_move_by_a_little_and_never_pop(wind: float):
    layer = SnowFall(160, 160, 5, wind)
    images = []
    for k in range(360):
        image = grey(160, 160)
        layer.draw(image, k / 240)
        images.append(image[..., 1])
    steps = np.abs(np.diff(images, axis=0))
    assert steps.max(axis=(1, 2)).min() > 0.005
    assert steps.max() < 0.12


def test_rain_falls_down():
    layer = RainFall(200, 200, 2)
    a, b = grey(200, 200), grey(200, 200)
    layer.draw(a, 1.0)
    layer.draw(b, 1.0 + 1 / 240)
    a, b = a[..., 1] - 0.2, b[..., 1] - 0.2
    down = max((a[: 200 - k] * b[k:]).sum() for k in range(2, 8))
    up = max((b[: 200 - k] * a[k:]).sum() for k in range(2, 8))
    assert down > 1.25 * up


def test_marks_that_overlap_add_up_and_stop_at_full_cover():
    marks = Marks(8, 8, 2)
    light = np.ones((18, 32, 3), F)
    image = np.zeros((8, 8, 3), F)
    marks.clear()
    twice = np.array([3, 3]), np.array([4, 4])
    marks.add(*twice, np.array([0.25, 0.5], F))
    marks.add(np.array([5, -1, 9]), np.array([5, 0, 9]), np.array([3.0, 1.0, 1.0], F))
    marks.blend(image, light)
    assert image[3, 4, 0] == pytest.approx(0.75)
    assert image[5, 5, 0] == pytest.approx(1.0)
    assert image.sum() == pytest.approx(3 * 1.75)


def test_surrounding_light_follows_the_image():
    image = np.zeros((90, 160, 3), F)
    image[:, 80:] = 1.0
    light = surrounding_light(image, 1.0, 0.0, 0.1)
    assert light.shape == (18, 32, 3)
    assert light[9, 2].max() < 0.15
    assert light[9, 29].min() > 1.0
