"""Abstract motion, and the palettes that words give."""

from __future__ import annotations

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.engines.sketch.scenes.abstract.palette import (
    colours_in,
    from_oklab,
    number_of,
    oklab,
    palette_of,
)
from videogen_nb.engines.sketch.scenes.abstract.scene import AbstractScene

from .scene_checks import (
    SIZES,
    check_image,
    check_motion,
    check_repeatable,
    check_scale,
    check_threads,
)

WORDS = [
    pytest.param("teal silk", id="silk"),
    pytest.param("墨色流体", id="ink"),
    pytest.param("一只猫", id="no-colour"),
]
kinds = pytest.mark.parametrize("words", WORDS[:2])


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("words", WORDS)
def test_fills_frames_of_all_shapes(width: int, height: int, words: str):
    check_image(AbstractScene(width, height, 1, Mood(prompt=words)), 1.3)


@kinds
def test_repeatable(words: str):
    check_repeatable(AbstractScene, Mood(prompt=words))


@kinds
def test_moves_without_jumps(words: str):
    check_motion(AbstractScene, Mood(prompt=words), least=0.15, most=3)


@kinds
def test_threads(words: str):
    check_threads(AbstractScene, Mood(prompt=words))


@kinds
def test_scale(words: str):
    check_scale(AbstractScene, Mood(prompt=words))


def hue(words: str) -> tuple[float, float]:
    """Mean a and b (Oklab) of an image: towards red and towards yellow."""
    rgb = AbstractScene(160, 90, 1, Mood(prompt=words)).frame(1.0)
    lab = oklab(np.minimum(rgb.reshape(-1, 3), 1)).mean(0)
    return float(lab[1]), float(lab[2])


@pytest.mark.parametrize("kind", ["silk", "ink"])
def test_the_image_has_the_colour_of_the_words(kind: str):
    red, green, blue = (hue(f"{colour} {kind}") for colour in ("red", "green", "blue"))
    assert red[0] > green[0] + 0.02
    assert blue[1] < green[1] - 0.02


def test_pace_comes_from_the_words():
    """Quick words move more than slow ones (the mean of some seeds: words also pick the course)."""

    def change(words: str) -> float:
        total = 0.0
        for seed in range(4):
            scene = AbstractScene(160, 90, seed, Mood(prompt=words))
            before = scene.frame(2.0).copy()
            total += float(np.abs(scene.frame(2.1) - before).mean())
        return total

    assert change("wild red silk") > 1.5 * change("slow red silk")


@pytest.mark.parametrize(
    ("words", "colours"),
    [
        pytest.param("Slow waves of teal and gold", ["#128c92", "#e0a828"], id="english"),
        pytest.param("青色与金色缓缓流动", ["#128c92", "#e0a828"], id="chinese"),
        pytest.param("gold and TEAL", ["#e0a828", "#128c92"], id="in-their-order"),
        pytest.param("no red, only blue", ["#2264d0"], id="negated"),
        pytest.param("a goldfish", [], id="part-of-a-word"),
        pytest.param("黄昏", ["#f0783c", "#c83c7c"], id="thing-that-hides-a-colour"),
        pytest.param("forest and sea", ["#1c6a3c", "#1070a8", "#8cb040", "#38c0c0"], id="things"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_colours_in_words(words: str, colours: list[str]):
    assert colours_in(words) == colours


def test_the_number_of_words_ignores_case_and_spacing_only():
    assert number_of("A  Quiet\nplace") == number_of("a quiet place")
    assert number_of("a quiet place") != number_of("a quiet plaice")


def test_words_without_a_colour_give_different_palettes():
    found = {palette_of(f"word {k}").main.tobytes() for k in range(30)}
    assert len(found) >= 6


@pytest.mark.parametrize("words", ["red", "red and blue", "black", "白色", "x", "sea forest sky"])
def test_palettes_are_ordered_from_deep_to_shine(words: str):
    palette = palette_of(words)
    assert 3 <= len(palette.main) <= 5
    light = [float(oklab(c[None])[0, 0]) for c in (palette.deep, palette.shine)]
    assert light[0] < 0.35 < 0.85 < light[1]
    ring = palette.along(64)
    assert np.abs(ring[0] - ring[-1]).max() < 0.1
    assert ring.min() >= 0


def test_oklab_goes_there_and_back():
    rgb = np.random.default_rng(1).random((50, 3))
    assert np.allclose(from_oklab(oklab(rgb)), rgb, atol=1e-4)
    # Grey has no hue.
    assert np.allclose(oklab(np.full((1, 3), 0.3))[0, 1:], 0, atol=1e-4)
